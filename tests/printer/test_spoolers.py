"""CUPS without CUPS: `lp` and `lpstat` are played by small scripts in front of the path."""

from pathlib import Path

import pytest

from printer.errors import DeviceError, DeviceHungError
from printer.jobs.devices import open_device
from printer.transports.discovery import discover_printers, find_cups
from printer.transports.spooler import cups_status, windows_status
from printer.transports.status import CoverState, PaperState

IDLE = "printer KIOSK is idle.  enabled since Mon 23 Nov 2026\n\tForm mounted:\n\tAlerts: none\n"


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an `lp` that keeps what it gets, and an `lpstat` that says that all is well."""
    script(tmp_path, "lp", f'echo "$@" >> {tmp_path}/called; cat >> {tmp_path}/spooled')
    script(tmp_path, "lpstat", f"[ \"$1\" = -e ] && echo KIOSK || printf '{IDLE}'")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def script(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_bytes_reach_the_queue_raw_and_unchanged(cups: Path) -> None:
    device = open_device("cups://KIOSK", 5.0)
    data = bytes(range(256)) * 200
    device.write(data)
    assert (cups / "spooled").read_bytes() == data
    assert "-d KIOSK -o raw" in (cups / "called").read_text()
    assert device.wait_until_processed(0.0) is None
    assert device.status().online is True
    assert device.status().paper is PaperState.UNKNOWN
    device.close()


def test_a_queue_that_is_not_there_is_one_clear_line(cups: Path) -> None:
    script(cups, "lpstat", "echo 'lpstat: Invalid destination name in list \"X\".' >&2; exit 1")
    with pytest.raises(DeviceError, match="cups://X: lpstat: Invalid destination"):
        open_device("cups://X", 5.0)


def test_a_scheduler_that_hangs_is_left(cups: Path) -> None:
    script(cups, "lpstat", "exec sleep 5")
    with pytest.raises(DeviceHungError):
        open_device("cups://KIOSK", 0.1)


def test_without_cups_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="cups-client"):
        open_device("cups://KIOSK", 1.0)
    assert any("cups-client" in line for line in discover_printers()[1])


@pytest.mark.parametrize(
    ("told", "problems"),
    [
        (IDLE, ()),
        ("printer KIOSK disabled since Mon\n\treason unknown\n", ("offline",)),
        (IDLE.replace("none", "media-empty-error"), ("paper_out",)),
        (IDLE.replace("none", "media-low-warning"), ("paper_low",)),
        (IDLE.replace("none", "cover-open-report"), ("cover_open",)),
        (IDLE.replace("none", "offline-report"), ("offline",)),
    ],
)
def test_what_cups_says_of_a_queue(told: str, problems: tuple[str, ...]) -> None:
    assert cups_status(told).problems == problems


def test_queues_are_listed(cups: Path) -> None:
    assert [found.url for found in find_cups()] == ["cups://KIOSK"]


def test_windows_bits_that_are_not_set_say_nothing() -> None:
    assert windows_status(0).online is None
    assert windows_status(0x10).paper is PaperState.OUT
    assert windows_status(0x400000).cover is CoverState.OPEN
    assert windows_status(0x82).problems == ("error",)


def test_windows_printers_need_windows() -> None:
    with pytest.raises(DeviceError, match="needs Windows and pywin32"):
        open_device("win://POS-80", 2.0)


def test_a_path_that_may_not_be_entered_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lpstat").write_text("not a program")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LookupError, match="apt-get install cups-client"):
        list(find_cups())
