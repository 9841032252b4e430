"""Restoring: a copy is checked whole before it takes the database's name, and any failure leaves what was there."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL

from config.private_files import make_private_folder
from display_server.db.copies import age
from display_server.db.copies.backup import copy_sqlite
from display_server.db.copies.consistency import unsound
from display_server.db.copies.file_kinds import Kind, kind_of, why_no_backup
from display_server.db.copies.postgres import feed, refuse_while_in_use
from display_server.db.copies.temporary_files import missing_folders, remove_folders, unfinished
from display_server.db.engine import DatabaseError, alone, known_url, open_engine, translate_errors, write_transaction
from display_server.db.files import file_set
from display_server.db.files.database_kind import why_not_a_hall
from display_server.db.files.locks import lock_file
from display_server.db.schema.migrate import HEAD, revision_in, run, run_inside, why_not_known
from display_server.db.schema.schema_check import problems
from display_server.db.sqlite import file_of, make_engine_aside

Begin = Callable[[Connection], None]

_OF_THE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_MIGRATIONS_LOCK = 7726  # as in migrations/env.py: a server that starts meanwhile waits


def restore(
    file: Path, database: str, begin: Begin, *, now: datetime, replace: bool = False, identity: Path | None = None
) -> Path | None:
    """Put the backup `file` into `database`, which must be empty or not there, and not in use.

    `begin(connection)`: what the restored hall begins with; it happens before anybody can open it. `replace`: SQLite's
    old files move aside; where to is answered. `identity`: the file with the secret key of an encrypted backup.
    Raises `DatabaseError`, one line; then everything is as it was.
    """
    url = known_url(database)
    shown = url.render_as_string(hide_password=True)
    with translate_errors(url):
        if url.get_backend_name() == "sqlite":
            target = file_of(url)
            with _readable(file, identity, target) as plain:
                _refuse_kind(file, plain, Kind.SQLITE, shown)
                return _into_sqlite(file, plain, target, begin, now=now, replace=replace)
        if replace:
            raise DatabaseError(f"{shown}: --replace is for SQLite: {_new_database(url)}")
        with _readable(file, identity, None) as plain:
            _refuse_kind(file, plain, Kind.POSTGRES, shown)
            _into_postgres(file, plain, url, begin, now)
            return None


@contextmanager
def _readable(file: Path, identity: Path | None, target: Path | None) -> Iterator[Path]:
    """The backup itself, decrypted where it must be: beside the database `target`, under a name that the next restore
    takes again, so that a power cut leaves no plain copy for good.
    """
    if kind_of(file) not in (Kind.AGE, Kind.ARMOURED):
        yield file.absolute()
        return
    if identity is None:
        raise DatabaseError(f"{file}: is encrypted: give the file with its secret key, --identity FILE")
    if target is not None and target.parent.is_dir():
        with unfinished(target.with_name(f"{target.name}.decrypted")) as decrypted:
            age.decrypt(file, decrypted, identity)
            decrypted.flush()
            yield target.with_name(f"{target.name}.decrypted")
        return
    with tempfile.TemporaryDirectory(prefix="motcua-restore-") as own:
        plain = Path(own) / "backup"
        with plain.open("wb") as decrypted:
            age.decrypt(file, decrypted, identity)
        yield plain


def _refuse_kind(file: Path, plain: Path, wanted: Kind, shown: str) -> None:
    kind = kind_of(plain)
    if kind is wanted:
        return
    if kind is Kind.SQLITE:
        raise DatabaseError(
            f"{file}: is an SQLite backup: motcua copy sqlite:///{file.resolve()} {shown} puts it there"
        )
    if kind is Kind.POSTGRES:
        raise DatabaseError(
            f"{file}: is a PostgreSQL backup: restore it into an empty PostgreSQL database"
            " (--database postgresql:///NAME); motcua copy brings it from there to SQLite"
        )
    raise DatabaseError(f"{file}: {why_no_backup(plain)}")


def _into_sqlite(file: Path, plain: Path, target: Path, begin: Begin, *, now: datetime, replace: bool) -> Path | None:
    if target.is_dir():
        raise DatabaseError(f"{target}: is a folder")
    made = missing_folders(target.parent)
    try:
        make_private_folder(target.parent)
        with alone(target):
            file_set.finish(target)
            _refuse_what_lies_there(file, plain, target, replace=replace)
            new = target.with_name(target.name + ".unfinished")
            with unfinished(new, like=lock_file(target)):
                _fill(file, plain, new, begin, now)
                return file_set.put_in_place(new, target, now)
    finally:
        remove_folders(made)  # those that are empty: of a restore that failed


def _refuse_what_lies_there(file: Path, plain: Path, target: Path, *, replace: bool) -> None:
    there = file_set.files_of(target)
    if any(plain.samefile(each) for each in there if each.exists()):
        raise DatabaseError(f"{file}: is the database itself, or a file beside it")
    if there and not replace:
        names = ", ".join(each.name for each in there)
        verb = "is" if len(there) == 1 else "are"
        raise DatabaseError(
            f"{target}: {names} {verb} there already: nothing was changed."
            " --replace moves all of it aside under a dated name"
        )


def _refuse_cut_off(file: Path, plain: Path) -> None:
    """SQLite fills up a last page that is cut off, and finds nothing wrong where it was empty."""
    with plain.open("rb") as opened:
        header = opened.read(100)
    size = int.from_bytes(header[16:18]) or 1
    pages = int.from_bytes(header[28:32]) if header[24:28] == header[92:96] else 0
    if plain.stat().st_size < pages * (65536 if size == 1 else size):
        raise DatabaseError(f"{file}: is damaged: its end is missing")


def _fill(file: Path, plain: Path, new: Path, begin: Begin, now: datetime) -> None:
    _refuse_cut_off(file, plain)
    try:
        copy_sqlite(plain.resolve(), new)
    except DatabaseError as error:
        raise DatabaseError(str(error).replace(str(plain.resolve()), str(file))) from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK:
            raise DatabaseError(f"{file}: cannot be copied into {new.parent}: {error}") from error
        raise DatabaseError(f"{file}: is damaged or no backup: {error}") from error
    engine = make_engine_aside(new)
    try:
        with engine.connect() as connection:
            revision = _known_revision(file, connection)
        if revision != HEAD:
            run(engine, HEAD)
        with write_transaction(engine) as connection:
            _refuse_problems(file, connection, now)
            begin(connection)
    finally:
        engine.dispose()


def _known_revision(file: Path, connection: Connection) -> str:
    tables = set(inspect(connection).get_table_names())
    revision = revision_in(connection)
    if why := why_not_a_hall(tables) or why_not_known(revision):
        raise DatabaseError(f"{file}: {why}")
    if revision is None:
        raise DatabaseError(f"{file}: holds no hall: there are no tables of Motcua's in it")
    return revision


def _refuse_problems(file: Path, connection: Connection, now: datetime) -> None:
    found = problems(connection) or unsound(connection, now.date())
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise DatabaseError(f"{file}: {found[0]}{more}: it was not restored")


def _into_postgres(file: Path, plain: Path, url: URL, begin: Begin, now: datetime) -> None:
    """All in one transaction: pg_restore's script, the checks, and the new beginning."""
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with engine.connect() as connection, connection.begin():
            _refuse_not_empty(connection, url)
            refuse_while_in_use(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATIONS_LOCK})
            feed(connection, url, plain)
            if _known_revision(file, connection) != HEAD:
                run_inside(connection, HEAD)
            _refuse_problems(file, connection, now)
            begin(connection)
    finally:
        engine.dispose()


def _refuse_not_empty(connection: Connection, url: URL) -> None:
    found = connection.execute(_RELATIONS).scalar()
    if found is not None:
        shown = url.render_as_string(hide_password=True)
        raise DatabaseError(f"{shown}: is not empty (there is {found}): {_new_database(url)}")


def _new_database(url: URL) -> str:
    return (
        f"make a new one (createdb --owner {url.username or 'motcua'} {url.database}_new), restore into that"
        " with --database, then name it in server.database"
    )


_RELATIONS = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"
    " ORDER BY c.relkind <> 'r', c.relname LIMIT 1"
)
