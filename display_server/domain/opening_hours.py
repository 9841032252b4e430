"""Opening hours, holidays and the business day, all in the centre's own time zone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 60  # Tết with its swap days is the longest closure; a centre closed longer has no "next opening"

Interval = tuple[time, time]


@dataclass(frozen=True)
class OpeningHours:
    """When a centre gives out numbers.

    `weekly`: per weekday the intervals. `country`: public holidays are closed (PyPI `holidays`). `closed`: further
    closed days. `opened`: days open against the rule (swap days), with their intervals. `last_tickets_minutes`:
    numbers stop this long before an interval's end.
    """

    timezone: ZoneInfo
    weekly: dict[str, tuple[Interval, ...]]
    country: str | None = None
    closed: frozenset[date] = frozenset()
    opened: dict[date, tuple[Interval, ...]] = field(default_factory=dict)
    last_tickets_minutes: int = 0

    def business_day(self, now: datetime) -> date:
        """The day that `now` (aware) belongs to at the centre."""
        return now.astimezone(self.timezone).date()

    def start_of(self, day: date) -> datetime:
        """The midnight (UTC) with which the day begins at the centre."""
        return self._at(day, time())

    def is_open(self, now: datetime) -> bool:
        return self.closes_at(now) is not None

    def first_opening_between(self, day: date, other: date) -> date | None:
        """The first day after `day` and before `other` on which the centre is open by its hours."""
        days = (day + timedelta(days=offset) for offset in range(1, (other - day).days))
        return next((each for each in days if self._rule_of(each)), None)

    def closes_at(self, now: datetime) -> datetime | None:
        """When the present interval stops giving numbers (UTC), or None when closed now."""
        for start, end in self._intervals_of(self.business_day(now)):
            if start <= now < end:
                return end
        return None

    def day_ends_at(self, now: datetime) -> datetime | None:
        """When the centre closes for the day (UTC), or None when it is closed for the rest of the day already."""
        today = self.business_day(now)
        ends = [self._at(today, end) for _, end in self._rule_of(today)]
        return max((end for end in ends if end > now), default=None)

    def opens_at(self, now: datetime) -> datetime | None:
        """The next opening after `now` (UTC), or None when there is none in the next 60 days."""
        today = self.business_day(now)
        for offset in range(LOOK_AHEAD_DAYS):
            for start, _ in self._intervals_of(today + timedelta(days=offset)):
                if start > now:
                    return start
        return None

    def _intervals_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for start, end in self._rule_of(day):
            opening = self._at(day, start)
            closing = self._at(day, end) - timedelta(minutes=self.last_tickets_minutes)
            if opening < closing:
                yield opening, closing

    def _rule_of(self, day: date) -> tuple[Interval, ...]:
        if day in self.opened:
            return self.opened[day]
        if day in self.closed or self._is_holiday(day):
            return ()
        return self.weekly.get(WEEKDAYS[day.weekday()], ())

    def _is_holiday(self, day: date) -> bool:
        return self.country is not None and day in _public_holidays(self.country, day.year)

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.timezone).astimezone(UTC)


@lru_cache(maxsize=16)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
