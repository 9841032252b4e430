"""A wall clock that jumps by a day must not end the day: whoever waits would be sent home."""

import time
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

JUMP_SECONDS = 60.0
SETTLE_SECONDS = 600.0
ORDINARY_SECONDS = 600.0  # more than a clock is corrected by in its ordinary course
LONGEST_CLOSURE_DAYS = 60  # a clock that says more has passed is not believed so far


class DayStep(StrEnum):
    """What a write does to the centre's business day."""

    SAME = "same"
    HOLD = "hold"  # the clock is behind the newest day: that day stays
    FRESH = "fresh"  # the night has passed: numbers begin at 001
    GO_ON = "go_on"  # the date changes, the queues and the numbers do not


def day_step(wall: date, written: date | None, *, doubted: bool) -> DayStep:
    """From the newest day `written` to the clock's day. `doubted`: the clock is known to have been wrong since."""
    if written is None:
        return DayStep.FRESH
    if wall <= written:
        return DayStep.SAME if wall == written else DayStep.HOLD
    return DayStep.GO_ON if doubted or (wall - written).days > LONGEST_CLOSURE_DAYS else DayStep.FRESH


def steady_seconds() -> float:
    """Seconds that pass whatever the wall clock does, also while the machine sleeps, where it can tell that."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass
class ClockJumpDetector:
    """Believes the wall clock at first sight; after a jump only once it has kept its new time for ten minutes."""

    _offset: float | None = None
    _jumped_at: float | None = None

    def is_stable(self, wall: float, monotonic: float) -> bool:
        """Both in seconds, read at the same moment."""
        offset = wall - monotonic
        if self._offset is not None and abs(offset - self._offset) > JUMP_SECONDS:
            self._jumped_at = monotonic
        self._offset = offset
        return self._jumped_at is None or monotonic - self._jumped_at >= SETTLE_SECONDS
