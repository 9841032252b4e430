"""What becomes of the visitor at a counter: begins, finishes, is not here, is set aside, is sent on; and back again."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from display_server.db import tables
from display_server.domain.queue_policy import Reason
from display_server.domain.state_machine import CounterState, Step, TicketState, state_after
from display_server.services.calling.announced_calls import announcement_of
from display_server.services.calling.calls import end_visit, finish, make_call
from display_server.services.calling.counter_session import Desk, desk_at, own_counter, ticket_row
from display_server.services.calling.last_counter import check_not_the_last
from display_server.services.core.actors import Actor
from display_server.services.core.context import Site, Transaction
from display_server.services.core.idempotency import once
from display_server.services.core.schemas import CallAnswer
from display_server.services.errors import Invalid, WrongState
from display_server.services.tickets.tickets import number_of

call, ticket, counters, turn = tables.call, tables.ticket, tables.counter, tables.priority_turn
MOST_SERVICES = 5  # still to come, on one ticket


@dataclass(frozen=True, slots=True)
class Target:
    """Where a visitor is sent: a department's queue, one counter, or the counter where a person works now."""

    department: str | None = None
    counter: str | None = None
    staff: str | None = None
    note: str | None = None

    def asked(self) -> list[str | None]:
        """For telling a repeated request from another one."""
        return [self.department, self.counter, self.note] + ([self.staff] if self.staff else [])


def take_step(
    site: Site,
    actor: Actor,
    counter_code: str,
    step: Step,
    request_id: str | None,
    *,
    note: str | None = None,
    target: Target | None = None,
    seen: int | None = None,
) -> CallAnswer | None:
    """One step of the visit at the counter; answers with the call after it. `WrongState` when the state forbids it.

    `seen`: as in `desk_at`.
    """
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)
        asked = [step, counter_code, note, target and target.asked()]

        def act() -> CallAnswer:
            return _step(desk_at(transaction, counter, seen), step, note, target)

        return once(transaction, request_id, asked, CallAnswer, act)


def _step(desk: Desk, step: Step, note: str | None, target: Target | None) -> CallAnswer:
    here, row = _visit(desk)
    after = state_after(step, row.state)
    if after is None:
        raise WrongState(f"{number_of(row)} is {row.state}: {step} is not possible", state=row.state)
    if step is Step.RECALL:
        answer = _recall(desk, here, row)
    else:
        _do(desk, here, row, step, after, note, target)
        answer = CallAnswer(call=desk.view_of(here, desk.ticket_now(row.id)))
    desk.keep(step, number_of(row))
    return answer


def _visit(desk: Desk) -> tuple[Row[Any], Row[Any]]:
    if desk.call is None or desk.ticket is None:
        raise WrongState(f"nobody is at counter {desk.counter.code}", state=None)
    return desk.call, desk.ticket


def _do(
    desk: Desk, here: Row[Any], row: Row[Any], step: Step, after: TicketState, note: str | None, target: Target | None
) -> None:
    if step is Step.START:
        _start(desk, here, row)
    elif step is Step.FINISH:
        finish(desk, here, row)
    elif step is Step.NO_SHOW:
        _no_show(desk, here, row)
    elif step is Step.TRANSFER:
        where = _destination(desk.transaction, target)
        end_visit(
            desk, here, row, after, "transferred", **where, transferred=True, note=target.note if target else None
        )
    else:
        end_visit(desk, here, row, after, after, note=note)


def _start(desk: Desk, here: Row[Any], row: Row[Any]) -> None:
    desk.set_ticket(row, state=TicketState.SERVING)
    desk.set_call(here, started_at=desk.transaction.now)
    desk.transaction.write_journal("serving", ticket_id=row.id, number=number_of(row), counter_id=here.counter_id)


def _recall(desk: Desk, here: Row[Any], row: Row[Any]) -> CallAnswer:
    most = desk.transaction.site.settings.counter.recalls
    if most and _recalls(desk, here) >= most:
        _no_show(desk, here, row)
        return CallAnswer(call=desk.view_of(here, desk.ticket_now(row.id)))
    desk.set_call(here, ended_at=desk.transaction.now, outcome="recalled")
    came = here.reason.get("first") or here.reason  # why this number came at all is not forgotten
    return make_call(desk, row, Reason.RECALL, came=came, first_called_at=here.first_called_at)


def _recalls(desk: Desk, here: Row[Any]) -> int:
    query = select(func.count()).where(
        call.c.ticket_id == here.ticket_id,
        call.c.first_called_at == here.first_called_at,
        call.c.recall,
        func.coalesce(call.c.outcome, "") != "undone",
    )
    return int(desk.transaction.connection.execute(query).scalar_one())


def _no_show(desk: Desk, here: Row[Any], row: Row[Any]) -> None:
    """Out of the line, or back in it some places behind its head: a setting."""
    rule, transaction = desk.transaction.site.settings.counter, desk.transaction
    _wait_for_the_visitor(transaction, here, row)
    times = row.no_shows + 1
    if rule.no_show == "out" or times > rule.no_show_times or row.business_day < transaction.day:
        end_visit(desk, here, row, TicketState.NO_SHOW, "no_show", no_shows=times)
        return
    place = _place_behind(transaction, row, rule.no_show_places)
    end_visit(desk, here, row, TicketState.WAITING, "no_show", no_shows=times, place=place, transferred=False)


