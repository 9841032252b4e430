from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kiosk.api.models import Centre
from kiosk.core.opening_hours import business_day, centre_time, is_open, next_opening
from tests.kiosk.fake_server import small_centre

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
WORKING = [["07:30", "11:30"], ["13:30", "16:30"]]
HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WORKING) | {"sat": [], "sun": []}


def local(hour: int, minute: int = 0, days: int = 0) -> datetime:
    """A time on the centre's clock, seven hours ahead of UTC."""
    return MONDAY + timedelta(days=days, hours=hour - 7, minutes=minute)


def centre(said_at: datetime, **changes: Any) -> Centre:
    return Centre.model_validate(small_centre(hours=HOURS, **changes) | {"now": said_at})


def test_the_servers_word_holds_until_the_change_that_it_announced() -> None:
    said = centre(local(9), open=True, closes_at=local(11, 30))
    assert is_open(said, local(11, 29))
    assert not is_open(said, local(11, 30))


def test_after_that_the_weekly_hours_hold() -> None:
    said = centre(local(9), open=True, closes_at=local(11, 30))
    assert is_open(said, local(13, 30))
    assert not is_open(said, local(16, 30))
    assert is_open(said, local(8, days=1))
    assert not is_open(said, local(8, days=5))


def test_a_holiday_that_the_server_announced_is_kept() -> None:
    said = centre(local(18), open=False, opens_at=local(7, 30, days=2))
    assert not is_open(said, local(9, days=1))
    assert is_open(said, local(9, days=2))


def test_a_centre_that_never_closes_stays_open() -> None:
    assert is_open(centre(local(9), open=True, closes_at=None), local(23, days=6))


def test_the_next_opening_is_told_only_while_it_is_to_come() -> None:
    said = centre(local(18), open=False, opens_at=local(7, 30, days=1))
    assert next_opening(said, local(19)) == local(7, 30, days=1)
    assert next_opening(said, local(8, days=1)) is None


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (local(0), date(2026, 11, 23)),
        (local(23, 59), date(2026, 11, 23)),
        (local(24), date(2026, 11, 24)),
    ],
)
def test_the_day_is_the_centres_own(now: datetime, day: date) -> None:
    assert business_day(centre(local(0)), now) == day


def test_a_clock_that_starts_in_1970_does_not_repeat_the_mornings_numbers() -> None:
    said = centre(local(9))
    assert business_day(said, datetime(1970, 1, 1, tzinfo=UTC)) == date(2026, 11, 23)
    assert centre_time(said, datetime(1970, 1, 1, tzinfo=UTC)) == local(9)


def test_a_time_zone_that_nobody_knows_is_viet_nams() -> None:
    assert centre_time(centre(local(9), timezone="Mars/Base"), local(10)).utcoffset() == timedelta(hours=7)
