"""What SQLite keeps and PostgreSQL cannot hold, by table and row: NUL in text, text too long, numbers that are none."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table

from config.text.types import LARGEST_INT, is_storable

LARGEST_INTEGER = 2**31 - 1  # of PostgreSQL's INTEGER


def faults(table: Table, row: Mapping[str, Any]) -> Iterator[str]:
    """One sentence for each value of `row` that PostgreSQL would refuse."""
    for column in table.c:
        if reason := _why(column, row[column.name]):
            keys = ", ".join(f"{key.name} {row[key.name]!r}" for key in table.primary_key)
            yield f"table {table.name}, row with {keys}: {column.name} {reason}"


def mended(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The same row as PostgreSQL takes it: unfit letters become U+FFFD, what is too long is cut."""
    return {column.name: _mended(column, row[column.name]) for column in table.c}


def _why(column: Column[Any], value: Any) -> str:
    if isinstance(value, str) and isinstance(column.type, String):
        if not is_storable(value):
            return "has a NUL character or half a character"
        if column.type.length is not None and len(value) > column.type.length:
            return f"has {len(value)} letters, and {column.type.length} are the most"
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(column.type, Integer):
        largest = LARGEST_INT if isinstance(column.type, BigInteger) else LARGEST_INTEGER
        return "is too large a number" if abs(value) > largest else ""
    return "has a number that is none" if isinstance(column.type, JSON) and _has_no_number(value) else ""


def _mended(column: Column[Any], value: Any) -> Any:
    if isinstance(value, str) and isinstance(column.type, String):
        fit = "".join(letter if is_storable(letter) else "\N{REPLACEMENT CHARACTER}" for letter in value)
        return fit[: column.type.length] if column.type.length is not None else fit
    return _without_no_numbers(value) if isinstance(column.type, JSON) else value


def _has_no_number(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_no_number, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and not math.isfinite(value)


def _without_no_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_no_numbers(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_without_no_numbers(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
