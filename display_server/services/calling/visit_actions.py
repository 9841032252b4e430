"""What becomes of the visitor at a counter: begins, finishes, is not here, is set aside, is sent on; and back again."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from display_server.db import tables
from display_server.domain.queue_policy import Reason
from display_server.domain.state_machine import Action, CounterState, TicketState, next_state
from display_server.services.calling.announced_calls import announcement_of
from display_server.services.calling.calls import close_call, finish, make_call
from display_server.services.calling.counter_session import (
    CounterSession,
    load_counter_session,
    require_counter_access,
    ticket_row,
)
from display_server.services.calling.last_counter import check_not_the_last
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.idempotency import run_idempotent
from display_server.services.core.schemas import CallResponse
from display_server.services.errors import Invalid, InvalidTransition
from display_server.services.tickets.tickets import number_of

call, ticket, counters, turn = tables.call, tables.ticket, tables.counter, tables.priority_turn
MAX_NEXT_DEPARTMENTS = 5  # still to come, on one ticket


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """Where a visitor is sent: a department's queue, one counter, or the counter where a person works now."""

    department: str | None = None
    counter: str | None = None
    staff: str | None = None
    note: str | None = None

    def asked(self) -> list[str | None]:
        """For telling a repeated request from another one."""
        return [self.department, self.counter, self.note] + ([self.staff] if self.staff else [])


def perform_action(
    site: ServerContext,
    actor: Actor,
    counter_code: str,
    step: Action,
    request_id: str | None,
    *,
    note: str | None = None,
    target: TransferTarget | None = None,
    seen: int | None = None,
) -> CallResponse | None:
    """One step of the visit at the counter; answers with the call after it.

    `seen`: as in `load_counter_session`. Raises `InvalidTransition` when the state forbids it.
    """
    with site.write(actor) as transaction:
        counter = require_counter_access(transaction.catalogue, transaction.actor, counter_code)
        asked = [step, counter_code, note, target and target.asked()]

        def act() -> CallResponse:
            return _step(load_counter_session(transaction, counter, seen), step, note, target)

        return run_idempotent(transaction, request_id, asked, CallResponse, act)


def _step(desk: CounterSession, step: Action, note: str | None, target: TransferTarget | None) -> CallResponse:
    here, row = _visit(desk)
    after = next_state(step, row.state)
    if after is None:
        raise InvalidTransition(f"{number_of(row)} is {row.state}: {step} is not possible", state=row.state)
    if step is Action.RECALL:
        answer = _recall(desk, here, row)
    else:
        _do(desk, here, row, step, after, note, target)
        answer = CallResponse(call=desk.view_of(here, desk.ticket_now(row.id)))
    desk.remember_for_undo(step, number_of(row))
    return answer


def _visit(desk: CounterSession) -> tuple[Row[Any], Row[Any]]:
    if desk.call is None or desk.ticket is None:
        raise InvalidTransition(f"nobody is at counter {desk.counter.code}", state=None)
    return desk.call, desk.ticket


def _do(
    desk: CounterSession,
    here: Row[Any],
    row: Row[Any],
    step: Action,
    after: TicketState,
    note: str | None,
    target: TransferTarget | None,
) -> None:
    if step is Action.START:
        _start(desk, here, row)
    elif step is Action.FINISH:
        finish(desk, here, row)
    elif step is Action.NO_SHOW:
        _no_show(desk, here, row)
    elif step is Action.TRANSFER:
        where = _destination(desk.transaction, target)
        close_call(
            desk, here, row, after, "transferred", **where, transferred=True, note=target.note if target else None
        )
    else:
        close_call(desk, here, row, after, after, note=note)


def _start(desk: CounterSession, here: Row[Any], row: Row[Any]) -> None:
    desk.set_ticket(row, state=TicketState.SERVING)
    desk.set_call(here, started_at=desk.transaction.now)
    desk.transaction.write_journal("serving", ticket_id=row.id, number=number_of(row), counter_id=here.counter_id)


def _recall(desk: CounterSession, here: Row[Any], row: Row[Any]) -> CallResponse:
    most = desk.transaction.site.settings.counter.recalls
    if most and _recalls(desk, here) >= most:
        _no_show(desk, here, row)
        return CallResponse(call=desk.view_of(here, desk.ticket_now(row.id)))
    desk.set_call(here, ended_at=desk.transaction.now, outcome="recalled")
    came = here.reason.get("first") or here.reason  # why this number came at all is not forgotten
    return make_call(desk, row, Reason.RECALL, came=came, first_called_at=here.first_called_at)


