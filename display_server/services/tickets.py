"""A visitor takes a number."""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from display_server.rules.forecast import visitors_ahead
from display_server.rules.numbering import format_number
from display_server.rules.states import AT_COUNTER, TicketState
from display_server.services.actors import Actor
from display_server.services.catalogue import Catalogue, Department, Procedure
from display_server.services.errors import Closed, Invalid, NotFound, RequestIdReused
from display_server.services.load import Load
from display_server.services.site import Site, Transaction
from display_server.services.views import HistoryEntry, TicketView, TicketWithHistory, Wait
from display_server.store import tables
from display_server.store.upsert import Upsert

ticket = tables.ticket
TicketRow = Any  # a row of the table, or the values just inserted

# The statements on the way of every tap are built once: building them takes longer than running them.
_FIND_BY_REQUEST = select(ticket).where(
    ticket.c.centre_id == bindparam("centre"), ticket.c.request_id == bindparam("request")
)
_NEXT_NUMBER = Upsert(
    tables.number_series,
    ("centre_id", "business_day", "prefix"),
    {"last": tables.number_series.c.last + 1},
    tables.number_series.c.last,
)
_INSERT = insert(ticket).returning(ticket.c.id)
_COUNT_AHEAD = (
    select(ticket.c.is_priority, func.count().label("visitors"))
    .where(
        ticket.c.centre_id == bindparam("centre"),
        ticket.c.business_day == bindparam("day"),
        ticket.c.department_id == bindparam("department"),
        tables.ticket_waits,
        ticket.c.place < bindparam("before"),
    )
    .group_by(ticket.c.is_priority)
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor asked for at the kiosk. Codes, not ids."""

    request_id: str
    department: str
    procedure: str | None = None
    priority: str | None = None
    language: str = "vi"

    def fingerprint(self) -> str:
        """Equal for the same request, so that a repeated `request_id` can be told from a reused one."""
        return json.dumps([self.department, self.procedure, self.priority, self.language])


def issue(site: Site, actor: Actor, wish: Wish) -> tuple[TicketView, bool]:
    """The visitor's ticket, and whether it is new. The same `request_id` gives the same ticket, always.

    Raises `NotFound` (department, procedure), `Invalid` (priority, language), `Closed`, `RequestIdReused`.
    """
    with site.write(actor) as transaction:
        earlier = find_by_request(transaction, wish.request_id)
        if earlier is not None:
            transaction.changed = False
            return _same_again(transaction, earlier, wish), False
        _check_open(transaction)
        row = add_ticket(transaction, wish)
        transaction.write_journal("issued", ticket_id=row.id, number=number_of(row))
        return view(
            transaction.site, transaction.connection, transaction.catalogue, transaction.load(), row, transaction.tick
        ), True


def find_by_request(transaction: Transaction, request_id: str) -> TicketRow | None:
    """The ticket that this request made, if it made one."""
    key = {"centre": transaction.centre_id, "request": request_id}
    return transaction.connection.execute(_FIND_BY_REQUEST, key).one_or_none()


def _same_again(transaction: Transaction, earlier: TicketRow, wish: Wish) -> TicketView:
    if earlier.wish != wish.fingerprint():
        raise RequestIdReused("this request_id was used for another ticket")
    return view(
        transaction.site, transaction.connection, transaction.catalogue, transaction.load(), earlier, transaction.tick
    )


def _check_open(transaction: Transaction) -> None:
    hours = transaction.catalogue.hours
    if transaction.site.settings.server.always_open or hours.is_open(transaction.now):
        return
    opens_at = hours.opens_at(transaction.now)
    raise Closed("the centre gives out no numbers now", opens_at=opens_at.isoformat() if opens_at is not None else None)


def add_ticket(
    transaction: Transaction, wish: Wish, *, numbered: tuple[str, int] | None = None, **columns: Any
) -> TicketRow:
    """Insert the ticket of `wish`; `numbered` is the number that it already has on paper, None takes the next one.

    `columns` replace what an ordinary ticket gets (offline hand-ins have their own day, place and time).
    """
    catalogue = transaction.catalogue
    department = catalogue.department(wish.department)
    procedure = _procedure(catalogue, department, wish)
    if wish.priority is not None and wish.priority not in catalogue.reasons:
        raise Invalid(f"there is no priority reason {wish.priority!r}")
    if wish.language not in catalogue.languages:
        raise Invalid(f"the centre does not speak {wish.language!r}")
    prefix, number = numbered or (department.prefix, _next_number(transaction, department.prefix))
    values = {
        "centre_id": transaction.centre_id,
        "request_id": wish.request_id,
        "wish": wish.fingerprint(),
        "business_day": transaction.day,
        "prefix": prefix,
        "number": number,
        "department_id": department.id,
        "procedure_id": procedure.id if procedure is not None else None,
        "priority": wish.priority,
        "is_priority": wish.priority is not None,
        "language": wish.language,
        "state": TicketState.WAITING,
        "place": transaction.tick,
        "for_counter_id": None,
        "note": None,
        "offline": False,
        "device_id": transaction.actor.id if transaction.actor.kind == "kiosk" else None,
        "issued_at": transaction.now,
    }
    values |= columns
    return SimpleNamespace(id=transaction.connection.execute(_INSERT, values).scalar_one(), **values)


def _procedure(catalogue: Catalogue, department: Department, wish: Wish) -> Procedure | None:
    if wish.procedure is None:
        return None
    procedure = catalogue.procedures.get(wish.procedure)
    if procedure is None or procedure.department != department.code:
        raise NotFound(f"department {department.code!r} has no procedure {wish.procedure!r}")
    return procedure


def _next_number(transaction: Transaction, prefix: str) -> int:
    first = {"centre_id": transaction.centre_id, "business_day": transaction.day, "prefix": prefix, "last": 1}
    return int(_NEXT_NUMBER.run(transaction.connection, first))


def number_of(row: TicketRow) -> str:
    """The number as it stands on the paper."""
    return format_number(row.prefix, row.number)


def view(site: Site, connection: Connection, catalogue: Catalogue, load: Load, row: TicketRow, tick: int) -> TicketView:
    """The ticket as devices and phones see it. `tick`: the centre's microseconds, for the time waited."""
    department = catalogue.department_by_id[row.department_id]
    procedure = catalogue.procedure_by_id[row.procedure_id].code if row.procedure_id is not None else None
    ahead = _ahead(connection, catalogue, row) if row.state == TicketState.WAITING else 0
    wait = load.wait(department.code, ahead) if row.state == TicketState.WAITING else None
    return TicketView(
        id=row.id,
        request_id=row.request_id,
        number=number_of(row),
        department=department.code,
        procedure=procedure,
        priority=row.priority,
        language=row.language,
        state=row.state,
        ahead=ahead,
        wait=Wait(low=wait.low, high=wait.high) if wait is not None else Wait(low=0, high=0),
        counter=_counter_of(connection, catalogue, row),
        offline=row.offline,
        business_day=row.business_day.isoformat(),
        issued_at=row.issued_at,
        waited_seconds=max(0, (tick - row.place) // 1_000_000),
        note=row.note,
        status_url=f"/t/{site.addresses.sign(row.id)}",
    )


def _ahead(connection: Connection, catalogue: Catalogue, row: TicketRow) -> int:
    line = {
        "centre": row.centre_id,
        "day": row.business_day,
        "department": row.department_id,
        "before": row.place,
    }
    counted = {row.is_priority: row.visitors for row in connection.execute(_COUNT_AHEAD, line)}
    return visitors_ahead(
        counted.get(False, 0),
        counted.get(True, 0),
        is_priority=row.is_priority,
        mode=catalogue.priority.mode,
        others_between=catalogue.priority.others_between,
    )


def _counter_of(connection: Connection, catalogue: Catalogue, row: TicketRow) -> str | None:
    counter_id = row.for_counter_id
    if row.state in AT_COUNTER:
        query = select(tables.call.c.counter_id).where(tables.call.c.ticket_id == row.id, tables.call_is_open)
        counter_id = connection.execute(query).scalar()
    return catalogue.counter_by_id[counter_id].code if counter_id is not None else None


def look_up(site: Site, actor: Actor, ticket_id: int) -> TicketWithHistory:
    """A ticket of the actor's centre and everything that happened to it. Raises `NotFound`."""
    with site.read() as connection:
        query = select(ticket).where(ticket.c.id == ticket_id, ticket.c.centre_id == actor.centre_id)
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"there is no ticket {ticket_id}")
        catalogue = site.catalogue(connection, actor.centre_id)
        shown = _view_now(site, connection, catalogue, row)
        return TicketWithHistory(**shown.model_dump(), history=history(connection, catalogue, row.id))


def look_up_secret(site: Site, secret: str) -> tuple[TicketView, Catalogue]:
    """The ticket whose slip carries `secret`, and its centre. Raises `NotFound`."""
    with site.read() as connection:
        query = select(ticket).where(ticket.c.id == site.addresses.read(secret))
        row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such ticket")
        catalogue = site.catalogue(connection, row.centre_id)
        return _view_now(site, connection, catalogue, row), catalogue


def _view_now(site: Site, connection: Connection, catalogue: Catalogue, row: TicketRow) -> TicketView:
    now = site.clock()
    load = site.loads.get(connection, catalogue, catalogue.hours.business_day(now))
    return view(site, connection, catalogue, load, row, int(now.timestamp() * 1_000_000))


def history(connection: Connection, catalogue: Catalogue, ticket_id: int) -> list[HistoryEntry]:
    """The journal of one ticket, in order."""
    journal = tables.journal
    query = select(journal).where(journal.c.ticket_id == ticket_id).order_by(journal.c.id)
    return [
        HistoryEntry(
            at=row.at,
            action=row.action,
            number=row.number,
            counter=catalogue.counter_by_id[row.counter_id].code if row.counter_id is not None else None,
            actor=f"{row.actor_kind} {row.actor}",
            details=row.details,
        )
        for row in connection.execute(query)
    ]


def numbers_given(site: Site) -> list[str]:
    """Every number in the database, of all centres and days, in the order of issue. For checks, not for halls."""
    with site.read() as connection:
        query = select(ticket.c.prefix, ticket.c.number).order_by(ticket.c.id)
        return [format_number(row.prefix, row.number) for row in connection.execute(query)]
