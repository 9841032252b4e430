"""Backup: where it may be written, who may read it, and encryption."""

import os
import shutil
import sqlite3
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from display_server.db.copies import backup_database, weekly_file
from display_server.db.engine import DatabaseError, open_engine
from display_server.services.recovery.recovery import restore_hall
from tests.display_server.db.test_backup import numbers
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.test_commands import motcua

NOBODY = 65534


@pytest.fixture
def hall(sqlite_template: Path, tmp_path: Path) -> Path:
    """A database's file, and beside it what somebody may name in place of a backup."""
    file = tmp_path / "hall.db"
    shutil.copyfile(sqlite_template, file)
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "hard").hardlink_to(file)
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "mine.unfinished").write_text("somebody's own")
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "fifo")
    shutil.copyfile(sqlite_template, tmp_path / "other.db")
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as other:
        other.execute("CREATE TABLE notes (text)")
        other.commit()
    return file


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.suffix != ".lock"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("hall.db", "is the database itself"),
        ("link", "is the database itself"),
        ("hard", "is the database itself"),
        ("folder/../hall.db", "is the database itself"),
        ("hall.db-wal", "SQLite keeps files of that name"),
        ("other.db-journal", "SQLite keeps files of that name"),
        ("other.db", "is a database that is or was in use"),
        ("foreign.db", "another program's tables"),
        ("folder", "is a folder"),
        ("notes.txt", "is there already, and is no backup"),
        ("empty", "is there already, and is empty"),
        ("fifo", "is no file"),
        ("nowhere/copy", "there is no folder"),
        ("hall.db.restored-20261128-181500", "Motcua keeps files of that name"),
        ("mine", "is no backup that was cut off"),
    ],
)
def test_what_must_not_be_written_is_refused_by_name(hall: Path, tmp_path: Path, name: str, told: str) -> None:
    was = state(tmp_path)
    with pytest.raises(DatabaseError, match=told) as refused:
        backup_database(f"sqlite:///{hall}", tmp_path / name)
    assert "\n" not in str(refused.value)
    assert state(tmp_path) == was


def test_another_backup_is_replaced_and_nobody_else_reads_it(small_hall: ServiceHarness, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        for _ in range(2):
            small_hall.take()
            backup_database(small_hall.database, tmp_path / "copy")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


@pytest.fixture
def as_nobody(sqlite_template: Path) -> Iterator[Path]:
    """A folder with a hall in it and a folder `locked` that this user, not root any more, may not enter."""
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="motcua-nobody-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "own").mkdir()
        (folder / "locked").mkdir(mode=0o700 if is_root else 0o000)
        shutil.copyfile(sqlite_template, folder / "own" / "hall.db")
        if is_root:
            for path in (folder / "own", folder / "own" / "hall.db"):
                os.chown(path, NOBODY, -1)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(0 if is_root else os.geteuid())


def test_a_folder_that_may_not_be_entered_is_told_in_one_line(as_nobody: Path) -> None:
    database = f"sqlite:///{as_nobody}/own/hall.db"
    with pytest.raises(DatabaseError, match="Permission denied") as refused:
        backup_database(database, as_nobody / "locked" / "copy")
    assert "\n" not in str(refused.value)
    with pytest.raises(DatabaseError):
        backup_database(f"sqlite:///{as_nobody}/locked/hall.db", as_nobody / "own" / "copy")
    with pytest.raises(DatabaseError):
        restore_hall(as_nobody / "locked" / "copy", database)
    with pytest.raises(DatabaseError, match=r"belongs to \w+ and cannot be written by \w+"):
        open_engine(f"sqlite:///{as_nobody}/locked/hall.db")


def test_a_database_of_another_users_names_the_owner(as_nobody: Path) -> None:
    if os.getuid() != 0:
        return
    os.seteuid(0)
    os.chown(as_nobody / "own" / "hall.db", 0, 0)
    os.seteuid(NOBODY)
    with pytest.raises(DatabaseError, match=r"hall\.db belongs to root and cannot be written by nobody"):
        open_engine(f"sqlite:///{as_nobody}/own/hall.db")


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    done = motcua("backup", tmp_path / "copy", database=f"sqlite:///{tmp_path}/typo.db")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "typo.db: there is no such database" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("database", "is_encrypted", "name"),
    [
        ("sqlite:///x.db", False, "motcua-6.db"),
        ("postgresql:///x", False, "motcua-6.dump"),
        ("postgresql:///x", True, "motcua-6.dump.age"),
    ],
)
def test_the_weekly_file_has_a_name_in_no_language(database: str, is_encrypted: bool, name: str) -> None:
    assert weekly_file(database, Path("f"), date(2026, 11, 28), is_encrypted=is_encrypted) == Path("f") / name


