"""What visitors and clerks of one day share: their pace, what becomes of visits, and when the day is over."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import gevent
from gevent.event import Event

# Of twenty visits: shuffled anew each time, so that a short morning has some of everything.
DEEDS = ["serve"] * 12 + ["recall"] * 3 + ["no-show"] * 2 + ["park"] * 2 + ["transfer"]
BACK_IN_BETWEEN = 0.3


@dataclass(frozen=True)
class Pace:
    """Spans in seconds. `late`: the share of those who did not come when called and come after all."""

    coming: tuple[float, float]
    serving: tuple[float, float]
    tapping: tuple[float, float]
    late: float = 0.5


LIVELY = Pace(coming=(2.0, 5.0), serving=(6.0, 20.0), tapping=(0.5, 1.2))
HASTY = Pace(coming=(0.2, 0.8), serving=(1.0, 4.0), tapping=(0.0, 0.05))


@dataclass
class Scenario:
    """`has_guests`: people may use the kiosk and the counters as well."""

    departments: Sequence[str]
    pace: Pace
    has_guests: bool
    random: Random = field(default_factory=lambda: Random(2026))  # noqa: S311 - a play
    goes_on: Event = field(default_factory=Event)
    all_arrived: bool = False
    _deck: list[str] = field(default_factory=list)
    _counters: set[str] = field(default_factory=set)
    _found_nobody: set[str] = field(default_factory=set)
    _came: int = 0

    def __post_init__(self) -> None:
        self.goes_on.set()

    def spend(self, span: tuple[float, float]) -> None:
        """Some time within the span."""
        gevent.sleep(self.random.uniform(*span))

    def deal(self) -> str:
        """What becomes of the next visit."""
        if not self._deck:
            self._deck = self.random.sample(DEEDS, len(DEEDS))
        return self._deck.pop()

    def takes_back(self) -> bool:
        """Whether a clerk now calls somebody who was set aside, though others wait."""
        return self.random.random() < BACK_IN_BETWEEN

    def comes_late(self) -> bool:
        """Whether somebody who was not there when called comes after all."""
        return self.random.random() < self.pace.late

    def pause_for_pictures(self) -> None:
        """Wait while pictures are taken, with the visitor called and not yet served."""
        self.goes_on.wait()

    @contextmanager
    def busy(self, counter: str) -> Iterator[None]:
        """The counter serves its line until it finds nobody."""
        self._counters.add(counter)
        self._found_nobody.discard(counter)
        came = self._came
        try:
            yield
        finally:
            if came == self._came:
                self._found_nobody.add(counter)

    def somebody_came(self) -> None:
        """A visitor joined a line, or was sent to another: whoever found nobody has to look again."""
        self._came += 1
        self._found_nobody.clear()

    def close_the_door(self) -> None:
        """Nobody else comes."""
        self.all_arrived = True
        self.somebody_came()

    def is_over(self) -> bool:
        """Nobody else comes, and every counter has looked since the last visitor joined a line."""
        return self.all_arrived and self._found_nobody == self._counters
