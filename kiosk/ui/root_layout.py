"""What holds the screens: one at a time, with what lies over and under all of them."""

import math
import time
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.input import MotionEvent
from kivy.properties import BooleanProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.screenmanager import NoTransition, ScreenManager
from kivy.uix.widget import Widget

from kiosk.ui.screens.base import load_kv
from kiosk.ui.screens.checklist import ChecklistScreen
from kiosk.ui.screens.departments import DepartmentsScreen
from kiosk.ui.screens.documents import DocumentsScreen
from kiosk.ui.screens.maintenance import ServiceScreen
from kiosk.ui.screens.number import NumberScreen
from kiosk.ui.screens.pin import PinScreen
from kiosk.ui.screens.priority import PriorityScreen
from kiosk.ui.screens.procedures import ProceduresScreen
from kiosk.ui.screens.rejection import RejectionScreen
from kiosk.ui.screens.scan import ScanPanel  # noqa: F401 - the .kv file names it
from kiosk.ui.screens.search import SearchScreen
from kiosk.ui.screens.speech import SpeechPanel
from kiosk.ui.screens.start import StartScreen
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names its panel
from kiosk.ui.widgets.basic import ThemedWidget
from kiosk.ui.widgets.formatting import stay_words
from kiosk.ui.widgets.header_footer import footer_holds

SCREENS = {
    "start": StartScreen,
    "departments": DepartmentsScreen,
    "search": SearchScreen,
    "procedures": ProceduresScreen,
    "checklist": ChecklistScreen,
    "documents": DocumentsScreen,
    "priority": PriorityScreen,
    "number": NumberScreen,
    "notice": RejectionScreen,
    "pin": PinScreen,
    "service": ServiceScreen,
}
# Built when staff come for them: they take as much memory as a visitor's whole way.
STAFF_ONLY = frozenset({"pin", "service"})
BUILD_SECONDS = 0.1
# Nobody reads and decides faster: a touch this soon after a change was meant for the screen before.
SETTLE_SECONDS = 0.25
UPPER_PORTRAIT, UPPER_LANDSCAPE = 0.45, 0.42
# Units of height: what a screen needs above its footer, and the footer, which grows with the places to touch.
LOWER, FOOTER, FOOTER_MARGIN = 474, 150, 40


