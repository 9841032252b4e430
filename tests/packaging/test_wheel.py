"""The wheel, outside the checkout: every file is in it, every command runs or says which extra it needs."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.cli import COMMANDS
from tests.packaging.installed import ROOT, Installed, build_wheel, install, needed_by
from tests.server_process import KEY_FILE, PUBLIC_URL

LONG_SECONDS = 60
# What each command needs; those of the server belong together.
EXTRA = {"demo": "kiosk,server", "kiosk": "kiosk", "printer": "printer", "buttons": "buttons"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return install(wheel, tmp_path_factory.mktemp("installed"))


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    packages = ["config", "printer", "display_server", "kiosk"]
    listed = subprocess.run(["git", "ls-files", *packages], cwd=ROOT, capture_output=True, text=True, check=True)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    kept = {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    left_out = {"config/constraints/build.txt", "config/constraints/test.txt", "config/motcua.py"}
    assert kept - names == left_out  # what nobody installs, and the top-level module
    assert "motcua.py" in names
    assert {name.partition("/")[0] for name in names} == {*packages, "motcua.py", "motcua-0.1.0.dist-info"}


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["demo", "--directory", "/nowhere"], "kiosk,server"),
        (["kiosk", "--help"], "kiosk"),
        (["printer", "test", "virtual:///tmp"], "printer"),
        (["buttons", "--help"], "buttons"),
        (["import", "--help"], "server"),
    ],
)
def test_a_command_without_its_extra_names_it_in_one_line(
    installed: Installed, arguments: list[str], extra: str
) -> None:
    done = installed.run(*arguments)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert done.stderr.startswith(f"motcua: motcua {arguments[0]} needs the package "), done.stderr
    assert done.stderr.endswith(f": pip install 'motcua[{extra}]'\n"), done.stderr
    assert done.stderr.count("\n") == 1


HELP_OF_ALL = """
import sys
from click.testing import CliRunner
from config.cli import motcua
for command in sys.argv[1:]:
    done = CliRunner().invoke(motcua, [command, "--help"])
    assert done.exit_code == 0 and done.output.startswith("Usage: motcua "), (command, done.output, done.exception)
