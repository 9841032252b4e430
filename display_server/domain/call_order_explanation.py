"""Why one visitor was called before another: the facts of the journal, judged in the order of the rule.

Plain Python: what happened comes in as `Visit`s, the answer goes out as a `OrderReason`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from display_server.domain.queue_policy import Reason

TAKES_BACK = frozenset({"undone", "renumbered"})


class OrderReason(StrEnum):
    NOT_CALLED = "not_called"  # the first of the two was not called at all
    LATER = "later"  # the question is the wrong way round: it was called after the other
    JOINED_LATER = "joined_later"  # the other had no number yet
    NOT_WAITING = "not_waiting"  # the other was somewhere else at that moment
    OTHER_QUEUE = "other_queue"  # the counter does not serve the other's queue
    EARLIER = "earlier"  # it had come earlier
    REASON = "reason"  # the reason that was stored with the call


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the journal. `waits`: whether the ticket waits from then on, None: as before.

    `line`: its place in the journal, as presses of one moment share a `tick`.
    `department_id`, `sent_to`: the queue or the counter that it goes to with this line. `place`: the one that it has
    in its queue from then on, None: as before.
    """

    line: int
    at: datetime
    tick: int
    action: str
    counter_id: int | None = None
    reason: str | None = None
    waits: bool | None = None
    department_id: int | None = None
    sent_to: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A ticket's way through the day, oldest first; `department_id`: the queue for which it was issued.

    `place`: the one that it has now.
    """

    number: str
    place: int
    department_id: int
    events: tuple[Event, ...]

    def calls(self) -> list[Event]:
        """Its calls that were not taken back."""
        return [
            event
            for position, event in enumerate(self.events)
            if event.action == "called" and not self._is_taken_back(position)
        ]

    def _is_taken_back(self, position: int) -> bool:
        """Undone, or made under a number that nobody held: then the next that is heard is that the ticket waits."""
        after = next((event for event in self.events[position + 1 :] if event.waits is not None), None)
        return after is not None and after.action in TAKES_BACK and after.waits is True

    def first_call(self) -> Event | None:
        calls = self.calls()
        return calls[0] if calls else None

    def until(self, line: int) -> list[Event]:
        return [event for event in self.events if event.line < line]

    def place_at(self, line: int) -> int:
        """The place in the queue that it had before `line`."""
        told = [event.place for event in self.until(line) if event.place is not None]
        return told[-1] if told else self.place


def explain_call_order(first: Visit, then: Visit, served: Iterable[int]) -> OrderReason:
    """Why `first` was called (for the first time) before `then`.

    `served`: ids of the departments that the calling counter serves.
    """
    call = first.first_call()
    if call is None:
        return OrderReason.NOT_CALLED
    lines = [other.line for other in then.calls()]
    is_to_come = any(line > call.line for line in lines) or _waits(list(then.events))
    if lines and lines[0] < call.line and not is_to_come:
        return OrderReason.LATER
    return _of_two(first, then, call, set(served))


def _of_two(first: Visit, then: Visit, call: Event, served: set[int]) -> OrderReason:
    before = then.until(call.line)
    if not before:
        return OrderReason.JOINED_LATER
    if not _waits(before):
        return OrderReason.NOT_WAITING
    if not _waits_for(then, before, call.counter_id, served):
        return OrderReason.OTHER_QUEUE
    is_earlier = first.place_at(call.line) < then.place_at(call.line)
    return OrderReason.EARLIER if call.reason == Reason.OLDEST and is_earlier else OrderReason.REASON


def _waits(before: list[Event]) -> bool:
    told = [event.waits for event in before if event.waits is not None]
    return bool(told) and told[-1]


def _waits_for(visit: Visit, before: list[Event], counter_id: int | None, served: set[int]) -> bool:
    """Of a ticket that waits: whether this counter may call it."""
    queue, sent_to, called_from = visit.department_id, None, None
    for event in before:
        if event.sent_to is not None:
            sent_to = event.sent_to
        elif event.department_id is not None:
            queue, sent_to = event.department_id, None
        if event.action == "called":  # with it the counter has them; a call that is taken back gives them back to it
            sent_to, called_from = None, sent_to
        elif event.action in TAKES_BACK and event.waits:
            sent_to = called_from
    return sent_to == counter_id if sent_to is not None else queue in served
