"""Which calls a display shows: those of some counters, else of some departments, else all."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShownCalls:
    """Empty sets: every call. Displays that show the same hear one another: one of them speaks."""

    counters: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "ShownCalls":
        """From "COUNTER,COUNTER;DEPARTMENT,DEPARTMENT"; anything can be read, an unknown code shows nothing."""
        counters, _, departments = text.partition(";")
        return cls(_codes(counters), _codes(departments))

    def __str__(self) -> str:
        return f"{','.join(sorted(self.counters))};{','.join(sorted(self.departments))}"

    def key(self) -> str:
        """The same for the same calls, 64 characters long."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def has(self, counter: str, department: str) -> bool:
        """Whether a call to `counter` of `department` is shown (the same rule: `concerns` in hall.js)."""
        if self.counters:
            return counter in self.counters
        return not self.departments or department in self.departments

    def covers(self, other: "ShownCalls") -> bool:
        """Whether every call of `other` is shown here too."""
        if not self.counters and not self.departments:
            return True
        if self.counters:
            return bool(other.counters) and other.counters <= self.counters
        return not other.counters and bool(other.departments) and other.departments <= self.departments


def _codes(text: str) -> frozenset[str]:
    return frozenset(filter(None, (code.strip() for code in text.split(","))))
