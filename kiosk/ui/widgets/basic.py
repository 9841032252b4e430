"""The few things that every screen is made of: words that fit, grounds, and places to touch."""

from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.text import LabelBase
from kivy.input import MotionEvent
from kivy.lang import Builder
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from config.icons import FONT, pictograms
from config.text.line_breaks import ELLIPSIS, breaks_without_blanks, shortened, wrapped
from kiosk.ui.theme import FONTS, WEIGHTS
from kiosk.ui.view_model import ViewModel
from kiosk.ui.widgets.low_memory_rendering import LowMemoryLabel

SMALLEST, STEP = 0.5, 0.94
# A text that ends in "…" need not be tiny as well.
SHORTENED = 0.7

LabelBase.register("Pictograms", str(FONT))
for weight in WEIGHTS:
    LabelBase.register(f"BeVietnamPro-{weight}", str(FONTS / f"BeVietnamPro-{weight}.ttf"))


class ThemedWidget:
    """Anything that is drawn from the model."""

    model: ViewModel = ObjectProperty(rebind=True)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("model", App.get_running_app().model)
        super().__init__(**kwargs)


class ThemedLabel(ThemedWidget, Label):
    """Something in letters."""

    def _create_label(self) -> None:
        self._label = LowMemoryLabel(
            **{name: getattr(self, name) for name in self._font_properties}, usersize=self.text_size
        )


