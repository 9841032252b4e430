"""What an import must not do to a hall at work. Looked at inside its transaction: a refusal undoes all of it."""

from typing import Any

from sqlalchemy import Select, select

from config.centre.loader import Centre
from display_server.db import tables
from display_server.services.core.context import UnitOfWork
from display_server.services.errors import InvalidTransition

ticket, call, department, counter = tables.ticket, tables.call, tables.department, tables.counter


def check_import(transaction: UnitOfWork, centre: Centre) -> None:
    """Raises `InvalidTransition` when visitors would be stranded, or two numbers could be the same on paper."""
    _refuse(transaction, _queues_with_visitors(transaction), "visitors still wait for")
    _refuse(transaction, _counters_with_visitors(transaction), "a visitor is still at counter")
    _refuse(transaction, _counters_to_come_to(transaction), "visitors were sent to counter")
    _refuse_offline_prefixes(transaction, centre)


def _refuse(transaction: UnitOfWork, query: Select[Any], what: str) -> None:
    codes = list(transaction.connection.execute(query.distinct()).scalars())
    if codes:
        raise InvalidTransition(f"{what} {', '.join(codes)}, which the folder no longer names")


def _queues_with_visitors(transaction: UnitOfWork) -> Select[Any]:
    in_the_hall = tables.ticket_waits | (tables.ticket_set_aside & (ticket.c.state == "parked"))
    return (
        select(department.c.code)
        .join(ticket, ticket.c.department_id == department.c.id)
        .where(
            department.c.centre_id == transaction.centre_id,
            ~department.c.active,
            ticket.c.centre_id == transaction.centre_id,
            ticket.c.business_day == transaction.day,
            in_the_hall,
        )
    )


def _counters_with_visitors(transaction: UnitOfWork) -> Select[Any]:
    return (
        select(counter.c.code)
        .join(call, call.c.counter_id == counter.c.id)
        .where(counter.c.centre_id == transaction.centre_id, ~counter.c.active, tables.call_is_open)
    )


def _counters_to_come_to(transaction: UnitOfWork) -> Select[Any]:
    return (
        select(counter.c.code)
        .join(ticket, ticket.c.for_counter_id == counter.c.id)
        .where(
            counter.c.centre_id == transaction.centre_id,
            ~counter.c.active,
            ticket.c.business_day == transaction.day,
            tables.ticket_waits,
        )
    )


def _refuse_offline_prefixes(transaction: UnitOfWork, centre: Centre) -> None:
    device = tables.device
    query = select(device.c.name, device.c.offline_letter).where(
        device.c.centre_id == transaction.centre_id, device.c.offline_letter.is_not(None)
    )
    prefixes = {each.prefix for each in centre.departments}
    for name, letter in transaction.connection.execute(query):
        spelled = sorted(prefix + letter for prefix in prefixes if prefix + letter in prefixes)
        if spelled:
            raise InvalidTransition(
                f"the kiosk {name!r} writes {spelled[0]} on its offline tickets: choose another prefix"
            )
