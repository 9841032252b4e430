"""Clerks call visitors: next, a certain one, again.

Presses for the next visitor that come at one moment share a transaction, as taps do (services/issuing.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Row, insert, select

from display_server.db import tables
from display_server.db.copies.next_ids import leap
from display_server.domain.numbering import parse_number
from display_server.domain.queue_policy import Reason
from display_server.domain.state_machine import CALLABLE, CounterState, TicketState
from display_server.services.calling.counter_session import CounterSession, load_counter_session, require_counter_access
from display_server.services.calling.waiting_queue import record_interleave, select_next
from display_server.services.core.actors import Actor
from display_server.services.core.batching import Batcher, PendingRequest
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.idempotency import run_idempotent
from display_server.services.core.schemas import CallResponse
from display_server.services.errors import Invalid, InvalidTransition, NotFound, ServiceError
from display_server.services.tickets.tickets import number_of

ticket = tables.ticket
_INSERT_CALL = insert(tables.call).returning(tables.call)


@dataclass(frozen=True, slots=True)
class CallNextRequest:
    """Who asks for the next visitor, at which counter."""

    actor: Actor
    counter: str
    request_id: str
    expected_call_id: int | None = None


PendingCall = PendingRequest[CallNextRequest, tuple[CallResponse | None]]


def call_next(
    site: ServerContext, actor: Actor, counter_code: str, request_id: str, seen: int | None = None
) -> CallResponse | None:
    """The next visitor is called to the counter; None when nobody waits.

    A visit still open there is finished first (setting `counter.finish_on_next`; when off: `InvalidTransition`).
    `seen`: as in `load_counter_session`.
    """
    presses = site.call_batchers.get(actor.centre_id)
    if presses is None:
        presses = site.call_batchers.setdefault(actor.centre_id, Batcher(partial(call_next_batch, site)))
    answer: tuple[CallResponse | None] = presses.submit(CallNextRequest(actor, counter_code, request_id, seen))
    return answer[0]


def call_next_batch(site: ServerContext, presses: Sequence[PendingCall]) -> None:
    """Presses of one centre's clerks, in the order they came, in one transaction: each gets its answer or its error."""
    with site.write(presses[0].wanted.actor) as transaction:
        answered, changed = [], False
        for press in presses:
            transaction.actor, transaction.changed = press.wanted.actor, True
            try:
                answered.append((press, _press(transaction, press.wanted)))
            except ServiceError as error:  # refused before anything of this press was written
                press.error = error
            else:
                changed = changed or transaction.changed
        transaction.changed = changed
    for press, answer in answered:  # only what is committed is answered
        press.answer = (answer,)


def _press(transaction: UnitOfWork, press: CallNextRequest) -> CallResponse | None:
    counter = require_counter_access(transaction.catalogue, press.actor, press.counter)
    asked = ["call-next", press.counter]
    return run_idempotent(
        transaction,
        press.request_id,
        asked,
        CallResponse,
        lambda: _next(load_counter_session(transaction, counter, press.expected_call_id)),
    )


def _next(desk: CounterSession) -> CallResponse | None:
    _require_open_counter(desk)
    ended = end_open_visit(desk)
    desk.set_state(CounterState.OPEN)
    chosen = select_next(desk.transaction, desk.counter)
    if chosen is None:
        if ended is not None:
            desk.remember_for_undo("finish", ended)
        return None
    desk.previous_interleave_state = record_interleave(desk.transaction, chosen)
    answer = make_call(desk, chosen.row, chosen.choice.reason, passed=chosen.skipped)
    desk.remember_for_undo("call-next", number_of(chosen.row))
    return answer


def _require_open_counter(desk: CounterSession) -> None:
    """A page opens its counter with the first call; a button leant on during a break must not call a visitor there."""
    may_open = desk.transaction.site.settings.counter.button_opens
    if desk.transaction.actor.kind == "button" and desk.state != CounterState.OPEN and not may_open:
        raise InvalidTransition(f"counter {desk.counter.code} is not open: {desk.state}", state=None)


def call_ticket(
    site: ServerContext,
    actor: Actor,
    counter_code: str,
    *,
    number: str | None,
    ticket_id: int | None,
    request_id: str | None,
    seen: int | None = None,
) -> CallResponse | None:
    """A certain visitor of today, who waits, was parked or was missed, is called; found by `number` or `ticket_id`."""
    with site.write(actor) as transaction:
        counter = require_counter_access(transaction.catalogue, transaction.actor, counter_code)
        asked = ["call", counter_code, number, ticket_id]

        def act() -> CallResponse:
            return _call_ticket(load_counter_session(transaction, counter, seen), _find(transaction, number, ticket_id))

        return run_idempotent(transaction, request_id, asked, CallResponse, act)


def _call_ticket(desk: CounterSession, row: Row[Any]) -> CallResponse:
    if row.state not in CALLABLE:
        raise InvalidTransition(f"{number_of(row)} is {row.state}", state=row.state)
    end_open_visit(desk)
    desk.set_state(CounterState.OPEN)
    answer = make_call(desk, row, Reason.CHOSEN)
    desk.remember_for_undo("call", number_of(row))
    return answer


