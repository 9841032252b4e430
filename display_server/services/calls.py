"""Clerks call visitors: next, a certain one, again; and what becomes of the visit."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from display_server.rules.next_visitor import Reason
from display_server.rules.numbering import parse_number
from display_server.rules.states import CALLABLE, CounterState, Step, TicketState, state_after
from display_server.services.actors import Actor
from display_server.services.call_views import call_view
from display_server.services.catalogue import Catalogue, Counter
from display_server.services.errors import Forbidden, Invalid, NotFound, WrongState
from display_server.services.lines import next_at, note_turn
from display_server.services.requests import once
from display_server.services.site import Site, Transaction
from display_server.services.tickets import number_of
from display_server.services.views import CallAnswer
from display_server.store import tables

call, ticket, counters = tables.call, tables.ticket, tables.counter

# Built once, as they lie on the way of every press. An UPDATE sets the columns that are given with it.
_OPEN_CALL = select(call).where(call.c.counter_id == bindparam("counter"), tables.call_is_open)
_TICKET = select(ticket).where(ticket.c.id == bindparam("the_id"))
_SET_TICKET = update(ticket).where(ticket.c.id == bindparam("the_id"))
_SET_CALL = update(call).where(call.c.id == bindparam("the_id"))
_INSERT_CALL = insert(call).returning(call)
_SET_COUNTER = update(counters).where(counters.c.id == bindparam("the_id"), counters.c.state != bindparam("new_state"))
_NEXT_SEQ = (
    update(tables.centre)
    .where(tables.centre.c.id == bindparam("the_id"))
    .values(call_seq=tables.centre.c.call_seq + 1)
    .returning(tables.centre.c.call_seq)
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a visitor is sent: a department's queue, or one counter."""

    department: str | None = None
    counter: str | None = None
    note: str | None = None


def own_counter(catalogue: Catalogue, actor: Actor, code: str) -> Counter:
    """The counter, if the actor may work there: a device is bound to one, a clerk to some.

    Raises `NotFound`, `Forbidden`.
    """
    counter = catalogue.counter(code)
    if actor.counter_id not in (None, counter.id):
        raise Forbidden(f"this {actor.kind} belongs to another counter")
    if actor.counters and code not in actor.counters:
        raise Forbidden(f"{actor.name} does not work at counter {code}")
    return counter


def call_next(site: Site, actor: Actor, counter_code: str, request_id: str) -> CallAnswer | None:
    """The next visitor is called to the counter; None when nobody waits.

    A visit still open there is finished first (setting `counter.finish_on_next`; when off: `WrongState`).
    """
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)
        return once(
            transaction, request_id, ["call-next", counter_code], CallAnswer, lambda: _next(transaction, counter)
        )


def _next(transaction: Transaction, counter: Counter) -> CallAnswer | None:
    _end_open_visit(transaction, counter)
    _set_counter_state(transaction, counter, CounterState.OPEN)
    chosen = next_at(transaction, counter)
    if chosen is None:
        return None
    choice, row = chosen
    note_turn(transaction, row)
    return _call(transaction, counter, row, choice.reason)


def call_certain(
    site: Site, actor: Actor, counter_code: str, *, number: str | None, ticket_id: int | None, request_id: str | None
) -> CallAnswer | None:
    """A certain visitor of today, who waits, was parked or was missed, is called; found by `number` or `ticket_id`."""
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)
        asked = ["call", counter_code, number, ticket_id]
        return once(
            transaction,
            request_id,
            asked,
            CallAnswer,
            lambda: _certain(transaction, counter, _find(transaction, number, ticket_id)),
        )


def _certain(transaction: Transaction, counter: Counter, row: Row[Any]) -> CallAnswer:
    if row.state not in CALLABLE:
        raise WrongState(f"{number_of(row)} is {row.state}", state=row.state)
    _end_open_visit(transaction, counter)
    _set_counter_state(transaction, counter, CounterState.OPEN)
    return _call(transaction, counter, row, Reason.CHOSEN)


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


def take_step(
    site: Site,
    actor: Actor,
    counter_code: str,
    step: Step,
    request_id: str | None,
    *,
    note: str | None = None,
    target: Target | None = None,
) -> CallAnswer | None:
    """One step of the visit at the counter; answers with the call after it. `WrongState` when the state forbids it."""
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)
        asked = [step, counter_code, note, target and [target.department, target.counter, target.note]]
        return once(transaction, request_id, asked, CallAnswer, lambda: _step(transaction, counter, step, note, target))


def _step(
    transaction: Transaction, counter: Counter, step: Step, note: str | None, target: Target | None
) -> CallAnswer:
    here = _open_call(transaction, counter)
    if here is None:
        raise WrongState(f"nobody is at counter {counter.code}", state=None)
    row = _ticket(transaction, here.ticket_id)
    after = state_after(step, row.state)
    if after is None:
        raise WrongState(f"{number_of(row)} is {row.state}: {step} is not possible", state=row.state)
    if step is Step.RECALL:
        return _recall(transaction, counter, row, here)
    if step is Step.START:
        return _start(transaction, row, here)
    columns = _destination(transaction, target) if step is Step.TRANSFER else {"note": note or row.note}
    _end_visit(transaction, row, here, after, _JOURNAL_WORD.get(step, after), **columns)
    return CallAnswer(call=call_view(transaction.catalogue, here, _ticket(transaction, row.id)))


