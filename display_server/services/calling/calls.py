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
from display_server.services.calling.counter_session import Desk, desk_at, own_counter
from display_server.services.calling.waiting_queue import next_at, note_turn
from display_server.services.core.actors import Actor
from display_server.services.core.batching import Asked, Gathering
from display_server.services.core.context import Site, Transaction
from display_server.services.core.idempotency import once
from display_server.services.core.schemas import CallAnswer
from display_server.services.errors import Invalid, NotFound, ServiceError, WrongState
from display_server.services.tickets.tickets import number_of

ticket = tables.ticket
_INSERT_CALL = insert(tables.call).returning(tables.call)


@dataclass(frozen=True, slots=True)
class Press:
    """Who asks for the next visitor, at which counter."""

    actor: Actor
    counter: str
    request_id: str
    seen: int | None = None


AskedPress = Asked[Press, tuple[CallAnswer | None]]


def call_next(
    site: Site, actor: Actor, counter_code: str, request_id: str, seen: int | None = None
) -> CallAnswer | None:
    """The next visitor is called to the counter; None when nobody waits.

    A visit still open there is finished first (setting `counter.finish_on_next`; when off: `WrongState`).
    `seen`: as in `desk_at`.
    """
    presses = site.presses.get(actor.centre_id)
    if presses is None:
        presses = site.presses.setdefault(actor.centre_id, Gathering(partial(call_together, site)))
    answer: tuple[CallAnswer | None] = presses.ask(Press(actor, counter_code, request_id, seen))
    return answer[0]


def call_together(site: Site, presses: Sequence[AskedPress]) -> None:
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


def _press(transaction: Transaction, press: Press) -> CallAnswer | None:
    counter = own_counter(transaction.catalogue, press.actor, press.counter)
    asked = ["call-next", press.counter]
    return once(
        transaction, press.request_id, asked, CallAnswer, lambda: _next(desk_at(transaction, counter, press.seen))
    )


def _next(desk: Desk) -> CallAnswer | None:
    _nobody_to_an_empty_counter(desk)
    ended = end_open_visit(desk)
    desk.set_state(CounterState.OPEN)
    chosen = next_at(desk.transaction, desk.counter)
    if chosen is None:
        if ended is not None:
            desk.keep("finish", ended)
        return None
    desk.turn = note_turn(desk.transaction, chosen)
    answer = make_call(desk, chosen.row, chosen.choice.reason, passed=chosen.passed)
    desk.keep("call-next", number_of(chosen.row))
    return answer


def _nobody_to_an_empty_counter(desk: Desk) -> None:
    """A page opens its counter with the first call; a button leant on during a break must not call a visitor there."""
    may_open = desk.transaction.site.settings.counter.button_opens
    if desk.transaction.actor.kind == "button" and desk.state != CounterState.OPEN and not may_open:
        raise WrongState(f"counter {desk.counter.code} is not open: {desk.state}", state=None)


def call_certain(
    site: Site,
    actor: Actor,
    counter_code: str,
    *,
    number: str | None,
    ticket_id: int | None,
    request_id: str | None,
    seen: int | None = None,
) -> CallAnswer | None:
    """A certain visitor of today, who waits, was parked or was missed, is called; found by `number` or `ticket_id`."""
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)
        asked = ["call", counter_code, number, ticket_id]

        def act() -> CallAnswer:
            return _certain(desk_at(transaction, counter, seen), _find(transaction, number, ticket_id))

        return once(transaction, request_id, asked, CallAnswer, act)


def _certain(desk: Desk, row: Row[Any]) -> CallAnswer:
    if row.state not in CALLABLE:
        raise WrongState(f"{number_of(row)} is {row.state}", state=row.state)
    end_open_visit(desk)
    desk.set_state(CounterState.OPEN)
    answer = make_call(desk, row, Reason.CHOSEN)
    desk.keep("call", number_of(row))
    return answer


def _find(transaction: Transaction, number: str | None, ticket_id: int | None) -> Row[Any]:
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


def end_open_visit(desk: Desk) -> str | None:
    """Finish who is still at the counter, before somebody else comes; the number. Raises `WrongState`: not so set."""
    if desk.call is None or desk.ticket is None:
        return None
    if not desk.transaction.site.settings.counter.finish_on_next:
        view = desk.view_of(desk.call, desk.ticket)
        raise WrongState(
            f"{view.number} is still at counter {desk.counter.code}",
            state=desk.ticket.state,
            call=view.model_dump(mode="json"),
        )
    finish(desk, desk.call, desk.ticket)
    return number_of(desk.ticket)


def finish(desk: Desk, here: Row[Any], row: Row[Any]) -> None:
    """The visit is over, or goes on to the next department of its itinerary, by the time the visitor first came."""
    departments = desk.transaction.catalogue.departments
    to_go = [code for code in row.itinerary if code in departments]
    if not to_go or row.business_day < desk.transaction.day:  # after midnight there is no line to go on to
        end_visit(desk, here, row, TicketState.FINISHED, TicketState.FINISHED)
        return
    onward: dict[str, Any] = {"department_id": departments[to_go[0]].id, "itinerary": to_go[1:], "procedure_id": None}
    end_visit(desk, here, row, TicketState.WAITING, "went_on", **onward, for_counter_id=None, transferred=True)


def end_visit(
    desk: Desk, here: Row[Any], row: Row[Any], state: TicketState, word: str, *, note: str | None = None, **columns: Any
) -> None:
    """The visitor leaves the counter; `word`: of the journal and the call's outcome. `note`: for the next counter.

    Raises `WrongState` for one of yesterday who would wait again: no counter calls yesterday's line any more.
    """
    if state in {TicketState.WAITING, TicketState.PARKED} and row.business_day < desk.transaction.day:
        raise WrongState(f"{number_of(row)} is of {row.business_day}: it can only be finished now", state=row.state)
    details = {key: value for key, value in columns.items() if value is not None}
    texts = {"note": note}
    sealed = desk.transaction.write_journal(
        word, ticket_id=row.id, number=number_of(row), counter_id=here.counter_id, texts=texts, **details
    )
    kept = {"note": sealed.get("note")} if note or word == "transferred" else {}  # a transfer ends an older note
    desk.set_ticket(row, state=state, **columns, **kept)
    desk.set_call(here, ended_at=desk.transaction.now, outcome=word)


def make_call(
    desk: Desk,
    row: Row[Any],
    reason: Reason,
    *,
    passed: list[str] | None = None,
    came: dict[str, Any] | None = None,
    **columns: Any,
) -> CallAnswer:
    """Give the ticket to the counter, under the centre's next call number.

    `passed`: who waited longer. `came`: of a recall, the stored reason of the visitor's first call.
    """
    transaction = desk.transaction
    desk.set_ticket(row, state=TicketState.CALLED, for_counter_id=None)
    stored = {"code": reason, "waited_seconds": max(0, (transaction.tick - row.place) // 1_000_000)}
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
    desk.made = made.id
    word = "recalled" if made.recall else "called"
    why: dict[str, Any] = {"passed": passed} if passed else {}
    transaction.write_journal(
        word, ticket_id=row.id, number=made.number, counter_id=desk.counter.id, seq=made.seq, reason=reason, **why
    )
    transaction.urgent = True
    return CallAnswer(call=desk.view_of(made, row, TicketState.CALLED))
