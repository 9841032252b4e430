"""Is a file a database of Motcua's, of another program's, or none at all? Looked at without changing a byte of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

MARKS = {"centre", "journal", "ticket"}  # tables that every schema of Motcua's has had


def why_not_ours(file: Path) -> str:
    """Why the SQLite file may not be opened as a hall; empty where it may: ours, empty, or not there yet."""
    if file.is_dir():
        return "is a folder"
    if not file.exists() or file.stat().st_size == 0:
        return ""
    if not file.is_file():
        return "is no file"
    try:
        return why_not_a_hall(tables_in(file))
    except sqlite3.OperationalError:
        return ""  # locked, or not to be read: whoever opens it in earnest says so
    except sqlite3.DatabaseError as error:
        return f"is no database that SQLite can read: {error}"


def why_not_a_hall(tables: set[str]) -> str:
    """The same, told from the names of the tables that are there."""
    if tables <= {"alembic_version"} or (tables >= MARKS and "alembic_version" in tables):
        return ""
    some = ", ".join(sorted(tables - {"alembic_version"})[:3])
    return f"holds another program's tables ({some}), not Motcua's"


def tables_in(file: Path) -> set[str]:
    """The names of the tables in an SQLite file. Raises `sqlite3.Error`."""
    with closing(sqlite3.connect(to_read(file), uri=True)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {name for (name,) in found}


def to_read(file: Path) -> str:
    """The address of an SQLite file for a look that changes nothing, and leaves nothing beside it.

    Without a -wal nobody has it open as a hall: SQLite need not make one to read it.
    """
    is_open = file.with_name(f"{file.name}-wal").exists()
    return f"{file.absolute().as_uri()}?mode=ro{'' if is_open else '&immutable=1'}"