def _recalls(desk: CounterSession, here: Row[Any]) -> int:
    query = select(func.count()).where(
        call.c.ticket_id == here.ticket_id,
        call.c.first_called_at == here.first_called_at,
        call.c.recall,
        func.coalesce(call.c.outcome, "") != "undone",
    )
    return int(desk.transaction.connection.execute(query).scalar_one())


def _no_show(desk: CounterSession, here: Row[Any], row: Row[Any]) -> None:
    """Out of the line, or back in it some places behind its head: a setting."""
    rule, transaction = desk.transaction.site.settings.counter, desk.transaction
    _wait_for_the_visitor(transaction, here, row)
    times = row.no_shows + 1
    if rule.no_show == "out" or times > rule.no_show_times or row.business_day < transaction.day:
        close_call(desk, here, row, TicketState.NO_SHOW, "no_show", no_shows=times)
        return
    place = _requeue_position(transaction, row, rule.no_show_places)
    close_call(desk, here, row, TicketState.WAITING, "no_show", no_shows=times, place=place, transferred=False)


def _wait_for_the_visitor(transaction: UnitOfWork, here: Row[Any], row: Row[Any]) -> None:
    """`InvalidTransition` before the call was announced, and while the visitor has time left to come."""
    found = announcement_of(transaction.site, transaction.connection, transaction.catalogue, here)
    left = found.no_show_from - transaction.now
    if left <= timedelta():
        return
    seconds = math.ceil(left.total_seconds())
    if found.before is not None:
        text = f"{number_of(row)} has not been announced yet ({found.before} before it)"
        raise InvalidTransition(text, state=row.state, announcements_before=found.before, seconds_left=seconds)
    raise InvalidTransition(f"{number_of(row)} has {seconds} s left to come", state=row.state, seconds_left=seconds)


def _requeue_position(transaction: UnitOfWork, row: Row[Any], places: int) -> int:
    """Right behind the last of the first so many who wait in the queue; the end of the line when it is shorter."""
    query = (
        select(ticket.c.place)
        .where(
            ticket.c.centre_id == transaction.centre_id,
            ticket.c.business_day == transaction.day,
            ticket.c.department_id == row.department_id,
            tables.ticket_waits,
        )
        .order_by(ticket.c.place)
        .offset(places - 1)
        .limit(1)
    )
    place = transaction.connection.execute(query).scalar()
    return transaction.logical_clock if place is None else max(place + 1, row.place)


def _destination(transaction: UnitOfWork, target: TransferTarget | None) -> dict[str, Any]:
    wanted = [] if target is None else [each for each in (target.department, target.counter, target.staff) if each]
    if target is None or len(wanted) != 1:
        raise Invalid("a transfer goes to a department, to a counter or to a person")
    if target.department is not None:
        department = transaction.catalogue.department(target.department)
        return {"department_id": department.id, "for_counter_id": None}
    if target.staff is not None:
        return {"for_counter_id": _counter_of(transaction, target.staff)}
    return {"for_counter_id": transaction.catalogue.counter(str(target.counter)).id}


def _counter_of(transaction: UnitOfWork, staff: str) -> int:
    query = select(counters.c.id).where(
        counters.c.centre_id == transaction.centre_id,
        counters.c.staff_id.in_(
            select(tables.staff.c.id).where(
                tables.staff.c.centre_id == transaction.centre_id, tables.staff.c.name == staff
            )
        ),
        counters.c.active,
        counters.c.state != CounterState.CLOSED,
    )
    found = transaction.connection.execute(query).scalar()
    if found is None:
        raise InvalidTransition(f"{staff} works at no counter now", state=None)
    return int(found)


def add_service(
    site: ServerContext,
    actor: Actor,
    counter_code: str,
    department: str,
    request_id: str | None,
    seen: int | None = None,
) -> CallResponse | None:
    """The visitor at the counter goes on to `department` by itself when finished here.

    Raises `InvalidTransition`: nobody is here.
    """
    with site.write(actor) as transaction:
        counter = require_counter_access(transaction.catalogue, transaction.actor, counter_code)
        code = transaction.catalogue.department(department).code

        def act() -> CallResponse:
            return _add_service(load_counter_session(transaction, counter, seen), code)

        return run_idempotent(transaction, request_id, ["then", counter_code, code], CallResponse, act)


