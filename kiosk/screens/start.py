"""Welcome: one large place to touch. Outside the hours: when to come back."""

from datetime import datetime

from kivy.properties import BooleanProperty

from kiosk.messages import WEEKDAYS, Centre
from kiosk.screens import names  # noqa: F401 - the .kv file names its widgets
from kiosk.screens.base import KioskScreen, load_namesake
from kiosk.screens.wording import full_date, hours_words, opening_words, waiting_words

NARROW = 120  # units: less would break the names of languages


class StartScreen(KioskScreen):
    """`can`: whether numbers are given out now. `crowded`: many languages take the room of what is not needed."""

    can = BooleanProperty(False)
    crowded = BooleanProperty(False)

    def begin(self) -> None:
        self.model.dispatch("on_begin")

    def stands(self, low: bool, portrait: bool) -> bool:
        """Whether the welcome stands above the places to touch, not beside them."""
        return portrait or low

    def lower_share(self, portrait: bool, large: bool) -> float:
        """How much of the height is for touching where the welcome stands above."""
        return (0.56 if large else 0.48) if portrait else 0.58

    def lies_flat(self, low: bool, portrait: bool) -> bool:
        """Whether languages and modes share one row."""
        return low and not portrait

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


load_namesake(__file__)
