"""What screens, kiosks and clerks read. Nothing here changes anything."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from display_server.live.hub import HallState
from display_server.rules.next_visitor import Reason
from display_server.rules.states import CounterState, TicketState
from display_server.services.actors import Actor
from display_server.services.announcements import shown_now
from display_server.services.business_day import day_now, is_open_now
from display_server.services.call_views import call_view, hall_call, reason_words
from display_server.services.catalogue import Catalogue, Counter
from display_server.services.desk import own_counter
from display_server.services.errors import NotFound, WhichCentre
from display_server.services.lines import waiting_count, waiting_for
from display_server.services.load import waiting_by_department
from display_server.services.sealing import text_of
from display_server.services.site import Site
from display_server.services.tickets import queue_view
from display_server.services.views import (
    CounterList,
    CounterSummary,
    CounterView,
    DayView,
    HallCall,
    HallCalls,
    HallCounter,
    HallDepartment,
    HallNames,
    HallView,
    NamedCode,
    NamedDepartment,
    ReasonView,
    UndoView,
)
from display_server.services.voice.announced import announcement_of
from display_server.services.waits import is_served, wait_in
from display_server.store import tables

call, ticket, counters, centre = tables.call, tables.ticket, tables.counter, tables.centre
MOST_MISSED_CALLS = 200
MOST_IN_LINE = 30  # visitors that a clerk's page lists

# Built once: a busy hall's state is read many times a second.
_CENTRE = select(centre.c.version, centre.c.call_seq).where(centre.c.id == bindparam("centre"))
_VERSIONS = select(centre.c.id, centre.c.version).where(centre.c.id.in_(bindparam("centres", expanding=True)))
_CALLS = (
    select(call, ticket.c.language, ticket.c.is_priority, ticket.c.business_day)
    .join(ticket, ticket.c.id == call.c.ticket_id)
    .where(call.c.centre_id == bindparam("centre"))
)
_LATEST_CALLS = _CALLS.order_by(call.c.seq.desc()).limit(bindparam("most"))
_COUNTERS = (
    select(
        counters.c.id,
        counters.c.state,
        counters.c.back_at,
        counters.c.break_reason,
        counters.c.staff_id,
        tables.staff.c.name.label("clerk"),
        counters.c.last_step,
        call.c.number,
        ticket.c.state.label("ticket_state"),
    )
    .outerjoin(call, (call.c.counter_id == counters.c.id) & tables.call_is_open)
    .outerjoin(ticket, ticket.c.id == call.c.ticket_id)
    .outerjoin(tables.staff, tables.staff.c.id == counters.c.staff_id)
    .where(counters.c.centre_id == bindparam("centre"), counters.c.active)
    .order_by(counters.c.position)
)


# Waits change slowly; the one layout that shows them asks for them.
_NOT_STREAMED: Any = {"departments": {"__all__": {"wait"}}}


def hall_versions(site: Site, centre_ids: Collection[int]) -> dict[int, int]:
    """Each state's version: grows with every commit that touches the centre."""
    with site.read() as connection:
        return {row.id: row.version for row in connection.execute(_VERSIONS, {"centres": list(centre_ids)})}


def hall_state(site: Site, centre_id: int) -> HallState:
    """The whole state of a hall, encoded for its watchers: without waits and what is at its default."""
    shown = hall_view(site, centre_id)
    lean = shown.model_dump_json(exclude=_NOT_STREAMED, exclude_defaults=True)
    called = frozenset(each.number for each in shown.counters if each.number and each.state == "called")
    return HallState(shown.version, lean.encode(), called)


def hall_view(site: Site, centre_id: int) -> HallView:
    with site.read() as connection:
        row = connection.execute(_CENTRE, {"centre": centre_id}).one_or_none()
        if row is None:
            raise NotFound("there is no such centre")
        catalogue = site.catalogue(connection, centre_id)
        now = site.clock()
        is_open = is_open_now(site, connection, catalogue)
        counter_rows = _counter_rows(connection, catalogue)
        return HallView(
            urgent=[each for each in shown_now(connection, centre_id, now) if each.urgent],
            version=row.version,
            now=now,
            open=is_open,
            centre=catalogue.code,
            seq=row.call_seq,
            calls=_latest_calls(site, connection, catalogue),
            departments=_departments(site, connection, catalogue, is_open=is_open),
            counters=_counters(counter_rows),
            opens_at=None if is_open else catalogue.hours.opens_at(now),
            back_at={
                counter.code: row.back_at
                for counter, row in counter_rows
                if row.state == CounterState.BREAK and row.back_at is not None and row.back_at > now
            },
        )