class RootLayout(ThemedWidget, FloatLayout):
    """The root. A touch is heeded once the screen has been seen for a moment.

    The start screen is there at once; `build_ahead` makes the others one after the other while it is looked at.
    """

    shows_offline_banner = BooleanProperty(False)
    leaves_room = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._seen_since = -SETTLE_SECONDS
        super().__init__(**kwargs)
        self._screens: ScreenManager = self.ids.screens
        self._screens.transition = NoTransition()
        self._build("start")
        self._overlays: list[Widget] = [self.ids[name].__self__ for name in ("scan", "whole", "speech", "ask")]
        for overlay in self._overlays:
            overlay.fbind("opacity", self._lay_over)
        self._lay_over()
        self.model.bind(**dict.fromkeys(("online", "open", "refused", "centre"), self._update_offline_banner))

    @property
    def shown(self) -> str:
        """The name of the screen that is seen."""
        return str(self._screens.current)

    @property
    def screen(self) -> Any:
        """The screen that is seen."""
        return self._screens.current_screen

    @property
    def starts_with_queues(self) -> bool:
        """Whether the start screen shows the queues themselves."""
        return bool(self._screens.get_screen("start").shows_queues)

    @property
    def typed(self) -> str:
        """What the visitor has typed on the search screen."""
        has_screen = self._screens.has_screen("search")
        return str(self._screens.get_screen("search").ids.keyboard.typed) if has_screen else ""

    @property
    def top(self) -> Widget:
        """What a visitor is to read: the screen, or what lies over it: what a scan has brought, a name in full."""
        if self.model.whole_name:
            return self.ids.whole
        return self.ids.scan if self.model.scanned else self.screen

    @property
    def upper(self) -> Widget:
        """In low reach: what the screen asks, above it."""
        part: Widget = self.ids.upper
        return part

    @property
    def front(self) -> Widget:
        """What a finger reaches: the screen, or what lies over it."""
        speech: SpeechPanel = self.ids.speech
        return speech if self.model.aloud else self.top

    @property
    def asks(self) -> bool:
        """Whether the question for more time lies over everything, so that any touch answers it."""
        return self.asks_over(self.model.asks_to_stay, self.shown, self.model.aloud)

    def asks_over(self, asks: bool, shown: str, aloud: bool) -> bool:
        """Over the number it would hide what is to be read: that screen has a place of its own for more time."""
        return asks and (shown != "number" or aloud)

    def show(self, name: str) -> None:
        """Another screen; touches that are still in the air go nowhere."""
        if name != self._screens.current:
            self._build(name)
            self._seen_since = math.inf  # on a slow machine drawing it for the first time takes longer than to settle
            Window.bind(on_flip=self._on_seen)
            self._screens.current = name
            self.shows_offline_banner = self._is_away()

    def build_ahead(self, *_: Any) -> None:
        """One screen now, the next ones soon."""
        missing = [name for name in SCREENS if name not in STAFF_ONLY and not self._screens.has_screen(name)]
        if missing:
            self._build(missing[0])
            Clock.schedule_once(self.build_ahead, BUILD_SECONDS)

    @property
    def accepts_touch(self) -> bool:
        """Whether a touch that begins now is meant for what is seen."""
        return not self.model.busy and time.monotonic() - self._seen_since >= SETTLE_SECONDS

    def on_touch_down(self, touch: MotionEvent) -> bool:
        if not self.accepts_touch or (touch.profile.count("button") and touch.button != "left"):
            return True
        if self.asks:
            self.model.dispatch("on_extend_time")
            return True
        if self.top is not self.screen and not self.model.aloud:
            self.top.dispatch("on_touch_down", touch)
            return True
        return bool(super().on_touch_down(touch))

    def _on_seen(self, *_: Any) -> None:
        Window.unbind(on_flip=self._on_seen)
        self._seen_since = time.monotonic()

    def _update_offline_banner(self, *_: Any) -> None:
        """The bar moves what is above it, and a finger on its way would miss: not under a visitor's hand."""
        if self.shown == "start":
            self.shows_offline_banner = self._is_away()

    def _is_away(self) -> bool:
        """Whether to promise that numbers still come: only while they do."""
        model = self.model
        centre = model.centre
        return (
            not model.online and model.open and not model.refused and centre is not None and bool(centre.own_letter())
        )

    def _lay_over(self, *_: Any) -> None:
        """What is not seen is not there: drawn clear it would cost as much time as drawn in full."""
        for overlay in self._overlays:
            self.remove_widget(overlay)
            if overlay.opacity:
                self.add_widget(overlay)

    def _build(self, name: str) -> None:
        if not self._screens.has_screen(name):
            screen = SCREENS[name](name=name, model=self.model)
            screen.size = self._screens.size  # laid out before it is seen
            self._screens.add_widget(screen)

    def upper_share(self, low: bool, screen: Any, portrait: bool, height: float) -> float:
        """How much of the `height`, in units, low reach keeps free of places to touch, above this screen.

        On a very small screen, where a fingertip takes much of it, the places to touch come first.
        """
        if not low or screen is None or not screen.moves_down:
            return 0.0
        footer = max(FOOTER, self.model.target / self.model.u + FOOTER_MARGIN)
        return float(
            min(UPPER_PORTRAIT if portrait else UPPER_LANDSCAPE, max(0.0, 1 - (LOWER + footer) / max(height, 1.0)))
        )

    def needs_low_bar(self, low: bool, screen: Any, languages: list[str], unit: float) -> bool:  # noqa: ARG002
        """Whether the languages need a row of their own below the screen."""
        if not low or screen is None or screen.name == "start":
            return False
        return not screen.has_footer or not footer_holds(self.model)

    def busy_words(self, busy: bool, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        return _("Taking your number …")

    def stay_words(self, seconds: float, language: str) -> str:  # noqa: ARG002
        return stay_words(self.model, int(seconds))


load_kv(__file__)
