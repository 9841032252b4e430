"""What stands above and below every step: the centre and the languages; the way back and the priority."""

from datetime import datetime
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.image import Image

from kiosk.api.models import Centre, PriorityReason
from kiosk.ui.view_model import ViewModel
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names its widgets
from kiosk.ui.widgets.basic import FittingLabel, Pill, Row, ThemedWidget, TouchButton
from kiosk.ui.widgets.formatting import own_name

# Units across a header: a language, the least for the centre's name, and what margins, emblem and clock take.
LANGUAGE, NAME, TAKEN = 214, 200, 432
FOOTER_LANGUAGE, FOOTER_LANGUAGES, FOOTER_TAKEN = 220, 520, 780


def footer_holds(model: ViewModel) -> bool:
    """Whether the footer has room for the other languages, in low reach; else they stand in the `LowBar`."""
    # In landscape a row of its own would cost more height than there is: many languages get narrow there.
    return not model.portrait or bool(model.across >= FOOTER_TAKEN + FOOTER_LANGUAGE * (len(model.languages) - 1))


class LanguagePill(Pill):
    """One language by its own name; the one spoken now is marked by colour and by weight."""

    code = StringProperty("")

    def choose(self) -> None:
        self.model.dispatch("on_choose_language", self.code)


class Languages(ThemedWidget, GridLayout):
    """Languages, one tap each, in `lines`. `others`: without the one that is spoken."""

    points = NumericProperty(34)
    others = BooleanProperty(False)
    lines = NumericProperty(1)
    count = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._pills: dict[str, LanguagePill] = {}
        super().__init__(**kwargs)
        self.model.fbind("languages", self._build)
        self.model.fbind("language", self._build)
        self.fbind("points", self._build)
        self.fbind("others", self._build)
        self._build()

    def _build(self, *_: Any) -> None:
        codes = [code for code in self.model.languages if not self.others or code != self.model.language]
        self.count = len(codes)
        self.clear_widgets()
        for code in codes:
            self.add_widget(self._pill(code))

    def _pill(self, code: str) -> LanguagePill:
        """Made once and used again: Kivy never quite forgets a widget."""
        if code not in self._pills:
            self._pills[code] = LanguagePill(code=code, text=own_name(code))
        self._pills[code].points = self.points
        return self._pills[code]


class ModePill(TouchButton):
    """A way to use the kiosk, on or off; a tick says which, not colour alone."""

    icon = StringProperty("")
    text = StringProperty("")
    is_on = BooleanProperty(False)


class Emblem(ThemedWidget, Image):
    """The centre's own emblem; no room where it has none."""


class Here(ThemedWidget):
    """Where one is, and what time it is."""

    def centre_words(self, centre: Centre | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.short(centre)

    def clock_words(self, now: datetime) -> str:
        return f"{now:%H:%M}"


class Header(Here, BoxLayout):
    """The centre's emblem and name, the clock, the other languages. `stays`: also in low reach, without its controls.

    In large type there is no room for the name, which the start screen shows. `beside`: the languages stand in the same
    row; many of them take a row of their own.
    """

    stays = BooleanProperty(False)
    beside = BooleanProperty(True)

    def has_room(self, languages: list[str], width: float, unit: float, needs_name: bool) -> bool:
        """Whether the languages leave room for the centre's name beside them."""
        left = width / unit - TAKEN - LANGUAGE * (len(languages) - 1)
        return left >= (NAME if needs_name else 0)


class Upper(Here, BoxLayout):
    """In low reach: what the screen asks, in the upper part of the window, where nothing is to be touched."""

    heading = StringProperty("")
    note = StringProperty("")


class Heading(FittingLabel):
    """What a screen asks. In low reach `Upper` shows it; who listens still hears it from here."""

    room = NumericProperty(96)

    def is_shown(self, low: bool, aloud: bool) -> bool:
        return aloud or not low


class LowBar(ThemedWidget, BoxLayout):
    """In low reach: the languages, below everything else."""

    shown = BooleanProperty(False)


class PriorityPill(Pill):
    """A quiet place to say that one has priority; it names the reason that was chosen."""

    offered = BooleanProperty(True)

    def words(self, reason: PriorityReason | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        if reason is None:
            return _("I have a reason for priority")
        return _("Priority: %(reason)s") % {"reason": self.model.words(reason.name)}


class Footer(Row):
    """The way back, and a quiet place to say that one has priority. In low reach the other languages too."""

    offers_priority = BooleanProperty(True)
    middle = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._languages = Languages(others=True, size_hint_x=None)
        for name in ("low", "u", "languages", "language"):
            self.model.fbind(name, self._place_languages)
        self._place_languages()

    def _place_languages(self, *_: Any) -> None:
        self._languages.width = min(self._languages.count * FOOTER_LANGUAGE, FOOTER_LANGUAGES) * self.model.u
        wanted = self.model.low and footer_holds(self.model)
        if wanted and not self._languages.parent:
            self.add_widget(self._languages)
        elif not wanted:
            self.remove_widget(self._languages)

    def back(self) -> None:
        self.model.dispatch("on_back")


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
