"""The engine: SQLite with WAL and a full sync at every commit, or PostgreSQL through the same code."""

import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from config.errors import MotcuaError
from display_server.db.files import database_kind as foreign
from display_server.db.files import file_set
from display_server.db.files import locks as holds
from display_server.db.files.owners import why_not_writable
from display_server.db.sqlite import BUSY_SECONDS, TURN, WRITE, file_of, make_engine

_FILE = "motcua_file"
PING_AFTER_IDLE_SECONDS = 1.0  # since its last use a connection to a database server is taken for alive
APPLICATION = "motcua"  # what PostgreSQL calls our sessions

_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")

# A database's machine that dies says nothing: without these a request would hang for a quarter of an hour.
_TCP_KEEPALIVE = {"tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2}


class DatabaseError(MotcuaError):
    """The database cannot be reached, written or understood."""


class DatabaseUnavailableError(DatabaseError):
    """A database server that does not answer, or not yet: it may be there in a moment."""


class DatabaseInUseError(DatabaseError):
    """Another process has the database open, and this needs it alone."""


def open_engine(database: str, *, create: bool = True) -> Engine:
    """An engine for the SQLAlchemy URL `database`. Raises `DatabaseError`, one line, when it cannot be opened:
    `DatabaseUnavailableError` when trying again may help.

    `create`: whether an SQLite file that is not there is made. One that holds something else is not touched.
    """
    url = known_url(database)
    with translate_errors(url):
        engine = _sqlite(url, create=create) if url.get_backend_name() == "sqlite" else _server(url)
        try:
            with write_transaction(
                engine
            ):  # fails here, with a clear reason, when the file or its folder cannot be written
                pass
        except BaseException:
            engine.dispose()
            raise
        if engine.dialect.name == "sqlite":
            engine.update_execution_options(**{_FILE: _identity(Path(str(engine.url.database)))})
        return engine


@contextmanager
def translate_errors(url: URL) -> Iterator[None]:
    """Whatever the database refuses becomes a `DatabaseError` that names it, without its password."""
    shown = url.render_as_string(hide_password=True)
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseError(f"{shown}: not a database URL that Motcua knows: {error}") from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason = _reason(error)
        is_away = isinstance(error, OperationalError) and url.get_backend_name() != "sqlite"
        raise (DatabaseUnavailableError if is_away else DatabaseError)(f"{shown}: {reason}{_owner(url)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(getattr(error, "orig", error)).strip().splitlines()[0]


def _owner(url: URL) -> str:
    if url.get_backend_name() != "sqlite":
        return ""
    reason = why_not_writable(file_set.files_with_lock(Path(str(url.database)).absolute()))
    return f" ({reason})" if reason else ""


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """A read transaction: one consistent view from its first statement to its last.

    Raises `DatabaseError` when the file is no longer the one that was opened.
    """
    check_same_file(engine)
    snapshot = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**snapshot) as connection, connection.begin():
        yield connection


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """A write transaction: committed at the end, undone by any error.

    Raises `DatabaseError` when the file is no longer the one that was opened: what was written is lost with it.
    """
    check_same_file(engine)
    with (
        _writer_lock(engine),
        engine.connect().execution_options(**{WRITE: True}) as connection,
    ):
        with connection.begin():
            yield connection
        check_same_file(engine, after_commit=True)


@contextmanager
def _writer_lock(engine: Engine) -> Iterator[None]:
    """SQLite has one writer. Writers of this process queue here, where they hold no connection that readers need."""
    turn = engine.get_execution_options().get(TURN)
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=BUSY_SECONDS):
        raise WaitedTooLong("the writers before this one did not end in time")
    try:
        yield
    finally:
        turn.release()


