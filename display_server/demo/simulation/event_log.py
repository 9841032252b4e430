"""What happened, as visitors, clerks and one screen saw it, and what of it must not be."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Taken:
    """A number that a visitor got."""

    number: str
    department: str
    priority: str | None
    at_kiosk: bool


@dataclass
class EventLog:
    """`calls`: as the clerks got them, in order. `shown`: sequence numbers of calls that a watching screen received.

    `pause`: when everybody stood still for the pictures.
    """

    taken: list[Taken] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    steps: Counter[str] = field(default_factory=Counter)
    shown: set[int] = field(default_factory=set)
    open_at: dict[int, str] = field(default_factory=dict)
    pause: tuple[datetime, datetime] | None = None
    faults: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def fault(self, kind: str, told: str) -> None:
        """Something that must not be."""
        self.faults[kind] += 1
        self.told.append(f"{kind}: {told}")

    def called(self, call: dict[str, Any]) -> None:
        """A clerk called somebody; nobody may be at two counters."""
        elsewhere = self.open_at.get(call["ticket_id"])
        if elsewhere not in (None, call["counter"]):
            self.fault("double_calls", f"{call['number']} to {call['counter']} while at {elsewhere}")
        self.open_at[call["ticket_id"]] = call["counter"]
        self.calls.append(call)

    def left(self, call: dict[str, Any]) -> None:
        """The visit is over, or goes on elsewhere."""
        self.open_at.pop(call["ticket_id"], None)
