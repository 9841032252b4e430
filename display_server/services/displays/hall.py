"""What screens, kiosks and clerks read. Nothing here changes anything."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, select

from display_server.db import tables
from display_server.domain.state_machine import CounterState
from display_server.services.calling.call_schemas import hall_call
from display_server.services.calling.counter_view import counter_rows, shown_state
from display_server.services.catalogue.catalogue import Catalogue, Counter
from display_server.services.catalogue.queue_load import waiting_by_department
from display_server.services.core.business_day import day_now, is_open_now
from display_server.services.core.centres import get_catalogue
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import (
    HallCall,
    HallCalls,
    HallCounter,
    HallDepartment,
    HallDirectory,
    HallView,
    NamedCode,
    NamedDepartment,
)
from display_server.services.displays.notices import shown_now
from display_server.services.errors import NotFound
from display_server.services.tickets.wait_estimates import is_served, wait_in
from display_server.sse.broadcaster import HallState

call, ticket, counters, centre = tables.call, tables.ticket, tables.counter, tables.centre
MOST_MISSED_CALLS = 200

# Built once: a busy hall's state is read many times a second.
_CENTRE = select(centre.c.version, centre.c.call_seq).where(centre.c.id == bindparam("centre"))
_VERSIONS = select(centre.c.id, centre.c.version).where(centre.c.id.in_(bindparam("centres", expanding=True)))
_CALLS = (
    select(call, ticket.c.language, ticket.c.is_priority, ticket.c.business_day)
    .join(ticket, ticket.c.id == call.c.ticket_id)
    .where(call.c.centre_id == bindparam("centre"))
)
_LATEST_CALLS = _CALLS.order_by(call.c.seq.desc()).limit(bindparam("most"))


# Waits change slowly; the one layout that shows them asks for them.
_NOT_STREAMED: Any = {"departments": {"__all__": {"wait"}}}


def hall_versions(site: ServerContext, centre_ids: Collection[int]) -> dict[int, int]:
    """Each state's version: grows with every commit that touches the centre."""
    with site.read() as connection:
        return {row.id: row.version for row in connection.execute(_VERSIONS, {"centres": list(centre_ids)})}


def hall_state(site: ServerContext, centre_id: int) -> HallState:
    """The whole state of a hall, encoded for its watchers: without waits and what is at its default."""
    shown = hall_snapshot(site, centre_id)
    lean = shown.model_dump_json(exclude=_NOT_STREAMED, exclude_defaults=True)
    called = frozenset(each.number for each in shown.counters if each.number and each.state == "called")
    return HallState(shown.version, lean.encode(), called)


def hall_snapshot(site: ServerContext, centre_id: int) -> HallView:
    with site.read() as connection:
        row = connection.execute(_CENTRE, {"centre": centre_id}).one_or_none()
        if row is None:
            raise NotFound("there is no such centre")
        catalogue = site.catalogue(connection, centre_id)
        now = site.clock()
        is_open = is_open_now(site, connection, catalogue)
        rows = counter_rows(connection, catalogue)
        return HallView(
            urgent=[each for each in shown_now(connection, centre_id, now) if each.urgent],
            version=row.version,
            now=now,
            open=is_open,
            centre=catalogue.code,
            seq=row.call_seq,
            calls=_latest_calls(site, connection, catalogue),
            departments=_departments(site, connection, catalogue, is_open=is_open),
            counters=_counters(rows),
            opens_at=None if is_open else catalogue.hours.opens_at(now),
            back_at={
                counter.code: row.back_at
                for counter, row in rows
                if row.state == CounterState.BREAK and row.back_at is not None and row.back_at > now
            },
        )


def _latest_calls(site: ServerContext, connection: Connection, catalogue: Catalogue) -> list[HallCall]:
    """Today's only: in the morning the board is empty, though `seq` runs on."""
    today = day_now(site, connection, catalogue)
    most = site.settings.hall.latest_calls
    rows = connection.execute(_LATEST_CALLS, {"centre": catalogue.centre_id, "most": most})
    return [hall_call(catalogue, row) for row in rows if row.business_day == today]


def _departments(
    site: ServerContext, connection: Connection, catalogue: Catalogue, *, is_open: bool
) -> list[HallDepartment]:
    day = day_now(site, connection, catalogue)
    waiting = waiting_by_department(connection, catalogue, day)
    load = site.load_cache.get(connection, catalogue, day)
    return [
        HallDepartment(
            code=code,
            open=is_open,
            waiting=count,
            wait=wait_in(site, catalogue, load, code, count)[0],
            no_counter=not is_served(load, code) and (is_open or count > 0),
        )
        for code, count in waiting.items()
    ]


def _counters(rows: list[tuple[Counter, Any]]) -> list[HallCounter]:
    shown = []
    for counter, row in rows:
        state = shown_state(row)
        shown.append(
            HallCounter(
                code=counter.code,
                name=counter.name,
                short=counter.short,
                open=row.state == CounterState.OPEN,
                state=state,
                number=row.number,
            )
        )
    return shown


def calls_after(site: ServerContext, centre_id: int, seq: int) -> HallCalls:
    """The calls that a screen missed, oldest first."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        query = _CALLS.where(call.c.seq > seq).order_by(call.c.seq).limit(MOST_MISSED_CALLS)
        return HallCalls(calls=[hall_call(catalogue, row) for row in connection.execute(query, {"centre": centre_id})])


def call_at(site: ServerContext, centre_id: int, seq: int) -> HallCall:
    """The call with this sequence number. Raises `NotFound`."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        row = connection.execute(_CALLS.where(call.c.seq == seq), {"centre": centre_id}).one_or_none()
        if row is None:
            raise NotFound(f"there is no call {seq}")
        return hall_call(catalogue, row)


def hall_names(site: ServerContext, centre_id: int) -> HallDirectory:
    """Names that change only with an import; they come with the page."""
    catalogue = get_catalogue(site, centre_id)
    return HallDirectory(
        centre=NamedCode(code=catalogue.code, name=catalogue.name, short=catalogue.short, area=catalogue.address),
        departments=[
            NamedDepartment(code=d.code, name=d.name, short=d.short, area=d.area, prefix=d.prefix)
            for d in catalogue.departments.values()
        ],
        counters=[NamedCode(code=c.code, name=c.name, short=c.short, area=c.area) for c in catalogue.counters.values()],
    )
