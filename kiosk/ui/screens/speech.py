"""The face of speech mode: what is being said, very large, over two areas that a hand finds without eyes."""

from pathlib import Path
from typing import Any

from kivy.input import MotionEvent
from kivy.lang import Builder
from kivy.uix.floatlayout import FloatLayout

from kiosk.core.ticket_flow import TicketIssued
from kiosk.ui.widgets.basic import ThemedWidget


class SpeechPanel(ThemedWidget, FloatLayout):
    """Lies over the screen while speech mode is on; all black when the visitor wants the picture dark."""

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not self.model.aloud:
            return False
        super().on_touch_down(touch)
        return True

    def said_words(self, saying: str, given: TicketIssued | None) -> str:
        """What is being said; the number stays in sight with it, for those who see a little."""
        number = given.ticket.number if given else ""
        return saying if saying in {"", number} else f"{number}\n{saying}".strip()

    def press(self, event: str, *_: Any) -> None:
        self.model.dispatch(event)


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