def check_same_file(engine: Engine, *, after_commit: bool = False) -> None:
    """Raises `DatabaseError` when SQLite's file is no longer the one that was opened.

    A file that was deleted or replaced stays open and takes every write; all of them are lost at the next start.
    `after_commit`: a connection is open, so what it wrote must stand in the -wal beside the file.
    """
    opened = engine.get_execution_options().get(_FILE)
    if opened is None:
        return
    file = Path(str(engine.url.database))
    if _identity(file) != opened:
        raise DatabaseError(f"{file}: was moved, deleted or replaced while the server runs: put it back and restart")
    if after_commit and _identity(file.with_name(f"{file.name}-wal")) is None:
        raise DatabaseError(f"{file}-wal: was moved or deleted while the server runs: put it back and restart")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def known_url(database: str) -> URL:
    """Raises `DatabaseError`, one line, for anything but a file of SQLite or PostgreSQL."""
    try:
        url = make_url(database)
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(f"not a database URL such as sqlite:///var/motcua.db: {error}") from error
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername not in _DRIVERS:
        shown = url.render_as_string(hide_password=True)
        raise DatabaseError(
            f"{shown}: Motcua keeps its data in sqlite:///FILE or postgresql://…, not in {url.drivername}"
        )
    if url.get_backend_name() == "sqlite":
        with translate_errors(url):
            _check_file(url)
    return url


def _check_file(url: URL) -> None:
    if url.host or url.query:
        raise ArgumentError("SQLite takes a file alone, for example sqlite:////var/lib/motcua/motcua.db")
    try:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            found = file_of(url).stat().st_mode
            if not stat.S_ISREG(found) and not stat.S_ISDIR(found):  # of a folder others say more
                raise ArgumentError("is no file")
    except ValueError as error:  # a NUL in the name
        raise ArgumentError(str(error)) from error


def _sqlite(url: URL, *, create: bool) -> Engine:
    file = file_of(url)
    if file_set.is_unfinished(file):
        with alone(file):
            file_set.finish(file)
    if not create and not file.exists():
        raise not_there(file, url)
    if file.exists() and (why := why_not_writable([file.parent, *file_set.files_of(file)])):
        raise DatabaseError(f"{file}: cannot be used: {why}")  # SQLite itself would open it, and refuse the first write
    if why := foreign.why_not_ours(file):
        raise DatabaseError(f"{file}: {why}: nothing was changed in it")
    return make_engine(url)


def not_there(file: Path, url: URL) -> DatabaseError:
    """The error for an SQLite file that is missing; a relative name is looked for in the wrong folder easily."""
    if Path(str(url.database)).is_absolute():
        return DatabaseError(f"{file}: there is no such database")
    return DatabaseError(
        f"{file}: there is no such database ({url} is relative to this folder: give --database, or --config FILE)"
    )


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Nobody else has the SQLite database open meanwhile, and nobody can open it. Raises `DatabaseInUseError`."""
    try:
        with holds.alone(file):
            yield
    except holds.HeldError as error:
        who = f"process {error.process}" if error.process else "another process"
        raise DatabaseInUseError(
            f"{file}: is in use by {who}: stop it first (a server: systemctl stop motcua-server)"
        ) from error


def _server(url: URL) -> Engine:
    limits: dict[str, Any] = _TCP_KEEPALIVE | {
        "application_name": APPLICATION,
        "connect_timeout": 10,
        "options": f"-c lock_timeout={BUSY_SECONDS:.0f}s",
    }
    unset = {key: value for key, value in limits.items() if key not in url.query}
    engine = create_engine(
        url, pool_size=16, max_overflow=16, pool_use_lifo=True, connect_args=unset, hide_parameters=True
    )
    event.listen(engine, "connect", _note_use)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_check_alive, engine))
    return engine


def _note_use(_: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _check_alive(engine: Engine, connection: Any, record: Any, _: Any) -> None:
    """SQLAlchemy's `pool_pre_ping` for connections that had time to die; those in steady use spare the way."""
    if time.monotonic() - record.info.get("used_at", 0.0) < PING_AFTER_IDLE_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error
