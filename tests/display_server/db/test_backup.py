"""Backup while the hall is at work, and restore."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.db.copies import backup_database
from display_server.db.engine import DatabaseError
from display_server.domain.numbering import EPOCH_LETTERS
from display_server.services.recovery.recovery import restore_hall as restore
from tests.display_server.service_harness import ServiceHarness


def numbers(hall: ServiceHarness) -> list[int]:
    return [row.number for row in hall.rows(select(tables.ticket.c.number).order_by(tables.ticket.c.number))]


def test_a_backup_while_visitors_take_numbers_is_whole(
    small_hall: ServiceHarness, second_database: str, tmp_path: Path
) -> None:
    before = [small_hall.take().number for _ in range(20)]
    enough = threading.Event()

    def keep_taking() -> None:
        while not enough.is_set():
            small_hall.take()

    visitors = threading.Thread(target=keep_taking)
    visitors.start()
    try:
        backup_database(small_hall.database, tmp_path / "copy")
    finally:
        enough.set()
        visitors.join()
    restore(tmp_path / "copy", second_database)
    restored = ServiceHarness(second_database)
    kept = numbers(restored)
    assert kept == list(range(1, len(kept) + 1))
    assert len(before) <= len(kept) <= len(numbers(small_hall))
    restored.clock.advance(minutes=1)
    number = restored.take().number
    assert number[0] == "A"
    assert number[1] in EPOCH_LETTERS  # no number that may be on paper already
    assert int(number[2:]) > 1000  # nor one of an earlier restore, of which nobody knows here
    restored.close()


def test_a_backup_without_a_server(database: str, tmp_path: Path) -> None:
    backup_database(database, tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_size > 1000
    assert [path.name for path in tmp_path.iterdir() if path.name != "hall.db"] == ["copy"]


def test_restore_overwrites_nothing(small_hall: ServiceHarness, tmp_path: Path) -> None:
    backup_database(small_hall.database, tmp_path / "copy")
    small_hall.take()
    with pytest.raises(DatabaseError):
        restore(tmp_path / "copy", small_hall.database)
    assert numbers(small_hall) == [1]


def test_a_backup_that_fails_leaves_the_older_one(small_hall: ServiceHarness, tmp_path: Path) -> None:
    file = tmp_path / "copy"
    backup_database(small_hall.database, file)
    older = file.read_bytes()
    with pytest.raises(DatabaseError):
        backup_database(small_hall.database.replace("hall", "nowhere").replace("motcua-sqlite", "nowhere"), file)
    assert file.read_bytes() == older


def test_a_broken_copy_is_not_restored(tmp_path: Path) -> None:
    file = tmp_path / "copy"
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(DatabaseError):
        restore(file, f"sqlite:///{tmp_path}/new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_copy_in_a_folder_that_is_not_there(database: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        backup_database(database, tmp_path / "nowhere" / "copy")


def test_a_damaged_database_is_not_copied(sqlite_template: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    shutil.copyfile(sqlite_template, damaged)
    with damaged.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 4)
    with pytest.raises((DatabaseError, sqlite3.DatabaseError)):
        backup_database(f"sqlite:///{damaged}", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
