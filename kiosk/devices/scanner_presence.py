"""Whether the scanner that a site has declared is plugged in. Linux's list of input devices tells: a scanner that is
gone cannot be told from one that nobody uses by its keys alone.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

log = logging.getLogger(__name__)

DEVICES = Path("/proc/bus/input/devices")
VENDOR_AND_PRODUCT = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})", re.IGNORECASE)

Presence = Literal["undeclared", "unknown", "there", "missing"]


def is_listed(declared: str, devices: str) -> bool:
    """Whether `declared`, "VENDOR:PRODUCT" or a part of a name, is among `devices` as the kernel lists them."""
    ids = VENDOR_AND_PRODUCT.fullmatch(declared)
    if ids:
        return bool(re.search(rf"^I: .*\bVendor={ids[1]} Product={ids[2]}\b", devices, re.IGNORECASE | re.MULTILINE))
    names = re.findall(r'^N: Name="(.*)"$', devices, re.MULTILINE)
    return any(declared.casefold() in name.casefold() for name in names)


class ScannerPresence:
    """Looks for `declared` among the machine's input devices. `on_change()`: it came or went.

    `presence`: undeclared (nothing to look for), unknown (this machine has no such list), there or missing.
    """

    def __init__(self, declared: str, on_change: Callable[[], None]) -> None:
        self._declared = declared.strip()
        self._on_change = on_change
        self.presence: Presence = self._found()

    def look(self) -> Presence:
        """Look again."""
        before, self.presence = self.presence, self._found()
        if self.presence != before:
            log.warning("scanner %s: %s", self._declared, self.presence)
            self._on_change()
        return self.presence

    def _found(self) -> Presence:
        if not self._declared:
            return "undeclared"
        try:
            devices = DEVICES.read_text(errors="replace")
        except OSError:
            return "unknown"
        return "there" if is_listed(self._declared, devices) else "missing"
