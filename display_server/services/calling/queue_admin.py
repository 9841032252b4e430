"""What hall staff change for somebody who waits: priority, another queue or counter, or out of the line.

Clerks change who is at their counter (services/calling/visit_actions.py). Each change is a line in the audit log,
with who did it.
"""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Row, select, update

from display_server.db import tables
from display_server.domain.state_machine import CALLABLE, TicketState
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.idempotency import run_idempotent
from display_server.services.core.schemas import TicketWithHistory
from display_server.services.errors import Invalid, InvalidTransition, NotFound
from display_server.services.tickets.tickets import get_ticket, number_of

ticket = tables.ticket

Change = Callable[[UnitOfWork], tuple[str, dict[str, Any], dict[str, Any]]]  # the journal's word, columns, details


class QueueChangeResult(BaseModel):
    number: str


def set_priority(
    site: ServerContext, actor: Actor, ticket_id: int, reason: str | None, request_id: str
) -> TicketWithHistory:
    """Priority for `reason`, or none any more. Raises `NotFound`, `Invalid`, `InvalidTransition`."""

    def change(transaction: UnitOfWork) -> tuple[str, dict[str, Any], dict[str, Any]]:
        if reason is not None and reason not in transaction.catalogue.reasons:
            raise Invalid(f"there is no priority reason {reason!r}")
        return "priority_set", {"priority": reason, "is_priority": reason is not None}, {"priority": reason}

    return _change(site, actor, ticket_id, request_id, ["priority", ticket_id, reason], change)


def move_ticket(
    site: ServerContext, actor: Actor, ticket_id: int, *, department: str | None, counter: str | None, request_id: str
) -> TicketWithHistory:
    """To another queue, or to one counter, with the place by the time the visitor came.

    Raises `NotFound` (ticket, department, counter), `InvalidTransition`.
    """

    def change(transaction: UnitOfWork) -> tuple[str, dict[str, Any], dict[str, Any]]:
        catalogue = transaction.catalogue
        where: dict[str, Any] = {"for_counter_id": None}
        if department is not None:
            where["department_id"] = catalogue.department(department).id
        if counter is not None:
            where["for_counter_id"] = catalogue.counter(counter).id
        again = {"state": TicketState.WAITING, "transferred": True}
        return "transferred", where | again, {"department": department, "to_counter": counter}

    return _change(site, actor, ticket_id, request_id, ["move", ticket_id, department, counter], change)


def remove_from_queue(
    site: ServerContext, actor: Actor, ticket_id: int, note: str | None, request_id: str
) -> TicketWithHistory:
    """The visitor does not want the visit any more. Raises `NotFound`, `InvalidTransition`."""

    def change(_: UnitOfWork) -> tuple[str, dict[str, Any], dict[str, Any]]:
        return "cancelled", {"state": TicketState.CANCELLED}, {"note": note}

    return _change(site, actor, ticket_id, request_id, ["cancel", ticket_id, note], change)


def _change(
    site: ServerContext, actor: Actor, ticket_id: int, request_id: str, asked: list[Any], change: Change
) -> TicketWithHistory:
    with site.write(actor) as transaction:

        def act() -> QueueChangeResult:
            row = _of_today(transaction, ticket_id)
            if row.state not in CALLABLE:
                raise InvalidTransition(f"{number_of(row)} is {row.state}", state=row.state)
            word, columns, details = change(transaction)
            transaction.connection.execute(update(ticket).where(ticket.c.id == row.id).values(columns))
            said = {name: value for name, value in details.items() if value is not None}
            texts: dict[str, str | None] = {name: said.pop(name) for name in ("note", "priority") if name in said}
            transaction.write_journal(word, ticket_id=row.id, number=number_of(row), texts=texts, **said)
            return QueueChangeResult(number=number_of(row))

        run_idempotent(transaction, request_id, asked, QueueChangeResult, act)
    return get_ticket(site, actor, ticket_id)


def _of_today(transaction: UnitOfWork, ticket_id: int) -> Row[Any]:
    query = select(ticket).where(
        ticket.c.id == ticket_id,
        ticket.c.centre_id == transaction.centre_id,
        ticket.c.business_day == transaction.day,
    )
    row = transaction.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no ticket {ticket_id} today")
    return row
