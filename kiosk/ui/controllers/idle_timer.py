"""When a screen goes back to the start by itself. A visitor is warned first and may ask for more time (WCAG 2.2.1)."""

import time
from collections.abc import Callable

from kiosk.ui.view_model import ViewModel

# WCAG 2.2.1 asks for at least so long between the warning and the end.
WARN_SECONDS = 20.0
# Without a slip the number has to be written down; by ear it takes longer to take in.
LONGER = 2.5


class IdleTimer:
    """`shown()`: the screen's name. `idle_seconds`: without a touch, then back. `result_seconds`: for the number.

    Neither is shorter than the warning. `now()`: seconds of a clock that only goes forward.
    """

    def __init__(
        self,
        model: ViewModel,
        shown: Callable[[], str],
        idle_seconds: float,
        result_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._shown = shown
        self._idle_seconds = idle_seconds
        self._result_seconds = result_seconds
        self._now = now
        self._touched_at = now()
        self._is_fresh = True
        self._seen = (shown(), model.trouble)

    def touched(self) -> None:
        """Somebody is there."""
        self._touched_at = self._now()
        self._is_fresh = False
        self._model.asks_to_stay = False

    def look(self) -> None:
        """Count down, warn, or go back."""
        model, seen = self._model, (self._shown(), self._model.trouble)
        if model.busy or (seen != self._seen and seen[0] != "start"):
            self.touched()  # what is new on the screen has to be read
        self._seen = seen
        if model.busy or (seen[0] == "start" and self._is_fresh):
            return
        if seen[0] == "number":
            longer = LONGER if model.trouble or model.aloud else 1
            self._count(max(self._result_seconds * longer, WARN_SECONDS), WARN_SECONDS)
        else:
            # Of the start screen itself nothing is lost; of the way in which somebody uses it there is.
            warning = WARN_SECONDS if seen[0] != "start" or self._is_adapted() else 0.0
            quiet = max(self._idle_seconds - WARN_SECONDS, self._idle_seconds / 2)
            self._count(quiet + WARN_SECONDS, warning)

    def _is_adapted(self) -> bool:
        model = self._model
        return bool(model.aloud or model.dark or model.large or model.low or model.priority)

    def _count(self, seconds: float, warning: float) -> None:
        model = self._model
        left = seconds - (self._now() - self._touched_at)
        model.seconds_shown = seconds
        if left <= 0:
            self._go_home()
            return
        if left <= warning:
            model.dark = False  # nobody finds the way back on a black screen
        model.asks_to_stay = left <= warning
        model.seconds_left = left if self._shown() == "number" else int(left) + 1

    def _go_home(self) -> None:
        self._model.asks_to_stay = False
        self._model.dispatch("on_home")
        self._touched_at = self._now()
        self._is_fresh = True