_JOURNAL_WORD = {Step.TRANSFER: "transferred"}


def _recall(transaction: Transaction, counter: Counter, row: Row[Any], here: Row[Any]) -> CallAnswer:
    _set_call(transaction, here, ended_at=transaction.now, outcome="recalled")
    return _call(transaction, counter, row, Reason.RECALL, first_called_at=here.first_called_at)


def _start(transaction: Transaction, row: Row[Any], here: Row[Any]) -> CallAnswer:
    _set_ticket(transaction, row, state=TicketState.SERVING)
    _set_call(transaction, here, started_at=transaction.now)
    transaction.write_journal("serving", ticket_id=row.id, number=number_of(row), counter_id=here.counter_id)
    return CallAnswer(call=call_view(transaction.catalogue, here, _ticket(transaction, row.id)))


def _destination(transaction: Transaction, target: Target | None) -> dict[str, Any]:
    if target is None or (target.department is None) == (target.counter is None):
        raise Invalid("a transfer goes to a department or to a counter")
    if target.department is not None:
        department = transaction.catalogue.department(target.department)
        return {"department_id": department.id, "for_counter_id": None, "note": target.note}
    counter = transaction.catalogue.counter(str(target.counter))
    return {"for_counter_id": counter.id, "note": target.note}


def _end_visit(
    transaction: Transaction, row: Row[Any], here: Row[Any], state: TicketState, word: str, **columns: Any
) -> None:
    _set_ticket(transaction, row, state=state, **columns)
    _set_call(transaction, here, ended_at=transaction.now, outcome=word)
    details = {key: value for key, value in columns.items() if value is not None}
    transaction.write_journal(word, ticket_id=row.id, number=number_of(row), counter_id=here.counter_id, **details)


def _end_open_visit(transaction: Transaction, counter: Counter) -> None:
    here = _open_call(transaction, counter)
    if here is None:
        return
    row = _ticket(transaction, here.ticket_id)
    if not transaction.site.settings.counter.finish_on_next:
        view = call_view(transaction.catalogue, here, row)
        raise WrongState(
            f"{view.number} is still at counter {counter.code}", state=row.state, call=view.model_dump(mode="json")
        )
    _end_visit(transaction, row, here, TicketState.FINISHED, TicketState.FINISHED)


def _call(transaction: Transaction, counter: Counter, row: Row[Any], reason: Reason, **columns: Any) -> CallAnswer:
    """Give the ticket to the counter, under the centre's next call number."""
    _set_ticket(transaction, row, state=TicketState.CALLED, for_counter_id=None)
    department = transaction.catalogue.department_by_id[row.department_id]
    values = {
        "centre_id": transaction.centre_id,
        "seq": _next_seq(transaction),
        "ticket_id": row.id,
        "counter_id": counter.id,
        "department_id": department.id,
        "number": number_of(row),
        "recall": reason is Reason.RECALL,
        "reason": {"code": reason, "waited_seconds": max(0, (transaction.tick - row.place) // 1_000_000)},
        "called_at": transaction.now,
        "first_called_at": transaction.now,
    }
    made = transaction.connection.execute(_INSERT_CALL, values | columns).one()
    word = "recalled" if made.recall else "called"
    transaction.write_journal(
        word, ticket_id=row.id, number=made.number, counter_id=counter.id, seq=made.seq, reason=reason
    )
    transaction.urgent = True
    return CallAnswer(call=call_view(transaction.catalogue, made, row, TicketState.CALLED))


def _next_seq(transaction: Transaction) -> int:
    return int(transaction.connection.execute(_NEXT_SEQ, {"the_id": transaction.centre_id}).scalar_one())


def set_counter_state(
    site: Site, actor: Actor, counter_code: str, state: CounterState, back_in: timedelta | None = None
) -> None:
    """The counter opens, closes or takes a break, which may say when it ends; its open visit goes on."""
    with site.write(actor) as transaction:
        counter = own_counter(transaction.catalogue, transaction.actor, counter_code)
        _set_counter_state(transaction, counter, state)
        if state is CounterState.BREAK:
            back_at = transaction.now + back_in if back_in is not None else None
            transaction.connection.execute(update(counters).where(counters.c.id == counter.id).values(back_at=back_at))


def _set_counter_state(transaction: Transaction, counter: Counter, state: CounterState) -> None:
    values = {"the_id": counter.id, "new_state": state, "state": state}
    if transaction.connection.execute(_SET_COUNTER, values).rowcount:
        transaction.write_journal(f"counter_{state}", counter_id=counter.id)


def _set_ticket(transaction: Transaction, row: Row[Any], **columns: Any) -> None:
    transaction.connection.execute(_SET_TICKET, {"the_id": row.id, **columns})


def _set_call(transaction: Transaction, here: Row[Any], **columns: Any) -> None:
    transaction.connection.execute(_SET_CALL, {"the_id": here.id, **columns})


def _ticket(transaction: Transaction, ticket_id: int) -> Row[Any]:
    return transaction.connection.execute(_TICKET, {"the_id": ticket_id}).one()


def _open_call(transaction: Transaction, counter: Counter) -> Row[Any] | None:
    return transaction.connection.execute(_OPEN_CALL, {"counter": counter.id}).one_or_none()