def _latest_calls(site: Site, connection: Connection, catalogue: Catalogue) -> list[HallCall]:
    """Today's only: in the morning the board is empty, though `seq` runs on."""
    today = day_now(site, connection, catalogue)
    most = site.settings.hall.latest_calls
    rows = connection.execute(_LATEST_CALLS, {"centre": catalogue.centre_id, "most": most})
    return [hall_call(catalogue, row) for row in rows if row.business_day == today]


def _departments(site: Site, connection: Connection, catalogue: Catalogue, *, is_open: bool) -> list[HallDepartment]:
    day = day_now(site, connection, catalogue)
    waiting = waiting_by_department(connection, catalogue, day)
    load = site.loads.get(connection, catalogue, day)
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
        state = _shown_state(row)
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


def _counter_rows(connection: Connection, catalogue: Catalogue) -> list[tuple[Counter, Any]]:
    rows = connection.execute(_COUNTERS, {"centre": catalogue.centre_id})
    return [(catalogue.counter_by_id[row.id], row) for row in rows]


def _shown_state(row: Any) -> Any:
    if row.ticket_state in (TicketState.CALLED, TicketState.SERVING):
        return row.ticket_state
    return "free" if row.state == CounterState.OPEN else row.state


def calls_after(site: Site, centre_id: int, seq: int) -> HallCalls:
    """The calls that a screen missed, oldest first."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        query = _CALLS.where(call.c.seq > seq).order_by(call.c.seq).limit(MOST_MISSED_CALLS)
        return HallCalls(calls=[hall_call(catalogue, row) for row in connection.execute(query, {"centre": centre_id})])


def call_at(site: Site, centre_id: int, seq: int) -> HallCall:
    """The call with this sequence number. Raises `NotFound`."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        row = connection.execute(_CALLS.where(call.c.seq == seq), {"centre": centre_id}).one_or_none()
        if row is None:
            raise NotFound(f"there is no call {seq}")
        return hall_call(catalogue, row)


def hall_names(site: Site, centre_id: int) -> HallNames:
    """Names that change only with an import; they come with the page."""
    catalogue = catalogue_of(site, centre_id)
    return HallNames(
        centre=NamedCode(code=catalogue.code, name=catalogue.name, short=catalogue.short, area=catalogue.address),
        departments=[
            NamedDepartment(code=d.code, name=d.name, short=d.short, area=d.area, prefix=d.prefix)
            for d in catalogue.departments.values()
        ],
        counters=[NamedCode(code=c.code, name=c.name, short=c.short, area=c.area) for c in catalogue.counters.values()],
    )


def catalogue_of(site: Site, centre_id: int) -> Catalogue:
    with site.read() as connection:
        return site.catalogue(connection, centre_id)


def find_centre(site: Site, code: str | None) -> int:
    """The id of the centre `code`; None takes the only (or first) one. Raises `NotFound`."""
    query = select(centre.c.id).order_by(centre.c.id).limit(1)
    if code is not None:
        query = query.where(centre.c.code == code)
    with site.read() as connection:
        found = connection.execute(query).scalar()
    if found is None:
        raise NotFound(f"there is no centre {code!r}" if code else "no centre has been imported: motcua import DIR")
    return int(found)


def only_centre(site: Site, code: str | None) -> int:
    """The id of the centre `code`; None takes the only one. A command must not choose among several.

    Raises `NotFound`, `WhichCentre`.
    """
    if code is None:
        with site.read() as connection:
            codes = connection.execute(select(centre.c.code).order_by(centre.c.id)).scalars().all()
        if len(codes) > 1:
            raise WhichCentre(f"there are several centres, name one with --centre CODE: {', '.join(codes)}")
    return find_centre(site, code)


def all_centres(site: Site) -> list[int]:
    """The ids of all centres that this server serves."""
    with site.read() as connection:
        return list(connection.execute(select(centre.c.id).order_by(centre.c.id)).scalars())


def list_counters(site: Site, centre_id: int) -> CounterList:
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        rows = _counter_rows(connection, catalogue)
        return CounterList(counters=[_summary(catalogue, counter, row) for counter, row in rows])


