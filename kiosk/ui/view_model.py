"""What the screens show, as one observable object, and what a visitor can ask for, as its events."""

from datetime import datetime
from math import hypot
from typing import Any

from kivy.event import EventDispatcher
from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)

from config.i18n import in_language, translations
from kiosk.api.models import Centre, Department, Procedure, Text, short_in_language, title_in_language
from kiosk.ui.theme import Theme

MM_PER_INCH = 25.4


class ViewModel(EventDispatcher):
    """The state behind all screens. Only the application writes it; screens read it and dispatch its events.

    `u`: pixels in one unit (see theme), more of them in large type; `target`: the least edge of a place to touch, in
    pixels; `least_type`: the least size of type, in pixels; `large`, `low`: the visitor's large type and low reach.
    `say`: gettext in the visitor's language; a new one whenever that changes, so that every text bound to it follows.
    `emblem`: file of the centre's emblem. `first_language`: what each visitor is met with. `now`: on the centre's
    clock. `given`, `declined`: the flow's result. `scanned`: what a scan has brought. `whole_name`: a long name shown
    in full over the screen. `trouble`: "" or the
    printer's worst problem. `slip`: "" | "printing" | "sent" (the printer cannot say whether it is out) | "out".
    `ticked`: places in the list of documents that the visitor has; `lacks_one`: the visitor said that one is missing;
    `list_slip`: "" | "printing" | "sent" | "out" | "failed", of the printed list;
    `lists_left`: how many more this visitor may have printed.
    `seconds_left`: until the screen goes back by itself.
    `start_queues`: with so many queues or fewer the start screen shows them. `asks_procedure`: departments with
    procedures ask for one. `touch_priority`: a reason for priority may be touched; without it a card or staff say so.
    `busy`: a number is being taken; `busy_shown`: for so long that the visitor should read it. `can_scan`: the
    declared scanner is plugged in; `can_speak`: there
    is a voice; `aloud`: speech mode is on; `dark`: without a picture; `saying`: what is being said. `pin`,
    `service`, `service_said`: the staff's screens (kiosk.maintenance.diagnostics).
    """

    __events__ = (
        "on_begin",
        "on_choose_department",
        "on_skip_procedure",
        "on_choose_procedure",
        "on_take",
        "on_tick",
        "on_list",
        "on_print_list",
        "on_browse",
        "on_search",
        "on_take_offer",
        "on_close_scan",
        "on_read_name",
        "on_mode",
        "on_ask_priority",
        "on_choose_priority",
        "on_back",
        "on_home",
        "on_choose_language",
        "on_extend_time",
        "on_touched",
        "on_listen",
        "on_next",
        "on_previous",
        "on_choose",
        "on_repeat",
        "on_darken",
        "on_ask_service",
        "on_enter_pin",
        "on_service_do",
    )

    u = NumericProperty(1.0)
    target = NumericProperty(1.0)
    least_type = NumericProperty(0.0)
    large = BooleanProperty(False)
    low = BooleanProperty(False)
    portrait = BooleanProperty(True)

    language = StringProperty("")
    languages = ListProperty([])
    say = ObjectProperty(str)
    say_many = ObjectProperty(None)

    centre = ObjectProperty(None, allownone=True)
    emblem = StringProperty("")
    now = ObjectProperty(datetime.now().astimezone())
    online = BooleanProperty(True)
    refused = BooleanProperty(False)
    open = BooleanProperty(True)
    opens_at = ObjectProperty(None, allownone=True)

    department = ObjectProperty(None, allownone=True)
    procedure = ObjectProperty(None, allownone=True)
    priority = ObjectProperty(None, allownone=True)
    ticked = ObjectProperty(frozenset())
    lacks_one = BooleanProperty(False)
    list_slip = StringProperty("")
    lists_left = NumericProperty(1)
    given = ObjectProperty(None, allownone=True)
    declined = ObjectProperty(None, allownone=True)
    scanned = ObjectProperty(None, allownone=True)
    whole_name = StringProperty("")

    trouble = StringProperty("")
    slip = StringProperty("")
    start_queues = NumericProperty(0)
    asks_procedure = BooleanProperty(True)
    touch_priority = BooleanProperty(True)
    can_scan = BooleanProperty(False)
    can_speak = BooleanProperty(False)
    aloud = BooleanProperty(False)
    dark = BooleanProperty(False)
    saying = StringProperty("")
    pin = ObjectProperty(None, allownone=True)
    service = ObjectProperty(None, allownone=True)
    service_said = StringProperty("")
    busy = BooleanProperty(False)
    busy_shown = BooleanProperty(False)
    seconds_left = NumericProperty(0)
    seconds_shown = NumericProperty(1)
    asks_to_stay = BooleanProperty(False)

    def __init__(self, language: str, diagonal_inches: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._diagonal_mm = diagonal_inches * MM_PER_INCH
        self._size = (1.0, 1.0)
        self.fbind("large", self._size_up)
        self.first_language = language
        self.speak(language)

    def speak(self, language: str) -> None:
        """Everything on the screen is in `language` from here on. Raises `LanguageError`."""
        catalogue = translations(language)
        # The language last: what follows it may use the other two.
        self.say_many = catalogue.ngettext
        self.say = catalogue.gettext
        self.language = language

    def gettext(self, message: str) -> str:
        """`message` in the visitor's language."""
        return str(self.say(message))

    def ngettext(self, one: str, many: str, n: int) -> str:
        """`one` or `many`, as the visitor's language counts."""
        return str(self.say_many(one, many, n))

    def words(self, text: Text | None) -> str:
        """A text of the centre's in the visitor's language; empty for None."""
        return in_language(text, self.language) if text else ""

    def short(self, named: Centre | Department | Procedure | None) -> str:
        """What to call it where space is short; empty for None."""
        return short_in_language(named.name, named.short, self.language) if named else ""

    def title(self, named: Centre | Department | Procedure | None) -> str:
        """What to call it on a screen of its own: a very long official name gives way to a short one."""
        return title_in_language(named.name, named.short, self.language) if named else ""

    @property
    def high(self) -> float:
        """The window's height in units."""
        return float(self._size[1] / self.u)

    @property
    def across(self) -> float:
        """The window's width in units."""
        return float(self._size[0] / self.u)

    def fit(self, width: float, height: float) -> None:
        """The window has this size in pixels: sizes and orientation follow."""
        self._size = (width, height)
        self._size_up()

    def _size_up(self, *_: Any) -> None:
        width, height = self._size
        pixels_per_mm = hypot(width, height) / self._diagonal_mm
        short, long = Theme.PORTRAIT
        unit = min(min(width, height) / short, max(width, height) / long)
        self.portrait = height >= width
        self.target = min(Theme.TARGET_MM * pixels_per_mm, Theme.TARGET_SHARE * min(width, height))
        readable = Theme.READABLE_MM / Theme.CAPITAL * pixels_per_mm
        # On less than 15 inches such letters would leave no room for words: there type is larger by `LARGEST` only.
        possible = Theme.SMALLEST * unit * Theme.LARGEST * 1.05
        self.least_type = min(readable, possible) if self.large else 0.0
        zoom = min(max(Theme.LARGE, readable / (Theme.SMALLEST * unit)), Theme.LARGEST)
        self.u = unit * zoom if self.large else unit

    def on_begin(self) -> None:
        """The visitor wants a number."""

    def on_choose_department(self, code: str) -> None:
        """A department was chosen."""

    def on_skip_procedure(self) -> None:
        """A number for the chosen department, without naming a procedure."""

    def on_choose_procedure(self, code: str) -> None:
        """A procedure was chosen."""

    def on_take(self) -> None:
        """A number for the procedure whose papers were shown."""

    def on_tick(self, place: int) -> None:
        """The visitor has the document at `place` of the list, or has it not after all."""

    def on_list(self, lacks_one: bool) -> None:
        """The list to take along: a document is missing, or no number is wanted."""

    def on_print_list(self) -> None:
        """The list on paper, without a number."""

    def on_browse(self) -> None:
        """Procedures and papers, without a number: the centre is closed."""

    def on_search(self) -> None:
        """Find a procedure by typing."""

    def on_take_offer(self) -> None:
        """The priority that a citizen card offers is taken."""

    def on_close_scan(self) -> None:
        """What a scan brought has been read."""

    def on_read_name(self, name: str) -> None:
        """A name that ends in "…" on the screen is wanted in full; empty: it has been read."""

    def on_mode(self, name: str) -> None:
        """`large` or `low`, on or off."""

    def on_ask_priority(self) -> None:
        """The visitor has a reason for priority, or has none after all."""

    def on_choose_priority(self, code: str) -> None:
        """A reason was chosen; empty for none."""

    def on_back(self) -> None:
        """One step back."""

    def on_home(self) -> None:
        """The visit is over."""

    def on_choose_language(self, code: str) -> None:
        """Another language."""

    def on_extend_time(self) -> None:
        """The visitor needs more time."""

    def on_touched(self) -> None:
        """Somebody is there, if only by a key."""

    def on_listen(self) -> None:
        """Speech mode on or off."""

    def on_next(self) -> None:
        """By ear: the next thing on the screen."""

    def on_previous(self) -> None:
        """By ear: the thing before."""

    def on_choose(self) -> None:
        """By ear: take the thing that was read."""

    def on_repeat(self) -> None:
        """By ear: say it again."""

    def on_darken(self) -> None:
        """By ear: the picture away, or back."""

    def on_ask_service(self) -> None:
        """Staff gave the sign for the service screen."""

    def on_enter_pin(self, pin: str) -> None:
        """A PIN was entered."""

    def on_service_do(self, action: str) -> None:
        """Staff want something done: "test", "paper", "reprint:KEY", "louder", …"""
