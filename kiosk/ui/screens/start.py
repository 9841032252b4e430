"""Welcome: one large place to touch. Outside the hours: when to come back."""

from datetime import datetime
from itertools import product

from kivy.properties import AliasProperty, BooleanProperty, ListProperty

from kiosk.api.models import WEEKDAYS, Centre, Department
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.screens.departments import DepartmentCard, offers_search
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names its widgets
from kiosk.ui.widgets.basic import Background
from kiosk.ui.widgets.formatting import full_date, hours_words, opening_words, slip_trouble_words, waiting_words

NARROW = 120  # units: less would break the names of languages
# Units of height: a card of a queue, the gap to the next, the heading, and the margins.
CARD, GAP, HEADING, MARGINS = 118, 24, 60, 64
BARE_CARD = 108  # with two lines of a name in large type, and nothing else
FLAT_LANGUAGES = 3  # beside the modes, in one row


class TroubleNote(Background):
    """No paper, or no printer: said before a number is taken, with what one can do."""

    shown = BooleanProperty(False)

    def title_words(self, shown: bool, trouble: str, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return slip_trouble_words(self.model, trouble) if shown else ""

    def advice_words(self, shown: bool, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        words = _("You get your number all the same: remember it or take a photo. Staff print it later.")
        return words if shown else ""


class StartScreen(KioskScreen):
    """`can`: whether numbers are given out now. `crowded`: many languages take the room of what is not needed.

    `arranged`: what `arrange` says. `queues`: those that stand here, one touch from a number; none where they are many
    or have no room. `compact`: the welcome is a strip above them; `narrow`: a column beside them; `flat`: languages and
    modes share one row. `terse`: only what must be said stands beside the welcome.
    """

    can = BooleanProperty(False)
    crowded = BooleanProperty(False)
    compact = BooleanProperty(False)
    narrow = BooleanProperty(False)
    flat = BooleanProperty(False)
    terse = BooleanProperty(False)
    shows_queues = BooleanProperty(False)
    arranged = ListProperty([0, False])
    queues = ListProperty([])
    card_class = AliasProperty(lambda _: DepartmentCard)

    def queues_here(self, centre: Centre | None, columns: float) -> list[Department]:
        """The queues, where each gets a card of its own, so many of them in a row."""
        return list(centre.departments) if centre and columns else []

    def arrange(self, centre: Centre | None, can: bool, most: int, room: float, trouble: str) -> list[int]:
        """Cards in a row, and whether there is room to say what they are for. `room`: units of height for both.

        No cards in a row: the queues are too many, or have no room.
        """
        count = len(centre.departments) if centre and can else 0
        if not 0 < count <= most:
            return [0, False]
        for heading, columns in product((False,) if trouble else (True, False), self.columns(count)):
            rows = -(-count // columns)
            least = max(BARE_CARD if self.model.large and columns > 1 else CARD, self.model.target / self.model.u)
            if rows * least + (rows - 1) * GAP + (HEADING + GAP) * heading <= room:
                return [columns, heading]
        return [0, False]

    def columns(self, count: int) -> tuple[int, ...]:
        """Cards in a row, what reads best first."""
        model = self.model
        if model.portrait:
            return (1, 2) if model.large or (count <= 4 and not model.low) else (2,)  # noqa: PLR2004
        return (3,) if model.low and count > 2 else (2,)  # noqa: PLR2004

    def room(
        self,
        portrait: bool,
        low: bool,
        large: bool,
        unit: float,
        target: float,
        languages: list[str],
        trouble: str,
        can_scan: bool,
    ) -> float:
        """Units of height that cards of queues, and what is said above them, would have."""
        least = target / unit
        share = self.lower_share(portrait, large, low, True, bool(trouble)) if self.stands(low, portrait) else 1.0
        controls = max(120, least) * (1 if self.lies_flat(low, portrait, True, len(languages)) else 2) + 2 * GAP
        find = max(110, least) + GAP
        note = (200 if large else 150) + GAP if trouble else 0
        scan = (90 if large else 60) + GAP if can_scan else 0
        return self.model.high * share - MARGINS - controls - find - note - scan

    def queue_heading(self, has_heading: bool, centre: Centre | None, language: str) -> str:  # noqa: ARG002
        """What to do with the cards."""
        _ = self.model.gettext
        if not has_heading or centre is None:
            return ""
        if self.model.asks_procedure and centre.procedures:
            return _("Touch what you have come for")
        return _("Touch what you have come for: your number comes at once")

    def offers_search(self, centre: Centre | None, aloud: bool) -> bool:
        return offers_search(centre, aloud)

    def offers_priority(self, centre: Centre | None, may_touch: bool) -> bool:
        return may_touch and centre is not None and bool(centre.priority_reasons)

    def begin(self) -> None:
        self.model.dispatch("on_begin")

    def stands(self, low: bool, portrait: bool) -> bool:
        """Whether the welcome stands above the places to touch, not beside them."""
        return portrait or low

    def lower_share(self, portrait: bool, large: bool, low: bool, queues: bool, trouble: bool) -> float:
        """How much of the height is for touching where the welcome stands above."""
        if queues:
            return (0.58 if low else 0.72 if large and not trouble else 0.76) if portrait else 0.64
        share = (0.56 if large else 0.48) if portrait else 0.58
        return share + (0.1 if portrait else 0.06) * trouble

    def lies_flat(self, low: bool, portrait: bool, queues: bool, languages: int) -> bool:
        """Whether languages and modes share one row."""
        return not portrait and (low or (queues and languages <= FLAT_LANGUAGES))

    def may_browse(self, centre: Centre | None, refused: bool) -> bool:
        return centre is not None and not refused and bool(centre.procedures)

    def centre_words(self, centre: Centre | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.words(centre.name) if centre else ""

    def title_words(self, centre: Centre | None, language: str) -> str:  # noqa: ARG002
        return self.model.title(centre)

    def language_lines(self, count: int, width: float, unit: float) -> int:
        """In how many lines the languages stand, so that each has room for its name."""
        return 2 if count > 1 and width / count < NARROW * unit else 1

    def clock_words(self, now: datetime) -> str:
        return f"{now:%H:%M}"

    def date_words(self, now: datetime, language: str) -> str:
        return full_date(now, language)

    def hours_words(self, centre: Centre | None, now: datetime, language: str) -> str:  # noqa: ARG002
        return hours_words(self.model, centre.hours.get(WEEKDAYS[now.weekday()], ())) if centre else ""

    def can_begin(self, centre: Centre | None, is_open: bool, refused: bool) -> bool:
        return centre is not None and is_open and not refused

    def closed_words(self, centre: Centre | None, refused: bool, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if refused:
            return _("This machine is not in service")
        if centre is None:
            return _("One moment, please")
        return _("The counters are closed now")

    def advice_words(self, centre: Centre | None, refused: bool, language: str, opens_at: datetime | None) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if refused:
            return _("Please ask our staff for a number.")
        if centre is None:
            return _("The machine is connecting to the server.")
        return opening_words(self.model)

    def hall_words(self, centre: Centre | None, can_begin: bool, language: str) -> str:  # noqa: ARG002
        if centre is None or not can_begin:
            return ""
        return waiting_words(self.model, sum(department.waiting for department in centre.departments))

    def closing_words(self, centre: Centre | None, can_begin: bool, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if centre is None or centre.closes_at is None or not can_begin:
            return ""
        time = centre.closes_at.astimezone(self.model.now.tzinfo)
        return _("Numbers until %(time)s") % {"time": f"{time:%H:%M}"}


load_kv(__file__)
