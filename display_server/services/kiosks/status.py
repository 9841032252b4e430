"""Kiosks as staff see them: how each one and its printer is, and slips that staff have printed again.

A kiosk says how it is every few seconds, and at once when its printer's state changes; the answer tells it which slips
to print once more. Each asking is printed once, however often it is heard of: the kiosk keeps its id with the job.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, select, update

from config.text.types import Moment, Number, RowId, Told
from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.idempotency import run_idempotent
from display_server.services.core.request_fields import JsonBody
from display_server.services.core.stored_json import read_stored
from display_server.services.devices.devices import DeviceKind
from display_server.services.errors import InvalidTransition, NotFound
from display_server.services.kiosks.print_orders import (
    ReprintCommand,
    ReprintView,
    add_order,
    orders_for,
    state_of,
)
from display_server.services.recovery.offline_letters import note_start, twins_at
from display_server.services.staff.names import name_of, names_of
from display_server.services.tickets.tickets import number_of

SILENT_SECONDS = 10.0  # two reports missed
LONGEST_LIST = 50
LONGEST_UP = 100 * 366 * 86400.0

device, reprint, ticket = tables.device, tables.reprint, tables.ticket

_KIOSKS = select(device, tables.kiosk_start.c.twin_at).outerjoin(
    tables.kiosk_start, tables.kiosk_start.c.device_id == device.c.id
)

PrinterProblem = Literal[
    "unreachable", "stalled", "paper_out", "cover_open", "cutter_error", "error", "offline", "paper_low", "unknown"
]


MadeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,64}$")]  # by a program for itself


class Reprinted(BaseModel):
    """What became of an asking. `reason`: why there is no paper."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: RowId
    done: bool
    reason: Told = ""


class Rejection(BaseModel):
    """A number on paper that was not taken in, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Number
    reason: Told


class KioskReport(JsonBody):
    """What a kiosk says of itself. `problems`: of its printer, worst first; `problem_since`: of the first one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(pattern=r"^[A-Za-z0-9.+_-]{0,32}$")
    problems: list[PrinterProblem] = Field([], max_length=8)
    problem_since: Moment | None = None
    slips_waiting: int = Field(ge=0, le=1_000_000)
    held: list[Number] = Field(
        [], max_length=LONGEST_LIST, description="whose visitors had left before their slips could be printed"
    )
    to_hand_in: int = Field(ge=0, le=1_000_000)
    rejected: int = Field(0, ge=0, le=1_000_000, description="numbers on paper that the server would not take in")
    rejections: list[Rejection] = Field([], max_length=LONGEST_LIST, description="the last of them")
    scanner_missing: bool = Field(default=False, description="the declared scanner is not plugged in")
    up_seconds: float = Field(ge=0, le=LONGEST_UP)
    instance: MadeName = Field("", description="made at each start of the program")
    journal: str = Field(
        "", pattern=r"^[A-Za-z0-9._-]{0,64}$", description="the name of the kiosk's journal, of one disk"
    )
    reprinted: list[Reprinted] = Field([], max_length=LONGEST_LIST)


class KioskState(KioskReport):
    """What is kept of a kiosk's last report. `no_code`: it asks under an address that phones cannot open."""

    no_code: bool = False


class KioskCommands(BaseModel):
    twin: bool = Field(False, description="another kiosk is at work with the same token")
    reprints: list[ReprintCommand]


class KioskView(BaseModel):
    """`trouble`: stable codes, the worst first; empty when all is well. `silent_seconds`: 0 while it is heard of."""

    id: int
    name: str
    reported_at: AwareDatetime | None
    silent_seconds: int
    report: KioskState | None
    trouble: list[str]


class KioskList(BaseModel):
    now: AwareDatetime
    kiosks: list[KioskView]
    reprints: list[ReprintView]


def report_kiosk(site: ServerContext, actor: Actor, report: KioskReport, *, no_code: bool = False) -> KioskCommands:
    """Keep what the kiosk says of itself; what it should print again. `no_code`: its slips have no phone address."""
    now = site.clock()
    kept = report.model_dump(mode="json", exclude={"reprinted"}) | {"no_code": no_code}
    noted = {"report": kept, "reported_at": now, "last_seen": now}
    with site.write_without_lock() as connection:
        connection.execute(update(device).where(device.c.id == actor.id).values(noted))
        twin = bool(report.instance) and note_start(
            connection, actor, report.instance, report.journal, report.up_seconds, now
        )
        for told in report.reprinted:
            _note_outcome(connection, actor, told, now)
        orders = orders_for(site, connection, actor, now)
    return KioskCommands(twin=twin, reprints=orders)


def _note_outcome(connection: Connection, actor: Actor, told: Reprinted, now: datetime) -> None:
    connection.execute(
        update(reprint)
        .where(reprint.c.id == told.id, reprint.c.device_id == actor.id, reprint.c.done_at.is_(None))
        .values(done_at=now, reason="" if told.done else told.reason or "failed")
    )


