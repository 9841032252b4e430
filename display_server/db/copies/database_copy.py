"""From one database to another of any kind, every row checked: a hall that outgrows SQLite moves to PostgreSQL."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Result, Row, Table, func, insert, select, text
from sqlalchemy.engine import URL

from display_server.db.copies.consistency import unsound
from display_server.db.copies.file_kinds import is_worked_on
from display_server.db.copies.postgres import refuse_while_in_use
from display_server.db.copies.postgres_limits import faults, mended
from display_server.db.copies.restore import Begin
from display_server.db.copies.temporary_files import gone_when_it_fails
from display_server.db.engine import (
    DatabaseError,
    alone,
    known_url,
    not_there,
    open_engine,
    read_transaction,
    translate_errors,
    write_transaction,
)
from display_server.db.files.database_kind import why_not_ours
from display_server.db.files.file_set import finish
from display_server.db.schema.migrate import HEAD, current_revision, upgrade, why_not_known
from display_server.db.sqlite import file_of, make_engine_to_read
from display_server.db.tables import metadata

ROWS_AT_ONCE = 1000
MOST_TOLD = 10  # of what PostgreSQL cannot hold


@dataclass(frozen=True)
class Contents:
    """What a table holds: how many rows, and the sum of the rows' SHA-256, whatever their order."""

    rows: int
    checksum: str


def copy_database(
    source: str, target: str, begin: Begin | None = None, move: Begin | None = None, *, mend: bool = False
) -> dict[str, Contents]:
    """Every row of the database `source` into the empty database `target`; what each table holds, by its name.

    All or nothing: `target` is read again before the commit, and an SQLite file that was made for it goes again.
    `mend`: what PostgreSQL cannot hold is changed on the way (`fitness.mended`); otherwise it is named and refused.
    `begin(connection)`: what a hall begins with that comes out of a backup; `move(connection)`: any other.
    Raises `DatabaseError`.
    """
    from_url, to_url = known_url(source), known_url(target)
    _refuse_same(from_url, to_url)
    with ExitStack() as stack:
        old, is_backup = _open_source(from_url, stack)
        if (found := current_revision(old)) != HEAD:
            raise DatabaseError(f"{source}: {_why_not(found)}")
        stack.enter_context(gone_when_it_fails(to_url))
        new = open_engine(target)
        stack.callback(new.dispose)
        with translate_errors(new.url):
            upgrade(new)
            with read_transaction(old) as from_there, write_transaction(new) as to_here:
                if from_url.get_backend_name() != "sqlite":
                    refuse_while_in_use(from_there)
                copied = _copy(from_there, to_here, new.url.render_as_string(hide_password=True), mend=mend)
                then = begin if is_backup else move
                if then is not None:
                    then(to_here)
                return copied


def _refuse_same(source: URL, target: URL) -> None:
    is_same = source == target
    if source.get_backend_name() == target.get_backend_name() == "sqlite":
        files = file_of(source), file_of(target)
        is_same = files[0] == files[1] or (all(each.exists() for each in files) and files[0].samefile(files[1]))
    if is_same:
        raise DatabaseError(f"{target.render_as_string(hide_password=True)}: is the source itself: give another target")


def _open_source(url: URL, stack: ExitStack) -> tuple[Engine, bool]:
    """The source, which nobody else uses, and whether it is a backup: one of SQLite's, as it was written."""
    if url.get_backend_name() != "sqlite":
        engine = open_engine(url.render_as_string(hide_password=False), create=False)
        stack.callback(engine.dispose)
        return engine, False
    with translate_errors(url):
        file = file_of(url)
        if not file.exists():
            raise not_there(file, url)
        stack.enter_context(alone(file))
        finish(file)
        if why := why_not_ours(file):
            raise DatabaseError(f"{file}: {why}")
        engine = make_engine_to_read(file)
        stack.callback(engine.dispose)
        return engine, not is_worked_on(file)


def _why_not(revision: str | None) -> str:
    if revision is None:
        return "holds no hall: there is nothing to copy"
    return (
        why_not_known(revision)
        or f"its schema is {revision}, not {HEAD}: start this Motcua's server on it once (a backup: restore it first)"
    )


def _copy(source: Connection, target: Connection, name: str, *, mend: bool) -> dict[str, Contents]:
    copied = {}
    change = mended if mend and target.dialect.name == "postgresql" else _as_it_is
    if target.dialect.name == "postgresql" and not mend:
        with suppress(ValueError, TypeError, AttributeError):  # what cannot be read at all is told below
            _refuse_unfit(source, name)
    if found := unsound(source, datetime.now(UTC).date()):
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise DatabaseError(f"{name}: nothing was written: in the source, {found[0]}{more}")
    for table in metadata.sorted_tables:
        if target.execute(select(func.count()).select_from(table)).scalar():
            raise DatabaseError(f"{name}: is not empty: there are rows in {table.name}")
        rows = _all_rows(source, table)
        copied[table.name] = _insert(target, table, (change(table, row._asdict()) for row in rows))
        _count_on(target, table)
    for table in metadata.sorted_tables:
        there = _contents(_all_rows(target, table))
        if there != copied[table.name]:
            raise DatabaseError(f"{name}: {table.name} is not what it was: nothing was written")
    return copied


def _all_rows(connection: Connection, table: Table) -> Result[Any]:
    """A few at a time. Of this statement alone: as the connection's option, an UPDATE would want a cursor too."""
    return connection.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE})


def _refuse_unfit(source: Connection, name: str) -> None:
    """Before anything is written: the database itself would tell neither table nor row."""
    told: list[str] = []
    for table in metadata.sorted_tables:
        rows = _all_rows(source, table)
        unfit = (fault for row in rows for fault in faults(table, row._asdict()))
        told += islice(unfit, MOST_TOLD - len(told))
    if told:
        way_out = "copy again with --mend: such letters become U+FFFD, what is too long is cut"
        raise DatabaseError("\n".join([f"{name}: nothing was written, as PostgreSQL cannot hold:", *told, way_out]))


def _as_it_is(_: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return dict(row)


def _insert(target: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> Contents:
    total, count = 0, 0
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        target.execute(insert(table), some)
        total, count = total + sum(map(_hash, some)), count + len(some)
    return Contents(count, _shown(total))


def _contents(rows: Iterable[Row[Any]]) -> Contents:
    total, count = 0, 0
    for row in rows:
        total, count = total + _hash(row._asdict()), count + 1
    return Contents(count, _shown(total))


def _hash(row: dict[str, Any]) -> int:
    canonical = json.dumps(row, sort_keys=True, default=_as_text)
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
