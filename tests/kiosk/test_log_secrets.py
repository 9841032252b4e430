"""What must never be in the log of a kiosk or of its watchdog, sent through what works and what fails, at `debug`."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.maintenance.pin import Pin
from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import SECRET, TOKEN, FakeServer
from tests.kiosk.screen_walkthrough import OLD_CARD, SLIP, slip
from tests.kiosk.test_documents import NAMES, centre, tick, to_checklist
from tests.kiosk.test_maintenance import enter as enter_pin
from tests.kiosk.test_maintenance import give_the_sign
from tests.kiosk.test_scan_decoder import HOME, NAME, NUMBER, OLD

OWN_PIN, WRONG_PIN = "604193", "918273"
OTHER_CODE = "PARCEL-8934563138164-QZ"
TYPED = "giaychungnhan"
OWN_PAGE = "19~Vq3_slip-of-this-visitor_8dK2m"
TOO_LONG = OWN_PAGE + "x" * 300  # no slip takes such an address: what is said of it?
BIRTH = "02031950"


@pytest.fixture(params=["text", "json"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Kiosk, FakeServer]]:
    """A kiosk under its watchdog that says all it has to say."""
    Pin(tmp_path / "data" / "pin.json").set(OWN_PIN)
    loud = {"LOG__LEVEL": "debug", "LOG__FORMAT": request.param}
    with FakeServer(centre()) as server, Kiosk(server.url, tmp_path, watched=True, **loud) as kiosk:
        server.slip, server.page = slip(department="XD"), f"/t/{OWN_PAGE}"
        yield kiosk, server
        kiosk.end()


def test_no_secret_is_in_the_log_of_a_kiosk(told: tuple[Kiosk, FakeServer]) -> None:
    kiosk, server = told
    kiosk.shows("start")
    _take_a_number(kiosk, server)
    _scan_everything(kiosk, server)
    _search(kiosk)
    _tick_and_print(kiosk)
    _for_staff(kiosk)
    _start_again(kiosk)
    log = kiosk.log()
    secrets = {
        "token": TOKEN, "slip": SECRET, "own slip": OWN_PAGE, "card": NUMBER, "old card": OLD, "name": NAME,
        "home": HOME, "birth": BIRTH, "code": OTHER_CODE, "pin": OWN_PIN, "wrong pin": WRONG_PIN, "typed": TYPED,
    } | {f"document {place}": name for place, name in enumerate(NAMES)}  # fmt: skip
    for what, secret in secrets.items():
        assert secret not in log, what
        assert json.dumps(secret)[1:-1] not in log, what
    assert "DEBUG" in log.upper()
    assert "did not reach the printer" in log, "something failed"


def _take_a_number(kiosk: Kiosk, server: FakeServer) -> None:
    """One that is well, one whose address no slip takes, and one for each way in which the server misbehaves."""
    for page, mood in ((OWN_PAGE, "well"), (TOO_LONG, "well"), *((OWN_PAGE, mood) for mood in ("strange", "error"))):
        server.page, server.mood = f"/t/{page}", mood
        kiosk.touch("begin")
        kiosk.shows("departments")
        kiosk.touch("department:TP")
        kiosk.shows("number")
        kiosk.touch("done")
        kiosk.shows("start")
    server.mood = "well"
    until(lambda: kiosk.state()["online"] and not kiosk.state()["to_hand_in"], "the server")


def _scan_everything(kiosk: Kiosk, server: FakeServer) -> None:
    for code, mood in ((OLD_CARD, "well"), (SLIP, "well"), (SLIP, "garbage"), (SLIP, "error"), (OTHER_CODE, "well")):
        server.mood = mood
        kiosk.press(*code, "enter")
        until(lambda: kiosk.state()["scanned"], f"the panel in the mood {mood}")
        until(lambda: kiosk.state()["scanned"] != "looking", "the answer")
        kiosk.touch("scan:close")
        until(lambda: not kiosk.state()["scanned"], "the panel's end")
    server.mood = "well"


def _search(kiosk: Kiosk) -> None:
    kiosk.touch("begin")
    kiosk.shows("departments")
    kiosk.touch("search")
    kiosk.shows("search")
    for letter in TYPED:
        before = kiosk.state()["typed"]
        kiosk.touch(f"key:{letter}")
        until(lambda before=before: kiosk.state()["typed"] != before, letter)  # type: ignore[misc]
    for screen in ("departments", "start"):
        kiosk.touch("back")
        kiosk.shows(screen)


def _tick_and_print(kiosk: Kiosk) -> None:
    to_checklist(kiosk)
    tick(kiosk, 0, 2)
    kiosk.touch("missing")
    kiosk.shows("documents")
    kiosk.touch("print_list")
    until(lambda: kiosk.state()["list_slip"] in {"out", "sent"}, "the list")
    kiosk.touch("done")
    kiosk.shows("start")


def _for_staff(kiosk: Kiosk) -> None:
    give_the_sign(kiosk)
    enter_pin(kiosk, WRONG_PIN)
    until(lambda: "wrong PIN" in kiosk.log(), "the wrong PIN")
    enter_pin(kiosk, OWN_PIN)
    kiosk.shows("service")
    kiosk.touch("back")
    kiosk.shows("start")


def _start_again(kiosk: Kiosk) -> None:
    os.kill(kiosk.window_pid, signal.SIGKILL)
    until(lambda: "it is started again" in kiosk.log(), "the watchdog's word")