def _add_service(desk: CounterSession, department: str) -> CallResponse:
    here, row = _visit(desk)
    if len(row.itinerary) >= MAX_NEXT_DEPARTMENTS:
        raise InvalidTransition(f"{number_of(row)} has {MAX_NEXT_DEPARTMENTS} more services already", state=row.state)
    desk.set_ticket(row, itinerary=[*row.itinerary, department])
    desk.transaction.write_journal(
        "service_added", ticket_id=row.id, number=number_of(row), counter_id=here.counter_id, department=department
    )
    desk.remember_for_undo("then", number_of(row))
    return CallResponse(call=desk.view_of(here, desk.ticket_now(row.id)))


def undo(
    site: ServerContext, actor: Actor, counter_code: str, request_id: str | None, seen: int | None = None
) -> CallResponse | None:
    """The last step at the counter is taken back, within `counter.undo_seconds`; answers with the visit as it was.

    Raises `InvalidTransition` when it is too late, or when a visitor of that step has gone on elsewhere meanwhile.
    """
    with site.write(actor) as transaction:
        counter = require_counter_access(transaction.catalogue, transaction.actor, counter_code)

        def act() -> CallResponse:
            return _undo(load_counter_session(transaction, counter, seen))

        return run_idempotent(transaction, request_id, ["undo", counter_code], CallResponse, act)


def _undo(desk: CounterSession) -> CallResponse:
    transaction, last = desk.transaction, desk.last_step
    if last is None or datetime.fromisoformat(last["until"]) < transaction.now:
        raise InvalidTransition(f"there is nothing to take back at counter {desk.counter.code}", state=None)
    _require_unchanged(transaction, last)
    if last["made"] is not None:
        _set_call(transaction, last["made"], ended_at=transaction.now, outcome="undone")
    for ticket_id, before, _ in reversed(last["tickets"]):
        transaction.connection.execute(update(ticket).where(ticket.c.id == ticket_id).values(**before))
    for call_id, before in last["calls"]:
        _set_call(transaction, call_id, **before)
    _restore_interleave_state(transaction, last["turn"])
    for ticket_id in dict.fromkeys(ticket_id for ticket_id, _, _ in last["tickets"]):
        row = ticket_row(transaction, ticket_id)
        details = {"step": last["step"], "state": row.state}
        transaction.write_journal(
            "undone", ticket_id=ticket_id, number=number_of(row), counter_id=desk.counter.id, **details
        )
    desk.clear_undo()
    transaction.urgent = True
    return CallResponse(call=load_counter_session(transaction, desk.counter).view())


def _require_unchanged(transaction: UnitOfWork, last: dict[str, Any]) -> None:
    left: dict[int, dict[str, Any]] = {}
    for ticket_id, _, after in last["tickets"]:
        left.setdefault(ticket_id, {}).update(after)
    for ticket_id, after in left.items():
        row = ticket_row(transaction, ticket_id)
        if any(getattr(row, name) != value for name, value in after.items()):
            raise InvalidTransition(f"{number_of(row)} has gone on meanwhile", state=row.state)


def _set_call(transaction: UnitOfWork, call_id: int, **columns: Any) -> None:
    transaction.connection.execute(update(call).where(call.c.id == call_id).values(**columns))


def _restore_interleave_state(transaction: UnitOfWork, was: dict[str, Any] | None) -> None:
    if was is None:
        return
    key = (
        (turn.c.centre_id == transaction.centre_id)
        & (turn.c.business_day == transaction.day)
        & (turn.c.department_id == was["department_id"])
    )
    if was["others"] is None:
        transaction.connection.execute(delete(turn).where(key))
    else:
        transaction.connection.execute(update(turn).where(key).values(others=was["others"]))


def set_counter_state(
    site: ServerContext,
    actor: Actor,
    counter_code: str,
    state: CounterState,
    back_in: timedelta | None = None,
    reason: str | None = None,
    *,
    confirmed: bool = True,
) -> None:
    """The counter opens, closes or takes a break, which may say when it ends and why; its open visit goes on.

    `confirmed`: whoever asks knows that people may be left waiting without a counter; else `LastCounter`.
    """
    with site.write(actor) as transaction:
        desk = load_counter_session(
            transaction, require_counter_access(transaction.catalogue, transaction.actor, counter_code)
        )
        if not confirmed:
            check_not_the_last(transaction, desk.counter, desk.state, state)
        columns: dict[str, Any] = {}
        if state is CounterState.BREAK:
            back_at = transaction.now + back_in if back_in is not None else None
            columns = {"back_at": back_at, "break_reason": reason}
        desk.set_state(state, **columns)
