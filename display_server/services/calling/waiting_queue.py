"""The lines of waiting visitors: their heads, and whose turn it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Row, Select, bindparam, func, select, union_all

from display_server.db import tables
from display_server.db.upsert import Upsert
from display_server.domain.numbering import format_number
from display_server.domain.queue_policy import Candidate, Choice, Reason, choose_next, predicted_call_order
from display_server.services.catalogue.catalogue import Catalogue, Counter
from display_server.services.core.context import UnitOfWork

ticket, turn = tables.ticket, tables.priority_turn
_TURN_KEY = ("centre_id", "business_day", "department_id")
_PRIORITY_CALLED = Upsert(turn, _TURN_KEY, {"others": 0}, turn.c.others)
_OTHER_CALLED = Upsert(turn, _TURN_KEY, {"others": turn.c.others + 1}, turn.c.others)
MAX_CANDIDATES = 1000  # of those who wait for a counter: more than any hall holds


@dataclass(frozen=True, slots=True)
class NextVisitor:
    """Who is next; `passed`: numbers at the heads of lines who have waited longer.

    `others`: called in the queue since its last priority visitor, None when nobody was or nobody asked.
    """

    choice: Choice
    row: Row[Any]
    skipped: list[str]
    others: int | None


def select_next(transaction: UnitOfWork, counter: Counter) -> NextVisitor | None:
    """Who is next at the counter and why; None when nobody waits for it."""
    heads = {row.id: row for row in _queue_fronts(transaction, counter)}
    candidates = [_candidate(row) for row in heads.values()]
    others = _others_since_priority(transaction.connection, transaction.centre_id, transaction.day, candidates)
    choice = choose_next(candidates, counter.queues, others, transaction.catalogue.rule, transaction.logical_clock)
    if choice is None:
        return None
    row = heads[choice.candidate.ticket_id]
    longer = sorted((head for head in heads.values() if head.place < row.place), key=lambda head: head.place)
    return NextVisitor(
        choice, row, [format_number(head.prefix, head.number) for head in longer], others.get(row.department_id)
    )


def _queue_fronts(transaction: UnitOfWork, counter: Counter) -> Sequence[Row[Any]]:
    query = _heads_query(counter.id, counter.departments, transaction.catalogue.rule.transferred_first)
    return transaction.connection.execute(query, {"centre": transaction.centre_id, "day": transaction.day}).all()


def _candidate(row: Row[Any]) -> Candidate:
    return Candidate(
        row.id,
        row.department_id,
        row.place,
        row.is_priority,
        assigned_to_counter=row.for_counter_id is not None,
        transferred=row.transferred,
    )


@lru_cache(maxsize=4096)
def _heads_query(counter_id: int, departments: tuple[int, ...], transferred_first: bool) -> CompoundSelect[Any]:
    """The first of each line: per department priority and others, and who was sent here. One index step each."""
    lines: list[ColumnElement[bool]] = [
        (ticket.c.department_id == department)
        & ticket.c.for_counter_id.is_(None)
        & (ticket.c.is_priority == is_priority)
        for department in departments
        for is_priority in (False, True)
    ]
    if transferred_first:
        lines += [
            (ticket.c.department_id == department) & ticket.c.for_counter_id.is_(None) & ticket.c.transferred
            for department in departments
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


def record_interleave(transaction: UnitOfWork, called: NextVisitor) -> dict[str, Any]:
    """Remember whose turn it was; how it was before: `department_id` and `others`."""
    row = called.row
    values = {
        "centre_id": transaction.centre_id,
        "business_day": transaction.day,
        "department_id": row.department_id,
        "others": 0 if row.is_priority else 1,
    }
    if row.is_priority:
        _PRIORITY_CALLED.run(transaction.connection, values)
        return {"department_id": row.department_id, "others": called.others}
    return {"department_id": row.department_id, "others": _OTHER_CALLED.run(transaction.connection, values) - 1}


def waiting_for(
    connection: Connection, catalogue: Catalogue, day: date, counter: Counter, tick: int, limit: int
) -> list[tuple[Row[Any], Reason]]:
    """The first `limit` of those who wait for this counter, in the order in which it would call them now, and why."""
    query = _waiting(catalogue.centre_id, day, counter).order_by(ticket.c.place).limit(MAX_CANDIDATES)
    rows = {row.id: row for row in connection.execute(query)}
    candidates = [_candidate(row) for row in rows.values()]
    order = predicted_call_order(
        candidates,
        counter.queues,
        _others_since_priority(connection, catalogue.centre_id, day, candidates),
        catalogue.rule,
        tick,
        limit=limit,
    )
    return [(rows[choice.candidate.ticket_id], choice.reason) for choice in order]


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
