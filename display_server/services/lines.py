"""The lines of waiting visitors: their heads, and whose turn it is."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Row, Select, bindparam, func, select, union_all

from display_server.rules.next_visitor import Candidate, Choice, choose_next, order_of_calls
from display_server.services.catalogue import Catalogue, Counter
from display_server.services.site import Transaction
from display_server.store import tables
from display_server.store.upsert import Upsert

ticket, turn = tables.ticket, tables.priority_turn
_TURN_KEY = ("centre_id", "business_day", "department_id")
_PRIORITY_CALLED = Upsert(turn, _TURN_KEY, {"others": 0}, turn.c.others)
_OTHER_CALLED = Upsert(turn, _TURN_KEY, {"others": turn.c.others + 1}, turn.c.others)
MOST_LOOKED_AT = 1000  # of those who wait for a counter: more than any hall holds


def next_at(transaction: Transaction, counter: Counter) -> tuple[Choice, Row[Any]] | None:
    """Who is next at the counter and why, with the ticket's row; None when nobody waits for it."""
    heads = _heads(transaction, counter)
    candidates = [_candidate(row) for row in heads]
    choice = choose_next(
        candidates,
        counter.departments,
        _others_since_priority(transaction.connection, transaction.centre_id, transaction.day, candidates),
        transaction.catalogue.priority,
        transaction.tick,
        ranked=counter.ranked,
    )
    if choice is None:
        return None
    return choice, next(row for row in heads if row.id == choice.candidate.ticket_id)


def _heads(transaction: Transaction, counter: Counter) -> Sequence[Row[Any]]:
    return transaction.connection.execute(
        _heads_query(counter.id, counter.departments), {"centre": transaction.centre_id, "day": transaction.day}
    ).all()


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(row.id, row.department_id, row.place, row.is_priority, sent_here=row.for_counter_id is not None)


@lru_cache(maxsize=4096)
def _heads_query(counter_id: int, departments: tuple[int, ...]) -> CompoundSelect[Any]:
    """The first of each line: per department priority and others, and who was sent here. One index step each."""
    lines: list[ColumnElement[bool]] = [
        (ticket.c.department_id == department)
        & ticket.c.for_counter_id.is_(None)
        & (ticket.c.is_priority == is_priority)
        for department in departments
        for is_priority in (False, True)
    ]
    lines.append(ticket.c.for_counter_id == counter_id)
    return union_all(*(select(_first(line).subquery()) for line in lines))


def _first(line: ColumnElement[bool]) -> Select[Any]:
    today = (ticket.c.centre_id == bindparam("centre")) & (ticket.c.business_day == bindparam("day"))
    return select(ticket).where(today, tables.ticket_waits, line).order_by(ticket.c.place).limit(1)


def _others_since_priority(connection: Connection, centre_id: int, day: date, heads: list[Candidate]) -> dict[int, int]:
    departments = {head.department_id for head in heads if head.priority}
    if not departments:
        return {}
    query = select(turn.c.department_id, turn.c.others).where(
        turn.c.centre_id == centre_id,
        turn.c.business_day == day,
        turn.c.department_id.in_(departments),
    )
    return {row.department_id: row.others for row in connection.execute(query)}


def note_turn(transaction: Transaction, row: Row[Any]) -> None:
    """Remember whose turn it was: `row` is being called in its turn."""
    values = {
        "centre_id": transaction.centre_id,
        "business_day": transaction.day,
        "department_id": row.department_id,
        "others": 0 if row.is_priority else 1,
    }
    (_PRIORITY_CALLED if row.is_priority else _OTHER_CALLED).run(transaction.connection, values)


def waiting_for(
    connection: Connection, catalogue: Catalogue, day: date, counter: Counter, tick: int, limit: int
) -> list[Row[Any]]:
    """The first `limit` of those who wait for this counter, in the order in which it would call them now."""
    query = _waiting(catalogue.centre_id, day, counter).order_by(ticket.c.place).limit(MOST_LOOKED_AT)
    rows = {row.id: row for row in connection.execute(query)}
    candidates = [_candidate(row) for row in rows.values()]
    order = order_of_calls(
        candidates,
        counter.departments,
        _others_since_priority(connection, catalogue.centre_id, day, candidates),
        catalogue.priority,
        tick,
        ranked=counter.ranked,
        limit=limit,
    )
    return [rows[candidate.ticket_id] for candidate in order]


def _waiting(centre_id: int, day: date, counter: Counter) -> Select[Any]:
    today = (ticket.c.centre_id == centre_id) & (ticket.c.business_day == day)
    return select(ticket).where(today, tables.ticket_waits, _line_of(counter))


def waiting_count(connection: Connection, centre_id: int, day: date, counter: Counter) -> int:
    """How many wait for this counter."""
    query = _waiting(centre_id, day, counter).with_only_columns(func.count())
    return int(connection.execute(query).scalar_one())


def _line_of(counter: Counter) -> ColumnElement[bool]:
    own_queues = ticket.c.department_id.in_(counter.departments) & ticket.c.for_counter_id.is_(None)
    return own_queues | (ticket.c.for_counter_id == counter.id)