"""


@pytest.mark.parametrize("extra", sorted({*EXTRA.values(), "server"}))
def test_commands_load_with_their_extra_alone(installed: Installed, extra: str) -> None:
    commands = [command for command in COMMANDS if EXTRA.get(command, "server") == extra]
    python, environment = str(installed.folder / "bin" / "python"), installed.environment(*extra.split(","))
    done = subprocess.run(
        [python, "-c", HELP_OF_ALL, *commands], env=environment, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_counters_pc_needs_no_server() -> None:
    needed = needed_by("buttons")
    assert {"paho-mqtt", "pyserial", "requests", "tenacity"} <= needed
    assert not needed & {"flask", "sqlalchemy", "gevent", "alembic", "cryptography", "pillow", "kivy"}
    assert not needed_by("server") & {"paho-mqtt", "pyserial", "kivy", "python-escpos"}


def test_the_agent_of_the_buttons_reads_its_plan(installed: Installed) -> None:
    plan = installed.site / "config" / "buttons.toml"
    done = installed.run("buttons", "--check", str(plan), extras=("buttons",))
    assert (done.returncode, done.stdout) == (0, f"{plan}: 3 buttons\n"), done.stderr


@contextmanager
def started(installed: Installed, *arguments: str, extras: tuple[str, ...], **variables: str) -> Iterator[str]:
    """The first line that the command prints; it must end well when it is asked to."""
    environment = installed.environment(*extras, **variables)
    command = installed.command(*arguments)
    with subprocess.Popen(command, env=environment, cwd="/", stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_SECONDS) == 0


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=LONG_SECONDS) as answer:
        return answer.read()


def test_the_virtual_printer_prints_a_test_slip(installed: Installed, tmp_path: Path) -> None:
    extras = ("printer",)
    with started(installed, "printer", "virtual", "--port", "0", "--directory", str(tmp_path), extras=extras) as line:
        url, page = line.split()
        done = installed.run("printer", "test", url, extras=extras)
        assert (done.returncode, done.stdout) == (0, "printed\n"), done.stderr
        assert fetch(f"{page}/slips/slip-0001.png") == (tmp_path / "slip-0001.png").read_bytes()
        assert b"<html" in fetch(page)


def test_a_hall_opens_from_the_wheel(installed: Installed, tmp_path: Path) -> None:
    """Data files of every kind: settings, centre, migrations, pages, styles, fonts, voices, layouts, words, .kv."""
    own = {
        "MOTCUA_SERVER__DATABASE": f"sqlite:///{tmp_path}/hall.db",
        "MOTCUA_SERVER__ALWAYS_OPEN": "true",
        "MOTCUA_KIOSK__DATA_DIR": str(tmp_path / "kiosk"),
        "MOTCUA_PRINTER__URL": f"virtual://{tmp_path}/slips",
        "HOME": str(tmp_path),
        KEY_FILE: str(tmp_path / "motcua.key"),
        PUBLIC_URL: os.environ[PUBLIC_URL],
    }
    centre = installed.site / "config" / "centres" / "xa_mau"
    done = installed.run("import", str(centre), extras=("server",), **own)
    assert done.returncode == 0, done.stderr
    token = installed.run("device", "add", "kiosk", "kiosk-1", extras=("server",), **own).stdout.strip()
    with started(installed, "server", "--port", "0", extras=("server",), **own) as address:
        assert json.loads(fetch(f"{address}/healthz"))
        assert b"<html" in fetch(f"{address}/hall")
        assert fetch(f"{address}/static/css/hall.css")
        assert fetch(f"{address}/static/fonts/BeVietnamPro-Regular.woff2")
        kiosk = own | {"MOTCUA_KIOSK__SERVER_URL": address, "MOTCUA_KIOSK__TOKEN": token}
        kiosk_is_ready(installed, tmp_path / "log", kiosk)
        done = installed.run("backup", str(tmp_path / "copy.db"), extras=("server",), **own)
        assert (done.returncode, done.stdout) == (0, f"{tmp_path}/copy.db\n"), done.stderr


def kiosk_is_ready(installed: Installed, log: Path, variables: dict[str, str]) -> None:
    command = installed.command("kiosk", "--size", "800x480", "--windowed")
    environment = installed.environment("kiosk", **variables)
    environment.pop("DISPLAY", None)
    with log.open("wb") as written, subprocess.Popen(command, env=environment, cwd="/", stderr=written) as process:
        deadline = time.monotonic() + LONG_SECONDS
        while b"kiosk ready" not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        process.terminate()


@pytest.mark.parametrize("name", ["config", "printer", "display_server", "kiosk"])
def test_a_package_of_another_distribution_is_told_in_one_line(installed: Installed, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise SystemExit('it was run')\n")
    other = tmp_path / "elsewhere-2.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 2.0\n")
    (other / "RECORD").write_text(f"{name}/__init__.py,,\n")
    done = installed.run("--version", PYTHONPATH=str(tmp_path))
    place = tmp_path / name / "__init__.py"
    assert (done.returncode, done.stdout) == (1, "")
    told = f"motcua: the package {name!r} in {place} is not Motcua's but of elsewhere 2.0: install Motcua into a"
    assert done.stderr == f"{told} virtual environment of its own\n"


def test_a_package_that_was_written_over_or_removed_is_told(installed: Installed, tmp_path: Path) -> None:
    """pip lets a later distribution write its files over ours, and takes ours away with it."""
    file = installed.site / "config" / "__init__.py"
    shutil.copy(file, tmp_path)
    try:
        file.write_text("VERSION = 3\n")
        over = installed.run("--version")
        file.unlink()
        gone = installed.run("--version")
    finally:
        shutil.copy(tmp_path / "__init__.py", file)
    assert over.returncode == gone.returncode == 1
    assert over.stderr.startswith(f"motcua: the package 'config' in {file} is not Motcua's: install Motcua into")
    assert gone.stderr.startswith(f"motcua: its package 'config' is missing: {file} is not there: install Motcua into")
    assert installed.run("--version").returncode == 0
