"""Files that a command of root's writes belong to whom their folder belongs to: the server is another user."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from display_server.db.copies import backup_database
from display_server.db.copies.database_copy import copy_database
from display_server.services.keys import key_file
from display_server.services.keys.key_file import KeyRing
from display_server.services.recovery.recovery import restore_hall
from tests.display_server.service_harness import ServiceHarness

SERVER = 65534 if os.geteuid() == 0 else os.geteuid()  # somebody else where this user may give files away


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the server's user."""
    made = tmp_path / "var"
    made.mkdir()
    os.chown(made, SERVER, -1)
    return made


@pytest.fixture
def hall(sqlite_template: Path, folder: Path) -> Iterator[ServiceHarness]:
    file = folder / "hall.db"
    shutil.copyfile(sqlite_template, file)
    os.chown(file, SERVER, -1)
    small = ServiceHarness(f"sqlite:///{file}")
    yield small
    small.close()


def strangers(folder: Path) -> list[str]:
    """What in the folder the server's user does not own, or others may read."""
    paths = [folder, *folder.rglob("*")]
    return [
        str(path.relative_to(folder))
        for path in paths
        if path.stat().st_uid != SERVER or (path != folder and stat.S_IMODE(path.stat().st_mode) & 0o077)
    ]


def test_the_server_opens_what_root_restored(hall: ServiceHarness, folder: Path) -> None:
    hall.take()
    (folder / "hall.db").chmod(0o600)
    backup_database(hall.database, folder / "copy")
    restore_hall(folder / "copy", f"sqlite:///{folder}/fresh.db")
    restored = ServiceHarness(f"sqlite:///{folder}/fresh.db")  # with its -wal and -shm
    restored.take()
    assert strangers(folder) == []
    restored.close()
    hall.close()
    assert restore_hall(folder / "copy", hall.database, replace=True) is not None
    restore_hall(folder / "copy", f"sqlite:///{folder}/a/new/one.db")
    assert strangers(folder) == []


def test_the_database_that_is_replaced_says_whose_it_is(hall: ServiceHarness, folder: Path, tmp_path: Path) -> None:
    """Where the folder is root's own."""
    backup_database(hall.database, tmp_path / "copy")
    hall.close()
    os.chown(folder, os.geteuid(), -1)
    restore_hall(tmp_path / "copy", hall.database, replace=True)
    assert (folder / "hall.db").stat().st_uid == SERVER


def test_a_copy_an_encrypted_backup_and_a_new_database(hall: ServiceHarness, folder: Path, tmp_path: Path) -> None:
    subprocess.run(["age-keygen", "-o", tmp_path / "identity"], check=True, capture_output=True)
    told = (tmp_path / "identity").read_text().splitlines()
    public = next(line for line in told if "public key" in line).split()[-1]
    backup_database(hall.database, folder / "copy.age", [public])
    hall.close()
    (folder / "hall.db").chmod(0o600)
    copy_database(hall.database, f"sqlite:///{folder}/second.db")
    restore_hall(folder / "copy.age", f"sqlite:///{folder}/third.db", identity=tmp_path / "identity")
    assert strangers(folder) == []


def test_the_key_file_stays_the_servers(folder: Path) -> None:
    path = folder / "keys" / "motcua.key"
    assert key_file.create(path, KeyRing.made())
    assert strangers(folder) == []
    with key_file.changing(path):
        key_file.replace(path, KeyRing.made())
    assert strangers(folder) == []


def test_a_further_name_of_a_file_of_roots_is_not_given_away(
    hall: ServiceHarness, folder: Path, tmp_path: Path
) -> None:
    """Whoever owns the folder can put a link where root's command is going to write."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"")
    os.link(secret, folder / "copy.unfinished")
    backup_database(hall.database, folder / "copy")
    assert secret.stat().st_uid == os.geteuid()