def request_reprint(site: ServerContext, actor: Actor, ticket_id: int, request_id: str) -> ReprintView:
    """Have a ticket's slip printed again by the kiosk that printed it; on paper it is marked as a copy.

    Raises `NotFound`, `InvalidTransition` when no kiosk of the hall printed it.
    """
    with site.write(actor) as transaction:
        asked = run_idempotent(
            transaction, request_id, ["reprint", ticket_id], ReprintView, lambda: _ask(transaction, ticket_id)
        )
        assert asked is not None  # noqa: S101 - `_ask` answers or raises
        asker = select(reprint.c.asked_by_id).where(reprint.c.id == asked.id)
        name = name_of(transaction.connection, transaction.connection.execute(asker).scalar_one())
    return asked.model_copy(update={"asked_by": name})  # no name is kept with the answer


def _ask(transaction: UnitOfWork, ticket_id: int) -> ReprintView:
    connection = transaction.connection
    query = select(ticket).where(ticket.c.id == ticket_id, ticket.c.centre_id == transaction.centre_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no ticket {ticket_id}")
    printer = _printed_at(connection, row)
    if printer is None:
        raise InvalidTransition(f"{number_of(row)} was not printed by a kiosk of this hall", state=row.state)
    made = add_order(transaction, row, printer.id, is_copy=True)
    return ReprintView(
        id=made,
        number=number_of(row),
        kiosk=printer.name,
        asked_at=transaction.now,
        state="asked",
        reason="",
    )


def _printed_at(connection: Connection, row: Row[Any]) -> Any:
    """The kiosk that took the number, else the last one that was told to print it: `id` and `name`, or None."""
    last = select(reprint.c.device_id).where(reprint.c.ticket_id == row.id, reprint.c.told_at.is_not(None))
    taken_by = row.device_id or connection.execute(last.order_by(reprint.c.id.desc()).limit(1)).scalar()
    return connection.execute(select(device.c.id, device.c.name).where(device.c.id == taken_by)).one_or_none()


def list_kiosks(site: ServerContext, actor: Actor) -> KioskList:
    """The centre's kiosks by name, and the latest askings, newest first."""
    now = site.clock()
    asked = (
        select(reprint, ticket.c.prefix, ticket.c.number, device.c.name.label("kiosk"))
        .join(ticket, ticket.c.id == reprint.c.ticket_id)
        .join(device, device.c.id == reprint.c.device_id)
        .where(reprint.c.centre_id == actor.centre_id)
        .order_by(reprint.c.id.desc())
        .limit(10)
    )
    with site.read() as connection:
        reprints = connection.execute(asked).all()
        names = names_of(connection, [row.asked_by_id for row in reprints])
        return KioskList(
            now=now,
            kiosks=printing_kiosks(site, connection, actor.centre_id),
            reprints=[_reprint_view(row, names[row.asked_by_id]) for row in reprints],
        )


def printing_kiosks(site: ServerContext, connection: Connection, centre_id: int) -> list[KioskView]:
    """The kiosks of a centre by name, as `list_kiosks` shows them."""
    mine = (device.c.centre_id == centre_id) & (device.c.kind == DeviceKind.KIOSK) & device.c.revoked_at.is_(None)
    now = site.clock()
    return [_kiosk_view(row, now) for row in connection.execute(_KIOSKS.where(mine).order_by(device.c.name))]


def all_kiosks(site: ServerContext) -> list[tuple[int, KioskView]]:
    """The kiosks of every centre with their centre's id, for metrics."""
    now = site.clock()
    query = _KIOSKS.where(device.c.kind == DeviceKind.KIOSK, device.c.revoked_at.is_(None))
    with site.read() as connection:
        return [(row.centre_id, _kiosk_view(row, now)) for row in connection.execute(query)]


def _kiosk_view(row: Any, now: datetime) -> KioskView:
    report = read_stored(KioskState, row.report)
    age = (now - row.reported_at).total_seconds() if row.reported_at else 0.0
    silent = int(age) if age > SILENT_SECONDS else 0
    return KioskView(
        id=row.id,
        name=row.name,
        reported_at=row.reported_at,
        silent_seconds=silent,
        report=report,
        trouble=_trouble(report, silent, twin=twins_at(row.twin_at, now)),
    )


def _trouble(report: KioskState | None, silent: int, *, twin: bool) -> list[str]:
    if report is None:
        return []
    if silent:
        return ["silent"]  # what it said last may not be so any more
    others = {
        "two_kiosks": twin,
        "rejected": report.rejected,
        "scanner_missing": report.scanner_missing,
        "no_code": report.no_code,
    }
    return [*report.problems, *(name for name, is_so in others.items() if is_so)]


def _reprint_view(row: Any, asked_by: str) -> ReprintView:
    return ReprintView(
        id=row.id,
        number=number_of(row),
        kiosk=row.kiosk,
        asked_at=row.asked_at,
        asked_by=asked_by,
        state=state_of(row),
        reason=row.reason,
        is_copy=row.is_copy,
    )
