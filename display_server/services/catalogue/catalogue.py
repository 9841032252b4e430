"""A centre's departments, procedures, counters and hours in memory: read once, again after each import."""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from config.errors import MotcuaError
from display_server.db import tables
from display_server.domain.opening_hours import OpeningHours
from display_server.domain.queue_policy import CounterQueues, PriorityPolicy
from display_server.services.catalogue.procedure_notes import Remarks, read_remarks
from display_server.services.errors import NotFound

Text = dict[str, str]
DEFAULT_MINUTES = 10.0  # at the counter, for a department without procedures (e.g. collecting a result)


@dataclass(frozen=True, slots=True)
class Department:
    id: int
    code: str
    prefix: str
    name: Text
    short: Text
    area: str
    pictogram: str
    planned_minutes: float
    counters: tuple[str, ...]  # codes of the counters that serve it
    active: bool


@dataclass(frozen=True, slots=True)
class Procedure:
    id: int
    code: str
    department: str
    name: Text
    short: Text
    limit_value: int | None
    limit_unit: str | None
    remarks: Remarks
    minutes: int
    papers: list[Text]
    also: list[str]
    official_code: str
    active: bool


@dataclass(frozen=True, slots=True)
class PriorityReason:
    """Why a visitor may be served earlier. `from_age`: offered by itself to whoever is as old."""

    code: str
    name: Text
    pictogram: str
    from_age: int | None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another office does. `said`: what visitors call it."""

    said: list[str]
    what: Text
    office: Text


@dataclass(frozen=True, slots=True)
class Counter:
    id: int
    code: str
    name: Text
    short: Text
    area: str
    queues: CounterQueues
    active: bool

    @property
    def departments(self) -> tuple[int, ...]:
        """Ids, in the order of service."""
        return tuple(self.queues.departments)


@dataclass(frozen=True)
class Catalogue:
    """Found by code: what is in use. Found by id: also what an import has retired, for tickets that still name it."""

    centre_id: int
    version: int
    code: str
    name: Text
    short: Text
    timezone: str
    languages: list[str]
    address: str
    weekly_hours: dict[str, list[list[str]]]
    slip_note: Text
    queues_first: list[str]
    emblem: bytes | None = field(repr=False)
    hours: OpeningHours
    rule: PriorityPolicy
    reasons: dict[str, PriorityReason]
    elsewhere: list[Elsewhere]
    departments: dict[str, Department]
    procedures: dict[str, Procedure]
    counters: dict[str, Counter]
    department_by_id: dict[int, Department] = field(repr=False)
    procedure_by_id: dict[int, Procedure] = field(repr=False)
    counter_by_id: dict[int, Counter] = field(repr=False)

    def department(self, code: str) -> Department:
        if code not in self.departments:
            raise NotFound(f"there is no department {code!r}")
        return self.departments[code]

    def counter(self, code: str) -> Counter:
        if code not in self.counters:
            raise NotFound(f"there is no counter {code!r}")
        return self.counters[code]


class UnusableCentre(MotcuaError):
    """What stands in the database of a centre was not written by Motcua."""


class CatalogueCache:
    """The latest catalogue of each centre; `version` tells whether it still holds. Raises `UnusableCentre`."""

    def __init__(self) -> None:
        self._latest: dict[int, tuple[int, Catalogue]] = {}

    def get(self, connection: Connection, centre_id: int, version: int) -> Catalogue:
        held = self._latest.get(centre_id)
        if held is None or held[0] != version:
            held = (version, _readable_catalogue(connection, centre_id))
            self._latest[centre_id] = held
        return held[1]


def _readable_catalogue(connection: Connection, centre_id: int) -> Catalogue:
    try:
        return _read_catalogue(connection, centre_id)
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise UnusableCentre(
            f"the centre {centre_id} in the database cannot be used: {type(error).__name__}: {error}"
        ) from error


def _read_catalogue(connection: Connection, centre_id: int) -> Catalogue:
    row = connection.execute(select(tables.centre).where(tables.centre.c.id == centre_id)).one()
    links = _links(connection, centre_id)
    procedures = _procedures(connection, centre_id)
    departments = _departments(connection, centre_id, procedures, links)
    counters = _counters(connection, centre_id, links)
    return Catalogue(
        centre_id=centre_id,
        version=row.catalogue_version,
        code=row.code,
        name=row.name,
        short=row.short,
        timezone=row.timezone,
        languages=row.languages,
        address=row.address,
        weekly_hours={
            day: [[start[:5], end[:5]] for start, end in intervals] for day, intervals in row.hours["weekly"].items()
        },
        slip_note=row.slip_note,
        queues_first=row.queues_first,
        emblem=row.emblem,
        hours=read_hours(row.hours, row.timezone),
        rule=_rule(row.priority),
        reasons={reason["code"]: _reason(reason) for reason in row.priority["reasons"]},
        elsewhere=[Elsewhere(**one) for one in row.priority.get("elsewhere", [])],
        departments={department.code: department for department in departments.values() if department.active},
        procedures={procedure.code: procedure for procedure in procedures.values() if procedure.active},
        counters={counter.code: counter for counter in counters.values() if counter.active},
        department_by_id=departments,
        procedure_by_id=procedures,
        counter_by_id=counters,
    )


def _rule(stored: dict[str, Any]) -> PriorityPolicy:
    # A centre imported by an older Motcua says nothing of those who come from another counter.
    transferred_first = stored.get("transferred") == "first"
    return PriorityPolicy(
        stored["mode"], stored["others_between"], stored["max_wait_minutes"] * 60.0, transferred_first
    )


def _reason(stored: dict[str, Any]) -> PriorityReason:
    # A centre imported by an older Motcua has only code and name.
    return PriorityReason(stored["code"], stored["name"], stored.get("pictogram", ""), stored.get("from_age"))


def _links(connection: Connection, centre_id: int) -> list[Any]:
    link, counter = tables.counter_department, tables.counter
    query = (
        select(link.c.counter_id, link.c.department_id, link.c.weight, counter.c.code)
        .join(counter, counter.c.id == link.c.counter_id)
        .where(link.c.centre_id == centre_id, counter.c.active)
        .order_by(counter.c.position, link.c.rank)
    )
    return list(connection.execute(query))


def _procedures(connection: Connection, centre_id: int) -> dict[int, Procedure]:
    table, department = tables.procedure, tables.department
    query = (
        select(table, department.c.code.label("department"))
        .join(department, department.c.id == table.c.department_id)
        .where(table.c.centre_id == centre_id)
        .order_by(table.c.position)
    )
    names = [name for name in Procedure.__dataclass_fields__ if name != "remarks"]
    return {
        row.id: Procedure(**{name: getattr(row, name) for name in names}, remarks=read_remarks(row.limit_note))
        for row in connection.execute(query)
    }


def _departments(
    connection: Connection, centre_id: int, procedures: dict[int, Procedure], links: list[Any]
) -> dict[int, Department]:
    table = tables.department
    query = select(table).where(table.c.centre_id == centre_id).order_by(table.c.position)
    found = {}
    for row in connection.execute(query):
        minutes = [p.minutes for p in procedures.values() if p.active and p.department == row.code]
        planned = sum(minutes) / len(minutes) if minutes else DEFAULT_MINUTES
        counters = tuple(link.code for link in links if link.department_id == row.id)
        found[row.id] = Department(
            row.id, row.code, row.prefix, row.name, row.short, row.area, row.pictogram, planned, counters, row.active
        )
    return found


def _counters(connection: Connection, centre_id: int, links: list[Any]) -> dict[int, Counter]:
    table = tables.counter
    query = select(table).where(table.c.centre_id == centre_id).order_by(table.c.position)
    found = {}
    for row in connection.execute(query):
        own = [link for link in links if link.counter_id == row.id]
        departments, weights = tuple(link.department_id for link in own), tuple(link.weight for link in own)
        found[row.id] = Counter(
            row.id, row.code, row.name, row.short, row.area, CounterQueues(departments, row.ranked, weights), row.active
        )
    return found


def read_hours(stored: dict[str, Any], timezone: str) -> OpeningHours:
    """Opening hours from their JSON in the database (the form of `config.centre.loader.Hours`)."""
    return OpeningHours(
        timezone=ZoneInfo(timezone),
        weekly={day: _intervals(intervals) for day, intervals in stored["weekly"].items()},
        country=stored["country"],
        closed=frozenset(date.fromisoformat(day) for day in stored["closed"]),
        opened={date.fromisoformat(day): _intervals(intervals) for day, intervals in stored["opened"].items()},
        last_tickets_minutes=stored["last_tickets_minutes"],
    )


def _intervals(stored: list[list[str]]) -> tuple[tuple[time, time], ...]:
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in stored)