def test_an_encrypted_backup_is_restored_with_its_key_alone(
    small_hall: ServiceHarness, second_database: str, tmp_path: Path
) -> None:
    for _ in range(3):
        small_hall.take()
    identity, wrong = tmp_path / "identity", tmp_path / "wrong"
    for file in (identity, wrong):
        subprocess.run(["age-keygen", "-o", file], check=True, capture_output=True)
    public = next(line for line in identity.read_text().splitlines() if "public key" in line).split()[-1]
    copy = tmp_path / "hall.age"
    backup_database(small_hall.database, copy, [public])
    assert copy.read_bytes().startswith(b"age-encryption.org/v1")
    assert b"ticket" not in copy.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    for key, told in ((None, "--identity FILE"), (wrong, "age: "), (tmp_path / "none", "no such identity")):
        with pytest.raises(DatabaseError, match=told):
            restore_hall(copy, second_database, identity=key)
    restore_hall(copy, second_database, identity=identity)
    restored = ServiceHarness(second_database)
    assert numbers(restored)[:3] == [1, 2, 3]
    restored.close()


def test_a_recipient_that_is_none_leaves_the_older_backup(small_hall: ServiceHarness, tmp_path: Path) -> None:
    backup_database(small_hall.database, tmp_path / "copy")
    was = (tmp_path / "copy").read_bytes()
    with pytest.raises(DatabaseError, match="age: "):
        backup_database(small_hall.database, tmp_path / "copy", ["age1nonsense"])
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]
    assert (tmp_path / "copy").read_bytes() == was


def test_without_age_it_says_what_to_install(
    small_hall: ServiceHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", _missing)
    with pytest.raises(DatabaseError, match="apt install age"):
        backup_database(small_hall.database, tmp_path / "copy", ["age1x"])
    assert list(tmp_path.iterdir()) == []


def _missing(*_: object, **__: object) -> None:
    raise FileNotFoundError


@pytest.mark.parametrize("folder", ["notes.txt", "notes.txt/in/it", "/dev/null", "/proc/weekly", "a" * 300])
def test_a_weekly_folder_that_cannot_be_is_told_in_one_line(hall: Path, folder: str) -> None:
    done = motcua("backup", "--weekly", hall.parent / folder, database=f"sqlite:///{hall}")
    assert done.returncode == 1
    assert done.stderr.startswith("motcua: ")
    assert done.stderr.count("\n") == 1
    assert "Errno" not in done.stderr
    assert (hall.parent / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("command", [["backup", "x"], ["restore", "FILE"], ["copy", "SOURCE", "TARGET"]])
def test_a_database_below_a_file_is_told_in_one_line(hall: Path, command: list[str]) -> None:
    below = f"sqlite:///{hall.parent}/notes.txt/hall.db"
    words = {"FILE": str(hall.parent / "other.db"), "SOURCE": f"sqlite:///{hall.parent}/other.db", "TARGET": below}
    done = motcua(*(words.get(word, word) for word in command), database=below)
    assert done.returncode == 1
    assert done.stderr.startswith("motcua: ")
    assert done.stderr.count("\n") == 1
    assert "Errno" not in done.stderr
    assert (hall.parent / "notes.txt").read_text() == "mine"
