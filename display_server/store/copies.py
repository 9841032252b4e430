"""Backup and restore with the database's own means: SQLite's online backup, pg_dump and pg_restore."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from display_server.store.engine import DatabaseError


def back_up(database: str, file: Path) -> None:
    """A consistent copy of `database` in `file`, written beside it first, so that a broken copy never takes its name.

    Raises `DatabaseError`.
    """
    unfinished = file.with_name(file.name + ".unfinished")
    url = make_url(database)
    try:
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(Path(str(url.database)), unfinished)
        else:
            _run(url, ["pg_dump", "--format=custom", f"--file={unfinished}"])
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(f"{file}: the backup failed: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def restore(file: Path, database: str) -> None:
    """Put the copy in `file` into `database`, which must be empty or not there. Raises `DatabaseError`."""
    url = make_url(database)
    if url.get_backend_name() != "sqlite":
        _run(
            url,
            [
                "pg_restore",
                "--no-owner",
                "--exit-on-error",
                "--single-transaction",
                f"--dbname={url.database}",
                str(file),
            ],
        )
        return
    target = Path(str(url.database))
    if target.exists():
        raise DatabaseError(f"{target}: is there already; move it away first")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        _copy_sqlite(file, unfinished)
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(f"{target}: the restore failed: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise DatabaseError(f"{source}: there is no such database")
    target.unlink(missing_ok=True)
    read_only = sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)
    with closing(read_only) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
    if found != "ok":
        raise DatabaseError(f"{source}: is damaged: {found}")


def _as_environment(url: URL) -> dict[str, str]:
    """The connection as libpq's own tools read it; on a command line everybody would see the password."""
    values = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port or url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    return {name: str(value) for name, value in values.items() if value}


def _run(url: URL, command: list[str]) -> None:
    try:
        subprocess.run(command, env=os.environ | _as_environment(url), check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise DatabaseError(f"{command[0]} is missing: apt-get install postgresql-client") from error
    except subprocess.CalledProcessError as error:
        raise DatabaseError(f"{command[0]}: {error.stderr.strip().splitlines()[-1]}") from error
