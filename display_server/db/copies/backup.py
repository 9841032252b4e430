"""Backups with the database's own means: SQLite's online backup, or pg_dump."""

import logging
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from config.private_files import make_private_folder
from display_server.db.copies import age
from display_server.db.copies.file_kinds import Kind, is_worked_on, kind_of, why_no_backup
from display_server.db.copies.postgres import dump, piped
from display_server.db.copies.temporary_files import unfinished
from display_server.db.engine import DatabaseError, alone, known_url, not_there, open_engine, translate_errors
from display_server.db.files import database_kind as foreign
from display_server.db.files import file_set
from display_server.db.files import locks as holds
from display_server.db.schema.migrate import current_revision
from display_server.db.sqlite import file_of

log = logging.getLogger(__name__)

_RESERVED = (*file_set.SUFFIXES[1:], ".lock")  # names that a database beside would take for its own


def backup_database(database: str, file: Path, recipients: Sequence[str] = ()) -> None:
    """A consistent copy of `database` in `file`, 0600, written beside it first: a broken copy never takes its name.

    `recipients`: of an encrypted one. Only another backup is replaced. Raises `DatabaseError`, one line.
    """
    url = known_url(database)
    source = _source(url)
    try:
        target = file.resolve()
        _refuse_target(target, source)
        with unfinished(target.with_name(target.name + ".unfinished")) as written:
            _write(url, source, written, Path(target.name + ".unfinished"), target.parent, recipients)
            written.flush()
            os.fsync(written.fileno())
            target.with_name(target.name + ".unfinished").replace(target)
            file_set.sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DatabaseError(f"{file}: the backup failed: {reason}") from error


def weekly_file(database: str, folder: Path, today: date, *, is_encrypted: bool) -> Path:
    """The file of the day of the week, 1 for Monday: a week back, and no disk fills up."""
    kind = "db" if known_url(database).get_backend_name() == "sqlite" else "dump"
    return folder / f"motcua-{today.isoweekday()}.{kind}{'.age' if is_encrypted else ''}"


def back_up_before_upgrade(engine: Engine, now: datetime, folder: Path, recipients: Sequence[str] = ()) -> Path | None:
    """A copy of a hall whose schema is about to change: `restore` with the older Motcua goes back to it.

    Beside SQLite's file; of PostgreSQL in `folder`, which is made, where pg_dump is installed. None: there is no copy.
    Raises `DatabaseError`.
    """
    name = f"schema-{current_revision(engine)}.{now:%Y%m%d-%H%M%S}"
    database, end = engine.url.render_as_string(hide_password=False), ".age" if recipients else ""
    if engine.dialect.name == "sqlite":
        source = file_of(engine.url)
        copy = source.with_name(f"{source.name}.{name}.backup{end}")
        backup_database(database, copy, recipients)
        return copy
    copy = folder.absolute() / f"{engine.url.database}.{name}.dump{end}"
    try:
        make_private_folder(copy.parent)
        backup_database(database, copy, recipients)
    except (DatabaseError, OSError) as error:
        log.warning("no copy was made before the schema changes: %s", error)
        return None
    return copy


def copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup of `source` into the file `target`: one file, checked. Raises `sqlite3.Error` too."""
    with _sharing(source), closing(_opened(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA trusted_schema = OFF")
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    if found != "ok":
        raise DatabaseError(f"{source}: is damaged: {found.splitlines()[0]}")


def _opened(source: Path) -> sqlite3.Connection:
    """For reading. A hall that nobody has open is opened as SQLite does for writing: it takes its -wal away again."""
    is_open = source.with_name(f"{source.name}-wal").exists()
    mode = "rw" if not is_open and os.access(source, os.W_OK) and os.access(source.parent, os.W_OK) else "ro"
    return sqlite3.connect(f"{source.as_uri()}?mode={mode}", uri=True)


@contextmanager
def _sharing(source: Path) -> Iterator[None]:
    try:
        share = holds.Share(source)
    except holds.HeldError as error:
        raise DatabaseError(f"{source}: is being restored or copied: try again when that has ended") from error
    except OSError:  # a backup on a disk that cannot be written
        yield
        return
    with closing(share):
        yield


def _source(url: URL) -> Path | None:
    """SQLite's file. Raises `DatabaseError` when there is no hall to copy."""
    if url.get_backend_name() == "sqlite":
        with translate_errors(url):
            return _sqlite_source(file_of(url), url)
    engine = open_engine(url.render_as_string(hide_password=False), create=False)
    try:
        with engine.connect() as connection, translate_errors(url):
            found = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar()
    finally:
        engine.dispose()
    if found is None:
        raise DatabaseError(f"{url.render_as_string(hide_password=True)}: holds no hall: there is nothing to back up")
    return None


def _sqlite_source(source: Path, url: URL) -> Path:
    if file_set.is_unfinished(source):
        with alone(source):
            file_set.finish(source)
    if not source.exists():
        raise not_there(source, url)
    if why := foreign.why_not_ours(source):
        raise DatabaseError(f"{source}: {why}")
    if not foreign.tables_in(source):
        raise DatabaseError(f"{source}: holds no hall: there is nothing to back up")
    return source


def _refuse_target(target: Path, source: Path | None) -> None:
    if not target.parent.is_dir():
        raise DatabaseError(f"{target}: there is no folder {target.parent}")
    if file_set.is_name_of_ours(target):
        raise DatabaseError(f"{target}: Motcua keeps files of that name beside a database: choose another")
    if target.name.endswith(_RESERVED):
        raise DatabaseError(f"{target}: SQLite keeps files of that name beside a database: choose another")
    beside = target.with_name(target.name + ".unfinished")
    if beside.is_file() and beside.stat().st_size and kind_of(beside) is None:
        raise DatabaseError(f"{beside}: is no backup that was cut off: move it away, or choose another name")
    if target.is_dir():
        raise DatabaseError(f"{target}: is a folder: give a file's name in it")
    if not target.exists():
        return
    if source is not None and any(target.samefile(part) for part in file_set.files_of(source)):
        raise DatabaseError(f"{target}: is the database itself: give another file")
    if why := _why_not_to_be_replaced(target):
        raise DatabaseError(f"{target}: {why}: choose another name, or move it away first")


def _why_not_to_be_replaced(target: Path) -> str:
    kind = kind_of(target)
    if kind is None:
        return f"is there already, and {why_no_backup(target)}"
    if kind is not Kind.SQLITE:
        return ""
    if is_worked_on(target) or len(file_set.files_of(target)) > 1 or holds.user_of(target):
        return "is a database that is or was in use, not a backup"
    return foreign.why_not_ours(target)


def _write(
    url: URL, source: Path | None, written: IO[bytes], name: Path, folder: Path, recipients: Sequence[str]
) -> None:
    if source is None:
        if recipients:
            with piped(url, ["pg_dump", "--format=custom", "--no-password"]) as plain:
                age.encrypt(plain, written, recipients)
        else:
            dump(url, written)
    elif recipients:  # the plain copy never reaches the place where the backup goes
        with unfinished(source.with_name(source.name + ".backup-unfinished")) as plain:
            copy_sqlite(source, source.with_name(source.name + ".backup-unfinished"))
            plain.seek(0)
            age.encrypt(plain, written, recipients)
    else:
        copy_sqlite(source, folder / name)
