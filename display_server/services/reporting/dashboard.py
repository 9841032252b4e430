"""What a supervisor sees at a glance, and the answer to "why was this number next?"."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection, func, select

from display_server.db import tables
from display_server.domain.numbering import parse_number
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import HallCounter, HistoryEntry, Short, Text, TicketView
from display_server.services.core.server_names import opens_on_phones
from display_server.services.core.stored_json import read_stored
from display_server.services.displays.hall import hall_snapshot
from display_server.services.errors import Invalid, NotFound
from display_server.services.kiosks.status import KioskState
from display_server.services.recovery.epoch import sending_allowed
from display_server.services.tickets.tickets import history, ticket_view

ticket, call, device = tables.ticket, tables.call, tables.device


class DepartmentToday(BaseModel):
    code: str
    name: Text
    short: Short
    waiting: int
    longest_wait_seconds: int
    issued: int
    finished: int
    no_counter: bool = Field(default=False, description="people wait, and no counter of the queue is open")


class DeviceToday(BaseModel):
    kind: Literal["kiosk", "counter", "display", "button"]
    name: str
    counter: str | None
    last_seen: AwareDatetime | None


class Overview(BaseModel):
    now: AwareDatetime
    clock_behind_seconds: int
    clock_day: date = Field(description="today by the server's clock; before `business_day` one of the two is wrong")
    sending_paused: bool = Field(description="after a restore or a copy, until an administrator confirms")
    open: bool
    business_day: date
    departments: list[DepartmentToday]
    counters: list[HallCounter]
    devices: list[DeviceToday]
    watchers: int
    slips_without_code: bool = Field(description="phones cannot open the address that slips would carry")


@dataclass(frozen=True)
class Queue:
    centre: str
    department: str
    waiting: int
    longest_seconds: int


class NumberHistory(BaseModel):
    """A ticket, its journal, and every call of its line around it."""

    ticket: TicketView
    history: list[HistoryEntry]


def overview(site: ServerContext, actor: Actor) -> Overview:
    """The actor's hall now."""
    hall = hall_snapshot(site, actor.centre_id)
    without = {each.code for each in hall.departments if each.no_counter}
    with site.read() as connection:
        catalogue = site.catalogue(connection, actor.centre_id)
        now = site.clock()
        day = day_now(site, connection, catalogue)
        return Overview(
            now=now,
            clock_behind_seconds=site.clock_behind(),
            clock_day=catalogue.hours.business_day(now),
            sending_paused=not sending_allowed(connection, actor.centre_id),
            open=hall.open,
            business_day=day,
            departments=[
                each.model_copy(update={"no_counter": each.waiting > 0 and each.code in without})
                for each in _departments(connection, catalogue, day, int(now.timestamp() * 1_000_000))
            ],
            counters=hall.counters,
            devices=_devices(connection, catalogue),
            watchers=site.hub.subscriber_counts().get(actor.centre_id, 0),
            slips_without_code=_slips_without_code(site, connection, actor.centre_id),
        )


def _slips_without_code(site: ServerContext, connection: Connection, centre_id: int) -> bool:
    if public_url := site.settings.server.public_url:
        return not opens_on_phones(public_url)
    kiosks = select(device.c.report).where(device.c.centre_id == centre_id, device.c.revoked_at.is_(None))
    reports = (read_stored(KioskState, report) for report in connection.execute(kiosks).scalars())
    return any(report is not None and report.no_code for report in reports)


def all_queues(site: ServerContext) -> list[Queue]:
    """Every queue of every centre, as it stands now."""
    queues = []
    with site.read() as connection:
        now = site.clock()
        for centre_id in connection.execute(select(tables.centre.c.id)).scalars().all():
            catalogue = site.catalogue(connection, centre_id)
            queues += [
                Queue(catalogue.code, department.code, department.waiting, department.longest_wait_seconds)
                for department in departments_today(site, connection, catalogue, now)
            ]
    return queues


def departments_today(
    site: ServerContext, connection: Connection, catalogue: Catalogue, now: datetime
) -> list[DepartmentToday]:
    """Each queue of the centre as it stands at `now`."""
    return _departments(connection, catalogue, day_now(site, connection, catalogue), int(now.timestamp() * 1_000_000))


def _departments(connection: Connection, catalogue: Catalogue, day: date, tick: int) -> list[DepartmentToday]:
    query = (
        select(ticket.c.department_id, ticket.c.state, func.count(), func.min(ticket.c.place))
        .where(ticket.c.centre_id == catalogue.centre_id, ticket.c.business_day == day)
        .group_by(ticket.c.department_id, ticket.c.state)
    )
    counted: dict[int, dict[str, tuple[int, int]]] = {}
    for department_id, state, count, place in connection.execute(query):
        counted.setdefault(department_id, {})[state] = (count, place)
    shown = []
    for department in catalogue.departments.values():
        states = counted.get(department.id, {})
        waiting, oldest = states.get("waiting", (0, tick))
        shown.append(
            DepartmentToday(
                code=department.code,
                name=department.name,
                short=department.short,
                waiting=waiting,
                longest_wait_seconds=max(0, (tick - oldest) // 1_000_000),
                issued=sum(count for count, _ in states.values()),
                finished=states.get("finished", (0, 0))[0],
            )
        )
    return shown


def _devices(connection: Connection, catalogue: Catalogue) -> list[DeviceToday]:
    query = (
        select(device)
        .where(device.c.centre_id == catalogue.centre_id, device.c.revoked_at.is_(None))
        .order_by(device.c.kind, device.c.name)
    )
    return [
        DeviceToday(
            kind=row.kind,
            name=row.name,
            counter=catalogue.counter_by_id[row.counter_id].code if row.counter_id is not None else None,
            last_seen=row.last_seen,
        )
        for row in connection.execute(query)
    ]


def number_history(site: ServerContext, actor: Actor, number: str, day: date | None) -> NumberHistory:
    """The ticket that held `number` on `day` (None: today) and its journal. Raises `Invalid`, `NotFound`."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, actor.centre_id)
        now = site.clock()
        today = day_now(site, connection, catalogue)
        ticket_id = ticket_by_number(connection, actor.centre_id, day or today, number)
        row = connection.execute(select(ticket).where(ticket.c.id == ticket_id)).one()
        load = site.load_cache.get(connection, catalogue, today)
        shown = ticket_view(site, connection, catalogue, load, row, int(now.timestamp() * 1_000_000))
        return NumberHistory(ticket=shown, history=history(site, connection, catalogue, row.id))


def ticket_by_number(connection: Connection, centre_id: int, day: date, number: str) -> Any:
    """The id of the ticket that held the number, also one that was voided since. Raises `Invalid`, `NotFound`."""
    parsed = parse_number(number)
    if parsed is None:
        raise Invalid(f"{number!r} is not a number such as A007")
    query = select(ticket.c.id).where(
        ticket.c.centre_id == centre_id,
        ticket.c.business_day == day,
        ticket.c.prefix == parsed[0],
        ticket.c.number == parsed[1],
    )
    found = connection.execute(query).scalar()
    if found is None:  # voided numbers live on in the journal
        journal = tables.journal
        voided = select(journal.c.ticket_id).where(
            journal.c.centre_id == centre_id,
            journal.c.business_day == day,
            journal.c.number == number,
            tables.number_was_voided,
        )
        found = connection.execute(voided).scalar()
    if found is None:
        raise NotFound(f"there was no number {number} on {day}")
    return found
