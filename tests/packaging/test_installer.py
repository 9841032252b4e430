"""config/installer in a scratch root: a machine gets a hall, is renewed, and goes back when a step fails.

Everything is real but the machine's own systemctl: users and folders by systemd's programs, an environment for each
version, the units' own commands, a server that answers. Long: each version is an environment of its own.
"""

import json
import shutil
import sqlite3
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kiosk.driver import free_port
from tests.packaging.installed import ROOT, build_wheel, link_packages, needed_by
from tests.server_process import KEY_FILE, PUBLIC_URL, clean_environment

PACKAGES = ["config", "printer", "display_server", "kiosk"]
FAKE = Path(__file__).with_name("fake_systemctl.py")


@dataclass
class ScratchMachine:
    root: Path
    variables: dict[str, str]
    port: int
    patience: int = 60

    def install(self, *arguments: str | Path, wheel: Path | None = None) -> subprocess.CompletedProcess[str]:
        """The installer that is in `wheel`, or the checkout's, as somebody types it."""
        variables = dict(self.variables)
        if wheel is not None:
            variables["PYTHONPATH"] = f"{wheel}:{variables['PYTHONPATH']}"
        command = [sys.executable, "-m", "config.installer", *arguments, "--root", self.root]
        command += ["--systemctl", self.root / "systemctl", "--bare", "--health-seconds", str(self.patience)]
        return subprocess.run(
            command, env=variables, cwd="/" if wheel else ROOT, capture_output=True, text=True, check=False
        )

    def current(self) -> str:
        return (self.root / "opt/motcua/current").resolve().name

    def motcua(self, *arguments: str) -> str:
        settings = {"MOTCUA_CONFIG": str(self.root / "etc/motcua/motcua.toml")}
        command = [self.root / "opt/motcua/current/bin/motcua", *arguments]
        done = subprocess.run(command, env=self.variables | settings, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def healthy(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
            return json.load(answer) == {"status": "ok"}

    def asked(self) -> list[str]:
        """What systemctl was asked since the last time."""
        file = self.root / "asked"
        lines = file.read_text().splitlines()
        file.write_text("")
        return lines

    def query(self, statement: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.root / "var/lib/motcua/motcua.db")) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def machine(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchMachine]:
    """With the hall that the first test puts on it; the tests of this module follow one another."""
    root = tmp_path_factory.mktemp("machine")
    packages = link_packages(needed_by("hall"), tmp_path_factory.mktemp("packages"))
    variables = clean_environment(PYTHONPATH=str(packages))
    for name in (KEY_FILE, PUBLIC_URL):
        variables.pop(name, None)
    (root / "systemctl").write_text(f'#!/bin/sh\nexec {sys.executable} {FAKE} {root} "$@"\n')
    (root / "systemctl").chmod(0o755)
    port = free_port()
    settings = root / "etc/motcua/motcua.toml"  # the site's own: it must stay as it is
    settings.parent.mkdir(parents=True)
    text = (ROOT / "config/deploy/motcua.toml").read_text().replace("[server]\n", f"[server]\nport = {port}\n", 1)
    text = text.replace('host = "0.0.0.0"', 'host = "127.0.0.1"')
    settings.write_text(text.replace("/var/lib/motcua", f"{root}/var/lib/motcua"))
    found = ScratchMachine(root, variables, port)
    yield found
    subprocess.run([root / "systemctl", "stop", "motcua-server.service"], check=True)


def changed(tmp_path: Path, version: str, changes: dict[str, tuple[str, str]], new: dict[str, str]) -> Path:
    """A wheel of this tree with another version and with texts of some files replaced, or files added."""
    tree = tmp_path / f"tree-{version}"
    tree.mkdir()
    for name in [*PACKAGES, "pyproject.toml", "README.md", "LICENSE", "NOTICE"]:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tree / name)
    changes = changes | {"pyproject.toml": ('version = "0.1.0"', f'version = "{version}"')}
    for name, (old, replacement) in changes.items():
        text = (tree / name).read_text()
        assert old in text
        (tree / name).write_text(text.replace(old, replacement, 1))
    for name, text in new.items():
        (tree / name).write_text(text)
    return build_wheel(tree, tmp_path / f"wheel-{version}")


def with_migration(tmp_path: Path, version: str, body: str, **others: tuple[str, str]) -> Path:
    """A wheel whose schema is one further."""
    script = f'''"""One more."""
import sqlalchemy as sa
from alembic import op
revision = "{NEXT}"
down_revision = "{HEAD}"
def upgrade():
    {body}
def downgrade():
    pass
'''
    changes = {MIGRATE: (f'HEAD = "{HEAD}"', f'HEAD = "{NEXT}"')} | {
        MODULES[name]: pair for name, pair in others.items()
    }
    return changed(tmp_path, version, changes, {f"{MIGRATIONS}/{NEXT}_one_more.py": script})


