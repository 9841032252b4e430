"""A finger on the kiosk, a number on paper, a press at a counter, the number in the hall: on real parts."""

import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.browser import Eyes
from tests.end_to_end.printed_slips import Printer, read_code, read_number
from tests.kiosk.driver import Kiosk, until
from tests.server_process import PHONES, ServerProcess

CANDIDATES = [f"{prefix}{n:03d}" for prefix in ("A", "AK", "AA", "C", "CA", "E", "EA") for n in range(1, 31)]


def take(kiosk: Kiosk, department: str = "KHDT") -> dict[str, Any]:
    """A visitor taps through to the number and waits for the paper; the state then."""
    kiosk.shows("start")
    kiosk.touch("begin")
    kiosk.shows("departments")
    kiosk.touch(f"department:{department}")
    kiosk.shows("procedures")
    kiosk.touch("number_now")
    until(lambda: kiosk.state()["slip"] == "out", f"the paper; {kiosk.log()}")
    return kiosk.shows("number")


@contextmanager
def kiosk_at(hall: ServerProcess, printer: Printer, folder: Path, **settings: Any) -> Iterator[Kiosk]:
    wanted = {"KIOSK__TOKEN": hall.token("kiosk"), "PRINTER__URL": printer.url} | settings
    with Kiosk(hall.url, folder / "kiosk", **wanted) as kiosk:
        yield kiosk


def test_a_tap_becomes_a_number_on_paper_and_on_the_phone_and_in_the_hall(
    hall: ServerProcess, printer: Printer, eyes: Eyes, tmp_path: Path
) -> None:
    with kiosk_at(hall, printer, tmp_path) as kiosk:
        page = eyes.open(f"{hall.url}/hall")
        number = take(kiosk)["number"]
        assert number == "A001"
        assert number in kiosk.state()["texts"]

    slip = printer.newest()
    assert read_number(slip, CANDIDATES) == number
    phone_page = read_code(slip)
    assert phone_page.startswith(PHONES)
    with urllib.request.urlopen(hall.url + urlsplit(phone_page).path) as answer:
        assert f">{number}<" in answer.read().decode()
    ticket = hall.ask("GET", urlsplit(phone_page).path + "/state").json()
    assert (ticket["number"], ticket["state"]) == (number, "waiting")

    assert hall.call_next("1")["number"] == number
    eyes.reads(page, "#number", number)
    eyes.reads(page, "#counter", "1")
    assert hall.ask("GET", urlsplit(phone_page).path + "/state").json()["state"] == "called"


def test_two_visitors_hold_different_paper(hall: ServerProcess, printer: Printer, tmp_path: Path) -> None:
    with kiosk_at(hall, printer, tmp_path) as kiosk:
        take(kiosk)
        first = printer.newest()
        kiosk.touch("done")
        take(kiosk)
        second = printer.newest()
    assert [read_number(slip, CANDIDATES) for slip in (first, second)] == ["A001", "A002"]
    assert read_code(first) != read_code(second)


def test_without_the_server_the_kiosk_gives_a_number_that_is_good_when_it_is_back(
    hall: ServerProcess, printer: Printer, eyes: Eyes, tmp_path: Path
) -> None:
    with kiosk_at(hall, printer, tmp_path, KIOSK__ANSWER_SECONDS=1) as kiosk:
        page = eyes.open(f"{hall.url}/hall")
        assert not take(kiosk)["offline"]
        kiosk.touch("done")

        hall.kill()
        state = take(kiosk)
        assert state["offline"]
        assert state["to_hand_in"] == 1
        on_paper = read_number(printer.newest(), CANDIDATES)
        assert on_paper == state["number"] != "A001"

        hall.start()
        until(lambda: kiosk.state()["to_hand_in"] == 0, "handed in", patience=60)

    waiting = hall.ask("GET", "/api/v1/counters/1", token=hall.token("counter", "1")).json()["waiting"]
    assert [ticket["number"] for ticket in waiting] == ["A001", on_paper]
    ticket = hall.ask("GET", f"/api/v1/tickets/{waiting[1]['id']}", token=hall.token("kiosk")).json()
    assert (ticket["number"], ticket["offline"], ticket["state"]) == (on_paper, True, "waiting")

    assert hall.press("1", "call", number=on_paper).json()["call"]["number"] == on_paper
    eyes.reads(page, "#number", on_paper)


def test_on_a_real_screen_as_well(hall: ServerProcess, printer: Printer, tmp_path: Path) -> None:
    """Under an X server the window is a window; the rest is the same."""
    if shutil.which("Xvfb") is None:
        pytest.fail("Xvfb is missing; ./setup.sh with MOTCUA_SETUP=test installs it")
    with x_server() as display:
        kiosk = Kiosk(hall.url, tmp_path / "kiosk", KIOSK__TOKEN=hall.token("kiosk"), PRINTER__URL=printer.url)
        kiosk._environment.pop("SDL_VIDEODRIVER")
        kiosk._environment["DISPLAY"] = display
        with kiosk:
            assert "off-screen" not in kiosk.log()
            number = take(kiosk)["number"]
    assert read_number(printer.newest(), CANDIDATES) == number == "A001"


@contextmanager
def x_server() -> Iterator[str]:
    """An X server without a screen; its display's name."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1200x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
