"""What a clerk reads: the counters, and one counter with its visitor and its line. Nothing here changes anything."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from display_server.db import tables
from display_server.domain.queue_policy import Reason
from display_server.domain.state_machine import CounterState, TicketState
from display_server.services.calling.announced_calls import announcement_of
from display_server.services.calling.call_schemas import call_view, reason_text
from display_server.services.calling.counter_session import require_counter_access
from display_server.services.calling.waiting_queue import waiting_count, waiting_for
from display_server.services.catalogue.catalogue import Catalogue, Counter
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import (
    CounterList,
    CounterSummary,
    CounterView,
    DayView,
    ReasonView,
    UndoView,
    as_json,
)
from display_server.services.keys.commitments import text_of
from display_server.services.tickets.tickets import queue_view
from display_server.sse.own_states import OwnState

call, ticket, counters = tables.call, tables.ticket, tables.counter
MAX_LISTED_VISITORS = 30  # visitors that a clerk's page lists
# Time that passes, and estimates, which no clerk's page shows: no reason to send a counter again.
_NO_CHANGE: Any = {
    "now": True,
    **{key: {"__all__": {"waited_seconds", "wait", "no_wait"}} for key in ("waiting", "parked", "missed")},
}
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


def counter_rows(connection: Connection, catalogue: Catalogue) -> list[tuple[Counter, Any]]:
    rows = connection.execute(_COUNTERS, {"centre": catalogue.centre_id})
    return [(catalogue.counter_by_id[row.id], row) for row in rows]


def shown_state(row: Any) -> Any:
    if row.ticket_state in (TicketState.CALLED, TicketState.SERVING):
        return row.ticket_state
    return "free" if row.state == CounterState.OPEN else row.state


def list_counters(site: ServerContext, centre_id: int) -> CounterList:
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        rows = counter_rows(connection, catalogue)
        return CounterList(counters=[_summary(catalogue, counter, row) for counter, row in rows])


def _summary(catalogue: Catalogue, counter: Counter, row: Any) -> CounterSummary:
    departments = [catalogue.department_by_id[department_id].code for department_id in counter.departments]
    return CounterSummary(
        code=counter.code,
        name=counter.name,
        short=counter.short,
        state=shown_state(row),
        departments=departments,
        clerk=row.clerk,
    )


def counter_view(site: ServerContext, actor: Actor, code: str, most: int = MAX_LISTED_VISITORS) -> CounterView:
    """A counter with its visitor, the first `most` of its line and those set aside. Raises `NotFound`, `Forbidden`."""
    centre_id = actor.centre_id
    with site.read() as connection:
        catalogue = site.catalogue(connection, centre_id)
        counter = require_counter_access(catalogue, actor, code)
        row = next(row for found, row in counter_rows(connection, catalogue) if found.id == counter.id)
        now = site.clock()
        day = day_now(site, connection, catalogue)
        load = site.load_cache.get(connection, catalogue, day)
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


def counter_state(site: ServerContext, actor: Actor, code: str, most: int = MAX_LISTED_VISITORS) -> OwnState:
    """The same for the stream of whoever works there. Raises `NotFound`, `Forbidden`."""
    view = counter_view(site, actor, code, most)
    return OwnState("counter", as_json(view, exclude=_NO_CHANGE).encode(), as_json(view).encode())


def _reason_of_next(catalogue: Catalogue, line: list[tuple[Row[Any], Reason]], tick: int) -> ReasonView | None:
    if not line:
        return None
    row, code = line[0]
    reason = {"code": code, "waited_seconds": max(0, (tick - row.place) // 1_000_000)}
    return ReasonView(code=code, text=reason_text(catalogue.languages, reason))


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


def _visit_here(site: ServerContext, connection: Connection, catalogue: Catalogue, counter: Counter) -> dict[str, Any]:
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
        .limit(MAX_LISTED_VISITORS)
    )
    return list(connection.execute(query))