def _module(name: str) -> str:
    (found,) = [path for path in (ROOT / "display_server").rglob(name) if "versions" not in path.parts]
    return str(found.relative_to(ROOT))


MIGRATE = _module("migrate.py")
MIGRATIONS = str(next((ROOT / "display_server").rglob("migrations/versions")).relative_to(ROOT))
HEAD = next(line.split('"')[1] for line in (ROOT / MIGRATE).read_text().splitlines() if line.startswith("HEAD = "))
NEXT = f"{int(HEAD) + 1:04}"
MODULES = {"app": _module("app.py")}


def test_an_installation_that_was_cut_off_is_no_version_to_go_back_to(machine: ScratchMachine, tmp_path: Path) -> None:
    done = machine.install("install", "--centre", tmp_path / "nowhere", wheel=changed(tmp_path, "0.0.9", {}, {}))
    assert done.returncode == 1
    assert "the centre could not be imported: " in done.stderr.splitlines()[-1]
    assert machine.current().startswith("0.0.9-")


def test_a_machine_gets_a_hall(machine: ScratchMachine, built: Path) -> None:
    centre = ROOT / "config/centres/xa_mau"
    done = machine.install("install", "--centre", centre, wheel=built)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{machine.current()} runs\n"
    assert machine.healthy()
    root = machine.root
    assert "motcua:x:" in (root / "etc/passwd").read_text()
    assert ":motcua" in next(line for line in (root / "etc/group").read_text().splitlines() if line.startswith("lp:"))
    for folder in ("var/lib/motcua", "var/lib/motcua/backups", "var/lib/motcua-keys"):
        assert stat.S_IMODE((root / folder).stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "etc/motcua/motcua.toml").stat().st_mode) == 0o640
    for unit in ("motcua-server.service", "motcua-kiosk.service", "motcua-backup.timer"):
        assert (root / "etc/systemd/system" / unit).exists()
    assert 'token = ""' not in (root / "etc/motcua/motcua.toml").read_text()
    assert f"port = {machine.port}\n" in (root / "etc/motcua/motcua.toml").read_text()
    assert len(list((root / "opt/motcua/versions").iterdir())) == 1
    asked = machine.asked()
    assert asked[:3] == ["daemon-reload", "enable motcua-server.service", "restart motcua-server.service"]
    assert asked[-2:] == ["enable motcua-kiosk.service", "restart motcua-kiosk.service"]
    assert not [line for line in asked if "buttons" in line]  # it has no plan
    kiosk_unit = (root / "etc/systemd/system/motcua-kiosk.service").read_text()
    assert f"ExecStart=/usr/bin/cage -d -- {root}/opt/motcua/current/bin/motcua kiosk --watched\n" in kiosk_unit
    assert (root / "opt/motcua/current/config/deploy/x11-session").stat().st_mode & stat.S_IXUSR


def test_installing_again_changes_nothing(machine: ScratchMachine, built: Path) -> None:
    before = files(machine.root)
    done = machine.install("install", wheel=built)
    assert done.returncode == 0, done.stderr
    assert files(machine.root) == before
    assert machine.query("SELECT count(*) FROM device") == [(1,)]
    assert not [line for line in machine.asked() if "disable" in line]
    assert machine.healthy()


def files(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in ("etc", "usr", "var/lib/motcua-keys")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file() and not path.name.startswith(".pwd")
    }


def test_an_upgrade_brings_the_database_along(machine: ScratchMachine, tmp_path: Path) -> None:
    old = machine.current()
    wheel = with_migration(tmp_path, "0.2.0", 'op.create_table("one_more", sa.Column("id", sa.Integer))')
    machine.asked()
    done = machine.install("upgrade", wheel=wheel)
    assert done.returncode == 0, done.stderr
    assert machine.current().startswith("0.2.0-")
    assert machine.query("SELECT version_num FROM alembic_version") == [(NEXT,)]
    assert machine.healthy()
    asked = machine.asked()
    units = ["motcua-kiosk.service", "motcua-buttons.service", "motcua-backup.timer", "motcua-server.service"]
    assert asked[:5] == ["is-active motcua-kiosk.service", *(f"stop {unit}" for unit in units)]
    status = machine.install("status").stdout
    assert status.startswith(f"{machine.current()} (one-box, since ")
    assert f"; before it: {old}, backup {machine.root}/var/lib/motcua/backups/before-0.2.0-" in status


