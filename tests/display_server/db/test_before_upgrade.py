"""A schema that changes: the hall as it was is kept first."""

import stat
import subprocess
from pathlib import Path

import pytest

from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db.schema.migrate import HEAD, current_revision, run
from display_server.services.recovery.recovery import restore_hall
from tests.display_server.db.test_backup import numbers
from tests.display_server.service_harness import ServiceHarness


def test_the_hall_before_the_upgrade_can_be_restored(
    small_hall: ServiceHarness, database: str, second_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    backups = tmp_path / "data" / "backups"
    small_hall.take()
    run(small_hall.site.engine, "0014", down=True)
    small_hall.close()
    keys, own = small_hall.site.keys, {"database": database}
    settings = load_settings(server=own, backup={"folder": str(backups)})
    site = create_context(settings, small_hall.clock, keys)
    assert current_revision(site.engine) == HEAD
    site.close()
    folder = Path(database.removeprefix("sqlite:///")).parent if database.startswith("sqlite") else backups
    (copy,) = folder.glob("*.schema-0014.*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert list(Path.cwd().iterdir()) == []
    if folder == backups:
        assert stat.S_IMODE(backups.stat().st_mode) == 0o700
    restore_hall(copy, second_database)
    restored = ServiceHarness(second_database)
    assert numbers(restored)[0] == 1
    restored.close()


def test_the_copy_before_an_upgrade_is_encrypted_like_every_backup(
    small_hall: ServiceHarness, database: str, tmp_path: Path
) -> None:
    subprocess.run(["age-keygen", "-o", tmp_path / "identity"], check=True, capture_output=True)
    told = (tmp_path / "identity").read_text().splitlines()
    public = next(line for line in told if "public key" in line).split()[-1]
    run(small_hall.site.engine, "0014", down=True)
    small_hall.close()
    backup = {"folder": str(tmp_path), "recipients": [public]}
    create_context(load_settings(server={"database": database}, backup=backup), small_hall.clock).close()
    folder = Path(database.removeprefix("sqlite:///")).parent if database.startswith("sqlite") else tmp_path
    (copy,) = folder.glob("*.schema-0014.*")
    assert copy.read_bytes().startswith(b"age-encryption.org/v1")


def test_a_folder_that_cannot_be_made_keeps_no_hall_from_its_upgrade(
    small_hall: ServiceHarness, database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if database.startswith("sqlite"):
        return
    run(small_hall.site.engine, "0014", down=True)
    small_hall.close()
    (tmp_path / "file").write_text("")
    create_context(
        load_settings(server={"database": database}, backup={"folder": str(tmp_path / "file" / "x")})
    ).close()
    assert "no copy was made before the schema changes" in caplog.text
