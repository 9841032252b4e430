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

from config.pictograms import FONT, pictograms
from kiosk.screens.drawing import Letters
from kiosk.screens.model import Model
from kiosk.screens.theme import FONTS, WEIGHTS

SMALLEST, STEP = 0.5, 0.94

LabelBase.register("Pictograms", str(FONT))
for weight in WEIGHTS:
    LabelBase.register(f"BeVietnamPro-{weight}", str(FONTS / f"BeVietnamPro-{weight}.ttf"))


class Drawn:
    """Anything that is drawn from the model."""

    model: Model = ObjectProperty(rebind=True)

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("model", App.get_running_app().model)
        super().__init__(**kwargs)


class Written(Drawn, Label):
    """Something in letters."""

    def _create_label(self) -> None:
        self._label = Letters(**{name: getattr(self, name) for name in self._font_properties}, usersize=self.text_size)


class Words(Written):
    """Text of `points` units, made smaller until it fits its box: never clipped, never broken inside a word.

    `grows`: its height follows the text instead, in one size. `aloud`: whether speech mode reads it; "live" is said
    again when it changes.
    """

    points = NumericProperty(34)
    weight = OptionProperty("Regular", options=list(WEIGHTS))
    grows = BooleanProperty(False)
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
        """Whether a part of the text cannot be seen."""
        return bool(self.text) and (self.texture_size[1] > self.height + 1 or self._widest_word() > self.width + 1)

    def _fit_soon(self, *_: Any) -> None:
        self._trigger()

    def _fit(self, *_: Any) -> None:
        if self.width < 1 or (self.height < 1 and not self.grows):
            return
        wanted = max(self.points * self.model.u, self.model.least_type)
        least = max(wanted * SMALLEST, self.model.least_type)
        size = wanted
        self._try(size)
        if self.grows:
            self.height = self.texture_size[1]
        while self.clipped and size > least:
            size = max(size * STEP, least)
            self._try(size)

    def left(self, halign: str, x: float, width: float, drawn: float) -> float:
        """Where a picture `drawn` wide begins."""
        return x + (width - drawn) * {"center": 0.5, "right": 1.0}.get(halign, 0.0)

    def _try(self, size: float) -> None:
        self.font_size = size
        # Set in a box the picture would be as wide as the box: most of it clear, in memory and to be drawn.
        self.text_size = (None if self._is_one_line() else self.width, None)
        self.texture_update()

    def _is_one_line(self) -> bool:
        self._label.resolve_font_name()
        return "\n" not in self.text and self._label.get_extents(self.text)[0] <= self.width

    def _widest_word(self) -> float:
        return max((self._label.get_extents(word)[0] for word in self.text.split()), default=0)


class Icon(Written):
    """A pictogram of config/pictograms.toml by its `name`, `points` units high; nothing where the name says nothing."""

    name = StringProperty("")
    points = NumericProperty(60)

    def character(self, name: str) -> str:
        return pictograms().get(name, "")


class Ground(Drawn, BoxLayout):
    """A rounded ground with an edge below, on which other things lie."""

    fill = ColorProperty()
    edge = ColorProperty()
    radius = NumericProperty(28)
    lip = NumericProperty(0)


class Touch(ButtonBehavior, Ground):
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


class Pill(Touch):
    """A place to touch that holds one line of words."""

    text = StringProperty("")
    ink = ColorProperty()
    points = NumericProperty(34)


class Drum(Drawn, Widget):
    """Rings and a star as on a Đông Sơn bronze drum, faint, behind the welcome."""


class People(Drawn, Widget):
    """Two heads and shoulders: how many wait."""

    ink = ColorProperty()


class Tick(Drawn, Widget):
    """A tick: chosen."""

    ink = ColorProperty()


class PaperSlip(Drawn, Widget):
    """A slip of paper with a number on it."""

    ink = ColorProperty()


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
