"""Restoring: checked whole before, all or nothing, and never over a database that somebody uses."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from display_server.db.copies import backup_database
from display_server.db.engine import DatabaseError, open_engine
from display_server.db.files import file_set
from display_server.db.schema.migrate import HEAD, current_revision, run
from display_server.services.recovery.kept_epochs import file_beside, keep, read_kept
from display_server.services.recovery.recovery import restore_hall
from display_server.services.reporting.audit import verify
from tests.display_server.db.test_backup import numbers
from tests.display_server.postgres import Cluster
from tests.display_server.service_harness import Clock, ServiceHarness

SET = ("hall.db", "hall.db-wal", "hall.db-shm")


def engine_of(url: str) -> Engine:
    """Whatever the database is like, without a look at its schema."""
    return open_engine(url)


@pytest.fixture
def backup(small_hall: ServiceHarness, tmp_path: Path) -> Path:
    """Three numbers are in it."""
    for _ in range(3):
        small_hall.take()
    file = tmp_path / "hall.backup"
    backup_database(small_hall.database, file)
    return file


def spoilt(backup: Path, database: str, request: pytest.FixtureRequest, *statements: str) -> Path:
    """The backup of a hall in whose database somebody said `statements`."""
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(backup)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return backup
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.make_database()
    restore_hall(backup, cluster.url(name))
    engine = engine_of(cluster.url(name))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
    backup_database(cluster.url(name), backup)
    cluster.drop_database(name)
    return backup


def is_untouched(url: str) -> bool:
    if url.startswith("sqlite"):
        return not list(Path(url.removeprefix("sqlite:///")).parent.glob("second*"))
    engine = engine_of(url)
    tables = inspect(engine).get_table_names()
    engine.dispose()
    return tables == []


def test_what_was_backed_up_goes_on(backup: Path, second_database: str) -> None:
    restore_hall(backup, second_database)
    restored = ServiceHarness(second_database)
    assert numbers(restored)[:3] == [1, 2, 3]
    assert verify(restored.site, restored.centre_id).problems == []
    restored.close()
    if second_database.startswith("sqlite"):
        file = Path(second_database.removeprefix("sqlite:///"))
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


SPOILT = {
    "a foreign trigger": (
        {
            "sqlite": "CREATE TRIGGER pwn AFTER INSERT ON ticket BEGIN UPDATE staff SET role = 'administrator'; END",
            "postgresql": "CREATE FUNCTION pwn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER pwn AFTER INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION pwn()",
        },
        "the trigger pwn on ticket is not Motcua's",
    ),
    "the journal can be changed": (
        {"sqlite": "DROP TRIGGER journal_no_update", "postgresql": "DROP TRIGGER journal_append_only ON journal"},
        "the trigger journal_.* is missing",
    ),
    "a trigger that does something else": (
        {
            "sqlite": "DROP TRIGGER journal_no_update;"
            "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT 1; END",
            "postgresql": "CREATE OR REPLACE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RETURN NULL; END'",
        },
        "journal_.* was changed",
    ),
    "a trigger that sleeps": (
        {
            "sqlite": "DROP TRIGGER journal_no_delete;"
            "CREATE TRIGGER journal_no_delete BEFORE DELETE ON ticket BEGIN SELECT RAISE(ABORT, 'no'); END",
            "postgresql": "ALTER TABLE journal DISABLE TRIGGER journal_append_only",
        },
        "journal_",
    ),
    "a further table": ({"": "CREATE TABLE notes (text VARCHAR)"}, "the table notes is not Motcua's"),
    "a missing table": ({"": "DROP TABLE request"}, "the table request is missing"),
    "a further column": ({"": "ALTER TABLE staff ADD COLUMN hint VARCHAR"}, "the column staff.hint is not Motcua's"),
    "a missing column": ({"": "ALTER TABLE staff DROP COLUMN pin_hash"}, "the column staff.pin_hash is missing"),
    "a missing index": ({"": "DROP INDEX ix_reprint_open"}, "the index ix_reprint_open of reprint is missing"),
    "a further index": ({"": "CREATE INDEX mine ON staff (role)"}, "the index mine of staff is not Motcua's"),
    "a view": ({"": "CREATE VIEW mine AS SELECT * FROM staff"}, "the view mine is not Motcua's"),
    "a newer schema": ({"": "UPDATE alembic_version SET version_num = '9999'"}, "9999 is newer than this Motcua"),
    "another program's schema": ({"": "UPDATE alembic_version SET version_num = 'abc1'"}, "abc1 is none of Motcua's"),
    "no schema at all": ({"": "DELETE FROM alembic_version"}, "holds no hall"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_not_exactly_ours_is_refused_by_name(
    backup: Path, database: str, second_database: str, name: str, request: pytest.FixtureRequest
) -> None:
    statements, told = SPOILT[name]
    kind = database.partition(":")[0].partition("+")[0]
    each = statements.get(kind) or statements[""]
    parts = each.split(";CREATE") if "BEGIN" in each else each.split(";")
    spoilt(backup, database, request, parts[0], *(f"CREATE{part}" for part in parts[1:]))
    with pytest.raises(DatabaseError, match=told) as refused:
        restore_hall(backup, second_database)
    assert "\n" not in str(refused.value)
    assert is_untouched(second_database)


def test_an_older_schema_is_brought_up_to_date_before_it_takes_the_name(
    small_hall: ServiceHarness, database: str, second_database: str, tmp_path: Path
) -> None:
    small_hall.take()
    run(small_hall.site.engine, "0014", down=True)
    backup_database(database, tmp_path / "old.backup")
    restore_hall(tmp_path / "old.backup", second_database)
    engine = open_engine(second_database)
    assert current_revision(engine) == HEAD
    engine.dispose()
    restored = ServiceHarness(second_database)
    assert numbers(restored)[:1] == [1]
    restored.close()


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        (b"", "is empty: 0 bytes"),
        (b"Kinh chao", "is no backup of Motcua's"),
        (b"SQLite format 3\0" + bytes(5000), "damaged or no backup|holds no hall|SQLite backup"),
        (b"PGDMP", "PostgreSQL backup|pg_restore"),
    ],
)
def test_what_is_no_backup(second_database: str, tmp_path: Path, contents: bytes, told: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(contents)
    with pytest.raises(DatabaseError, match=told) as refused:
        restore_hall(file, second_database)
    assert "\n" not in str(refused.value)
    assert is_untouched(second_database)


@pytest.mark.parametrize("part", [0.3, 0.9, 0.99])
def test_a_backup_that_was_cut_off(backup: Path, second_database: str, part: float) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(DatabaseError):
        restore_hall(backup, second_database)
    assert is_untouched(second_database)


def test_a_folder_and_a_file_that_is_not_there(second_database: str, tmp_path: Path) -> None:
    for file, told in ((tmp_path, "is a folder"), (tmp_path / "no", "there is no such file")):
        with pytest.raises(DatabaseError, match=told):
            restore_hall(file, second_database)
    assert is_untouched(second_database)


def test_the_wrong_kind_of_archive_names_the_way(sqlite_template: Path, postgres: Cluster, tmp_path: Path) -> None:
    backup_database(f"sqlite:///{sqlite_template}", tmp_path / "sqlite.backup")
    name = postgres.make_database()
    with pytest.raises(DatabaseError, match="is an SQLite backup: motcua copy sqlite:///"):
        restore_hall(tmp_path / "sqlite.backup", postgres.url(name))
    restored = postgres.make_database()
    ServiceHarness.prepare(postgres.url(restored), _centre())
    backup_database(postgres.url(restored), tmp_path / "hall.dump")
    with pytest.raises(DatabaseError, match="is a PostgreSQL backup"):
        restore_hall(tmp_path / "hall.dump", f"sqlite:///{tmp_path}/second.db")
    assert not (tmp_path / "second.db").exists()


def _centre() -> Any:
    from tests.display_server.sample_centre import small_centre

    return small_centre()


def test_a_database_that_is_there_is_not_overwritten(small_hall: ServiceHarness, backup: Path) -> None:
    small_hall.take()
    small_hall.close()
    with pytest.raises(DatabaseError, match=r"there already.*--replace|is not empty.*createdb"):
        restore_hall(backup, small_hall.database)
    assert numbers(small_hall) == [1, 2, 3, 4]


def test_a_database_in_use_is_not_touched_even_to_replace_it(small_hall: ServiceHarness, backup: Path) -> None:
    small_hall.take()
    is_sqlite = small_hall.database.startswith("sqlite")
    with pytest.raises(DatabaseError, match="is in use" if is_sqlite else "--replace is for SQLite"):
        restore_hall(backup, small_hall.database, replace=True)
    assert numbers(small_hall) == [1, 2, 3, 4]


def test_another_program_in_the_database_is_noticed(sqlite_template: Path, tmp_path: Path) -> None:
    hall = tmp_path / "hall.db"
    shutil.copyfile(sqlite_template, hall)
    backup_database(f"sqlite:///{hall}", tmp_path / "hall.backup")
    read = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM centre').fetchall();"
    read += "print('open', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", read, str(hall)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        with pytest.raises(DatabaseError, match=f"is in use by process {reader.pid}"):
            restore_hall(tmp_path / "hall.backup", f"sqlite:///{hall}", replace=True)
        reader.communicate()
    assert restore_hall(tmp_path / "hall.backup", f"sqlite:///{hall}", replace=True) is not None


def after_a_power_cut(sqlite_template: Path, folder: Path) -> tuple[Path, Path]:
    """A hall whose last five numbers are in its -wal alone, and a backup of one number."""
    hall = folder / "hall.db"
    shutil.copyfile(sqlite_template, hall)
    small = ServiceHarness(f"sqlite:///{hall}")
    small.take()
    backup_database(small.database, folder / "hall.backup")
    for _ in range(5):
        small.take()
    parts = {name: (folder / name).read_bytes() for name in SET}
    small.close()
    for name, contents in parts.items():
        (folder / name).write_bytes(contents)
    assert parts["hall.db-wal"]
    return hall, folder / "hall.backup"


def numbers_in(file: Path) -> list[int]:
    engine = open_engine(f"sqlite:///{file}", create=False)
    with engine.connect() as connection:
        found = [row.number for row in connection.execute(text("SELECT number FROM ticket ORDER BY number"))]
    engine.dispose()
    return found


@pytest.mark.parametrize("left", [("hall.db-wal",), ("hall.db-shm",), ("hall.db-journal",), SET[1:]])
def test_what_lies_beside_the_name_is_named_and_stays(sqlite_template: Path, tmp_path: Path, left: tuple[str]) -> None:
    hall, backup = after_a_power_cut(sqlite_template, tmp_path)
    for name in SET:
        if name not in left:
            (tmp_path / name).unlink()
    for name in left:
        (tmp_path / name).write_bytes(b"kept")
    with pytest.raises(DatabaseError, match=f"{', '.join(left)} (is|are) there already.*--replace"):
        restore_hall(backup, f"sqlite:///{hall}")
    assert {name: (tmp_path / name).read_bytes() for name in left} == dict.fromkeys(left, b"kept")
    assert not hall.exists()


def test_the_whole_old_set_moves_aside_and_can_still_be_read(sqlite_template: Path, tmp_path: Path) -> None:
    hall, backup = after_a_power_cut(sqlite_template, tmp_path)
    aside = restore_hall(backup, f"sqlite:///{hall}", replace=True)
    assert aside is not None
    assert numbers_in(hall) == [1]
    assert numbers_in(aside) == [1, 2, 3, 4, 5, 6]
    again = restore_hall(backup, f"sqlite:///{hall}", replace=True)
    assert again not in (None, aside)


class PowerCut(BaseException):
    """Nothing that comes after it happens."""


@contextmanager
def cut_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Before the change of the folder that is the `step`th, and nothing is tidied up afterwards."""
    steps: list[str] = []

    def stepping(name: str, change: Callable[..., Any]) -> Callable[..., Any]:
        def change_or_stop(*arguments: Any, **options: Any) -> Any:
            steps.append(name)
            if len(steps) >= step:
                raise PowerCut
            return change(*arguments, **options)

        return change_or_stop

    with monkeypatch.context() as patched:
        for name in ("rename", "replace", "unlink"):
            patched.setattr(Path, name, stepping(name, getattr(Path, name)))
        patched.setattr(file_set, "sync", stepping("sync", file_set.sync))
        yield steps


