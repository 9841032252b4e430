"""A wall clock that jumps by a day must not end the day: whoever waits would be sent home."""

from dataclasses import dataclass

JUMP_SECONDS = 60.0
SETTLE_SECONDS = 600.0


@dataclass
class ClockWatch:
    """Believes the wall clock at first sight; after a jump only once it has kept its new time for ten minutes."""

    _offset: float | None = None
    _jumped_at: float | None = None

    def is_settled(self, wall: float, monotonic: float) -> bool:
        """Both in seconds, read at the same moment."""
        offset = wall - monotonic
        if self._offset is not None and abs(offset - self._offset) > JUMP_SECONDS:
            self._jumped_at = monotonic
        self._offset = offset
        return self._jumped_at is None or monotonic - self._jumped_at >= SETTLE_SECONDS
