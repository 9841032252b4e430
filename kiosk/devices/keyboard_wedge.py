"""Tells a barcode scanner, which types as a keyboard, from fingers on keys: by its speed and closing Enter or Tab."""

import re
import unicodedata
from dataclasses import dataclass, field

# Scanners type a sign every 1 to 30 ms; a frame that is drawn meanwhile may hold some back. No hand is as fast for six.
FASTEST_HAND_SECONDS = 0.15
SHORTEST = 6
LONGEST = 2000
# What many scanners put before a code: its kind, as AIM names it ("]Q1", "]Q3": QR), a byte order mark, STX.
AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
NOT_TYPED = frozenset({"Cc", "Cf"})  # control and format characters


@dataclass
class KeyboardWedgeDetector:
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


def code_of(scan: str) -> str:
    """The code itself: without what the scanner put around it."""
    code = "".join(sign for sign in scan if unicodedata.category(sign) not in NOT_TYPED).strip()
    return code[found.end() :].strip() if (found := AIM.match(code)) else code
