"""Which screens speak: exactly one of those that may, or those whose address says so."""

from dataclasses import dataclass, field

# A speaking screen that is not heard of for so long is dead. Screens ask every 2 s: a takeover takes 8 s at most.
LEASE_SECONDS = 6.0


@dataclass
class _Screen:
    always: bool
    until: float


@dataclass
class SpeakerLease:
    """Of one hall. Times are seconds of a clock that never jumps."""

    holder: str | None = None
    spoken: int = 0  # sequence number of the last call that was spoken to its end
    _screens: dict[str, _Screen] = field(default_factory=dict)

    def ask(self, screen: str, now: float, *, always: bool, able: bool, spoken: int) -> bool:
        """A screen renews its wish to speak; whether it speaks until it asks again.

        `always`: it has a loudspeaker of its own; while such a screen lives, the others are silent. `able`: its browser
        lets it sound. `spoken`: the last call that it has spoken, 0 for none.
        """
        self._forget_the_dead(now)
        self.spoken = max(self.spoken, spoken)
        if not able:
            self._screens.pop(screen, None)
        else:
            self._screens[screen] = _Screen(always, now + LEASE_SECONDS)
        if self.holder not in self._screens or (always and able and not self._screens[self.holder or ""].always):
            self.holder = self._best()
        return able and (always or self.holder == screen)

    def has_speaker(self, now: float) -> bool:
        self._forget_the_dead(now)
        return self.holder in self._screens

    def _best(self) -> str | None:
        """A screen with a loudspeaker of its own first, then whoever has been here longest."""
        return min(self._screens, key=lambda each: not self._screens[each].always, default=None)

    def _forget_the_dead(self, now: float) -> None:
        self._screens = {key: each for key, each in self._screens.items() if each.until > now}
