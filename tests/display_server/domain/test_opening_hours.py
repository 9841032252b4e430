"""Opening hours in the centre's own time: Vietnam is seven hours ahead of UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_server.domain.opening_hours import WEEKDAYS, OpeningHours

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING, AFTERNOON = (time(7, 30), time(11, 30)), (time(13, 30), time(16, 30))
WEEKLY = dict.fromkeys(WEEKDAYS[:5], (MORNING, AFTERNOON))
HOURS = OpeningHours(
    VIETNAM,
    WEEKLY,
    country="VN",
    closed=frozenset({date(2026, 1, 2)}),
    opened={date(2026, 1, 10): (MORNING,), date(2026, 8, 22): (MORNING,)},
)


def local(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=VIETNAM)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ((7, 29, 59), False),
        ((7, 30), True),
        ((11, 29, 59), True),
        ((11, 30), False),
        ((12, 30), False),
        ((13, 30), True),
        ((16, 30), False),
        ((0, 0), False),
        ((23, 59, 59), False),
    ],
)
def test_a_monday(moment: tuple[int, ...], is_open: bool) -> None:
    assert HOURS.is_open(local(2026, 11, 23, *moment)) is is_open


def test_it_is_told_when_numbers_end_and_when_they_begin_again() -> None:
    assert HOURS.closes_at(local(2026, 11, 23, 8)) == local(2026, 11, 23, 11, 30)
    assert HOURS.opens_at(local(2026, 11, 23, 6)) == local(2026, 11, 23, 7, 30)
    assert HOURS.opens_at(local(2026, 11, 23, 8)) == local(2026, 11, 23, 13, 30)
    assert HOURS.opens_at(local(2026, 11, 27, 17)) == local(2026, 11, 30, 7, 30)  # over the weekend


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 1, 2),  # closed by the centre
        date(2026, 2, 16),  # Tết: 29/12 lunar …
        date(2026, 2, 17),
        date(2026, 2, 18),
        date(2026, 2, 19),
        date(2026, 2, 20),  # … to 4/1 lunar
        date(2026, 4, 27),  # in place of Hùng Kings' day on Sunday
        date(2026, 4, 30),
        date(2026, 5, 1),
        date(2026, 9, 1),
        date(2026, 9, 2),
        date(2026, 11, 22),  # a Sunday
    ],
)
def test_closed_days_of_2026(day: date) -> None:
    assert not HOURS.is_open(datetime.combine(day, time(9), VIETNAM))


@pytest.mark.parametrize("day", [date(2026, 1, 10), date(2026, 8, 22)])
def test_swap_days_are_open_though_they_are_saturdays(day: date) -> None:
    assert day.weekday() == 5
    assert HOURS.is_open(datetime.combine(day, time(9), VIETNAM))
    assert not HOURS.is_open(datetime.combine(day, time(14), VIETNAM))


def test_before_tet_the_next_opening_is_after_it() -> None:
    assert HOURS.opens_at(local(2026, 2, 13, 17)) == local(2026, 2, 23, 7, 30)


def test_a_day_that_is_opened_beats_a_holiday_and_a_closed_day() -> None:
    hours = OpeningHours(VIETNAM, WEEKLY, "VN", frozenset({date(2026, 2, 17)}), {date(2026, 2, 17): (MORNING,)})
    assert hours.is_open(local(2026, 2, 17, 8))


def test_the_business_day_changes_at_the_centres_own_midnight() -> None:
    assert HOURS.business_day(datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert HOURS.business_day(datetime(2026, 11, 23, 17, 0, 0, tzinfo=UTC)) == date(2026, 11, 24)


def test_last_tickets_end_before_the_span_does() -> None:
    hours = OpeningHours(VIETNAM, WEEKLY, last_tickets_minutes=10)
    assert hours.closes_at(local(2026, 11, 23, 11, 19)) == local(2026, 11, 23, 11, 20)
    assert not hours.is_open(local(2026, 11, 23, 11, 20))
    assert hours.opens_at(local(2026, 11, 23, 11, 20)) == local(2026, 11, 23, 13, 30)


def test_a_span_shorter_than_the_last_minutes_is_no_opening() -> None:
    hours = OpeningHours(VIETNAM, {"mon": ((time(8), time(8, 30)),)}, last_tickets_minutes=30)
    assert not hours.is_open(local(2026, 11, 23, 8))
    assert hours.opens_at(local(2026, 11, 23, 7)) is None


def test_a_centre_without_hours_never_opens() -> None:
    assert OpeningHours(VIETNAM, {}).opens_at(local(2026, 11, 23, 8)) is None


def test_hours_follow_the_wall_clock_through_a_change_to_summer_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = OpeningHours(berlin, dict.fromkeys(WEEKDAYS, (MORNING,)))
    assert hours.opens_at(datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 5, 30, tzinfo=UTC)
    assert hours.opens_at(datetime(2026, 3, 27, 12, tzinfo=UTC)) == datetime(2026, 3, 28, 6, 30, tzinfo=UTC)


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "UTC"])


@given(moments, zones, st.integers(0, 60))
def test_the_next_opening_opens_and_a_closing_closes(now: datetime, zone: str, last: int) -> None:
    hours = OpeningHours(ZoneInfo(zone), WEEKLY, "VN", last_tickets_minutes=last)
    opens = hours.opens_at(now)
    assert opens is not None
    assert opens > now
    assert hours.is_open(opens)
    assert not hours.is_open(opens - timedelta(microseconds=1))
    closes = hours.closes_at(now)
    if closes is not None:
        assert now < closes <= now + timedelta(hours=4)
        assert not hours.is_open(closes)
        assert hours.is_open(closes - timedelta(microseconds=1))
    else:
        assert not hours.is_open(now)
