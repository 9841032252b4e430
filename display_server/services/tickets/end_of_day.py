"""The end of a business day: nobody is called from yesterday, and no counter serves yesterday's visitor for ever."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, delete, select, union_all, update

from display_server.db import tables
from display_server.domain.state_machine import TicketState
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.tickets.tickets import number_of

ticket, call, counter, request = tables.ticket, tables.call, tables.counter, tables.request
FORGOTTEN_AFTER = timedelta(hours=4)  # a visit may go on over midnight; one that nobody ended was forgotten


def close_business_days(site: ServerContext, actor: Actor) -> int:
    """End what earlier business days left waiting, set aside or at a counter; how many tickets."""
    if not _anything_to_do(site, actor):
        return 0
    with site.write(actor) as transaction:
        left_over = transaction.connection.execute(_left_over(transaction.centre_id, transaction.day)).all()
        for row in left_over:
            _end(transaction, row, TicketState.CANCELLED)
        forgotten = transaction.connection.execute(
            _abandoned_visits(transaction.centre_id, transaction.day, transaction.now)
        ).all()
        for row in forgotten:
            _end(transaction, row, TicketState.FINISHED)
            _end_call(transaction, row)
        transaction.connection.execute(delete(request).where(_outdated(site, transaction.now)))
        transaction.changed = bool(left_over or forgotten)
        return len(left_over) + len(forgotten)


def _anything_to_do(site: ServerContext, actor: Actor) -> bool:
    """Looked at without the centre's lock: it is asked every minute, and once a day there is something."""
    now = site.clock()
    with site.read() as connection:
        day = day_now(site, connection, site.catalogue(connection, actor.centre_id))
        queries: list[Select[Any] | CompoundSelect[Any]] = [
            _left_over(actor.centre_id, day),
            _abandoned_visits(actor.centre_id, day, now),
            select(request.c.request_id).where(_outdated(site, now)),
        ]
        return any(_finds(connection, query) for query in queries)


def _finds(connection: Connection, query: Select[Any] | CompoundSelect[Any]) -> bool:
    return connection.execute(query.limit(1)).first() is not None


def _left_over(centre_id: int, day: date) -> CompoundSelect[Any]:
    """Each half through the index of those few: with an OR, SQLite would read every ticket of every earlier day."""
    earlier = select(ticket).where(ticket.c.centre_id == centre_id, ticket.c.business_day < day)
    return union_all(earlier.where(tables.ticket_waits), earlier.where(tables.ticket_set_aside))


def _abandoned_visits(centre_id: int, day: date, now: datetime) -> Select[Any]:
    """By way of the counters, each of which has one open call at most: a centre's calls are years long."""
    return (
        select(ticket)
        .join(call, call.c.ticket_id == ticket.c.id)
        .join(counter, counter.c.id == call.c.counter_id)
        .where(
            counter.c.centre_id == centre_id,
            tables.call_is_open,
            call.c.called_at < now - FORGOTTEN_AFTER,
            ticket.c.business_day < day,
        )
    )


def _outdated(site: ServerContext, now: datetime) -> ColumnElement[bool]:
    """Of every centre: by its time alone a request is found through the index. No device sends one so old again."""
    return request.c.at < now - timedelta(days=site.settings.privacy.request_days)


def _end(transaction: UnitOfWork, row: Any, state: TicketState) -> None:
    transaction.connection.execute(update(ticket).where(ticket.c.id == row.id).values(state=state))
    transaction.write_journal("day_ended", ticket_id=row.id, number=number_of(row), was=row.state)


def _end_call(transaction: UnitOfWork, row: Any) -> None:
    statement = update(call).where(call.c.ticket_id == row.id, tables.call_is_open)
    transaction.connection.execute(statement.values(ended_at=transaction.now, outcome="day_ended"))
