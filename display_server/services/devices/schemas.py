"""What a device at a counter is shown: a keypad, a button, a display.

No notes, no reasons of priority, no names of staff; a button, which shows nobody's line, gets no line at all.
"""

from typing import TypeVar

from pydantic import BaseModel

from display_server.services.core.schemas import CallResponse, CallView, CounterList, CounterView, QueueTicket

Shown = TypeVar("Shown", bound=BaseModel)
NOT_FOR_DEVICES = {"note": None, "priority": None}


def without_people(shown: Shown, *, for_button: bool = False) -> Shown:
    """The same without what clerks wrote, why somebody comes first, and who the clerks are.

    `for_button`: without the lines either; how many wait is enough for a lamp.
    """
    if isinstance(shown, CounterList):
        return shown.model_copy(
            update={"counters": [each.model_copy(update={"clerk": None}) for each in shown.counters]}
        )
    if isinstance(shown, CallResponse):
        return shown.model_copy(update={"call": _call(shown.call)})
    if isinstance(shown, CounterView):
        lists = {name: [] if for_button else _line(getattr(shown, name)) for name in ("waiting", "parked", "missed")}
        hidden = {"clerk": None, "break_reason": None} | ({"next_reason": None} if for_button else {})
        return shown.model_copy(update={"call": _call(shown.call), **hidden, **lists})
    raise TypeError(type(shown))


def _call(call: CallView | None) -> CallView | None:
    return call and call.model_copy(update=NOT_FOR_DEVICES)


def _line(tickets: list[QueueTicket]) -> list[QueueTicket]:
    return [each.model_copy(update=NOT_FOR_DEVICES) for each in tickets]
