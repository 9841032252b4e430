"""Backups and databases whose rows make no sense: one clear line before anything is replaced, never a traceback."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from config.errors import MotcuaError
from display_server.cli.audit import audit
from display_server.db.copies import backup_database
from display_server.db.engine import DatabaseError, open_engine
from display_server.db.schema.schema_check import TRIGGERS
from display_server.services.recovery.recovery import copy_hall, restore_hall
from tests.display_server.db.test_backup import numbers
from tests.display_server.db.test_restore import is_untouched, spoilt
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.test_commands import motcua

LARGEST = 2**63 - 1

# Each on both databases: what somebody with the database's password, or a broken disk, can leave in it.
BROKEN: dict[str, tuple[str, str]] = {
    "no centre": (
        "ALTER TABLE journal DISABLE TRIGGER ALL; TRUNCATE centre CASCADE; ALTER TABLE journal ENABLE TRIGGER ALL",
        "there is no centre in it",
    ),
    "a newest day in 2999": ("UPDATE centre SET business_day = '2999-01-01'", r"business_day is 2999-01-01"),
    "a newest day that nothing vouches for": (
        "UPDATE centre SET business_day = '2045-01-01'",
        "the newest day of the centre nho is 2045-01-01, and nothing was written near it",
    ),
    "a day of a ticket in 2999": ("UPDATE ticket SET business_day = '2999-01-01'", "table ticket, row with id .*2999"),
    "a day in the year 1": ("UPDATE number_series SET business_day = '0001-01-01'", "table number_series.*0001-01-01"),
    "a time zone that nobody knows": (
        "UPDATE centre SET timezone = 'Mars/Phobos'",
        "the time zone 'Mars/Phobos' is not known here",
    ),
    "a time zone that is a path": ("UPDATE centre SET timezone = '../../etc/passwd'", "the time zone .* is not known"),
    "no time zone": ("UPDATE centre SET timezone = ''", "the time zone '' is not known here"),
    **{
        f"{column} at its end": (f"UPDATE centre SET {column} = {LARGEST}", f"{column} is {LARGEST}: no number that")
        for column in ("version", "tick", "call_seq", "epoch", "first_id")
    },
    "a negative version": (f"UPDATE centre SET version = -{LARGEST}", "version is -"),
    "the catalogue's version at its end": (
        f"UPDATE centre SET catalogue_version = {2**31 - 1}",
        "catalogue_version is",
    ),
    "an id at its end": (
        (
            "INSERT INTO announcement (id, centre_id, text, starts_at, ends_at) "
            f"SELECT {LARGEST}, id, name, '2026-11-16 01:00', '2026-11-16 02:00' FROM centre"
        ),
        "table announcement",
    ),
    "a place at its end": (f"UPDATE ticket SET place = {LARGEST}", "place is"),
    "a series at its end": (f"UPDATE number_series SET last = {2**31 - 1}", "last is"),
    "a number of seven digits": ("UPDATE ticket SET number = 1000000 WHERE number = 3", "number is"),
    "hours that are none": ("""UPDATE centre SET hours = '{"weekly": {"mon": [["25:00", "x"]]}}'""", "cannot be used"),
    "a centre without hours": ("UPDATE centre SET hours = '[]'", "cannot be used"),
    "names that are a list": ("UPDATE centre SET name = '[]'", "name is of another kind"),
    "names that are no text": ("""UPDATE department SET name = '{"vi": 7}'""", "table department.*name is of another"),
    "no names at all": ("UPDATE counter SET name = 'null'", "table counter.*name is missing"),
    "papers that are a text": ("UPDATE procedure SET papers = '\"x\"'", "table procedure.*papers is of another kind"),
    "queues to go to that are numbers": (
        "UPDATE ticket SET itinerary = '[1]'",
        "table ticket.*itinerary is of another",
    ),
    "a last step that is a list": (
        "UPDATE counter SET last_step = '[]'",
        "table counter.*last_step is of another kind",
    ),
    "a rule that is none": ("UPDATE centre SET priority = '{}'", "cannot be used"),
}

# SQLite alone keeps these.
SQLITE_ONLY: dict[str, tuple[str, str]] = {
    "a ticket of no queue": ("UPDATE ticket SET department_id = 4711", "the department that it belongs to is not"),
    "a line of no ticket": ("DELETE FROM ticket WHERE number = 2", "the ticket that it belongs to is not there"),
    "a centre that is gone": ("DELETE FROM centre", "the centre that it belongs to is not there"),
    "a day that is a word": ("UPDATE centre SET business_day = 'Monday'", "table centre: .* cannot be read"),
    "a 32nd of a month": ("UPDATE ticket SET business_day = '2026-11-32'", "table ticket: .* cannot be read"),
    "a moment that is a number": ("UPDATE ticket SET issued_at = 'x'", "table ticket: .* cannot be read"),
    "a number that is a word": ("UPDATE ticket SET place = 'far'", "place is of another kind"),
    "a number that is a fraction": ("UPDATE centre SET version = 1e300", "version is of another kind"),
    "names that are no JSON": ("UPDATE centre SET name = '{'", "table centre: .* cannot be read"),
    "letters in no encoding": ("UPDATE centre SET address = CAST(x'FF' AS TEXT)", "table centre: .* cannot be read"),
}


def broken(backup: Path, database: str, request: pytest.FixtureRequest, statements: str) -> Path:
    each = [statement for statement in statements.split(";") if statement.strip()]
    if not database.startswith("sqlite"):
        each = ["SET session_replication_role = 'replica'", *each]
    return spoilt(backup, database, request, *each)


@pytest.fixture
def backup(small_hall: ServiceHarness, tmp_path: Path) -> Path:
    for _ in range(3):
        small_hall.take()
    backup_database(small_hall.database, tmp_path / "hall.backup")
    return tmp_path / "hall.backup"


@pytest.mark.parametrize("name", BROKEN)
def test_a_backup_that_makes_no_sense_is_refused(
    small_hall: ServiceHarness,
    backup: Path,
    database: str,
    second_database: str,
    name: str,
    request: pytest.FixtureRequest,
) -> None:
    statements, told = BROKEN[name]
    if name == "no centre" and database.startswith("sqlite"):
        statements = _without_any_row(backup)
    broken(backup, database, request, statements)
    with pytest.raises(MotcuaError, match=told) as refused:
        restore_hall(backup, second_database, clock=small_hall.clock)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 1
    assert is_untouched(second_database)


def _without_any_row(backup: Path) -> str:
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("DROP TRIGGER journal_no_delete")
        trigger = TRIGGERS["sqlite"]["journal_no_delete"]
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table not in ("alembic_version", "sqlite_sequence"):
                connection.execute(f"DELETE FROM {table}")
        connection.commit()
        connection.execute(trigger)
        connection.commit()
    return "SELECT 1"


@pytest.mark.parametrize("name", SQLITE_ONLY)
def test_an_sqlite_backup_that_makes_no_sense_leaves_the_hall_that_stands(
    sqlite_template: Path, tmp_path: Path, name: str
) -> None:
    """With --replace, on the worst day."""
    statements, told = SQLITE_ONLY[name]
    hall = ServiceHarness(_own(sqlite_template, tmp_path))
    for _ in range(3):
        hall.take()
    backup_database(hall.database, tmp_path / "hall.backup")
    hall.take()
    hall.close()
    with closing(sqlite3.connect(tmp_path / "hall.backup")) as connection:
        for statement in statements.split(";"):
            connection.execute(statement)
        connection.commit()
    with pytest.raises(MotcuaError, match=told) as refused:
        restore_hall(tmp_path / "hall.backup", hall.database, replace=True, clock=hall.clock)
    assert "\n" not in str(refused.value)
    assert numbers(hall) == [1, 2, 3, 4]
    hall.close()


def _own(template: Path, folder: Path) -> str:
    (folder / "hall.db").write_bytes(template.read_bytes())
    return f"sqlite:///{folder}/hall.db"


@pytest.mark.parametrize("statement", [BROKEN[name][0] for name in BROKEN if name != "no centre"])
def test_what_makes_no_sense_is_not_copied_either(sqlite_template: Path, tmp_path: Path, statement: str) -> None:
    source = _own(sqlite_template, tmp_path)
    hall = ServiceHarness(source)
    for _ in range(3):
        hall.take()
    hall.close()
    with closing(sqlite3.connect(tmp_path / "hall.db")) as connection:
        connection.execute(statement)
        connection.commit()
    if "hours" in statement or "priority" in statement:
        return  # of a copy the rows alone count
    with pytest.raises(DatabaseError) as refused:
        copy_hall(source, f"sqlite:///{tmp_path}/second.db")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "second.db").exists()


@pytest.mark.parametrize(
    "name", ["version at its end", "tick at its end", "a time zone that nobody knows", "no time zone"]
)
def test_no_command_ends_with_a_traceback_over_such_a_database(small_hall: ServiceHarness, name: str) -> None:
    small_hall.take()
    small_hall.close()
    engine = open_engine(small_hall.database)
    with engine.begin() as connection:
        connection.execute(text(BROKEN[name][0]))
    engine.dispose()
    for arguments in (["verify"], ["export"]):
        done = CliRunner().invoke(audit, [*arguments, "--database", small_hall.database])
        assert isinstance(done.exception, MotcuaError), done.exception
        assert "\n" not in str(done.exception)
    started = motcua("server", "--port", "0", database=small_hall.database)
    assert (started.returncode, started.stdout) == (1, "")
    assert "Traceback" not in started.stderr
    assert started.stderr.count("\n") == 1, started.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ticket SET business_day = '2026-11-32'",
        "UPDATE ticket SET issued_at = 'x'",
        "UPDATE audit_text SET at = 'x'",
        f"UPDATE ticket SET place = {LARGEST}",
        "UPDATE ticket SET department_id = 4711",
    ],
)
def test_audit_verify_names_rows_that_cannot_be_read(sqlite_template: Path, tmp_path: Path, statement: str) -> None:
    database = _own(sqlite_template, tmp_path)
    hall = ServiceHarness(database)
    hall.take()
    hall.next()
    hall.close()
    with closing(sqlite3.connect(tmp_path / "hall.db")) as connection:
        connection.execute(statement)
        connection.commit()
    done = motcua("audit", "verify", database=database)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    table = statement.split()[1]
    assert f"table {table}" in done.stderr
    assert "the audit trail is broken" in done.stderr


def test_a_hall_whose_clock_was_ahead_or_is_in_1970_is_restored(
    small_hall: ServiceHarness, second_database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A day in the future that the log vouches for is a matter of the clock, not of the backup."""
    small_hall.site.steady = lambda: 0.0
    small_hall.take()
    small_hall.clock.advance(days=700)
    small_hall.take()
    backup_database(small_hall.database, tmp_path / "hall.backup")
    small_hall.clock.advance(days=-20000)
    restore_hall(tmp_path / "hall.backup", second_database, clock=small_hall.clock)
    restored = ServiceHarness(second_database)
    assert len(numbers(restored)) == 2
    restored.close()
