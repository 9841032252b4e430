"""What clients asked and were told, what screens showed, and what the database holds in the end. Plain data."""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

OWN_NUMBER = "own number"


@dataclass(frozen=True)
class Asked:
    """One attempt. `answered_at` and `status` are None where no answer came; times are seconds on one clock.

    `what`: tap, `OWN_NUMBER` (a tap that a kiosk answered by itself), call-next, start, finish, no-show, recall,
    transfer or park. `where`: the department's or counter's code. `ticket_id`: None too where a kiosk was not told it.
    """

    client: str
    what: str
    where: str
    request_id: str
    asked_at: float
    answered_at: float | None = None
    status: int | None = None
    ticket_id: int | None = None
    number: str | None = None
    seq: int | None = None  # of the call that the answer holds

    @property
    def done(self) -> bool:
        """Told to have been done, so that it must be there for good."""
        return self.status in (200, 201)


ShownCall = tuple[int, str, str]
"""A call on a screen: sequence, number, counter's code."""


@dataclass(frozen=True)
class Shown:
    """A state that a screen got: `calls` newest first. `is_last`: of a screen that was connected in the end."""

    screen: str
    version: int
    seq: int
    calls: tuple[ShownCall, ...]
    is_last: bool = False


@dataclass
class History:
    asked: list[Asked] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, event: Asked | Shown) -> None:
        with self._lock:
            (self.asked if isinstance(event, Asked) else self.shown).append(event)  # type: ignore[arg-type]

    def write(self, file: Path) -> None:
        """One JSON object a line, for whoever looks into a failure."""
        with file.open("w", encoding="utf-8") as out:
            for event in [*self.asked, *self.shown]:
                out.write(json.dumps({"kind": type(event).__name__} | asdict(event), ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class Ticket:
    """`department`: the code of the queue it was issued for. `place`: the centre's microseconds."""

    id: int
    request_id: str
    day: str
    prefix: str
    number: int
    department: str
    place: int

    @property
    def name(self) -> str:
        return f"{self.prefix}{self.number:03d}"


@dataclass(frozen=True)
class Call:
    seq: int
    ticket_id: int
    number: str
    counter: str


@dataclass(frozen=True)
class Line:
    """One of the journal, in its order. `department`: where the ticket went on to. `chosen`: called by its number."""

    action: str
    ticket_id: int | None = None
    number: str | None = None
    counter: str | None = None
    seq: int | None = None
    department: str | None = None
    chosen: bool = False


@dataclass
class Truth:
    """The database after all has come to rest. `latest`: how many calls a screen's state holds."""

    tickets: list[Ticket]
    calls: list[Call]
    journal: list[Line]
    latest: int = 10


def now() -> float:
    return time.monotonic()


def by_request(asked: Iterable[Asked]) -> dict[str, list[Asked]]:
    found: dict[str, list[Asked]] = {}
    for each in asked:
        found.setdefault(each.request_id, []).append(each)
    return found


Problems = dict[str, list[str]]
"""By the name of what must hold."""


def counted(problems: Problems) -> dict[str, Any]:
    return {name: len(each) for name, each in problems.items()}
