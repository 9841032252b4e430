"""What a scan means to the visitor. What the scanner typed is looked at here and forgotten: not kept, logged or sent.

Only the secret of one of our own slips' addresses goes on, to the server that made it.
"""

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kiosk.api.client import Refused, ServerClient, ServerUnavailable
from kiosk.api.models import PriorityReason, TicketStatus
from kiosk.devices.citizen_card import age_on_card, looks_like_card

log = logging.getLogger(__name__)

# The secret is a ticket's id, "~" and a signature (tests/end_to_end/test_slips_scanned.py scans real slips).
SLIP_ADDRESS = re.compile(r"https?\S{3,200}/t/([\w.~-]{4,200})", re.ASCII | re.IGNORECASE)

What = Literal["looking", "priority", "card", "slip", "not ours", "old", "away", "unknown"]


@dataclass(frozen=True)
class ScanResult:
    """What to tell the visitor.

    priority: `reason` may be taken; card: one without such a reason, or not readable; slip: its state now, `slip`;
    old: a slip of another day; not ours: of another centre, or forgotten; away: the server cannot be asked; looking:
    it is being asked; unknown: neither a card nor a slip.
    """

    what: What
    reason: PriorityReason | None = None
    slip: TicketStatus | None = None


def secret_of(scan: str) -> str | None:
    """The secret in a slip's address; None where `scan` is none."""
    found = SLIP_ADDRESS.fullmatch(scan.strip())
    return found[1] if found else None


def decode_citizen_card(scan: str, reasons: tuple[PriorityReason, ...], today: date) -> ScanResult | None:
    """What a citizen card offers; None where `scan` is none."""
    if not looks_like_card(scan):
        return None
    age = age_on_card(scan, today)
    fitting = [reason for reason in reasons if age is not None and reason.from_age and age >= reason.from_age]
    if not fitting:
        return ScanResult("card")
    return ScanResult("priority", reason=max(fitting, key=lambda reason: reason.from_age or 0))


class TicketLookup:
    """Asks the server for the slip of a secret, off the UI thread, one at a time."""

    def __init__(self, server: ServerClient, today: Callable[[], date]) -> None:
        self._server = server
        self._today = today
        self._asker = ThreadPoolExecutor(1, "look-up")

    def start(self, secret: str, done: Callable[[ScanResult], None]) -> None:
        """`done` gets the answer in another thread."""
        with suppress(RuntimeError):  # the kiosk is ending
            self._asker.submit(lambda: done(self._ask(secret)))

    def stop(self) -> None:
        self._asker.shutdown(wait=False, cancel_futures=True)

    def _ask(self, secret: str) -> ScanResult:
        try:
            slip = self._server.slip(secret)
        except Refused:
            return ScanResult("not ours")
        except ServerUnavailable as error:
            log.info("a slip cannot be looked up: %s", type(error).__name__)
            return ScanResult("away")
        return ScanResult("slip" if slip.business_day == self._today() else "old", slip=slip)