class FittingLabel(ThemedLabel):
    """Text of `points` units, made smaller until it fits its box: no part of a letter is outside it.

    What does not fit in the smallest size either ends in "…" behind a whole word; `text` still holds all of it, for
    speech mode. `may_end`: it stands in full elsewhere, one touch away; without it such a text counts as `clipped`.
    `ends_early`: whether it ends in "…" now. `grows`: its height follows the text instead, in one size. `aloud`:
    whether speech mode reads it; "live" is said again when it changes.
    """

    points = NumericProperty(34)
    weight = OptionProperty("Regular", options=list(WEIGHTS))
    grows = BooleanProperty(False)
    may_end = BooleanProperty(False)
    ends_early = BooleanProperty(False)
    aloud = OptionProperty("yes", options=["yes", "no", "live"])
    height: float

    def __init__(self, **kwargs: Any) -> None:
        self._trigger = Clock.create_trigger(self._fit, -1)
        super().__init__(**kwargs)
        for name in ("text", "size", "points", "weight", "line_height"):
            self.fbind(name, self._trigger)
        # By bind, not fbind: the model outlives many cards and must not keep them.
        self.model.bind(u=self._fit_soon, least_type=self._fit_soon)
        self._trigger()

    @property
    def clipped(self) -> bool:
        """Whether a part of the text cannot be seen, here or elsewhere."""
        if self.ends_early:
            return not self.may_end or self.texture_size[1] > self.height + 1
        return self._is_outside()

    def _fit_soon(self, *_: Any) -> None:
        self._trigger()

    def _fit(self, *_: Any) -> None:
        if self.width < 1 or (self.height < 1 and not self.grows):
            return
        wanted = max(self.points * self.model.u, self.model.least_type)
        least = max(wanted * SMALLEST, self.model.least_type)
        self._try(wanted)
        if self.grows:
            self.height = self.texture_size[1]
        if self._is_outside():
            self._try(least)
        if self._is_outside():
            self._break_words(max(least, wanted * SHORTENED), least)
            return
        self.ends_early = False
        self._largest(wanted, least)

    def _largest(self, wanted: float, least: float) -> None:
        """The largest size in which the text fits, as it does in the least."""
        size = wanted
        self._try(size)
        while self._is_outside() and size > least:
            size = max(size * STEP, least)
            self._try(size)

    def _is_outside(self) -> bool:
        return bool(self.text) and (self.texture_size[1] > self.height + 1 or self._widest_word() > self.width)

    def _break_words(self, size: float, least: float) -> None:
        """Words broken where one alone is too wide; in the `least` size only if that shows all of the text."""
        lines = self._lines(size)
        if self._is_less(lines) and not self._is_less(smaller := self._lines(least)):
            size, lines = least, smaller
        self.font_size = size
        self._draw("\n".join(lines), None)
        self.ends_early = self._is_less(lines)

    def _lines(self, size: float) -> list[str]:
        """As many as there is height for."""
        self.font_size = size
        self._label.resolve_font_name()
        pitch = self._label.get_extents("Ặg")[1] * self.line_height
        rows = max(1, int((self.height + 1) // pitch))
        return shortened(self.text, self.width, rows, self._length)

    def _is_less(self, lines: list[str]) -> bool:
        return lines[-1].endswith(ELLIPSIS) and not self.text.endswith(ELLIPSIS)

    def left(self, halign: str, x: float, width: float, drawn: float) -> float:
        """Where a picture `drawn` wide begins."""
        return x + (width - drawn) * {"center": 0.5, "right": 1.0}.get(halign, 0.0)

    def _try(self, size: float) -> None:
        self.font_size = size
        if breaks_without_blanks(self.text):
            self._draw("\n".join(wrapped(self.text, self.width, self._length)), None)
            return
        # Set in a box the picture would be as wide as the box: most of it clear, in memory and to be drawn.
        self._draw(self.text, None if self._is_one_line() else self.width)

    def _length(self, line: str) -> float:
        self._label.resolve_font_name()
        return float(self._label.get_extents(line)[0])

    def _draw(self, text: str, width: float | None) -> None:
        self._label.text = text
        self.text_size = (width, None)
        self.texture_update()

    def _is_one_line(self) -> bool:
        self._label.resolve_font_name()
        return "\n" not in self.text and self._label.get_extents(self.text)[0] <= self.width

    def _widest_word(self) -> float:
        return max((self._label.get_extents(word)[0] for word in self._label.text.split()), default=0)


class Icon(ThemedLabel):
    """A pictogram of config/pictograms.toml by its `name`, `points` units high; nothing where the name says nothing."""

    name = StringProperty("")
    points = NumericProperty(60)

    def character(self, name: str) -> str:
        return pictograms().get(name, "")


class Background(ThemedWidget, BoxLayout):
    """A rounded ground with an edge below, on which other things lie."""

    fill = ColorProperty()
    edge = ColorProperty()
    radius = NumericProperty(28)
    lip = NumericProperty(0)


class Row(ThemedWidget, BoxLayout):
    """A row, or column, in which what is not there (opacity 0) leaves no gap."""

    def add_widget(self, widget: Widget, *args: Any, **kwargs: Any) -> None:
        widget.fbind("opacity", self._trigger_layout)
        super().add_widget(widget, *args, **kwargs)

    def remove_widget(self, widget: Widget, *args: Any, **kwargs: Any) -> None:
        widget.funbind("opacity", self._trigger_layout)
        super().remove_widget(widget, *args, **kwargs)

    def do_layout(self, *_: Any) -> None:
        """As BoxLayout does, for those that are there: of a child's size only what its hint gives away."""
        there = [child for child in self.children if child.opacity]
        for child in self.children:
            if not child.opacity:
                child.right = -1  # outside the window: where it was last it would take touches from others
        shapes = [(one.size, one.size_hint, one.pos_hint, one.size_hint_min, one.size_hint_max) for one in there]
        places = list(self._iterate_layout(shapes)) if there else []
        for number, x, y, width, height in places:
            child = there[number]
            child.pos = x, y
            wide, high = child.size_hint
            if wide is not None:
                child.width = width
            if high is not None:
                child.height = height


class TouchButton(ButtonBehavior, Background):
    """A place to touch. `name` tells it apart from the others on the screen, for tests and for speech mode.

    `tongue`: the language in which its words are said, where that is not the visitor's.
    """

    name = StringProperty("")
    tongue = StringProperty("")
    fill_down = ColorProperty()
    ground = ColorProperty()

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """A finger that rests on it while its screen goes, as when the visit ends by itself, chooses nothing."""
        if touch.grab_current is self and self.get_root_window() is None:
            touch.ungrab(self)
            self.state = "normal"
            return True
        return bool(super().on_touch_up(touch))


class Pill(TouchButton):
    """A place to touch that holds one line of words."""

    text = StringProperty("")
    may_end = BooleanProperty(False)
    ink = ColorProperty()
    points = NumericProperty(34)


class DrumIcon(ThemedWidget, Widget):
    """Rings and a star as on a Đông Sơn bronze drum, faint, behind the welcome."""


class People(ThemedWidget, Widget):
    """Two heads and shoulders: how many wait."""

    ink = ColorProperty()


class Tick(ThemedWidget, Widget):
    """A tick: chosen."""

    ink = ColorProperty()


class PaperSlip(ThemedWidget, Widget):
    """A slip of paper with a number on it."""

    ink = ColorProperty()


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
