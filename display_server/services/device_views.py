"""What a device at a counter is shown: a keypad, a button, a display. No notes and no names of staff."""

from typing import TypeVar

from pydantic import BaseModel

from display_server.services.views import CallAnswer, CallView, CounterList, CounterView, QueueTicket

Shown = TypeVar("Shown", bound=BaseModel)


def without_people(shown: Shown) -> Shown:
    """The same without what clerks wrote and who they are."""
    if isinstance(shown, CounterList):
        return shown.model_copy(
            update={"counters": [each.model_copy(update={"clerk": None}) for each in shown.counters]}
        )
    if isinstance(shown, CallAnswer):
        return shown.model_copy(update={"call": _call(shown.call)})
    if isinstance(shown, CounterView):
        lists = {name: _line(getattr(shown, name)) for name in ("waiting", "parked", "missed")}
        return shown.model_copy(update={"clerk": None, "break_reason": None, "call": _call(shown.call), **lists})
    raise TypeError(type(shown))


def _call(call: CallView | None) -> CallView | None:
    return call and call.model_copy(update={"note": None})


def _line(tickets: list[QueueTicket]) -> list[QueueTicket]:
    return [each.model_copy(update={"note": None}) for each in tickets]
