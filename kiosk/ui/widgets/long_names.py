"""Long official names: whole where there is room, else with "…" and, one touch away, in full over the screen."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui.theme import WEIGHTS
from kiosk.ui.widgets.basic import ThemedWidget, TouchButton

READ_IN_ONE_GO = 260  # letters: a longer name is set smaller, so that it is seen at once


class LongName(TouchButton):
    """A name in full, or as much as fits of it; then a touch shows all of it. `key`: what tells it apart.

    `whole`: the full name where `text` is a short one. By ear it is plain text: all of it is read.
    """

    key = StringProperty("")
    text = StringProperty("")
    whole = StringProperty("")
    points = NumericProperty(54)
    weight = OptionProperty("ExtraBold", options=list(WEIGHTS))
    ink = ColorProperty()
    halign = StringProperty("left")
    is_cut = BooleanProperty(False)

    def is_less(self, ends_early: bool, text: str, whole: str, aloud: bool) -> bool:
        """Whether more is to be read than stands here."""
        return bool(text) and not aloud and (ends_early or whole not in {"", text})

    def show(self) -> None:
        self.model.dispatch("on_read_name", self.whole or self.text)


class LongHeading(LongName):
    """Such a name as the heading of a screen; see `bars.Heading`."""

    room = NumericProperty(96)

    def is_shown(self, low: bool, aloud: bool) -> bool:
        return aloud or not low


class NamePanel(ThemedWidget, FloatLayout):
    """The name in full, and one place to touch."""

    def points(self, name: str) -> int:
        return 52 if len(name) <= READ_IN_ONE_GO else 42

    def close(self) -> None:
        self.model.dispatch("on_read_name", "")


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
