"""From one database to another of any kind, every row checked: a hall that outgrows SQLite moves to PostgreSQL."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, text

from display_server.store.engine import DatabaseError, open_engine, reading, told_in_one_line, writing
from display_server.store.migrate import HEAD, current_revision, upgrade
from display_server.store.tables import metadata

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Contents:
    """What a table holds: how many rows, and the sum of the rows' SHA-256, whatever their order."""

    rows: int
    checksum: str


def copy_database(source: str, target: str) -> dict[str, Contents]:
    """Every row of the database `source` into the empty database `target`; what each table holds, by its name.

    All or nothing: `target` is read again before the commit. Raises `DatabaseError`.
    """
    old = open_engine(source)
    try:
        if (found := current_revision(old)) != HEAD:
            raise DatabaseError(f"{source}: its schema is {found}, not {HEAD}: start this Motcua's server on it once")
        new = open_engine(target)
        try:
            with told_in_one_line(new.url):
                upgrade(new)
                with reading(old) as from_there, writing(new) as to_here:
                    return _copy(from_there, to_here, new.url.render_as_string(hide_password=True))
        finally:
            new.dispose()
    finally:
        old.dispose()


def _copy(source: Connection, target: Connection, name: str) -> dict[str, Contents]:
    copied = {}
    for table in metadata.sorted_tables:
        if target.execute(select(func.count()).select_from(table)).scalar():
            raise DatabaseError(f"{name}: is not empty: there are rows in {table.name}")
        rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table))
        copied[table.name] = _insert(target, table, rows)
        _count_on(target, table)
    for table in metadata.sorted_tables:
        there = _contents(target.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table)))
        if there != copied[table.name]:
            raise DatabaseError(f"{name}: {table.name} is not what it was: nothing was written")
    return copied


def _insert(target: Connection, table: Table, rows: Iterable[Row[Any]]) -> Contents:
    total, count = 0, 0
    remaining: Iterator[Row[Any]] = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        target.execute(insert(table), [row._asdict() for row in some])
        total, count = total + sum(map(_hash, some)), count + len(some)
    return Contents(count, _shown(total))


def _contents(rows: Iterable[Row[Any]]) -> Contents:
    total, count = 0, 0
    for row in rows:
        total, count = total + _hash(row), count + 1
    return Contents(count, _shown(total))


def _hash(row: Row[Any]) -> int:
    canonical = json.dumps(row._asdict(), sort_keys=True, ensure_ascii=False, default=_as_text)
    return int.from_bytes(hashlib.sha256(canonical.encode()).digest())


def _as_text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else value.isoformat() if isinstance(value, date) else str(value)


def _shown(total: int) -> str:
    return f"{total % 2**256:064x}"


def _count_on(target: Connection, table: Table) -> None:
    """PostgreSQL counts rows in a sequence of its own, which knows nothing of rows that came with their ids."""
    if target.dialect.name == "postgresql" and table.autoincrement_column is not None:
        last = target.execute(select(func.max(table.c.id))).scalar()
        if last is not None:
            target.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": table.name, "last": last}
            )
