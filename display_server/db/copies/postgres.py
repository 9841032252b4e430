"""PostgreSQL's own programs, pg_dump and pg_restore, and who else is in a database."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from display_server.db.engine import DatabaseError, DatabaseInUseError

ROWS_AT_ONCE = 1000

_OTHERS = text(
    "SELECT application_name, pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND usename = current_user AND pid <> pg_backend_pid() ORDER BY pid LIMIT 1"
)
_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}


def refuse_while_in_use(connection: Connection) -> None:
    """Raises `DatabaseInUseError` while another session of the same role is in the database."""
    other = connection.execute(_OTHERS).first()
    if other is not None:
        name = connection.engine.url.render_as_string(hide_password=True)
        raise DatabaseInUseError(
            f"{name}: is in use by {other.application_name or 'a program'} (process {other.pid} there):"
            " stop the servers first (systemctl stop 'motcua-server*')"
        )


@contextmanager
def piped(url: URL, command: list[str]) -> Iterator[IO[bytes]]:
    """What the program writes. Raises `DatabaseError`, one line, when it ends with an error."""
    with tempfile.TemporaryFile() as told:
        try:
            process = subprocess.Popen(
                command, env=os.environ | _as_environment(url), stdout=subprocess.PIPE, stderr=told
            )
        except FileNotFoundError as error:
            raise DatabaseError(f"{command[0]} is missing: apt install postgresql-client") from error
        assert process.stdout is not None  # noqa: S101 - asked for above
        try:
            yield process.stdout
            process.stdout.read()
        finally:
            process.stdout.close()
            failed = process.wait()
        if failed:
            told.seek(0)
            raise DatabaseError(f"{command[0]}: {_reason(told.read().decode(errors='replace'))}")


def dump(url: URL, file: IO[bytes]) -> None:
    """Everything in the database into `file`, as pg_restore reads it. Raises `DatabaseError`, one line."""
    with piped(url, ["pg_dump", "--format=custom", "--no-password"]) as written:
        while some := written.read(1 << 20):
            file.write(some)


def feed(connection: Connection, url: URL, file: Path) -> None:
    """Everything in the archive `file` into the database, within the transaction that `connection` is in.

    Raises `DatabaseError`, one line. The session's settings are its own again afterwards.
    """
    command = ["pg_restore", "--file=-", "--no-owner", "--no-privileges", str(file)]
    driver: Any = connection.connection.driver_connection
    with piped(url, command) as script, driver.cursor() as cursor:
        _execute(cursor, iter(script))
        cursor.execute("RESET ALL", prepare=False)


def _execute(cursor: Any, lines: Iterator[bytes]) -> None:
    statements: list[bytes] = []
    for line in lines:
        if line.startswith(b"COPY ") and line.rstrip().endswith(b" FROM stdin;"):
            _send(cursor, statements)
            with cursor.copy(line.decode()) as rows:
                for data in _rows(lines):
                    rows.write(data)
        elif not line.startswith(b"\\"):  # \restrict and \unrestrict are for psql
            statements.append(line)
    _send(cursor, statements)


def _send(cursor: Any, statements: list[bytes]) -> None:
    if statements:
        cursor.execute(b"".join(statements), prepare=False)
        statements.clear()


def _rows(lines: Iterator[bytes]) -> Iterator[bytes]:
    """A table's rows up to their end, many at once."""
    some: list[bytes] = []
    for line in lines:
        if line == b"\\.\n":
            break
        some.append(line)
        if len(some) == ROWS_AT_ONCE:
            yield b"".join(some)
            some.clear()
    yield b"".join(some)


def _as_environment(url: URL) -> dict[str, str]:
    """The connection as libpq's own programs read it; on a command line everybody would see the password."""
    own: dict[str, Any] = {"PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": url.database}
    given: dict[str, Any] = dict(url.query) | ({"host": url.host} if url.host else {})
    given |= {"port": url.port} if url.port else {}
    own |= {name: given.get(key) for key, name in _ENVIRONMENT.items()}
    return {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in own.items() if value}


def _reason(told: str) -> str:
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    first = next((line for line in lines if "error:" in line), lines[0] if lines else "ended with an error")
    return first.partition("error:")[2].strip() or first