def _summary(catalogue: Catalogue, counter: Counter, row: Any) -> CounterSummary:
    departments = [catalogue.department_by_id[department_id].code for department_id in counter.departments]
    return CounterSummary(
        code=counter.code,
        name=counter.name,
        short=counter.short,
        state=_shown_state(row),
        departments=departments,
        clerk=row.clerk,
    )


def counter_view(site: Site, actor: Actor, code: str, most: int = MOST_IN_LINE) -> CounterView:
    """A counter with its visitor, the first `most` of its line and those set aside. Raises `NotFound`, `Forbidden`."""
    centre_id = actor.centre_id
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        counter = own_counter(catalogue, actor, code)
        row = next(row for found, row in _counter_rows(connection, catalogue) if found.id == counter.id)
        now = site.clock()
        day = day_now(site, connection, catalogue)
        load = site.loads.get(connection, catalogue, day)
        tick = int(now.timestamp() * 1_000_000)

        def shown(rows: list[Row[Any]]) -> list[Any]:
            return [queue_view(site, connection, catalogue, load, ticket_row, tick) for ticket_row in rows]

        line = waiting_for(connection, catalogue, day, counter, tick, most)
        return CounterView(
            **_summary(catalogue, counter, row).model_dump(),
            now=now,
            back_at=row.back_at if row.state == CounterState.BREAK else None,
            break_reason=text_of(connection, site.keys, row.break_reason if row.state == CounterState.BREAK else None),
            next_reason=_reason_of_next(catalogue, line, tick),
            undo=_undo_view(row.last_step, now),
            day=_day_of(connection, catalogue, actor, day),
            **_visit_here(site, connection, catalogue, counter),
            waiting_count=waiting_count(connection, centre_id, day, counter),
            waiting=shown([waiting for waiting, _ in line]),
            parked=shown(_set_aside(connection, catalogue, counter, day, TicketState.PARKED)),
            missed=shown(_set_aside(connection, catalogue, counter, day, TicketState.NO_SHOW)),
        )


def _reason_of_next(catalogue: Catalogue, line: list[tuple[Row[Any], Reason]], tick: int) -> ReasonView | None:
    if not line:
        return None
    row, code = line[0]
    reason = {"code": code, "waited_seconds": max(0, (tick - row.place) // 1_000_000)}
    return ReasonView(code=code, text=reason_words(catalogue.languages, reason))


def _undo_view(last_step: dict[str, Any] | None, now: datetime) -> UndoView | None:
    if last_step is None or datetime.fromisoformat(last_step["until"]) < now:
        return None
    return UndoView(step=last_step["step"], number=last_step["number"], until=last_step["until"])


def _day_of(connection: Connection, catalogue: Catalogue, actor: Actor, day: date) -> DayView:
    """What the actor finished today."""
    midnight = catalogue.hours.start_of(day)
    query = select(call.c.first_called_at, call.c.ended_at).where(
        call.c.centre_id == catalogue.centre_id,
        call.c.clerk_id == (actor.id if actor.kind == "staff" else None),
        call.c.called_at >= midnight,
        call.c.outcome.in_(["finished", "went_on"]),
    )
    took = [(row.ended_at - row.first_called_at).total_seconds() for row in connection.execute(query)]
    return DayView(served=len(took), mean_seconds=round(sum(took) / len(took)) if took else 0)


def _visit_here(site: Site, connection: Connection, catalogue: Catalogue, counter: Counter) -> dict[str, Any]:
    here = connection.execute(select(call).where(call.c.counter_id == counter.id, tables.call_is_open)).one_or_none()
    if here is None:
        return {"call": None}
    visitor = connection.execute(select(ticket).where(ticket.c.id == here.ticket_id)).one()
    shown: dict[str, Any] = {"call": call_view(catalogue, here, visitor, text_of(connection, site.keys, visitor.note))}
    if visitor.state == TicketState.CALLED:
        shown["announcement"] = asdict(announcement_of(site, connection, catalogue, here))
    return shown


def _set_aside(
    connection: Connection, catalogue: Catalogue, counter: Counter, day: Any, state: TicketState
) -> list[Row[Any]]:
    query = (
        select(ticket)
        .where(
            ticket.c.centre_id == catalogue.centre_id,
            ticket.c.business_day == day,
            tables.ticket_set_aside,
            ticket.c.state == state,
            ticket.c.department_id.in_(counter.departments),
        )
        .order_by(ticket.c.place)
        .limit(MOST_IN_LINE)
    )
    return list(connection.execute(query))
