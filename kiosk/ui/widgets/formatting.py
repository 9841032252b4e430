"""Numbers and times as people say them."""

from datetime import datetime, time
from functools import cache

from babel import Locale
from babel.dates import format_date

from kiosk.api.models import NO_COUNTER, Limit, Wait
from kiosk.core.opening_hours import is_working_time
from kiosk.ui.view_model import ViewModel


@cache
def own_name(language: str) -> str:
    """What a language calls itself: "Tiếng Việt", "English"."""
    name = Locale(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


def full_date(moment: datetime, language: str) -> str:
    """The day with its weekday, as the language writes it."""
    text = format_date(moment, "full", locale=language)
    return text[:1].upper() + text[1:]


def waiting_words(model: ViewModel, waiting: int) -> str:
    """How many people wait in a queue."""
    _ = model.gettext
    if waiting == 0:
        return _("Nobody is waiting")
    return model.ngettext("%(n)d person waiting", "%(n)d people waiting", waiting) % {"n": waiting}


def wait_words(model: ViewModel, wait: Wait | None, no_wait: str | None = None) -> str:
    """How long the wait may be, as a range; or that no counter is open (`no_wait`); empty where it is not known."""
    _ = model.gettext
    if no_wait == NO_COUNTER:
        return _("No counter is open at present")
    if wait is None:
        return ""
    low, high = sorted((wait.low, wait.high))
    if high == 0:
        return _("no wait")
    if low == 0:
        return _("up to %(high)d min") % {"high": high}
    if low == high:
        return _("about %(high)d min") % {"high": high}
    return _("%(low)d–%(high)d min") % {"low": low, "high": high}


def slip_trouble_words(model: ViewModel, trouble: str) -> str:
    """Why there is no slip; empty without trouble."""
    _ = model.gettext
    if trouble == "paper_out":
        return _("The printer is out of paper.")
    return _("The slip cannot be printed just now.") if trouble else ""


def stay_words(model: ViewModel, seconds: int) -> str:
    """When the screen goes back by itself."""
    return model.ngettext(
        "This screen starts afresh in %(n)d second.", "This screen starts afresh in %(n)d seconds.", seconds
    ) % {"n": seconds}


def limit_words(model: ViewModel, limit: Limit | None) -> str:
    """How long the result takes by law; empty where no limit is known."""
    _, many = model.gettext, model.ngettext
    if limit is None or limit.unit is None:
        return ""
    if limit.unit == "same_day":
        return _same_day_words(model, limit)
    count = limit.value or 0
    if limit.unit == "hours":
        words = many("The result comes within %(n)d hour", "The result comes within %(n)d hours", count)
    elif limit.unit == "working_days":
        words = many("The result comes within %(n)d working day", "The result comes within %(n)d working days", count)
    else:
        words = many("The result comes within %(n)d day", "The result comes within %(n)d days", count)
    return words % {"n": count}


def _same_day_words(model: ViewModel, limit: Limit) -> str:
    """Promised for today only while today's papers are still taken for it."""
    _ = model.gettext
    if limit.until is not None and model.now.time() >= limit.until:
        words = _("The result comes on the same day; after %(time)s, on the next working day")
        return words % {"time": f"{limit.until:%H:%M}"}
    if model.open and model.centre and is_working_time(model.centre, model.now):
        return _("The result comes on the same day")
    return _("The result comes on the working day on which you hand in your papers")


def hours_words(model: ViewModel, spans: tuple[tuple[time, time], ...]) -> str:
    """When the centre is open today; empty on a day without hours."""
    _ = model.gettext
    if not spans:
        return ""
    return _("Open today %(hours)s") % {"hours": ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in spans)}


def opening_words(model: ViewModel) -> str:
    """When numbers are given out again; empty where it is not known."""
    _ = model.gettext
    if model.opens_at is None:
        return ""
    moment = model.opens_at.astimezone(model.now.tzinfo)
    clock = f"{moment:%H:%M}"
    if moment.date() == model.now.date():
        return _("Numbers are given out again at %(time)s.") % {"time": clock}
    day = format_date(moment, "EEEE, d MMMM", locale=model.language)
    return _("Numbers are given out again at %(time)s, %(day)s.") % {"time": clock, "day": day}
