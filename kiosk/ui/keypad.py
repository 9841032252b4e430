"""A tactile keypad: arrow keys, Enter and a few more drive speech mode, on every screen."""

import time
from typing import Any

from kivy.core.window import Keyboard

from config.settings import KeypadSettings, SettingsError
from kiosk.ui.root_layout import RootLayout
from kiosk.ui.view_model import ViewModel

# A scanner types a code and Enter faster than any finger: that Enter chooses nothing.
SCAN_SECONDS = 0.15
STARTS = frozenset({"next", "previous", "repeat", "dark"})


class Keypad:
    """What each key does. Raises `SettingsError` for a key that Kivy does not know."""

    def __init__(self, keys: KeypadSettings, model: ViewModel, frame: RootLayout) -> None:
        self._model = model
        self._frame = frame
        self._typed_at = -SCAN_SECONDS
        self._does = {_code(name, action): action for action, names in keys for name in names}

    def press(self, _window: Any, code: int, *_: Any) -> bool:
        """A key went down. Whether it was one of the keypad's, heeded or not."""
        action, model, now = self._does.get(code), self._model, time.monotonic()
        if action is None:
            self._typed_at = now
            return False
        if action == "choose" and now - self._typed_at < SCAN_SECONDS:
            return False
        if not (model.aloud or action in STARTS or action == "speech"):
            return False
        if self._frame.asks:
            model.dispatch("on_extend_time")
        elif self._frame.accepts_touch:
            self._do(action)
        return True

    def _do(self, action: str) -> None:
        model = self._model
        model.dispatch("on_touched")
        if action == "speech" or not model.aloud:
            model.dispatch("on_listen")
        elif action == "language":
            codes = model.languages
            if model.language in codes:
                model.dispatch("on_choose_language", codes[(codes.index(model.language) + 1) % len(codes)])
        else:
            model.dispatch({"dark": "on_darken"}.get(action, f"on_{action}"))


def _code(name: str, action: str) -> int:
    code = Keyboard.keycodes.get(name)
    if code is None:
        raise SettingsError(f"keypad.{action}: {name!r} is not the name of a key")
    return int(code)
