"""What stands above and below every step: the centre and the languages; the way back and the priority."""

from datetime import datetime
from pathlib import Path
from typing import Any

from kivy.lang import Builder
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import Centre, PriorityReason
from kiosk.screens.widgets import Drawn, Pill
from kiosk.screens.wording import own_name


class LanguagePill(Pill):
    """One language by its own name; the one spoken now is marked by colour and by weight."""

    code = StringProperty("")

    def choose(self) -> None:
        self.model.dispatch("on_choose_language", self.code)


class Languages(Drawn, BoxLayout):
    """All languages, one tap each."""

    points = NumericProperty(30)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model.fbind("languages", self._build)
        self.fbind("points", self._build)
        self._build()

    def _build(self, *_: Any) -> None:
        self.clear_widgets()
        for code in self.model.languages:
            self.add_widget(LanguagePill(code=code, text=own_name(code), points=self.points))


class Header(Drawn, BoxLayout):
    """The centre's name, the clock, the languages."""

    def centre_words(self, centre: Centre | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.words(centre.name) if centre else ""

    def clock_words(self, now: datetime) -> str:
        return f"{now:%H:%M}"


class Footer(Drawn, BoxLayout):
    """The way back, and a quiet place to say that one has priority."""

    offers_priority = BooleanProperty(True)
    middle = ObjectProperty(None, allownone=True)

    def back(self) -> None:
        self.model.dispatch("on_back")

    def ask_priority(self) -> None:
        self.model.dispatch("on_ask_priority")

    def priority_words(self, reason: PriorityReason | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if reason is None:
            return _("I have a reason for priority")
        return _("Priority: %(reason)s") % {"reason": self.model.words(reason.name)}


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
