"""Which page speaks where no enrolled display does: pages that nobody enrolled take turns.

Nothing is believed of them: not that they must always speak, nor what they have spoken. Who asks counts by network
(`network_of`), so that made-up page ids gain nothing, and what is remembered of them is bounded.
"""

import ipaddress
from dataclasses import dataclass, field

# A speaking page that is not heard of for so long is dead. Pages ask every 2 s: a takeover takes 8 s at most.
LEASE_SECONDS = 6.0
# A page that nobody enrolled gives the voice on after so long, when another one waits for it.
TURN_SECONDS = 120.0
MOST_IN_LINE = 256
MOST_OF_A_NETWORK = 64  # more than its rate limit lets live at once (server.hall_limit)
NETWORK_BITS = 64  # of IPv6: what one household or one phone gets

Page = tuple[str, str]  # network, page id


def network_of(address: str | None) -> str:
    """The address, for IPv6 its /64."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False))
    return str(found)


@dataclass
class GuestLease:
    """Of one group of pages. Times are seconds of a clock that never jumps."""

    holder: Page | None = None
    until: float = 0.0
    since: float = 0.0
    handed_over_at: int = 0  # the last call when the voice was given on; 0: its holder died
    _line: dict[Page, float] = field(default_factory=dict)  # until when each one counts; who came first is first

    def ask(self, page: Page, now: float, *, can_play: bool, last_seq: int) -> bool:
        """A page asks whether it speaks until it asks again. `able`: its browser lets it sound."""
        self._expire_leases(now)
        if not can_play:
            self._line.pop(page, None)
            self.holder = None if self.holder == page else self.holder
            return False
        if self.holder == page:
            if now - self.since > TURN_SECONDS and self._line:
                self.holder, self.handed_over_at = None, last_seq
                return False
            self.until = now + LEASE_SECONDS
            return True
        self._stand_in_line(page, now)
        if self.holder is not None or (self._line and page != next(iter(self._line))):
            return False
        self._line.pop(page, None)
        self.holder, self.since, self.until = page, now, now + LEASE_SECONDS
        return True

    def has_speaker(self, now: float) -> bool:
        self._expire_leases(now)
        return self.holder is not None

    def is_empty(self, now: float) -> bool:
        """Nobody speaks and nobody waits: it may be forgotten."""
        self._expire_leases(now)
        return self.holder is None and not self._line

    def _stand_in_line(self, page: Page, now: float) -> None:
        of_its_network = sum(network == page[0] for network, _ in self._line)
        if page in self._line or (len(self._line) < MOST_IN_LINE and of_its_network < MOST_OF_A_NETWORK):
            self._line[page] = now + LEASE_SECONDS

    def _expire_leases(self, now: float) -> None:
        self._line = {page: until for page, until in self._line.items() if until > now}
        if self.holder is not None and self.until <= now:
            self.holder, self.handed_over_at = None, 0
