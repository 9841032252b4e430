"""What is wrong with a centre's folder, told all at once."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from config.errors import MotcuaError
from config.input.files import read_inside
from config.text.types import for_messages

MOST_ROWS = 10  # named in one note
WHOLE = "whole"  # a row of a `Problem`


class Problem(NamedTuple):
    """One thing to mend.

    `file`: name within the folder. `row`: line number in the CSV; in TOML the entry ("department 3") or the key
    ("weekly.mon"). What concerns a file as a whole stands at row 1; a folder as a whole: `WHOLE`.
    """

    file: str
    row: int | str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.row}: {self.message}" if self.row != WHOLE else f"{self.file}: {self.message}"


class CentreDataError(MotcuaError):
    """A centre's folder that cannot be used. Its text holds every problem, one a line: `file:row: message`."""

    exit_code = 1

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Problems:
    """Collects problems in the order of reading, and which look-alikes were replaced where."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._folded: dict[tuple[str, str], list[int | str]] = {}

    def add(self, file: str, row: int | str, message: str) -> None:
        self.found.append(Problem(file, for_messages(row) if isinstance(row, str) else row, for_messages(message, 400)))

    def note_folded(self, file: str, row: int | str, kinds: Iterable[str]) -> None:
        for kind in kinds:
            self._folded.setdefault((file, kind), []).append(row)

    def notes(self) -> list[str]:
        """One line for each file and kind of look-alike that was replaced, with its rows."""
        return [f"{file}:{_listed(rows)}: {kind}" for (file, kind), rows in sorted(self._folded.items())]


def _listed(rows: list[int | str]) -> str:
    more = f" and {len(rows) - MOST_ROWS} more" if len(rows) > MOST_ROWS else ""
    return ", ".join(map(str, rows[:MOST_ROWS])) + more


def read_or_tell(path: Path, problems: Problems) -> bytes | None:
    """What a file of the centre's folder holds; None, with the problem, where it cannot be read."""
    try:
        return read_inside(path)
    except OSError as error:
        problems.add(path.name, 1, f"cannot be read: {error.strerror}")
        return None
