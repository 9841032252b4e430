import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MOTCUA_")}
    return subprocess.run(
        [sys.executable, "-c", "from config.cli import main; main()", "kiosk", *arguments],
        env=clean | environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_kiosk_without_a_token_says_how_to_get_one() -> None:
    result = run()
    assert result.returncode == 2
    assert result.stderr == "motcua: kiosk.token is not set: enrol this kiosk with `motcua device add kiosk NAME`\n"


@pytest.mark.parametrize("size", ["huge", "1080", "1080x"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    result = run("--size", size)
    assert result.returncode == 2
    assert "is not a size such as 1080x1920" in result.stderr


def test_a_key_that_no_keyboard_has_is_one_line(tmp_path: Path) -> None:
    environment = {"KIOSK__TOKEN": "x", "KIOSK__DATA_DIR": str(tmp_path), "KEYPAD__NEXT": '["dwon"]'}
    result = run(
        "--windowed", SDL_VIDEODRIVER="offscreen", **{f"MOTCUA_{key}": value for key, value in environment.items()}
    )
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == "motcua: keypad.next: 'dwon' is not the name of a key"


def test_a_printer_address_that_means_nothing_is_one_line(tmp_path: Path) -> None:
    environment = {"KIOSK__TOKEN": "x", "KIOSK__DATA_DIR": str(tmp_path), "PRINTER__URL": "fax://office"}
    result = run("--windowed", **{f"MOTCUA_{key}": value for key, value in environment.items()})
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("motcua: printer URL")
    assert "Traceback" not in result.stderr


def test_help_names_every_option() -> None:
    result = run("--help")
    assert result.returncode == 0
    for option in ("--windowed", "--size", "--remote-port", "--config"):
        assert option in result.stdout


def test_kivy_is_not_needed_to_say_that_a_token_is_missing() -> None:
    code = "import sys; import kiosk.cli, kiosk.core.core, kiosk.ui.remote_control; sys.exit('kivy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("url", "says"), [("virtual://", True), ("virtual:///tmp/slips", False)])
def test_a_first_start_without_a_printer_says_how_to_find_one(tmp_path: Path, url: str, *, says: bool) -> None:
    # A layout that is not there ends it before a window opens.
    environment = {
        "KIOSK__TOKEN": "x",
        "KIOSK__DATA_DIR": str(tmp_path),
        "PRINTER__URL": url,
        "PRINTER__LAYOUT": "nope",
    }
    result = run("--windowed", **{f"MOTCUA_{key}": value for key, value in environment.items()})
    assert result.returncode == 2
    assert ("`motcua printer list` finds printers" in result.stderr) is says


def test_a_machine_that_opens_no_window_is_told_in_the_last_line(tmp_path: Path) -> None:
    environment = {"SDL_VIDEODRIVER": "dummy", "MOTCUA_KIOSK__TOKEN": "x", "MOTCUA_KIOSK__DATA_DIR": str(tmp_path)}
    result = run("--windowed", **environment)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("motcua: no window can be opened: docs/how-to/installation.md")