def _find(transaction: UnitOfWork, number: str | None, ticket_id: int | None) -> Row[Any]:
    query = select(ticket).where(ticket.c.centre_id == transaction.centre_id, ticket.c.business_day == transaction.day)
    if ticket_id is not None:
        query = query.where(ticket.c.id == ticket_id)
    else:
        parsed = parse_number(number or "")
        if parsed is None:
            raise Invalid("give a number such as A007, or a ticket_id")
        query = query.where(ticket.c.prefix == parsed[0], ticket.c.number == parsed[1])
    row = transaction.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no ticket {number or ticket_id} today")
    return row


def end_open_visit(desk: CounterSession) -> str | None:
    """Finish who is still at the counter, before somebody else comes; the number.

    Raises `InvalidTransition` where the settings say that a clerk must finish first.
    """
    if desk.call is None or desk.ticket is None:
        return None
    if not desk.transaction.site.settings.counter.finish_on_next:
        view = desk.view_of(desk.call, desk.ticket)
        raise InvalidTransition(
            f"{view.number} is still at counter {desk.counter.code}",
            state=desk.ticket.state,
            call=view.model_dump(mode="json"),
        )
    finish(desk, desk.call, desk.ticket)
    return number_of(desk.ticket)


def finish(desk: CounterSession, here: Row[Any], row: Row[Any]) -> None:
    """The visit is over, or goes on to the next department of its itinerary, by the time the visitor first came."""
    departments = desk.transaction.catalogue.departments
    to_go = [code for code in row.itinerary if code in departments]
    if not to_go or row.business_day < desk.transaction.day:  # after midnight there is no line to go on to
        close_call(desk, here, row, TicketState.FINISHED, TicketState.FINISHED)
        return
    onward: dict[str, Any] = {"department_id": departments[to_go[0]].id, "itinerary": to_go[1:], "procedure_id": None}
    close_call(desk, here, row, TicketState.WAITING, "went_on", **onward, for_counter_id=None, transferred=True)


def close_call(
    desk: CounterSession,
    here: Row[Any],
    row: Row[Any],
    state: TicketState,
    word: str,
    *,
    note: str | None = None,
    **columns: Any,
) -> None:
    """The visitor leaves the counter; `word`: of the journal and the call's outcome. `note`: for the next counter.

    Raises `InvalidTransition` for one of yesterday who would wait again: no counter calls yesterday's line any more.
    """
    if state in {TicketState.WAITING, TicketState.PARKED} and row.business_day < desk.transaction.day:
        raise InvalidTransition(
            f"{number_of(row)} is of {row.business_day}: it can only be finished now", state=row.state
        )
    details = {key: value for key, value in columns.items() if value is not None}
    texts = {"note": note}
    sealed = desk.transaction.write_journal(
        word, ticket_id=row.id, number=number_of(row), counter_id=here.counter_id, texts=texts, **details
    )
    kept = {"note": sealed.get("note")} if note or word == "transferred" else {}  # a transfer ends an older note
    desk.set_ticket(row, state=state, **columns, **kept)
    desk.set_call(here, ended_at=desk.transaction.now, outcome=word)


def make_call(
    desk: CounterSession,
    row: Row[Any],
    reason: Reason,
    *,
    passed: list[str] | None = None,
    came: dict[str, Any] | None = None,
    **columns: Any,
) -> CallResponse:
    """Give the ticket to the counter, under the centre's next call number.

    `passed`: who waited longer. `came`: of a recall, the stored reason of the visitor's first call.
    """
    transaction = desk.transaction
    desk.set_ticket(row, state=TicketState.CALLED, for_counter_id=None)
    stored = {"code": reason, "waited_seconds": max(0, (transaction.logical_clock - row.place) // 1_000_000)}
    if passed:
        stored["passed"] = passed
    if came:
        stored["first"] = {key: came[key] for key in ("code", "waited_seconds")}
    values = {
        "centre_id": transaction.centre_id,
        "seq": transaction.next_call_seq(),
        "ticket_id": row.id,
        "counter_id": desk.counter.id,
        "department_id": row.department_id,
        "number": number_of(row),
        "recall": reason is Reason.RECALL,
        "reason": stored,
        "called_at": transaction.now,
        "first_called_at": transaction.now,
        "clerk_id": desk.clerk_id,
    }
    if (first := leap(transaction.connection, tables.call, transaction.epoch.first_id, 1)) is not None:
        values["id"] = next(first)
    made = transaction.connection.execute(_INSERT_CALL, values | columns).one()
    desk.created_call_id = made.id
    word = "recalled" if made.recall else "called"
    why: dict[str, Any] = {"passed": passed} if passed else {}
    transaction.write_journal(
        word, ticket_id=row.id, number=made.number, counter_id=desk.counter.id, seq=made.seq, reason=reason, **why
    )
    transaction.urgent = True
    return CallResponse(call=desk.view_of(made, row, TicketState.CALLED))
