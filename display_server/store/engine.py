"""The engine: SQLite with WAL and a full sync at every commit, or PostgreSQL through the same code."""

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from config.errors import MotcuaError

# A connection with this execution option takes SQLite's one write lock at its beginning.
WRITE = "motcua_write"


# A checkpoint every 16 MiB instead of every 4: fewer pauses, and a little more to read after a power cut.
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -32000",
    "wal_autocheckpoint = 4000",
)


class DatabaseError(MotcuaError):
    """The database cannot be reached, written or understood."""


def open_engine(database: str) -> Engine:
    """An engine for the SQLAlchemy URL `database`. Raises `DatabaseError`, one line, when it cannot be opened."""
    try:
        url = make_url(database)
        engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _server(url)
        with engine.connect():
            return engine
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise DatabaseError(f"{database}: not a database URL that Motcua knows: {error}") from error
    except (SQLAlchemyError, OSError) as error:
        shown = make_url(database).render_as_string(hide_password=True)
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise DatabaseError(f"{shown}: {reason}") from error


def _server(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, pool_size=16, max_overflow=16)


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise ArgumentError("SQLite needs a file, for example sqlite:///var/motcua.db")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False}, pool_reset_on_return=None)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SqliteConnection, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    # Fails here, in one place and with a clear reason, when the file or its folder cannot be written.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
