"""The end of a business day: nobody is called from yesterday, and no counter serves yesterday's visitor for ever."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, select, update

from display_server.rules.states import TicketState
from display_server.services.actors import Actor
from display_server.services.site import Site, Transaction
from display_server.services.tickets import number_of
from display_server.store import tables

ticket, call, request = tables.ticket, tables.call, tables.request
FORGOTTEN_AFTER = timedelta(hours=4)  # a visit may go on over midnight; one that nobody ended was forgotten
REQUESTS_KEPT = timedelta(days=7)  # no device sends a press again after that


def end_days(site: Site, actor: Actor) -> int:
    """End what earlier business days left waiting, set aside or at a counter; how many tickets."""
    if not _anything_to_do(site, actor):
        return 0
    with site.write(actor) as transaction:
        left_over = transaction.connection.execute(_left_over(transaction.centre_id, transaction.day)).all()
        for row in left_over:
            _end(transaction, row, TicketState.CANCELLED)
        forgotten = transaction.connection.execute(
            _forgotten(transaction.centre_id, transaction.day, transaction.now)
        ).all()
        for row in forgotten:
            _end(transaction, row, TicketState.FINISHED)
            _end_call(transaction, row)
        transaction.connection.execute(delete(request).where(_outdated(transaction.now)))
        transaction.changed = bool(left_over or forgotten)
        return len(left_over) + len(forgotten)


def _anything_to_do(site: Site, actor: Actor) -> bool:
    """Looked at without the centre's lock: it is asked every minute, and once a day there is something."""
    now = site.clock()
    with site.read() as connection:
        day = site.catalogue(connection, actor.centre_id).hours.business_day(now)
        queries: list[Select[Any]] = [
            _left_over(actor.centre_id, day),
            _forgotten(actor.centre_id, day, now),
            select(request.c.request_id).where(_outdated(now)),
        ]
        return any(_finds(connection, query) for query in queries)


def _finds(connection: Connection, query: Select[Any]) -> bool:
    return connection.execute(query.limit(1)).first() is not None


def _left_over(centre_id: int, day: date) -> Select[Any]:
    waits_or_set_aside = tables.ticket_waits | tables.ticket_set_aside
    return select(ticket).where(ticket.c.centre_id == centre_id, ticket.c.business_day < day, waits_or_set_aside)


def _forgotten(centre_id: int, day: date, now: datetime) -> Select[Any]:
    return (
        select(ticket)
        .join(call, call.c.ticket_id == ticket.c.id)
        .where(
            call.c.centre_id == centre_id,
            tables.call_is_open,
            call.c.called_at < now - FORGOTTEN_AFTER,
            ticket.c.business_day < day,
        )
    )


def _outdated(now: datetime) -> ColumnElement[bool]:
    """Of every centre: by its time alone a request is found through the index."""
    return request.c.at < now - REQUESTS_KEPT


def _end(transaction: Transaction, row: Any, state: TicketState) -> None:
    transaction.connection.execute(update(ticket).where(ticket.c.id == row.id).values(state=state))
    transaction.write_journal("day_ended", ticket_id=row.id, number=number_of(row), was=row.state)


def _end_call(transaction: Transaction, row: Any) -> None:
    statement = update(call).where(call.c.ticket_id == row.id, tables.call_is_open)
    transaction.connection.execute(statement.values(ended_at=transaction.now, outcome="day_ended"))
