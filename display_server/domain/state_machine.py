"""The life of a ticket and which step is allowed when.

waiting → called → serving → finished; besides: no_show, parked, cancelled. A transfer puts the ticket back to waiting,
and so does the end of a visit that has another department to go to.
"""

from enum import StrEnum


class TicketState(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    FINISHED = "finished"
    NO_SHOW = "no_show"
    PARKED = "parked"
    CANCELLED = "cancelled"


class CounterState(StrEnum):
    """What a counter has been told. `called` and `serving`, which screens show, follow from its open call."""

    OPEN = "open"
    BREAK = "break"
    CLOSED = "closed"


class Action(StrEnum):
    """What a clerk can do with the visitor at the counter."""

    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    PARK = "park"
    TRANSFER = "transfer"
    CANCEL = "cancel"


AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})
CALLABLE = frozenset({TicketState.WAITING, TicketState.PARKED, TicketState.NO_SHOW})

_TRANSITIONS: dict[Action, tuple[frozenset[TicketState], TicketState]] = {
    Action.RECALL: (frozenset({TicketState.CALLED}), TicketState.CALLED),
    Action.START: (frozenset({TicketState.CALLED}), TicketState.SERVING),
    Action.FINISH: (AT_COUNTER, TicketState.FINISHED),
    Action.NO_SHOW: (frozenset({TicketState.CALLED}), TicketState.NO_SHOW),
    Action.PARK: (AT_COUNTER, TicketState.PARKED),
    Action.TRANSFER: (AT_COUNTER, TicketState.WAITING),
    Action.CANCEL: (AT_COUNTER, TicketState.CANCELLED),
}


def next_state(step: Action, state: TicketState) -> TicketState | None:
    """The ticket's state after `step`, or None when its present `state` forbids the step."""
    allowed, after = _TRANSITIONS[step]
    return after if state in allowed else None
