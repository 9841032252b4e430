"""What a file is, by its first bytes: a backup of SQLite's, of PostgreSQL's, an encrypted one, or something else."""

from enum import Enum
from pathlib import Path

from display_server.db.engine import DatabaseError


class Kind(Enum):
    SQLITE = b"SQLite format 3\0"
    POSTGRES = b"PGDMP"
    AGE = b"age-encryption.org/v1"
    ARMOURED = b"-----BEGIN AGE ENCRYPTED FILE-----"


_WAL = 2  # in bytes 18 and 19 of an SQLite file that a server works on; a backup has 1


def kind_of(file: Path) -> Kind | None:
    """None for a file that is no backup. Raises `DatabaseError`, one line, when it cannot be read."""
    try:
        if file.is_dir():
            raise DatabaseError(f"{file}: is a folder")
        if not file.exists():
            raise DatabaseError(f"{file}: there is no such file")
        if not file.is_file():
            raise DatabaseError(f"{file}: is no file")
        with file.open("rb") as opened:
            start = opened.read(64)
    except OSError as error:
        raise DatabaseError(f"{file}: cannot be read: {error.strerror}") from error
    return next((kind for kind in Kind if start.startswith(kind.value)), None)


def is_worked_on(file: Path) -> bool:
    """Whether an SQLite file is, by its header, a server's own and not a backup."""
    with file.open("rb") as opened:
        return _WAL in opened.read(20)[18:20]


def why_no_backup(file: Path) -> str:
    """What a file without a known beginning is."""
    return "is empty: 0 bytes" if file.stat().st_size == 0 else "is no backup of Motcua's"
