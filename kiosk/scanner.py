"""Tells a barcode scanner, which types as a keyboard, from fingers on keys: by its speed and closing Enter or Tab."""

from dataclasses import dataclass, field

# Scanners type a sign every 1 to 30 ms; a frame that is drawn meanwhile may hold some back. No hand is as fast for six.
FASTEST_HAND_SECONDS = 0.15
SHORTEST = 6
LONGEST = 2000


@dataclass
class Scanner:
    """Fed with every typed sign and closing key, and the moment of each in seconds. Holds nothing after a scan."""

    _signs: list[str] = field(default_factory=list, repr=False)
    _last: float = float("-inf")

    def typed(self, signs: str, now: float) -> bool:
        """Signs came. Whether they belong to a burst: then they are no keys for anybody else."""
        if now - self._last > FASTEST_HAND_SECONDS:
            self._signs.clear()
        self._last = now
        if len(self._signs) < LONGEST:
            self._signs.append(signs)
        return self.in_burst

    @property
    def in_burst(self) -> bool:
        return len(self._signs) > 1

    def closed(self, now: float) -> str | None:
        """Enter or Tab came. The whole scan, or None where it was somebody's own key."""
        signs, is_close = "".join(self._signs), now - self._last <= FASTEST_HAND_SECONDS
        self._signs.clear()
        return signs if is_close and len(signs) >= SHORTEST else None