def _wait_for_the_visitor(transaction: Transaction, here: Row[Any], row: Row[Any]) -> None:
    """`WrongState` before the call was announced, and while the visitor has time left to come."""
    found = announcement_of(transaction.site, transaction.connection, transaction.catalogue, here)
    left = found.no_show_from - transaction.now
    if left <= timedelta():
        return
    seconds = math.ceil(left.total_seconds())
    if found.before is not None:
        text = f"{number_of(row)} has not been announced yet ({found.before} before it)"
        raise WrongState(text, state=row.state, announcements_before=found.before, seconds_left=seconds)
    raise WrongState(f"{number_of(row)} has {seconds} s left to come", state=row.state, seconds_left=seconds)


def _place_behind(transaction: Transaction, row: Row[Any], places: int) -> int:
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
    return transaction.tick if place is None else max(place + 1, row.place)


def _destination(transaction: Transaction, target: Target | None) -> dict[str, Any]:
    wanted = [] if target is None else [each for each in (target.department, target.counter, target.staff) if each]
    if target is None or len(wanted) != 1:
        raise Invalid("a transfer goes to a department, to a counter or to a person")
    if target.department is not None:
        department = transaction.catalogue.department(target.department)
        return {"department_id": department.id, "for_counter_id": None}
    if target.staff is not None:
        return {"for_counter_id": _counter_of(transaction, target.staff)}
    return {"for_counter_id": transaction.catalogue.counter(str(target.counter)).id}


def _counter_of(transaction: Transaction, staff: str) -> int:
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
        raise WrongState(f"{staff} works at no counter now", state=None)
    return int(found)


def add_service(
    site: Site, actor: Actor, counter_code: str, department: str, request_id: str | None, seen: int | None = None
) -> CallAnswer | None:
    """The visitor at the counter goes on to `department` by itself when finished here. `WrongState`: nobody is here."""
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)
        code = transaction.catalogue.department(department).code

        def act() -> CallAnswer:
            return _add_service(desk_at(transaction, counter, seen), code)

        return once(transaction, request_id, ["then", counter_code, code], CallAnswer, act)


def _add_service(desk: Desk, department: str) -> CallAnswer:
    here, row = _visit(desk)
    if len(row.itinerary) >= MOST_SERVICES:
        raise WrongState(f"{number_of(row)} has {MOST_SERVICES} more services already", state=row.state)
    desk.set_ticket(row, itinerary=[*row.itinerary, department])
    desk.transaction.write_journal(
        "service_added", ticket_id=row.id, number=number_of(row), counter_id=here.counter_id, department=department
    )
    desk.keep("then", number_of(row))
    return CallAnswer(call=desk.view_of(here, desk.ticket_now(row.id)))


def undo(
    site: Site, actor: Actor, counter_code: str, request_id: str | None, seen: int | None = None
) -> CallAnswer | None:
    """The last step at the counter is taken back, within `counter.undo_seconds`; answers with the visit as it was.

    Raises `WrongState` when it is too late, or when a visitor of that step has gone on elsewhere meanwhile.
    """
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)

        def act() -> CallAnswer:
            return _undo(desk_at(transaction, counter, seen))

        return once(transaction, request_id, ["undo", counter_code], CallAnswer, act)


def _undo(desk: Desk) -> CallAnswer:
    transaction, last = desk.transaction, desk.last_step
    if last is None or datetime.fromisoformat(last["until"]) < transaction.now:
        raise WrongState(f"there is nothing to take back at counter {desk.counter.code}", state=None)
    _check_still_so(transaction, last)
    if last["made"] is not None:
        _set_call(transaction, last["made"], ended_at=transaction.now, outcome="undone")
    for ticket_id, before, _ in reversed(last["tickets"]):
        transaction.connection.execute(update(ticket).where(ticket.c.id == ticket_id).values(**before))
    for call_id, before in last["calls"]:
        _set_call(transaction, call_id, **before)
    _give_turn_back(transaction, last["turn"])
    for ticket_id in dict.fromkeys(ticket_id for ticket_id, _, _ in last["tickets"]):
        row = ticket_row(transaction, ticket_id)
        details = {"step": last["step"], "state": row.state}
        transaction.write_journal(
            "undone", ticket_id=ticket_id, number=number_of(row), counter_id=desk.counter.id, **details
        )
    desk.forget()
    transaction.urgent = True
    return CallAnswer(call=desk_at(transaction, desk.counter).view())


def _check_still_so(transaction: Transaction, last: dict[str, Any]) -> None:
    left: dict[int, dict[str, Any]] = {}
    for ticket_id, _, after in last["tickets"]:
        left.setdefault(ticket_id, {}).update(after)
    for ticket_id, after in left.items():
        row = ticket_row(transaction, ticket_id)
        if any(getattr(row, name) != value for name, value in after.items()):
            raise WrongState(f"{number_of(row)} has gone on meanwhile", state=row.state)


def _set_call(transaction: Transaction, call_id: int, **columns: Any) -> None:
    transaction.connection.execute(update(call).where(call.c.id == call_id).values(**columns))


def _give_turn_back(transaction: Transaction, was: dict[str, Any] | None) -> None:
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
    site: Site,
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
        desk = desk_at(transaction, own_counter(transaction.catalogue, transaction.actor, counter_code))
        if not confirmed:
            check_not_the_last(transaction, desk.counter, desk.state, state)
        columns: dict[str, Any] = {}
        if state is CounterState.BREAK:
            back_at = transaction.now + back_in if back_in is not None else None
            columns = {"back_at": back_at, "break_reason": reason}
        desk.set_state(state, **columns)
