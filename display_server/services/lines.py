"""The lines of waiting visitors: their heads, and whose turn it is."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, union_all

from display_server.rules.next_visitor import Candidate, Choice, choose_next
from display_server.services.catalogue import Counter
from display_server.services.site import Transaction
from display_server.store import tables

ticket, turn = tables.ticket, tables.priority_turn
_HEAD = (ticket.c.id, ticket.c.department_id, ticket.c.place, ticket.c.is_priority, ticket.c.for_counter_id)


def next_at(transaction: Transaction, counter: Counter) -> tuple[Choice, Row[Any]] | None:
    """Who is next at the counter and why, with the ticket's row; None when nobody waits for it."""
    heads = _heads(transaction, counter)
    choice = choose_next(
        heads,
        counter.departments,
        _others_since_priority(transaction, heads),
        transaction.catalogue.priority,
        transaction.tick,
        ranked=counter.ranked,
    )
    if choice is None:
        return None
    row = transaction.connection.execute(select(ticket).where(ticket.c.id == choice.candidate.ticket_id)).one()
    return choice, row


def _heads(transaction: Transaction, counter: Counter) -> list[Candidate]:
    """The first of each line: per department priority and others, and who was sent here. One index step each."""
    lines: list[ColumnElement[bool]] = [
        (ticket.c.department_id == department)
        & ticket.c.for_counter_id.is_(None)
        & (ticket.c.is_priority == is_priority)
        for department in counter.departments
        for is_priority in (False, True)
    ]
    lines.append(ticket.c.for_counter_id == counter.id)
    heads = [select(_first(transaction, line).subquery()) for line in lines]
    return [
        Candidate(row.id, row.department_id, row.place, row.is_priority, sent_here=row.for_counter_id is not None)
        for row in transaction.connection.execute(union_all(*heads))
    ]


def _first(transaction: Transaction, line: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*_HEAD)
        .where(
            ticket.c.centre_id == transaction.centre_id,
            ticket.c.business_day == transaction.day,
            tables.ticket_waits,
            line,
        )
        .order_by(ticket.c.place)
        .limit(1)
    )


def _others_since_priority(transaction: Transaction, heads: list[Candidate]) -> dict[int, int]:
    departments = {head.department_id for head in heads if head.priority}
    if not departments:
        return {}
    query = select(turn.c.department_id, turn.c.others).where(
        turn.c.centre_id == transaction.centre_id,
        turn.c.business_day == transaction.day,
        turn.c.department_id.in_(departments),
    )
    return dict(transaction.connection.execute(query).tuples().all())


def note_turn(transaction: Transaction, row: Row[Any]) -> None:
    """Remember whose turn it was: `row` is being called in its turn."""
    first = 0 if row.is_priority else 1
    statement = transaction.insert(turn).values(
        centre_id=transaction.centre_id,
        business_day=transaction.day,
        department_id=row.department_id,
        others=first,
    )
    again = {"others": 0 if row.is_priority else turn.c.others + 1}
    transaction.connection.execute(
        statement.on_conflict_do_update(index_elements=["centre_id", "business_day", "department_id"], set_=again)
    )


def waiting_for(connection: Connection, centre_id: int, day: date, counter: Counter, limit: int) -> list[Row[Any]]:
    """Who waits for this counter, in order of arrival, at most `limit`."""
    query = (
        select(ticket)
        .where(ticket.c.centre_id == centre_id, ticket.c.business_day == day, tables.ticket_waits, _line_of(counter))
        .order_by(ticket.c.place)
        .limit(limit)
    )
    return list(connection.execute(query))


def waiting_count(connection: Connection, centre_id: int, day: date, counter: Counter) -> int:
    """How many wait for this counter."""
    query = select(func.count()).where(
        ticket.c.centre_id == centre_id, ticket.c.business_day == day, tables.ticket_waits, _line_of(counter)
    )
    return int(connection.execute(query).scalar_one())


def _line_of(counter: Counter) -> ColumnElement[bool]:
    own_queues = ticket.c.department_id.in_(counter.departments) & ticket.c.for_counter_id.is_(None)
    return own_queues | (ticket.c.for_counter_id == counter.id)
