"""Whatever the umask, what people wrote and every key can be read by the server's user alone."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import load_settings
from display_server.bootstrap import create_context, note_epochs
from display_server.db.copies import backup_database, weekly_file
from display_server.db.copies.database_copy import copy_database
from display_server.db.engine import known_url
from display_server.db.schema.migrate import run
from display_server.services.recovery.kept_epochs import file_beside
from display_server.services.recovery.recovery import restore_hall
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.test_commands import motcua
from tests.server_process import KEY_FILE, ServerProcess


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path, postgres_template: str) -> Path:
    """A key file of the test's own, which opens the databases that were made before it."""
    path = tmp_path / "keys" / "motcua.key"
    path.parent.mkdir(mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Path(os.environ[KEY_FILE]).read_bytes())
    monkeypatch.setenv(KEY_FILE, str(path))
    return path


@pytest.fixture
def recipient(tmp_path: Path) -> str:
    subprocess.run(["age-keygen", "-o", tmp_path / "identity"], check=True, capture_output=True)
    told = (tmp_path / "identity").read_text().splitlines()
    return next(line for line in told if "public key" in line).split()[-1]


def open_to_others(folder: Path) -> list[str]:
    """Files and folders that anybody but their owner can read, write or enter."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if stat.S_IMODE(path.lstat().st_mode) & 0o077 and path.name != "server.log"  # the test's own
    )


def test_commands_and_the_server(no_umask: None, keys: Path, tmp_path: Path, recipient: str) -> None:
    data = tmp_path / "data"
    environment = {"MOTCUA_VOICE__DATA_DIR": str(data / "voices"), "MOTCUA_BACKUP__FOLDER": str(data / "backups")}
    hall = ServerProcess(tmp_path, f"sqlite:///{data}/hall.db", "xa_mau", environment).start()
    hall.take("HT")
    assert hall.call_next() is not None
    weekly = tmp_path / "weekly"
    commands: list[list[object]] = [
        ["backup", tmp_path / "copy.db"],
        ["backup", "--weekly", weekly, "--recipient", recipient],
        ["key", "rotate"],
        ["key", "export", tmp_path / "export.key"],
    ]
    for command in commands:
        done = motcua(*command, database=hall.database)
        assert done.returncode == 0, done.stderr
    hall.stop()
    hall.site.close()
    for command in (
        ["restore", tmp_path / "copy.db", "--replace", "--database", hall.database],
        ["copy", hall.database, f"sqlite:///{data}/moved/hall.db"],
    ):
        done = motcua(*command)
        assert done.returncode == 0, done.stderr
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"hall.db", "hall.db.lock", "copy.db", "motcua.key", "motcua.key.restores", "export.key", "moved"} <= names
    assert open_to_others(tmp_path) == []


def test_what_they_are_made_of(
    no_umask: None, keys: Path, database: str, second_database: str, tmp_path: Path, recipient: str
) -> None:
    """The same without the command line, which takes the umask away itself; -wal and -shm lie there meanwhile."""
    settings: dict[str, dict[str, str]] = {
        "server": {"database": database},
        "backup": {"folder": str(tmp_path / "backups")},
    }
    hall = ServiceHarness(database)
    hall.take()
    file = known_url(database).database if database.startswith("sqlite") else None
    for suffix in ("", "-wal", "-shm", ".lock") if file else ():
        assert stat.S_IMODE(Path(f"{file}{suffix}").stat().st_mode) & 0o077 == 0, suffix
    note_epochs(hall.site)
    assert file_beside(keys).exists()
    backup_database(database, tmp_path / "copy")
    backup_database(database, tmp_path / "copy.age", [recipient])
    backup_database(database, weekly_file(database, tmp_path, hall.clock().date(), is_encrypted=False))
    restore_hall(tmp_path / "copy", second_database, key_file=keys)
    run(hall.site.engine, "0021", down=True)
    hall.close()
    create_context(load_settings(**settings)).close()
    if file:
        copy_database(database, f"sqlite:///{tmp_path}/deep/er/hall.db")
        (before,) = Path(file).parent.glob(f"{Path(file).name}.schema-0021.*")
        assert stat.S_IMODE(before.stat().st_mode) == 0o600
    assert open_to_others(tmp_path) == []
