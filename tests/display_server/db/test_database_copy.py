"""A hall moves to another database: every row, and it goes on there as if nothing had been."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from display_server.db import tables
from display_server.db.copies import backup_database
from display_server.db.copies import database_copy as moving
from display_server.db.engine import DatabaseError, open_engine, write_transaction
from display_server.db.schema.migrate import run
from display_server.domain.state_machine import Action
from display_server.services.recovery.epoch import sending_allowed
from display_server.services.recovery.epoch_letters import given_in
from display_server.services.recovery.recovery import copy_hall
from tests.display_server.populated_database import fill, rows
from tests.display_server.postgres import Cluster
from tests.display_server.service_harness import ServiceHarness


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; each kind is moved to each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/target.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.make_database()
    yield cluster.url(name)
    cluster.drop_database(name)


def morning(hall: ServiceHarness) -> None:
    for _ in range(3):
        hall.take("HT")
    hall.next("1")


def test_every_row_of_every_table_arrives_and_the_hall_goes_on(
    small_hall: ServiceHarness, database: str, target: str
) -> None:
    fill(small_hall)
    small_hall.close()
    copied = moving.copy_database(database, target)
    there = ServiceHarness(target)
    columns = {table.name: list(table.c.keys()) for table in tables.metadata.sorted_tables}
    with small_hall.site.read() as here, there.site.read() as arrived:
        was = rows(here, columns)
        assert rows(arrived, columns) == was
    assert {name: contents.rows for name, contents in copied.items()} == {name: len(each) for name, each in was.items()}
    assert there.take("HT").number == "A007"
    there.step(Action.FINISH, "1")
    assert there.next("1") is not None
    there.close()


def test_a_moved_hall_sends_nothing(small_hall: ServiceHarness, database: str, target: str) -> None:
    morning(small_hall)
    small_hall.close()
    copy_hall(database, target, small_hall.clock)
    there = ServiceHarness(target)
    with there.site.read() as connection:
        assert not sending_allowed(connection, there.centre_id)
    assert there.take("HT").number == "A004"
    there.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_that_is_copied_begins_a_new_epoch(
    small_hall: ServiceHarness, database: str, target: str, tmp_path: Path
) -> None:
    morning(small_hall)
    backup_database(database, tmp_path / "monday.db")
    copy_hall(f"sqlite:///{tmp_path}/monday.db", target, small_hall.clock)
    there = ServiceHarness(target)
    with there.site.read() as connection:
        assert not sending_allowed(connection, there.centre_id)
        (given,) = given_in(connection)
    assert given.start > 0  # without a key file nobody knows of earlier restores of the day
    assert there.take("HT").number == f"A{given.letter}{given.start + 1}"
    there.close()


def test_nothing_is_written_over_something(small_hall: ServiceHarness, database: str, target: str) -> None:
    small_hall.close()
    moving.copy_database(database, target)
    with pytest.raises(DatabaseError, match="not empty"):
        moving.copy_database(database, target)


def test_a_row_that_changes_on_its_way_stops_everything(
    small_hall: ServiceHarness, database: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning(small_hall)
    count_on = moving._count_on

    def and_spoil(connection: moving.Connection, table: moving.Table) -> None:
        count_on(connection, table)
        if table is tables.ticket:
            connection.execute(text("UPDATE ticket SET number = 77 WHERE number = 3"))

    monkeypatch.setattr(moving, "_count_on", and_spoil)
    small_hall.close()
    with pytest.raises(DatabaseError, match="ticket is not what it was"):
        moving.copy_database(database, target)
    if target.startswith("sqlite"):
        assert not Path(target.removeprefix("sqlite:///")).exists()
        return
    engine = open_engine(target)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ticket")).scalar() == 0
    engine.dispose()


def test_an_older_schema_is_not_moved(database: str, target: str) -> None:
    engine = open_engine(database)
    run(engine, "0001", down=True)
    engine.dispose()
    with pytest.raises(DatabaseError, match="start this Motcua's server"):
        moving.copy_database(database, target)


def test_more_rows_than_go_at_once(small_hall: ServiceHarness, database: str, target: str) -> None:
    with write_transaction(small_hall.site.engine) as connection:
        connection.execute(
            insert(tables.server_state),
            [{"name": f"n{number}", "value": "Đỗ"} for number in range(moving.ROWS_AT_ONCE + 1)],
        )
    small_hall.close()
    assert moving.copy_database(database, target)["server_state"].rows > moving.ROWS_AT_ONCE


def test_a_source_that_a_server_uses_is_not_moved(small_hall: ServiceHarness, database: str, target: str) -> None:
    small_hall.take("HT")
    with pytest.raises(DatabaseError, match=r"is in use by .*systemctl stop"):
        moving.copy_database(database, target)


def test_a_source_that_is_not_there_is_not_made(tmp_path: Path, target: str) -> None:
    with pytest.raises(DatabaseError, match="there is no such database"):
        moving.copy_database(f"sqlite:///{tmp_path}/folder/typo.db", target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", ["hall.db", "link.db", "hard.db", "folder/../hall.db"])
def test_a_source_is_not_moved_onto_itself(sqlite_template: Path, tmp_path: Path, other: str) -> None:
    hall = tmp_path / "hall.db"
    shutil.copyfile(sqlite_template, hall)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.db").symlink_to(hall)
    (tmp_path / "hard.db").hardlink_to(hall)
    was = hall.read_bytes()
    with pytest.raises(DatabaseError, match="is the source itself"):
        moving.copy_database(f"sqlite:///{hall}", f"sqlite:///{tmp_path}/{other}")
    assert hall.read_bytes() == was


def test_a_source_stays_as_it_is_to_the_last_byte(small_hall: ServiceHarness, tmp_path: Path, target: str) -> None:
    if small_hall.site.engine.dialect.name != "sqlite":
        return
    copy = tmp_path / "hall.backup"
    backup_database(small_hall.database, copy)
    was = copy.read_bytes()
    moving.copy_database(f"sqlite:///{copy}", target)
    assert copy.read_bytes() == was


def test_what_is_no_hall_is_not_moved(empty_database: str, tmp_path: Path, target: str) -> None:
    if empty_database.startswith("sqlite"):
        Path(empty_database.removeprefix("sqlite:///")).touch()
    with pytest.raises(DatabaseError, match="holds no hall"):
        moving.copy_database(empty_database, target)


def test_another_programs_file_is_neither_source_nor_target(sqlite_template: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE notes (text)")
        other.commit()
    hall, was = tmp_path / "hall.db", foreign.read_bytes()
    shutil.copyfile(sqlite_template, hall)
    for source, target in ((foreign, tmp_path / "new.db"), (hall, foreign)):
        with pytest.raises(DatabaseError, match=r"another program's tables \(notes\)"):
            moving.copy_database(f"sqlite:///{source}", f"sqlite:///{target}")
    assert foreign.read_bytes() == was
    assert not (tmp_path / "new.db").exists()
