"""How busy each department is: who waits, who serves, how long a visit takes. The basis of every wait range."""

import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, func, select

from display_server.db import tables
from display_server.domain.state_machine import CounterState, TicketState
from display_server.domain.wait_time import ServiceTime, Wait, service_time, wait_range
from display_server.services.catalogue.catalogue import Catalogue, Department

FRESH_SECONDS = 1.0  # a wait range may rest on figures this old
SERVICE_TIME_CACHE_SECONDS = (
    30.0  # and on service times this old: they move slowly, and reading 500 calls costs more than a tap
)
RECENT_CALLS = 500  # service times are learned from the latest calls of the centre
LONGEST_VISIT_MINUTES = 240  # an open visit that a clerk forgot says nothing about service

_COUNT_WAITING = (
    select(tables.ticket.c.department_id, func.count().label("waiting"))
    .where(
        tables.ticket.c.centre_id == bindparam("centre"),
        tables.ticket.c.business_day == bindparam("day"),
        tables.ticket_waits,
    )
    .group_by(tables.ticket.c.department_id)
)

_OPEN_COUNTERS = (
    select(tables.counter.c.id, tables.call.c.seq)
    .outerjoin(tables.call, (tables.call.c.counter_id == tables.counter.c.id) & tables.call_is_open)
    .where(
        tables.counter.c.centre_id == bindparam("centre"),
        tables.counter.c.active,
        tables.counter.c.state == CounterState.OPEN,
    )
)
AT_ONCE = Wait(0, 1)  # minutes: somebody sits there and waits for a visitor


@dataclass(frozen=True)
class QueueLoad:
    """Per department code: visitors waiting, counters' worth of service, minutes at the counter."""

    waiting: dict[str, int]
    servers: dict[str, float]
    each: dict[str, ServiceTime]
    served: frozenset[str]  # departments of which a counter is open
    open_counters: frozenset[int]  # ids
    idle: frozenset[str]  # departments for which an open counter has nobody

    def wait(self, department: str, ahead: int) -> Wait:
        if ahead == 0 and department in self.idle:
            return AT_ONCE
        return wait_range(ahead, self.servers.get(department, 1.0), self.each[department])


class QueueLoadCache:
    """The latest load of each centre, measured again when older than a second; its service times, half a minute."""

    def __init__(self) -> None:
        self._measured: dict[int, tuple[float, QueueLoad]] = {}
        self._learned: dict[int, tuple[float, dict[str, ServiceTime]]] = {}

    def get(self, connection: Connection, catalogue: Catalogue, day: date) -> QueueLoad:
        at, load = self._measured.get(catalogue.centre_id, (0.0, None))
        if load is None or time.monotonic() - at > FRESH_SECONDS or load.each.keys() != catalogue.departments.keys():
            load = _measure(connection, catalogue, day, self._service_times(connection, catalogue))
            self._measured[catalogue.centre_id] = (time.monotonic(), load)
        return load

    def forget(self, centre_id: int) -> None:
        """A counter has opened or closed: the next asker measures anew."""
        self._measured.pop(centre_id, None)

    def _service_times(self, connection: Connection, catalogue: Catalogue) -> dict[str, ServiceTime]:
        at, times = self._learned.get(catalogue.centre_id, (0.0, {}))
        if time.monotonic() - at > SERVICE_TIME_CACHE_SECONDS or times.keys() != catalogue.departments.keys():
            observed = _observed_minutes(connection, catalogue.centre_id)
            times = {
                code: service_time(department.planned_minutes, observed.get(department.id, []))
                for code, department in catalogue.departments.items()
            }
            self._learned[catalogue.centre_id] = (time.monotonic(), times)
        return times


def waiting_by_department(connection: Connection, catalogue: Catalogue, day: date) -> dict[str, int]:
    """Visitors waiting on `day`, per code of every department in use."""
    rows = connection.execute(_COUNT_WAITING, {"centre": catalogue.centre_id, "day": day})
    counted = {row.department_id: row.waiting for row in rows}
    return {code: counted.get(department.id, 0) for code, department in catalogue.departments.items()}


def _measure(connection: Connection, catalogue: Catalogue, day: date, each: dict[str, ServiceTime]) -> QueueLoad:
    waiting = waiting_by_department(connection, catalogue, day)
    servers, idle, open_counters = _servers(connection, catalogue, waiting)
    shares = {code: servers.get(code, 1.0) for code in catalogue.departments}
    return QueueLoad(waiting, shares, each, frozenset(servers), open_counters, idle)


def _servers(
    connection: Connection, catalogue: Catalogue, waiting: dict[str, int]
) -> tuple[dict[str, float], frozenset[str], frozenset[int]]:
    """A counter that serves several busy departments is a part of one to each of them; who sits idle; who is open.

    Departments without an open counter are missing.
    """
    share: defaultdict[str, float] = defaultdict(float)
    idle, open_counters = set(), set()
    for row in connection.execute(_OPEN_COUNTERS, {"centre": catalogue.centre_id}):
        counter = catalogue.counter_by_id[row.id]
        open_counters.add(counter.id)
        departments = [catalogue.department_by_id[department_id] for department_id in counter.departments]
        for department in departments:
            share[department.code] += 1 / _busy(departments, department, waiting)
        if row.seq is None:
            idle |= {department.code for department in departments}
    return dict(share), frozenset(idle), frozenset(open_counters)


def _busy(departments: list[Department], this: Department, waiting: dict[str, int]) -> int:
    others = sum(1 for other in departments if other is not this and waiting.get(other.code, 0) > 0)
    return others + 1


def _observed_minutes(connection: Connection, centre_id: int) -> dict[int, list[float]]:
    table = tables.call
    query = (
        select(table.c.department_id, table.c.first_called_at, table.c.ended_at, table.c.outcome)
        .where(table.c.centre_id == centre_id)
        .order_by(table.c.seq.desc())
        .limit(RECENT_CALLS)
    )
    observed: dict[int, list[float]] = {}
    for row in connection.execute(query):
        if row.outcome != TicketState.FINISHED:
            continue
        minutes = (row.ended_at - row.first_called_at).total_seconds() / 60
        if 0 < minutes < LONGEST_VISIT_MINUTES:
            observed.setdefault(row.department_id, []).append(minutes)
    return observed
