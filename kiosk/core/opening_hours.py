"""What a kiosk knows about time without the server: its business day, and whether the centre is open.

Everything is reckoned from the server's last answer. Public holidays reach the kiosk only through `opens_at`.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kiosk.api.models import WEEKDAYS, Centre

FALLBACK_ZONE = "Asia/Ho_Chi_Minh"


def zone(centre: Centre | None) -> ZoneInfo:
    """The centre's time zone; Việt Nam's where it is not known."""
    try:
        return ZoneInfo(centre.timezone if centre else FALLBACK_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(FALLBACK_ZONE)


def centre_time(centre: Centre | None, now: datetime) -> datetime:
    """`now` on the centre's clock.

    Never before the server's last word: a kiosk whose clock battery is dead starts in 1970, and must not give out
    this morning's numbers again.
    """
    return max(now, centre.now if centre else now).astimezone(zone(centre))


def business_day(centre: Centre | None, now: datetime) -> date:
    """The day that numbers count in: the centre's own."""
    return centre_time(centre, now).date()


def is_open(centre: Centre, now: datetime) -> bool:
    """Whether numbers are given out at `now`.

    The server's last word holds until the change that it announced; after that the weekly hours do.
    """
    moment = centre_time(centre, now)
    if centre.open and (centre.closes_at is None or moment < centre.closes_at):
        return True
    if not centre.open and centre.opens_at is not None and moment < centre.opens_at:
        return False
    spans = centre.hours.get(WEEKDAYS[moment.weekday()], ())
    return any(start <= moment.time() < end for start, end in spans)


def next_opening(centre: Centre, now: datetime) -> datetime | None:
    """The opening that the server announced, if it is still to come, on the centre's clock."""
    if centre.opens_at is None or centre.opens_at <= centre_time(centre, now):
        return None
    return centre.opens_at.astimezone(zone(centre))


def is_working_time(centre: Centre, moment: datetime) -> bool:
    """Whether the office still works today by its weekly hours, whatever else keeps the kiosk open. Centre's clock."""
    spans = centre.hours.get(WEEKDAYS[moment.weekday()], ())
    return bool(spans) and moment.time() < spans[-1][1]
