"""config/deploy: units that systemd understands, settings that load, a session that fills the screen."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import load_settings
from tests.kiosk.driver import free_port, until
from tests.kiosk.fake_server import FakeServer

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "config" / "deploy"
UNITS = sorted(path.name for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
# Where docs/how-to/installation.md puts Motcua, and where it is while it is tested.
INSTALLED, HERE = "/opt/motcua/current/bin/motcua", str(Path(sys.executable).with_name("motcua"))


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_no_fault_in_a_unit(unit: str, tmp_path: Path) -> None:
    for name in UNITS:
        text = (DEPLOY / name).read_text().replace(INSTALLED, HERE).replace("/opt/motcua/current", str(ROOT))
        (tmp_path / name).write_text(text)
    (tmp_path / "motcua-kiosk.service.d").mkdir()
    shutil.copy(DEPLOY / "one-box.conf", tmp_path / "motcua-kiosk.service.d")
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit)]
    verified = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize(
    ("unit", "most"),
    [
        ("motcua-server.service", 20),
        ("motcua-server@.service", 20),
        ("motcua-buttons.service", 40),
        ("motcua-kiosk.service", 75),
    ],
)
def test_a_unit_is_no_more_exposed_than_its_work_needs(unit: str, most: int) -> None:
    """`most`: systemd's own figure from 0 to 100, of a unit file read as it is."""
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", "--no-pager", str(DEPLOY / unit)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


@pytest.mark.parametrize("unit", [name for name in UNITS if name.endswith(".service")])
def test_what_a_unit_writes_is_its_users_alone(unit: str) -> None:
    lines = (DEPLOY / unit).read_text().splitlines()
    assert {"UMask=0077", "StateDirectoryMode=0700"} <= set(lines)


def test_the_key_file_is_not_where_backups_are_copied_from() -> None:
    key_file = load_settings(DEPLOY / "motcua.toml").server.key_file
    backups = Path("/var/lib/motcua/backups")
    assert not backups.is_relative_to(key_file.parent)
    assert not key_file.is_relative_to("/var/lib/motcua")
    for name in ("motcua-server.service", "motcua-server@.service"):
        assert "StateDirectory=motcua motcua-keys" in (DEPLOY / name).read_text()
    for name in ("motcua-kiosk.service", "motcua-buttons.service", "motcua-backup.service"):
        assert "motcua-keys" not in (DEPLOY / name).read_text()


def test_a_fault_in_a_unit_would_be_found(tmp_path: Path) -> None:
    broken = tmp_path / "motcua-broken.service"
    broken.write_text((DEPLOY / "motcua-server.service").read_text().replace("Restart=always", "Restart=sometimes"))
    command = ["systemd-analyze", "verify", "--man=no", str(broken)]
    assert "sometimes" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_every_kiosk_unit_is_watched_and_comes_back() -> None:
    for name in ("motcua-kiosk.service", "motcua-kiosk-x11.service"):
        unit = (DEPLOY / name).read_text()
        for line in ("Restart=always", "NotifyAccess=all", "StartLimitIntervalSec=0", "WatchdogSec="):
            assert line in unit, (name, line)
    assert "kiosk --watched" in (DEPLOY / "motcua-kiosk.service").read_text()
    assert "kiosk --watched" in (DEPLOY / "x11-session").read_text()


def test_the_sites_settings_load(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MOTCUA_"):
            monkeypatch.delenv(name)
    settings = load_settings(DEPLOY / "motcua.toml")
    assert settings.kiosk.data_dir == Path("/var/lib/motcua/kiosk")
    assert settings.server.database == "sqlite:////var/lib/motcua/motcua.db"


def test_the_installation_guide_names_every_file() -> None:
    guide = (ROOT / "docs" / "how-to" / "installation.md").read_text()
    assert [path.name for path in DEPLOY.iterdir() if path.name not in guide] == []


def test_the_x_session_fills_the_screen_whatever_the_settings_say(tmp_path: Path) -> None:
    assert (DEPLOY / "x11-session").stat().st_mode & stat.S_IXUSR
    motcua = tmp_path / "motcua"
    port = free_port()
    code = "from config.cli import main; main()"
    motcua.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}" "$@" --remote-port {port}\n')
    motcua.chmod(0o755)
    with FakeServer() as server:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MOTCUA_")} | {
            "MOTCUA": str(motcua),
            "MOTCUA_KIOSK__SERVER_URL": server.url,
            "MOTCUA_KIOSK__TOKEN": "kiosk-token",
            "MOTCUA_KIOSK__DATA_DIR": str(tmp_path / "data"),
            "MOTCUA_PRINTER__URL": f"virtual://{tmp_path}/paper",
        }
        environment.pop("SDL_VIDEODRIVER", None)
        screen = ["-displayfd", "1", "-screen", "0", "800x480x24", "-nolisten", "tcp", "-s", "0"]
        with (tmp_path / "log").open("wb") as log:
            server_of_x = subprocess.Popen(["Xvfb", *screen], stdout=subprocess.PIPE, stderr=log)
            assert server_of_x.stdout
            environment["DISPLAY"] = f":{server_of_x.stdout.readline().decode().strip()}"
            session = subprocess.Popen([DEPLOY / "x11-session"], env=environment, stdout=log, stderr=log)
        try:
            ready = "kiosk ready, 800×480"
            until(lambda: ready in (tmp_path / "log").read_text(errors="replace"), (tmp_path / "log").read_text())
        finally:
            session.terminate()
            session.wait()
            server_of_x.terminate()
            server_of_x.wait()
