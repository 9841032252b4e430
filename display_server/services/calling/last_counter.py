"""A counter that would leave people waiting in a queue without an open counter: whoever closes it is asked first."""

from pydantic import BaseModel, Field
from sqlalchemy import func, select

from display_server.db import tables
from display_server.domain.state_machine import CounterState
from display_server.services.catalogue.catalogue import Counter
from display_server.services.core.context import UnitOfWork
from display_server.services.core.schemas import Short, Text
from display_server.services.errors import LastCounter

counters, ticket = tables.counter, tables.ticket


class LeftQueue(BaseModel):
    """A queue whose last open counter it is."""

    code: str
    name: Text
    short: Short
    waiting: int = Field(description="how many wait whom no other open counter may call")


def check_not_the_last(transaction: UnitOfWork, counter: Counter, now: str, to: CounterState) -> None:
    """Raises `LastCounter` where closing the counter, or its break, leaves people without an open counter.

    `now`: the state of the counter. Closing it out of a break is asked for too: visitors were told that it comes back.
    """
    leaves = now == CounterState.OPEN and to is not CounterState.OPEN
    if not leaves and not (now == CounterState.BREAK and to is CounterState.CLOSED):
        return
    left = left_queues(transaction, counter)
    if left:
        names = ", ".join(f"{queue.code} ({queue.waiting} waiting)" for queue in left)
        queues = [queue.model_dump(mode="json") for queue in left]
        raise LastCounter(f"counter {counter.code} is the last one open for {names}", queues=queues)


def left_queues(transaction: UnitOfWork, counter: Counter) -> list[LeftQueue]:
    """The queues of those who wait for this counter and whom no other open counter may call."""
    orphaned = set(counter.departments) - _served_elsewhere(transaction, counter)
    sent_here = ticket.c.for_counter_id == counter.id
    mine = ticket.c.department_id.in_(orphaned) & ticket.c.for_counter_id.is_(None)
    query = (
        select(ticket.c.department_id, func.count().label("waiting"))
        .where(
            ticket.c.centre_id == transaction.centre_id,
            ticket.c.business_day == transaction.day,
            tables.ticket_waits,
            mine | sent_here,
        )
        .group_by(ticket.c.department_id)
    )
    waiting = {row.department_id: row.waiting for row in transaction.connection.execute(query)}
    departments = transaction.catalogue.departments.values()
    return [
        LeftQueue(code=each.code, name=each.name, short=each.short, waiting=waiting[each.id])
        for each in departments
        if each.id in waiting
    ]


def _served_elsewhere(transaction: UnitOfWork, counter: Counter) -> set[int]:
    query = select(counters.c.id).where(
        counters.c.centre_id == transaction.centre_id,
        counters.c.active,
        counters.c.state == CounterState.OPEN,
        counters.c.id != counter.id,
    )
    found = transaction.catalogue.counter_by_id
    return {each for row in transaction.connection.execute(query) for each in found[row.id].departments}
