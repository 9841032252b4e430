"""What a database's error means: the disk, damage, or a moment that passes."""

import sqlite3

from sqlalchemy.exc import DBAPIError

_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_DISK_STATES = {"53100", "58030", "58P01"}  # disk_full, io_error, undefined_file
_DAMAGE_STATES = {"XX001", "XX002"}  # data_corrupted, index_corrupted


def is_disk_error(error: DBAPIError) -> bool:
    """Whether it was full, broken or read-only: nothing that another try or another moment mends."""
    code = _sqlite_code(error)
    return code in _DISK if code is not None else _state(error) in _DISK_STATES


def is_damage(error: DBAPIError) -> bool:
    """Whether what stands in the database is not what was written: only a backup mends it."""
    code = _sqlite_code(error)
    return code in _DAMAGE if code is not None else _state(error) in _DAMAGE_STATES


def reason_of(error: DBAPIError) -> str:
    """The driver's own words, one line."""
    return str(error.orig).strip().partition("\n")[0]


def _sqlite_code(error: DBAPIError) -> int | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF  # the lowest byte, whatever the extended code


def _state(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state
