"""Tickets as rows: made, found, counted and shown. How a visitor gets one: `issuing`."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from display_server.db import tables
from display_server.db.copies.next_ids import leap
from display_server.domain.numbering import format_number
from display_server.domain.state_machine import AT_COUNTER, TicketState
from display_server.domain.wait_time import visitors_ahead
from display_server.services.catalogue.catalogue import Catalogue, Department, Procedure
from display_server.services.catalogue.queue_load import QueueLoad
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.schemas import (
    HistoryEntry,
    NoWait,
    QueueTicket,
    SlipTicket,
    TicketView,
    TicketWithHistory,
    Wait,
)
from display_server.services.errors import Invalid, NotFound
from display_server.services.keys.commitments import commitments_of, shown, text_of, texts_of
from display_server.services.recovery.epoch import check_not_lost
from display_server.services.staff.names import actor_names
from display_server.services.tickets.wait_estimates import wait_in

ticket = tables.ticket
TicketRow = Any  # a row of the table, or the values just inserted

Queues = Counter[tuple[int, bool]]  # visitors per department's id and whether they have priority

# The statements on the way of every tap are built once: building them takes longer than running them.
_FIND_BY_REQUESTS = select(ticket).where(
    ticket.c.centre_id == bindparam("centre"), ticket.c.request_id.in_(bindparam("requests", expanding=True))
)
_INSERT = insert(ticket).returning(ticket.c.id, sort_by_parameter_order=True)
_COUNT_WAITING = (
    select(ticket.c.department_id, ticket.c.is_priority, func.count().label("visitors"))
    .where(
        ticket.c.centre_id == bindparam("centre"),
        ticket.c.business_day == bindparam("day"),
        ticket.c.department_id.in_(bindparam("departments", expanding=True)),
        tables.ticket_waits,
        ticket.c.place < bindparam("before"),
    )
    .group_by(ticket.c.department_id, ticket.c.is_priority)
)


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """What a visitor asked for at the kiosk. Codes, not ids."""

    request_id: str
    department: str
    procedure: str | None = None
    priority: str | None = None
    language: str = "vi"
    then: tuple[str, ...] = ()  # departments to go to afterwards

    def fingerprint(self) -> str:
        """Equal for the same request, so that a repeated `request_id` can be told from a reused one."""
        asked = [self.department, self.procedure, self.priority, self.language]
        return json.dumps([*asked, self.then] if self.then else asked)


def find_by_requests(connection: Connection, centre_id: int, request_ids: Iterable[str]) -> dict[str, TicketRow]:
    """The tickets that these requests made, by request; those that made none are missing."""
    key = {"centre": centre_id, "requests": list(request_ids)}
    return {row.request_id: row for row in connection.execute(_FIND_BY_REQUESTS, key)}


def ticket_values(transaction: UnitOfWork, wish: TicketRequest) -> dict[str, Any]:
    """The columns of the ticket of `wish`, all but prefix and number. Raises `NotFound`, `Invalid`."""
    catalogue = transaction.catalogue
    department = catalogue.department(wish.department)
    procedure = _procedure(catalogue, department, wish)
    if wish.priority is not None and wish.priority not in catalogue.reasons:
        raise Invalid(f"there is no priority reason {wish.priority!r}")
    if wish.language not in catalogue.languages:
        raise Invalid(f"the centre does not speak {wish.language!r}")
    return {
        "centre_id": transaction.centre_id,
        "request_id": wish.request_id,
        "wish": wish.fingerprint(),
        "business_day": transaction.day,
        "department_id": department.id,
        "procedure_id": procedure.id if procedure is not None else None,
        "priority": wish.priority,
        "is_priority": wish.priority is not None,
        "language": wish.language,
        "state": TicketState.WAITING,
        "place": transaction.logical_clock,
        "for_counter_id": None,
        "note": None,
        "itinerary": [catalogue.department(code).code for code in wish.then],
        "offline": False,
        "device_id": transaction.actor.id if transaction.actor.kind == "kiosk" else None,
        "issued_at": transaction.now,
    }


def add_tickets(transaction: UnitOfWork, tickets: Sequence[dict[str, Any]]) -> list[TicketRow]:
    """Insert tickets, all columns but the id given; their rows in the same order."""
    connection = transaction.connection
    if (first := leap(connection, ticket, transaction.epoch.first_id, len(tickets))) is not None:
        tickets = [values | {"id": next(first)} for values in tickets]
    ids = connection.execute(_INSERT, tickets).scalars().all()
    return [SimpleNamespace(**values | {"id": made}) for made, values in zip(ids, tickets, strict=True)]


def _procedure(catalogue: Catalogue, department: Department, wish: TicketRequest) -> Procedure | None:
    if wish.procedure is None:
        return None
    procedure = catalogue.procedures.get(wish.procedure)
    if procedure is None or procedure.department != department.code:
        raise NotFound(f"department {department.code!r} has no procedure {wish.procedure!r}")
    return procedure


def number_of(row: TicketRow) -> str:
    """The number as it stands on the paper."""
    return format_number(row.prefix, row.number)


def ticket_view(
    site: ServerContext,
    connection: Connection,
    catalogue: Catalogue,
    load: QueueLoad,
    row: TicketRow,
    tick: int,
    before: Queues | None = None,
) -> TicketView:
    """The ticket without its note, as the kiosk that took it sees it.

    `tick`: the centre's microseconds, for the time waited. `before`: who joined each line earlier, where that is known.
    """
    fields = _fields(site, connection, catalogue, load, row, tick, before)
    return TicketView(**fields, request_id=row.request_id, status_url=f"/t/{site.ticket_links.sign(row.id)}")


def queue_view(
    site: ServerContext, connection: Connection, catalogue: Catalogue, load: QueueLoad, row: TicketRow, tick: int
) -> QueueTicket:
    """The ticket in a line, with its note, as staff see it."""
    return QueueTicket(
        **_fields(site, connection, catalogue, load, row, tick, None), note=text_of(connection, site.keys, row.note)
    )


def _fields(
    site: ServerContext,
    connection: Connection,
    catalogue: Catalogue,
    load: QueueLoad,
    row: TicketRow,
    tick: int,
    before: Queues | None,
) -> dict[str, Any]:
    department = catalogue.department_by_id[row.department_id]
    waits = row.state == TicketState.WAITING
    ahead = _ahead(connection, catalogue, row, before) if waits else 0
    wait: Wait | None = Wait(low=0, high=0)
    no_wait: NoWait | None = None
    if waits:
        wait, no_wait = wait_in(site, catalogue, load, department.code, ahead, row.for_counter_id)
    return {
        "id": row.id,
        "number": number_of(row),
        "department": department.code,
        "procedure": catalogue.procedure_by_id[row.procedure_id].code if row.procedure_id is not None else None,
        "priority": row.priority,
        "language": row.language,
        "state": row.state,
        "ahead": ahead,
        "wait": wait,
        "no_wait": no_wait,
        "counter": _counter_of(connection, catalogue, row),
        "offline": row.offline,
        "business_day": row.business_day.isoformat(),
        "issued_at": row.issued_at,
        "waited_seconds": max(0, (tick - row.place) // 1_000_000),
        "itinerary": row.itinerary,
    }


def view_within(transaction: UnitOfWork, row: TicketRow, before: Queues | None = None) -> TicketView:
    """The same, inside the transaction that changed it."""
    return ticket_view(
        transaction.site,
        transaction.connection,
        transaction.catalogue,
        transaction.load(),
        row,
        transaction.logical_clock,
        before,
    )


def count_waiting(connection: Connection, centre_id: int, day: date, departments: Iterable[int], before: int) -> Queues:
    """Who waits in these departments (ids) with a place before `before`."""
    lines = {"centre": centre_id, "day": day, "departments": list(departments), "before": before}
    rows = connection.execute(_COUNT_WAITING, lines)
    return Counter({(row.department_id, row.is_priority): row.visitors for row in rows})


def _ahead(connection: Connection, catalogue: Catalogue, row: TicketRow, before: Queues | None) -> int:
    if before is None:
        before = count_waiting(connection, row.centre_id, row.business_day, [row.department_id], row.place)
    return visitors_ahead(
        before[row.department_id, False],
        before[row.department_id, True],
        is_priority=row.is_priority,
        mode=catalogue.rule.mode,
        others_between=catalogue.rule.others_between,
    )


def _counter_of(connection: Connection, catalogue: Catalogue, row: TicketRow) -> str | None:
    counter_id = row.for_counter_id
    if row.state in AT_COUNTER:
        query = select(tables.call.c.counter_id).where(tables.call.c.ticket_id == row.id, tables.call_is_open)
        counter_id = connection.execute(query).scalar()
    return catalogue.counter_by_id[counter_id].code if counter_id is not None else None


def get_ticket(site: ServerContext, actor: Actor, ticket_id: int) -> TicketWithHistory:
    """A ticket of the actor's centre and everything that happened to it. Raises `NotFound`.

    A kiosk sees those that it took, a counter's device today's of its queues; neither sees notes, reasons or names.
    """
    with site.read() as connection:
        query = select(ticket).where(ticket.c.id == ticket_id, ticket.c.centre_id == actor.centre_id)
        row = connection.execute(query).one_or_none()
        catalogue = site.catalogue(connection, actor.centre_id)
        if row is None or not _may_see(catalogue, day_now(site, connection, catalogue), actor, row):
            raise NotFound(f"there is no ticket {ticket_id}")
        found = _view_now(site, connection, catalogue, row).model_dump()
        lines = history(site, connection, catalogue, row.id)
        if actor.kind != "staff":
            if actor.kind != "kiosk":  # which printed the slip and holds the request
                found |= {"priority": None, "request_id": "", "status_url": None}
            return TicketWithHistory(**found, history=[_for_device(line) for line in lines])
        note = text_of(connection, site.keys, row.note)
        return TicketWithHistory(**found | {"note": note}, history=lines)


def _may_see(catalogue: Catalogue, today: date, actor: Actor, row: TicketRow) -> bool:
    if actor.kind == "kiosk":
        return bool(row.device_id == actor.id)
    if actor.kind == "counter":
        counter = catalogue.counter_by_id.get(actor.counter_id or 0)
        return counter is not None and row.business_day == today and row.department_id in counter.departments
    return True


def _for_device(line: HistoryEntry) -> HistoryEntry:
    kept = {"seq": line.details["seq"]} if line.details and "seq" in line.details else None
    return line.model_copy(update={"actor": line.actor.partition(" ")[0], "details": kept})


def get_ticket_by_token(site: ServerContext, actor: Actor, secret: str) -> SlipTicket:
    """The ticket of the actor's centre whose slip carries `secret`. Raises `NotFound`, also for another centre's."""
    with site.read() as connection:
        ticket_id = site.ticket_links.read(secret)
        query = select(ticket).where(ticket.c.id == ticket_id, ticket.c.centre_id == actor.centre_id)
        row = connection.execute(query).one_or_none()
        if row is None:
            check_not_lost(connection, ticket_id)
        if row is None:
            raise NotFound("there is no such ticket")
        catalogue = site.catalogue(connection, row.centre_id)
        return SlipTicket(**_view_now(site, connection, catalogue, row).model_dump())


def _view_now(site: ServerContext, connection: Connection, catalogue: Catalogue, row: TicketRow) -> TicketView:
    now = site.clock()
    load = site.load_cache.get(connection, catalogue, day_now(site, connection, catalogue))
    return ticket_view(site, connection, catalogue, load, row, int(now.timestamp() * 1_000_000))


def history(site: ServerContext, connection: Connection, catalogue: Catalogue, ticket_id: int) -> list[HistoryEntry]:
    """The journal of one ticket, in order, with the texts and names that are still kept."""
    journal = tables.journal
    query = select(journal).where(journal.c.ticket_id == ticket_id).order_by(journal.c.id)
    rows = connection.execute(query).mappings().all()
    names = actor_names(connection, catalogue.centre_id, [(row["actor_kind"], row["actor_id"]) for row in rows])
    texts = texts_of(connection, site.keys, commitments_of(rows))
    return [
        HistoryEntry(
            at=row["at"],
            action=row["action"],
            number=row["number"],
            counter=catalogue.counter_by_id[row["counter_id"]].code if row["counter_id"] is not None else None,
            actor=f"{row['actor_kind']} {said.pop('actor', None) or names[row['actor_kind'], row['actor_id']]}",
            details=((row["details"] or {}) | said) or None,
        )
        for row in rows
        for said in [shown(texts, row["sealed"])]
    ]


def all_ticket_numbers(site: ServerContext) -> list[str]:
    """Every number in the database, of all centres and days, in the order of issue. For checks, not for halls."""
    with site.read() as connection:
        query = select(ticket.c.prefix, ticket.c.number).order_by(ticket.c.id)
        return [format_number(row.prefix, row.number) for row in connection.execute(query)]
