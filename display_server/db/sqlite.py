"""SQLite as Motcua uses it: WAL, a full sync at every commit, and a commit that does not hold up the server's loop."""

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from gevent import get_hub
from gevent.monkey import is_module_patched
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, OperationalError

from config.private_files import keep_private, make_private_file, make_private_folder
from display_server.db.files import locks as holds
from display_server.db.files.file_set import SUFFIXES, files_of

# A connection with this execution option takes the one write lock at its beginning.
WRITE = "motcua_write"
TURN = "motcua_turn"
BUSY_SECONDS = 5.0  # how long a write waits for another one, in this process or elsewhere
BUSY_PAUSE = 0.005

# A checkpoint every 16 MiB instead of every 4: fewer pauses, and a little more to read after a power cut.
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",  # what is erased is overwritten, not only unlinked
    "cache_size = -32000",
    "wal_autocheckpoint = 4000",
    "busy_timeout = 0",  # SQLite would wait inside C and hold up every other request; `_begin` waits instead
)
_ASIDE = ("synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF")


class _Connection(sqlite3.Connection):
    """A connection whose commit waits for the disk beside the server's loop, which reads what comes meanwhile.

    It shares the database's lock for as long as it is open.
    """

    _changes = 0  # when it was last committed: a read transaction has nothing to wait for
    _share: holds.Share | None = None

    def __init__(self, database: Any, *arguments: Any, **options: Any) -> None:
        try:
            self._share = holds.Share(Path(str(database)))
        except holds.HeldError as error:
            raise sqlite3.OperationalError("is being restored or copied: try again when that has ended") from error
        super().__init__(database, *arguments, **options)

    def close(self) -> None:
        super().close()
        self._let_go()

    def __del__(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        if self._share is not None:
            self._share.close()

    def commit(self) -> None:
        if self.total_changes == self._changes or not is_module_patched("threading"):
            super().commit()
        else:
            get_hub().threadpool.apply(super().commit)
            self._changes = self.total_changes


def file_of(url: URL) -> Path:
    """The database's file, through all links. Raises `ArgumentError` for a database without one."""
    if url.database in (None, "", ":memory:") or "mode=memory" in str(url.database):
        raise ArgumentError("SQLite needs a file, for example sqlite:///var/motcua.db")
    return Path(str(url.database)).resolve()


def make_engine(url: URL) -> Engine:
    """The engine of a server or command; the file is made where it is missing, 0600 in a folder of 0700."""
    file = file_of(url)
    make_private_folder(file.parent)
    make_private_file(file)
    for suffix in SUFFIXES:
        keep_private(file.with_name(file.name + suffix))
    engine = create_engine(
        url.set(database=str(file)),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False, "factory": _Connection},
        execution_options={TURN: threading.Lock()},
        hide_parameters=True,  # what people wrote stands in no log
    )
    event.listen(engine, "connect", _prepare(_PRAGMAS))
    event.listen(engine, "begin", _begin)
    return engine


def make_engine_aside(file: Path) -> Engine:
    """An engine for a copy that nobody else knows of: one file, nothing beside it."""
    engine = create_engine(URL.create("sqlite", database=str(file)), hide_parameters=True)
    event.listen(engine, "connect", _prepare(_ASIDE))
    event.listen(engine, "begin", _begin)
    return engine


def make_engine_to_read(file: Path) -> Engine:
    """An engine that changes nothing, not even how the file keeps its journal. Nobody else has it open meanwhile."""
    query = {"uri": "true", "mode": "ro"} | ({} if len(files_of(file)) > 1 else {"immutable": "1"})
    engine = create_engine(URL.create("sqlite", database=file.as_uri(), query=query), hide_parameters=True)
    event.listen(engine, "connect", _prepare(()))
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(pragmas: tuple[str, ...]) -> Any:
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return prepare


def _begin(connection: Connection) -> None:
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


def _is_busy(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY  # the lowest byte, whatever the extended code
