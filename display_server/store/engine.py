"""The engine: SQLite with WAL and a full sync at every commit, or PostgreSQL through the same code."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from gevent import get_hub
from gevent.monkey import is_module_patched
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as WaitedTooLong

from config.errors import MotcuaError

# A connection with this execution option takes SQLite's one write lock at its beginning.
WRITE = "motcua_write"
_TURN = "motcua_turn"
_FILE = "motcua_file"
BUSY_SECONDS = 5.0  # how long a write waits for another one, in this process or elsewhere
BUSY_PAUSE = 0.005
TRUSTED_SECONDS = 1.0  # since its last use a connection to a database server is taken for alive

# A checkpoint every 16 MiB instead of every 4: fewer pauses, and a little more to read after a power cut.
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -32000",
    "wal_autocheckpoint = 4000",
    "busy_timeout = 0",  # SQLite would wait inside C and hold up every other request; `_begin_sqlite` waits instead
)


# A database's machine that dies says nothing: without these a request would hang for a quarter of an hour.
_NOTICED = {"tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2}


class DatabaseError(MotcuaError):
    """The database cannot be reached, written or understood."""


class DatabaseAwayError(DatabaseError):
    """A database server that does not answer, or not yet: it may be there in a moment."""


def open_engine(database: str) -> Engine:
    """An engine for the SQLAlchemy URL `database`. Raises `DatabaseError`, one line, when it cannot be opened:
    `DatabaseAwayError` when trying again may help.
    """
    try:
        url = _known_url(database)
    except ArgumentError as error:
        raise DatabaseError(f"not a database URL such as sqlite:///var/motcua.db: {error}") from error
    with told_in_one_line(url):
        engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _server(url)
        with writing(engine):  # fails here, with a clear reason, when the file or its folder cannot be written
            pass
        if engine.dialect.name == "sqlite":
            engine.update_execution_options(**{_FILE: _identity(Path(str(engine.url.database)))})
        return engine


@contextmanager
def told_in_one_line(url: URL) -> Iterator[None]:
    """Whatever the database refuses becomes a `DatabaseError` that names it, without its password."""
    shown = url.render_as_string(hide_password=True)
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseError(f"{shown}: not a database URL that Motcua knows: {error}") from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        is_away = isinstance(error, OperationalError) and url.get_backend_name() != "sqlite"
        raise (DatabaseAwayError if is_away else DatabaseError)(f"{shown}: {reason}") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A read transaction: one consistent view from its first statement to its last."""
    snapshot = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**snapshot) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A write transaction: committed at the end, undone by any error."""
    with (
        _turn(engine),
        engine.connect().execution_options(**{WRITE: True}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """SQLite has one writer. Writers of this process queue here, where they hold no connection that readers need."""
    turn = engine.get_execution_options().get(_TURN)
    if turn is None:
        yield
        return
    if not turn.acquire(timeout=BUSY_SECONDS):
        raise WaitedTooLong("the writers before this one did not end in time")
    try:
        yield
    finally:
        turn.release()


def check_place(engine: Engine) -> None:
    """Raises `DatabaseError` when SQLite's file is no longer the one that was opened.

    A file that was deleted or replaced stays open and takes every write; all of them are lost at the next start.
    """
    opened = engine.get_execution_options().get(_FILE)
    if opened is None:
        return
    file = Path(str(engine.url.database))
    if _identity(file) != opened:
        raise DatabaseError(f"{file}: was moved, deleted or replaced while the server runs: put it back and restart")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _known_url(database: str) -> URL:
    url = make_url(database)
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def _server(url: URL) -> Engine:
    limits: dict[str, Any] = _NOTICED | {"connect_timeout": 10, "options": f"-c lock_timeout={BUSY_SECONDS:.0f}s"}
    unset = {key: value for key, value in limits.items() if key not in url.query}
    engine = create_engine(url, pool_size=16, max_overflow=16, pool_use_lifo=True, connect_args=unset)
    event.listen(engine, "connect", _note_use)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_check_alive, engine))
    return engine


def _note_use(_: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _check_alive(engine: Engine, connection: Any, record: Any, _: Any) -> None:
    """SQLAlchemy's `pool_pre_ping` for connections that had time to die; those in steady use spare the way."""
    if time.monotonic() - record.info.get("used_at", 0.0) < TRUSTED_SECONDS:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


class _Sqlite(sqlite3.Connection):
    """A connection whose commit waits for the disk beside the server's loop, which reads what comes meanwhile."""

    _changes = 0  # when it was last committed: a read transaction has nothing to wait for

    def commit(self) -> None:
        if self.total_changes == self._changes or not is_module_patched("threading"):
            super().commit()
        else:
            get_hub().threadpool.apply(super().commit)
            self._changes = self.total_changes


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ArgumentError("SQLite needs a file, for example sqlite:///var/motcua.db")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "factory": _Sqlite},
        execution_options={_TURN: threading.Lock()},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get(WRITE, False):
        connection.exec_driver_sql("BEGIN")
        return
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if not _is_busy(error) or time.monotonic() > give_up:
                raise
            time.sleep(BUSY_PAUSE)  # lets the other greenlets of a server run
        else:
            return


def is_of_the_disk(error: OperationalError) -> bool:
    """Whether it was full, broken or read-only: nothing that another try or another moment mends."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}
    return getattr(error.orig, "sqlstate", None) in {"53100", "58030"}  # disk_full, io_error


def _is_busy(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY  # the lowest byte, whatever the extended code
