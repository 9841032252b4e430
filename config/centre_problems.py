"""What is wrong with a centre's folder, told all at once."""

from collections.abc import Sequence
from typing import NamedTuple

from config.errors import MotcuaError


class Problem(NamedTuple):
    """One thing to mend.

    `file`: name within the folder. `row`: line number in the CSV; in TOML the entry ("department 3") or the key
    ("weekly.mon"). What concerns a file as a whole stands at row 1.
    """

    file: str
    row: int | str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.message}"


class CentreDataError(MotcuaError):
    """A centre's folder that cannot be used. Its text holds every problem, one a line: `file:row: message`."""

    exit_code = 1

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Problems:
    """Collects problems in the order of reading."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, file: str, row: int | str, message: str) -> None:
        self.found.append(Problem(file, row, message))
