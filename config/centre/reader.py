"""Reads a centre's files into models. Whatever cannot be read or understood becomes a `Problem`; nothing raises."""

import re
import struct
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.centre.missing_glyphs import letters_not_drawn
from config.input.files import parse_toml, read_inside
from config.input.problems import Problems, read_or_tell
from config.input.validation_messages import plain_reason
from config.text.look_alikes import fold_values

Model = TypeVar("Model", bound=BaseModel)

LARGEST_EMBLEM = 200 * 1024
SMALLEST_EDGE, LARGEST_EDGE = 64, 2000
# A PNG begins with its signature and the header chunk, which opens with width and height (RFC 2083, 3.1 and 4.1.1).
PNG_HEAD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
PNG_SIZE = slice(16, 24)


@dataclass
class ParsedTable(Generic[Model]):
    """The entries of one list. `raw`: (row, values) of all, understood or not; None when the file is unreadable."""

    file: str
    raw: list[tuple[int | str, dict[str, Any]]] | None = None
    valid: list[tuple[int | str, Model]] = field(default_factory=list)

    @property
    def models(self) -> list[Model]:
        return [model for _, model in self.valid]


def check_model(
    model: type[Model], values: dict[str, Any], file: str, row: int | str | None, problems: Problems
) -> Model | None:
    """`values` as a `model`, or None and its problems at `row`. Without a row, the key is the row."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for detail in error.errors():
            key, message = _key(detail), plain_reason(detail, with_input=True)
            if row is None:
                problems.add(file, key or 1, message)
            else:
                problems.add(file, row, f"{key}: {message}" if key else message)
        return None


def read_toml(path: Path, problems: Problems) -> dict[str, Any] | None:
    text = _read_text(path, problems)
    if text is None:
        return None
    try:
        return parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else 1
        problems.add(path.name, line, f"not valid TOML: {error}{_of_word(text.splitlines()[line - 1 : line])}")
        return None


def _of_word(lines: list[str]) -> str:
    is_curly = any(letter in line for line in lines for letter in "\u201c\u201d\u201e\u2018\u2019\u00a0")
    return "; this line has curly quotes or special blanks, as Word writes them" if is_curly else ""


def folded(values: Any, file: str, row: int | str, problems: Problems, key: str = "") -> Any:
    """`values` without look-alikes; which kinds there were is noted, and so are letters that no font draws."""
    found, kinds = fold_values(values, key=key)
    problems.note_folded(file, row, kinds)
    for message in letters_not_drawn(found, key):
        problems.add(file, row, message)
    return found


def read_entries(model: type[Model], path: Path, table: str, problems: Problems) -> ParsedTable[Model]:
    """The `[[table]]` entries of a TOML file; without a `position`, its place in the file is taken."""
    values = read_toml(path, problems)
    return ParsedTable(path.name) if values is None else check_entries(model, values, path, table, problems)


def check_entries(
    model: type[Model], values: dict[str, Any], path: Path, table: str, problems: Problems
) -> ParsedTable[Model]:
    """The same of a file that was read already."""
    entries: ParsedTable[Model] = ParsedTable(path.name)
    for key in values.keys() - {table}:
        problems.add(path.name, key, f"unknown key; entries are written as [[{table}]]")
    listed = values.get(table)
    if not isinstance(listed, list) or not listed or not all(isinstance(entry, dict) for entry in listed):
        problems.add(path.name, table, f"at least one [[{table}]] is needed")
        return entries
    entries.raw = [
        (row, folded(entry, path.name, row, problems))
        for row, entry in ((f"{table} {ordinal}", entry) for ordinal, entry in enumerate(listed, start=1))
    ]
    for ordinal, (row, entry) in enumerate(entries.raw, start=1):
        if "position" in model.model_fields:
            entry.setdefault("position", ordinal)
        keep_valid(entries, check_model(model, entry, path.name, row, problems), row)
    return entries


def read_emblem(path: Path, problems: Problems) -> bytes | None:
    """The centre's emblem, a PNG; a centre may have none."""
    if not path.exists():
        return None
    data = read_or_tell(path, problems)
    if data is None:
        return None
    if reason := _not_an_emblem(data):
        problems.add(path.name, 1, reason)
        return None
    return data


def _not_an_emblem(data: bytes) -> str:
    if len(data) > LARGEST_EMBLEM:
        return f"is larger than {LARGEST_EMBLEM // 1024} KiB"
    if not data.startswith(PNG_HEAD) or len(data) < PNG_SIZE.stop:
        return "is not a PNG picture"
    width, height = struct.unpack(">II", data[PNG_SIZE])
    if not all(SMALLEST_EDGE <= edge <= LARGEST_EDGE for edge in (width, height)):
        return f"is {width}×{height} pixels; each edge must have {SMALLEST_EDGE} to {LARGEST_EDGE}"
    return ""


def keep_valid(entries: ParsedTable[Model], model: Model | None, row: int | str) -> None:
    if model is not None:
        entries.valid.append((row, model))


def _read_text(path: Path, problems: Problems) -> str | None:
    try:
        return read_inside(path).decode("utf-8-sig")
    except FileNotFoundError:
        problems.add(path.name, 1, "the file is missing")
    except OSError as error:
        problems.add(path.name, 1, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.add(path.name, line, "is not UTF-8")
    return None


def _key(detail: ErrorDetails) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in detail["loc"] if part != "[key]")