@pytest.mark.parametrize("is_dirty", [True, False])
def test_a_power_cut_at_every_step_leaves_the_old_set_or_the_new_one(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_dirty: bool
) -> None:
    seen = []
    for step in range(1, 60):
        folder = tmp_path / str(step)
        folder.mkdir()
        hall, backup = after_a_power_cut(sqlite_template, folder)
        if not is_dirty:
            numbers_in(hall)
        with cut_at(step, monkeypatch):
            try:
                restore_hall(backup, f"sqlite:///{hall}", replace=True)
                is_over = True
            except PowerCut:
                is_over = False
        seen.append(numbers_in(hall))
        assert seen[-1] in ([1], [1, 2, 3, 4, 5, 6])
        if seen[-1] == [1]:
            (aside,) = (path for path in folder.glob("hall.db.2*") if path.name.count("-") == 1)
            assert numbers_in(aside) == [1, 2, 3, 4, 5, 6]
        with closing(sqlite3.connect(hall)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if is_over:
            break
    assert is_over
    assert seen[0] == [1, 2, 3, 4, 5, 6]
    assert seen[-2:] == [[1], [1]]
    assert seen == sorted(seen, key=lambda each: each == [1])


def test_a_power_cut_at_every_step_never_gives_a_letter_again(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a restore gave is kept before its hall can be opened, and what is kept is never half written."""
    key_file, seen = tmp_path / "keys" / "motcua.key", set()
    kept = file_beside(key_file)
    keep(kept, [], datetime(2026, 1, 1, tzinfo=UTC))
    for step in range(1, 60):
        folder = tmp_path / str(step)
        folder.mkdir()
        hall, backup = after_a_power_cut(sqlite_template, folder)
        was = "A007"
        with cut_at(step, monkeypatch):
            try:
                restore_hall(backup, f"sqlite:///{hall}", replace=True, key_file=key_file, clock=Clock())
                is_over = True
            except PowerCut:
                is_over = False
        given = read_kept(kept, Clock()()).given
        if (number := next_number(hall)) != was:
            assert number not in seen
            seen.add(number)
            assert number[1] in {each.letter for each in given}
        if is_over:
            break
    assert is_over
    assert len(seen) > 1


def next_number(hall: Path) -> str:
    """The next number that the hall gives."""
    small = ServiceHarness(f"sqlite:///{hall}")
    number = str(small.take().number)
    small.close()
    return number


def test_a_cut_off_restore_is_finished_by_a_backup_too(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall, backup = after_a_power_cut(sqlite_template, tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(file_set, "finish", _cut)
        with pytest.raises(PowerCut):
            restore_hall(backup, f"sqlite:///{hall}", replace=True)
    backup_database(f"sqlite:///{hall}", tmp_path / "second.backup")
    assert numbers_in(tmp_path / "second.backup") == [1]


def _cut(file: Path) -> None:
    if file_set.is_unfinished(file):
        raise PowerCut


def test_a_failure_leaves_nothing_behind(backup: Path, second_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails at the very end: the old state is whole."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("display_server.services.recovery.recovery.begin_epoch", fail)
    with pytest.raises(DatabaseError, match="No space left"):
        restore_hall(backup, second_database)
    assert is_untouched(second_database)


def test_a_disk_without_room_is_told_as_that_and_the_hall_that_stands_goes_on(
    sqlite_template: Path, tmp_path: Path
) -> None:
    hall, backup = after_a_power_cut(sqlite_template, tmp_path)
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (150000, 150000));"
        "from config.cli import main; sys.argv = ['motcua', *sys.argv[1:]]; main()"
    )
    arguments = ["restore", str(backup), "--replace", "--database", f"sqlite:///{hall}"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be copied into" in done.stderr
    assert done.stderr.count("\n") == 1
    assert numbers_in(hall) == [1, 2, 3, 4, 5, 6]


def test_a_new_folder_is_private_and_goes_with_a_failure(sqlite_template: Path, tmp_path: Path) -> None:
    backup_database(f"sqlite:///{sqlite_template}", tmp_path / "hall.backup")
    (tmp_path / "broken").write_bytes(b"")
    with pytest.raises(DatabaseError):
        restore_hall(tmp_path / "broken", f"sqlite:///{tmp_path}/new/deep/hall.db")
    assert not (tmp_path / "new").exists()
    restore_hall(tmp_path / "hall.backup", f"sqlite:///{tmp_path}/new/deep/hall.db")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