def test_a_roll_back_does_not_lose_what_came_since_unless_told_to(machine: ScratchMachine) -> None:
    new = machine.current()
    machine.motcua("device", "add", "kiosk", "since")
    refused = machine.install("rollback")
    assert refused.returncode == 1
    assert f"{new} goes on: " in refused.stderr
    assert "--restore-backup goes back to " in refused.stderr
    assert (machine.current(), machine.healthy()) == (new, True)
    done = machine.install("rollback", "--restore-backup")
    assert done.returncode == 0, done.stderr
    assert (machine.current()[:6], machine.healthy()) == ("0.1.0-", True)
    assert machine.query("SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert machine.query("SELECT name FROM device") == [("kiosk-1",)]
    aside = [path for path in (machine.root / "var/lib/motcua").glob("motcua.db.*") if path.suffix != ".lock"]
    assert aside, "the newer database is kept beside it"


def test_a_version_that_does_not_run_is_never_switched_to(machine: ScratchMachine, built: Path, tmp_path: Path) -> None:
    old = machine.current()
    machine.asked()
    wheel = changed(tmp_path, "0.3.0", {"config/cli.py": ("import logging", "import no_such_module")}, {})
    done = machine.install("upgrade", wheel=wheel)
    assert done.returncode == 1
    assert "version 0.3.0-" in done.stderr.splitlines()[-1]
    assert "does not run: ModuleNotFoundError: No module named 'no_such_module'" in done.stderr.splitlines()[-1]
    broken = tmp_path / "motcua-0.4.0-py3-none-any.whl"
    broken.write_bytes(built.read_bytes()[:1000])
    assert machine.install("upgrade", broken).returncode == 1
    assert machine.asked() in ([], ["is-active motcua-kiosk.service"])  # the hall never stopped
    assert (machine.current(), machine.healthy()) == (old, True)
    assert [folder.name[:6] for folder in (machine.root / "opt/motcua/versions").iterdir()].count("0.3.0-") == 0


def test_a_failing_migration_leaves_the_old_version_running(machine: ScratchMachine, tmp_path: Path) -> None:
    """Its transaction is undone: no backup needs to be restored."""
    old = machine.current()
    wheel = with_migration(tmp_path, "0.3.1", 'raise RuntimeError("out of luck")')
    done = machine.install("upgrade", wheel=wheel)
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert told[-1].startswith(f"motcua-install: the upgrade failed and {old} runs again: the database could not be")
    assert "out of luck" in told[-1]
    assert not any("is that of the backup again" in line for line in told)
    assert_runs(machine, old)


def test_an_unhealthy_server_takes_its_database_back_too(machine: ScratchMachine, tmp_path: Path) -> None:
    old = machine.current()
    wheel = with_migration(
        tmp_path,
        "0.3.2",
        'op.create_table("one_more", sa.Column("id", sa.Integer))',
        app=("def create_app(", 'raise SystemExit("does not start")\n\n\ndef create_app('),
    )
    machine.patience = 25
    done = machine.install("upgrade", wheel=wheel)
    machine.patience = 60
    assert done.returncode == 1
    told = done.stderr.splitlines()
    assert told[-1].startswith(f"motcua-install: the upgrade failed and {old} runs again: the server is not healthy")
    assert any("is that of the backup again" in line for line in told)
    assert_runs(machine, old)
    assert machine.query("SELECT name FROM device") == [("kiosk-1",)]


@pytest.mark.parametrize("refused", ["stop motcua-server.service", "restart motcua-kiosk.service"])
def test_a_service_that_does_not_follow_ends_the_upgrade(machine: ScratchMachine, tmp_path: Path, refused: str) -> None:
    old = machine.current()
    wheel = changed(tmp_path, f"0.4.{len(refused)}", {}, {})
    stays = (machine.root / "refused", f"{refused}\n")
    stays[0].write_text(stays[1])
    try:
        done = machine.install("upgrade", wheel=wheel)
    finally:
        stays[0].unlink()
    assert done.returncode == 1
    assert f"Job for {refused.split()[1]} failed." in done.stderr.splitlines()[-1]
    assert f"{old} runs again" in done.stderr.splitlines()[-1]
    assert_runs(machine, old)
    subprocess.run([machine.root / "systemctl", "restart", "motcua-server.service"], check=True)


def test_a_backup_that_fails_ends_the_upgrade_before_anything_changes(machine: ScratchMachine, tmp_path: Path) -> None:
    old = machine.current()
    folder = machine.root / "var/lib/motcua/backups"
    aside = folder.rename(folder.with_name("aside"))
    try:
        done = machine.install("upgrade", wheel=with_migration(tmp_path, "0.5.0", "pass"))
    finally:
        aside.rename(folder)
    assert done.returncode == 1
    assert f"the upgrade failed and {old} runs again: the backup failed: " in done.stderr.splitlines()[-1]
    assert_runs(machine, old)


def assert_runs(machine: ScratchMachine, version: str) -> None:
    assert (machine.current(), machine.healthy()) == (version, True)
    assert machine.query("SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_machine_that_becomes_a_server_keeps_no_kiosk(machine: ScratchMachine, built: Path) -> None:
    machine.asked()
    done = machine.install("install", "--kind", "server", wheel=built)
    assert done.returncode == 0, done.stderr
    assert machine.current().endswith("-server")
    assert "disable --now motcua-kiosk.service" in machine.asked()
    assert machine.healthy()
