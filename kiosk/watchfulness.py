"""When a screen goes back to the start by itself. A visitor is warned first and may ask for more time (WCAG 2.2.1)."""

import time
from collections.abc import Callable

from kiosk.screens.model import Model

WARN_SECONDS = 10.0
# Without a slip the number has to be written down.
WITHOUT_SLIP = 2.5


class Watchfulness:
    """`shown()`: the screen's name. `idle_seconds`: without a touch, then back. `result_seconds`: for the number."""

    def __init__(self, model: Model, shown: Callable[[], str], idle_seconds: float, result_seconds: float) -> None:
        self._model = model
        self._shown = shown
        self._idle_seconds = idle_seconds
        self._result_seconds = result_seconds
        self._touched_at = time.monotonic()

    def touched(self) -> None:
        """Somebody is there."""
        self._touched_at = time.monotonic()
        self._model.asks_to_stay = False

    def look(self) -> None:
        """Count down, warn, or go back."""
        model, shown = self._model, self._shown()
        if model.busy:
            self.touched()
        elif shown == "number":
            self._count(self._result_seconds * (WITHOUT_SLIP if model.trouble else 1), warns=False)
        elif shown != "start" or model.language != model.first_language or model.whole_name:
            self._count(self._idle_seconds, warns=shown != "start")

    def _count(self, seconds: float, *, warns: bool) -> None:
        model = self._model
        left = seconds - (time.monotonic() - self._touched_at)
        model.seconds_shown = seconds
        if left <= 0:
            model.asks_to_stay = False
            model.dispatch("on_home")
            self.touched()
            return
        model.asks_to_stay = warns and left <= min(WARN_SECONDS, seconds / 2)
        if model.asks_to_stay:
            left = int(left) + 1
        if model.asks_to_stay or not warns:
            model.seconds_left = left
