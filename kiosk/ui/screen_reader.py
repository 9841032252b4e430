"""Speech mode: any screen as a list of things to hear and to choose, for somebody who does not see it.

The screen that stands is read from its widgets, so that a new screen needs nothing of its own: first its texts, then,
one at a time, its places to touch. The header's come last: nobody wants to hear the languages before each question.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from config.i18n import translations
from kiosk.devices.speech_text import normalize_for_speech
from kiosk.devices.tts import SpeechSynthesizer, Utterance
from kiosk.ui.root_layout import RootLayout
from kiosk.ui.view_model import ViewModel
from kiosk.ui.widgets.basic import FittingLabel, TouchButton
from kiosk.ui.widgets.header_footer import Header

HEARD_LATELY = 500


@dataclass
class Reading:
    """What a screen says: `texts` first, `live` ones again when they change, then each of `touches`."""

    texts: list[str] = field(default_factory=list)
    live: list[str] = field(default_factory=list)
    touches: list[TouchButton] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [touch.name for touch in self.touches]


def read(screen: Widget) -> Reading:
    """What can be heard and chosen on `screen` now, in reading order."""
    reading, header = Reading(), Reading()
    _collect(screen, reading, header)
    reading.touches += header.touches
    return reading


def _collect(widget: Widget, reading: Reading, header: Reading) -> None:
    if not widget.opacity or not widget.height or not widget.width:
        return
    if isinstance(widget, TouchButton) and widget.name and not widget.disabled:
        reading.touches.append(widget)
        return
    if isinstance(widget, FittingLabel) and widget.text and widget.aloud != "no":
        (reading.live if widget.aloud == "live" else reading.texts).append(widget.text)
    part = header if isinstance(widget, Header) else reading
    for child in reversed(widget.children):
        _collect(child, part, header)


def _words_on(touch: TouchButton) -> Iterator[str]:
    yield from (
        word.text
        for word in touch.walk(restrict=True)
        if isinstance(word, FittingLabel) and word.text and word.aloud != "no"
    )


class ScreenReader:
    """Leads a visitor through the screens by ear. UI thread only.

    Step `-1` is the screen as a whole, 0 and up its places to touch.
    """

    def __init__(self, model: ViewModel, frame: RootLayout, voice: SpeechSynthesizer) -> None:
        self._model = model
        self._frame = frame
        self._voice = voice
        self._step = -1
        self._reading = Reading()
        self._seen: tuple[Any, ...] = ()
        self.heard: list[str] = []
        model.bind(
            aloud=self._on_aloud,
            asks_to_stay=self._on_asks_to_stay,
            busy_shown=self._on_busy_shown,
            on_home=lambda _: self._end(),
            on_listen=lambda _: self.toggle(),
            on_next=lambda _: self.move(1),
            on_previous=lambda _: self.move(-1),
            on_choose=lambda _: self.choose(),
            on_repeat=lambda _: self.repeat(),
            on_darken=lambda _: self.darken(),
        )

    def toggle(self) -> None:
        """Speech mode on or off."""
        self._model.aloud = not self._model.aloud

    def darken(self) -> None:
        """The picture away, or back. The voice and the keys stay."""
        model = self._model
        model.dark = not model.dark
        _ = model.gettext
        self._say([_("The screen is dark now.") if model.dark else _("The screen is bright again.")])

    def announce_changes(self) -> None:
        """Say what is new on the screen; called again and again."""
        if not self._model.aloud:
            return
        before = self._reading
        if self._has_come_to_another():
            self._say(self._overview())
        elif self._reading.live != before.live:
            new = [text for text in self._reading.live if text not in before.live]
            self._voice.add(self._utterances(new))

    def move(self, steps: int) -> None:
        """To the next thing or the one before; beyond the last comes the screen as a whole."""
        self.announce_changes()
        count = len(self._reading.touches) + 1
        self._step = (self._step + 1 + steps) % count - 1
        self.repeat()

    def choose(self) -> None:
        """As a finger on the thing that was read."""
        if not 0 <= self._step < len(self._reading.touches):
            self.repeat()
            return
        touch = self._reading.touches[self._step]
        self._voice.stop_speaking()
        touch.dispatch("on_press")
        touch.dispatch("on_release")
        if getattr(touch, "toggles", False):
            self.repeat()

    def repeat(self) -> None:
        """Say the thing, or the screen, again."""
        if not 0 <= self._step < len(self._reading.touches):
            self._say(self._overview())
            return
        touch = self._reading.touches[self._step]
        _bring_into_view(touch)
        _ = self._model.gettext
        texts = list(_words_on(touch))
        if getattr(touch, "chosen", False):
            texts.append(_("chosen"))
        elif getattr(touch, "toggles", False):
            texts.append(_("not chosen"))
        self._say(texts, touch.tongue)

    def _has_come_to_another(self) -> bool:
        """Read the screen. Whether it is another one, or offers other things, than when last read."""
        self._reading = read(self._frame.top)
        now = (self._frame.shown, self._model.language, self._reading.names)
        if now == self._seen:
            return False
        self._seen, self._step = now, -1
        return True

    def _overview(self) -> list[str]:
        count = len(self._reading.touches)
        choices = self._model.ngettext("%(n)d choice.", "%(n)d choices.", count) % {"n": count}
        return [*self._reading.texts, *self._reading.live, choices]

    def _say(self, texts: list[str], tongue: str = "") -> None:
        utterances = self._utterances(texts, tongue)
        if utterances:
            self._model.saying = utterances[0].shown
        self._voice.say(utterances)

    def _utterances(self, texts: list[str], tongue: str = "") -> list[Utterance]:
        language = tongue or self._model.language
        say = translations(language).gettext
        utterances = [Utterance(said, language, text) for text in texts if (said := normalize_for_speech(text, say))]
        self.heard = [*self.heard, *(utterance.text for utterance in utterances)][-HEARD_LATELY:]
        return utterances

    def _on_aloud(self, model: ViewModel, is_on: bool) -> None:
        self._seen = ()
        if not is_on:
            model.dark = False
            self._voice.stop_speaking()
            return
        self._has_come_to_another()
        _ = model.gettext
        how = _(
            "Speech is on. Lower left of the screen, or the arrow keys: the next choice. "
            "Lower right, or Enter: take it. The middle: say it again."
        )
        self._say([how, *self._overview()])

    def _end(self) -> None:
        self._model.aloud = self._model.dark = False
        self.heard = []

    def _on_asks_to_stay(self, model: ViewModel, asks: bool) -> None:
        _ = model.gettext
        if asks and model.aloud:
            self._say([_("Do you need more time?"), _("Press any key, or touch the screen, to go on.")])

    def _on_busy_shown(self, model: ViewModel, busy: bool) -> None:
        _ = model.gettext
        if busy and model.aloud:
            self._say([_("Taking your number …")])


def _bring_into_view(touch: TouchButton) -> None:
    parent = touch.parent
    while isinstance(parent, Widget):
        if isinstance(parent, ScrollView):
            parent.scroll_to(touch, animate=False)
        parent = parent.parent
