"""A counter within a write transaction: who is there, and every change that a step makes.

What a step changes is remembered with the counter (`last_step`), so that it can be taken back for some seconds.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from display_server.db import tables
from display_server.domain.state_machine import CounterState, TicketState
from display_server.services.calling.call_schemas import call_view
from display_server.services.catalogue.catalogue import Catalogue, Counter
from display_server.services.core.actors import Actor
from display_server.services.core.context import UnitOfWork
from display_server.services.core.schemas import CallView
from display_server.services.errors import Forbidden, StaleCall
from display_server.services.keys.commitments import text_of

call, ticket, counters = tables.call, tables.ticket, tables.counter

# Built once, as they lie on the way of every press. An UPDATE sets the columns that are given with it.
_HERE = (
    select(call, counters.c.state.label("counter_state"), counters.c.staff_id, counters.c.last_step)
    .select_from(counters.outerjoin(call, (call.c.counter_id == counters.c.id) & tables.call_is_open))
    .where(counters.c.id == bindparam("counter"))
)
_TICKET = select(ticket).where(ticket.c.id == bindparam("the_id"))
_SET_TICKET = update(ticket).where(ticket.c.id == bindparam("the_id"))
_SET_CALL = update(call).where(call.c.id == bindparam("the_id"))
_SET_COUNTER = update(counters).where(counters.c.id == bindparam("the_id"))


@dataclass
class CounterSession:
    """`call` and `ticket`: the open visit, None when nobody is at the counter."""

    transaction: UnitOfWork
    counter: Counter
    state: str
    staff_id: int | None
    last_step: dict[str, Any] | None
    call: Row[Any] | None
    ticket: Row[Any] | None
    _tickets: list[tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    _calls: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    created_call_id: int | None = None  # the call that the step made
    previous_interleave_state: dict[str, Any] | None = None  # whose turn it was before (lines.record_interleave)

    @property
    def clerk_id(self) -> int | None:
        """Whose work it is: a button's press is the work of the person at its counter."""
        actor = self.transaction.actor
        return actor.id if actor.kind == "staff" else self.staff_id

    def view(self) -> CallView | None:
        """The open visit as clerks see it."""
        if self.call is None or self.ticket is None:
            return None
        return self.view_of(self.call, self.ticket)

    def view_of(self, call: Row[Any], row: Row[Any], state: TicketState | None = None) -> CallView:
        """A call as clerks see it, with the ticket's note. `state`: as in `call_view`."""
        transaction = self.transaction
        note = text_of(transaction.connection, transaction.site.keys, row.note)
        return call_view(transaction.catalogue, call, row, note, state)

    def set_ticket(self, row: Row[Any], **columns: Any) -> None:
        self._tickets.append((row.id, {name: getattr(row, name) for name in columns}, columns))
        self.transaction.connection.execute(_SET_TICKET, {"the_id": row.id, **columns})

    def set_call(self, row: Row[Any], **columns: Any) -> None:
        """Only an open call is changed; what it was before are nulls."""
        self._calls.append((row.id, dict.fromkeys(columns)))
        self.transaction.connection.execute(_SET_CALL, {"the_id": row.id, **columns})

    def ticket_now(self, ticket_id: int) -> Row[Any]:
        return ticket_row(self.transaction, ticket_id)

    def remember_for_undo(self, step: str, number: str) -> None:
        """At the end of a step: it can be taken back from now on, for a while."""
        seconds = self.transaction.site.settings.counter.undo_seconds
        remembered = {
            "step": step,
            "number": number,
            "until": (self.transaction.now + timedelta(seconds=seconds)).isoformat(),
            "tickets": self._tickets,
            "calls": self._calls,
            "made": self.created_call_id,
            "turn": self.previous_interleave_state,
        }
        self._set_counter(last_step=remembered if seconds else None)

    def clear_undo(self) -> None:
        """Nothing can be taken back any more."""
        self._set_counter(last_step=None)

    def set_state(self, state: CounterState, **columns: Any) -> None:
        """What the counter has been told, with what is known of a break. A clerk who works here works nowhere else."""
        reason = columns.get("break_reason")
        if state != self.state:
            self.transaction.counters_changed = True
        if state != self.state or columns.get("back_at") or reason:
            back_at: dict[str, Any] = {"back_at": str(columns["back_at"])} if columns.get("back_at") else {}
            sealed = self.transaction.write_journal(
                f"counter_{state}", counter_id=self.counter.id, texts={"reason": reason}, **back_at
            )
            columns |= {"break_reason": sealed.get("reason")} if reason else {}
        staff_id = None if state is CounterState.CLOSED else self._staff_now()
        if state != self.state or staff_id != self.staff_id or columns:
            self._set_counter(**{"state": state, "staff_id": staff_id, "back_at": None, "break_reason": None} | columns)
        if self.staff_id and staff_id and staff_id != self.staff_id:
            # Who worked here before did not leave: their page tells them, and so does the log.
            self.transaction.write_journal("handed_over", counter_id=self.counter.id, before=self.staff_id)

    def _staff_now(self) -> int | None:
        actor = self.transaction.actor
        if actor.kind != "staff" or actor.id == self.staff_id:
            return self.staff_id
        elsewhere = update(counters).where(
            counters.c.centre_id == self.transaction.centre_id, counters.c.staff_id == actor.id
        )
        self.transaction.connection.execute(elsewhere.values(staff_id=None))
        return actor.id

    def _set_counter(self, **columns: Any) -> None:
        self.transaction.connection.execute(_SET_COUNTER, {"the_id": self.counter.id, **columns})


def ticket_row(transaction: UnitOfWork, ticket_id: int) -> Row[Any]:
    """Any ticket, as it is now."""
    return transaction.connection.execute(_TICKET, {"the_id": ticket_id}).one()


def require_counter_access(catalogue: Catalogue, actor: Actor, code: str) -> Counter:
    """The counter, if the actor may work there: a device is bound to one, a clerk to some.

    Raises `NotFound`, `Forbidden`.
    """
    counter = catalogue.counter(code)
    if actor.counter_id not in (None, counter.id):
        raise Forbidden(f"this {actor.kind} belongs to another counter")
    if actor.counters and code not in actor.counters:
        raise Forbidden(f"{actor.name} does not work at counter {code}")
    return counter


def load_counter_session(transaction: UnitOfWork, counter: Counter, seen: int | None = None) -> CounterSession:
    """The counter as it is. `seen`: the call that the clerk's page shows, 0 for nobody; None: not told.

    Raises `StaleCall` when another visitor is there now: the press was meant for somebody else.
    """
    row = transaction.connection.execute(_HERE, {"counter": counter.id}).one()
    here = row if row.id is not None else None
    visitor = ticket_row(transaction, here.ticket_id) if here is not None else None
    desk = CounterSession(transaction, counter, row.counter_state, row.staff_id, row.last_step, here, visitor)
    if seen is not None and seen != (here.id if here is not None else 0):
        view, number = desk.view(), here.number if here is not None else "nobody"
        raise StaleCall(f"{number} is at counter {counter.code} now", call=view and view.model_dump(mode="json"))
    return desk
