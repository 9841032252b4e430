"""A keyboard of large keys on the screen, with Telex where Vietnamese is spoken."""

from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.search.telex import compose, without_last
from kiosk.ui.widgets.basic import Pill, ThemedWidget

DIGITS, LETTERS = "1234567890", ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Longer than any name that somebody would type; what comes beyond is not taken.
LONGEST = 60


class Key(Pill):
    """One sign."""

    sign = StringProperty("")


class KeyRow(ThemedWidget, BoxLayout):
    """Keys beside each other."""


class Keyboard(ThemedWidget, BoxLayout):
    """Writes into `typed`; `keys` is the same as it was typed, before Telex made letters of it.

    `digits`: with a row of them. `most`: pixels of height that there are, if less than the keys would like.
    """

    typed = StringProperty("")
    keys = StringProperty("")
    digits = BooleanProperty(True)
    most = NumericProperty(10_000)

    def __init__(self, **kwargs: Any) -> None:
        self._build_soon = Clock.create_trigger(self._build, -1)
        super().__init__(**kwargs)
        self.model.bind(on_home=lambda _: self.clear())
        self.fbind("digits", self._build_soon)
        self._build_soon()

    def press(self, sign: str) -> None:
        """A sign's key went down."""
        if len(self.keys) >= LONGEST or (sign == " " and self.keys[-1:] in {"", " "}):
            return
        self._show(self.keys + sign)

    def backspace(self) -> None:
        """Take the last letter away, as it is seen."""
        self._show(without_last(self.keys) if self._composes else self.keys[:-1])

    def clear(self) -> None:
        self._show("")

    def _show(self, keys: str) -> None:
        # Both change together: whoever looks at `typed` finds the keys that belong to it.
        self.keys = keys
        self.typed = compose(keys) if self._composes else keys

    @property
    def _composes(self) -> bool:
        return bool(self.model.language == "vi")

    def _build(self, *_: Any) -> None:
        rows = self.ids.rows
        rows.clear_widgets()
        for signs in ([DIGITS] if self.digits else []) + list(LETTERS):
            row = KeyRow()
            for sign in signs:
                key = Key(sign=sign)
                key.bind(on_press=lambda key: self.press(key.sign))
                row.add_widget(key)
            rows.add_widget(row)


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
