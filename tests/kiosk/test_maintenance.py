"""The staff's hidden screen, reached by four corners and a PIN, with real touches."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kiosk.devices.brightness import Backlight, BrightnessError
from kiosk.maintenance.gesture import ServiceGesture
from kiosk.maintenance.pin import Pin
from tests.kiosk.driver import Kiosk, free_port, until
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.test_app import LANDSCAPE, PORTRAIT, check
from tests.kiosk.test_speech import played, player, sounds

CORNERS = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98))
PIN = "2580"


def give_the_sign(kiosk: Kiosk) -> dict[str, Any]:
    for corner in CORNERS:
        kiosk.tap(corner)
        until(lambda: kiosk.state()["accepts_touch"], "a screen that takes touches")
    return kiosk.shows("pin")


def enter(kiosk: Kiosk, pin: str) -> None:
    for digit in pin:
        kiosk.touch(f"digit:{digit}")
    kiosk.touch("pin:ok")


def open_service(kiosk: Kiosk) -> dict[str, Any]:
    give_the_sign(kiosk)
    enter(kiosk, PIN)
    kiosk.shows("service")
    return until(lambda: (state := kiosk.state())["service"] and state, "the facts")


def take_a_number(kiosk: Kiosk) -> str:
    for name in ("begin", "department:TP"):
        kiosk.touch(name)
    number: str = kiosk.shows("number")["number"]
    kiosk.touch("done")
    kiosk.shows("start")
    return number


def papers(folder: Path) -> list[Path]:
    return sorted((folder / "paper").glob("**/*.png"), key=lambda path: path.stat().st_mtime_ns)


def slips(folder: Path) -> int:
    return len(papers(folder))


def is_copy_of(original: Path, _test: Path, copy: Path) -> bool:
    """Longer by the line that says so, and otherwise the same from below."""
    first, second = (Image.open(path).convert("1") for path in (original, copy))
    end = (0, first.height - 300, first.width, first.height)
    longer = second.height - first.height
    same = first.crop(end).tobytes() == second.crop((0, end[1] + longer, first.width, second.height)).tobytes()
    return longer > 0 and same


def test_without_a_pin_it_opens_nothing_and_says_how_to_set_one(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        give_the_sign(kiosk)
        until(lambda: "Chưa đặt mã PIN" in kiosk.state()["texts"], "the word")
        state = check(kiosk, PORTRAIT, "pin", tmp_path / "not-set.png")
        assert any("motcua kiosk pin" in text for text in state["texts"])
        assert not [name for name in state["targets"] if name.startswith(("digit", "pin"))]
        kiosk.touch("back")
        kiosk.shows("start")


@pytest.mark.parametrize(("size", "language"), [(PORTRAIT, "vi"), (LANDSCAPE, "en")], ids=["portrait", "landscape"])
def test_what_it_shows_and_what_it_does(tmp_path: Path, size: tuple[int, int], language: str) -> None:
    Pin(tmp_path / "data" / "pin.json").set(PIN)
    sound = tmp_path / "sound"
    settings = {"SPEECH__PLAYER": player(sound), "KIOSK__LANGUAGE": language}
    with FakeServer() as server, Kiosk(server.url, tmp_path, size, **settings) as kiosk:
        numbers = [take_a_number(kiosk) for _ in range(5)]
        until(lambda: slips(tmp_path) == 5, "five slips")
        until(lambda: not kiosk.state()["voice"], "the voice")
        facts = open_service(kiosk)["service"]
        assert (facts["waiting"], facts["to_hand_in"], facts["online"], facts["volume"]) == (0, 0, True, 50)
        state = check(kiosk, size, "service", tmp_path / "service.png")
        assert set(numbers[1:]) <= set(state["texts"]), "the latest slips"
        kiosk.touch("service:test")
        until(lambda: slips(tmp_path) == 6, "the test slip")
        until(lambda: "TEST" in kiosk.state()["texts"], "its line")
        kiosk.touch("reprint:1")
        until(lambda: slips(tmp_path) == 7, "the copy")
        assert is_copy_of(*papers(tmp_path)[-3:])
        kiosk.touch("louder")
        until(lambda: kiosk.state()["service"]["volume"] == 60, "louder")
        until(lambda: len(played(sound)) == 1, "a sample of it")
        assert len(sounds(sound)) == 1
        kiosk.touch("service:paper")
        until(lambda: "paper changed" in kiosk.log(), "the note of it")
        check(kiosk, size, "service", tmp_path / "after.png")
        kiosk.touch("back")
        assert kiosk.shows("start")["service"] is None
        kiosk.kill()
        kiosk.start()
        assert open_service(kiosk)["service"]["volume"] == 60, "the volume outlives a power cut"


@pytest.mark.parametrize("watched", [False, True], ids=["alone", "watched"])
def test_restart_begins_a_new_window_which_goes_on(tmp_path: Path, watched: bool) -> None:
    Pin(tmp_path / "data" / "pin.json").set(PIN)
    with FakeServer() as server, Kiosk(server.url, tmp_path, watched=watched) as kiosk:
        open_service(kiosk)
        kiosk.touch("service:restart")
        until(lambda: kiosk.log().count("kiosk ready") == 2, "the new window")
        until(kiosk._answers, "its door")
        assert kiosk.shows("start")["service"] is None
        assert kiosk.end() == 0


def test_a_held_slip_is_printed_again_after_the_printer_was_seen_to(tmp_path: Path) -> None:
    """Its visitor has left: it does not come by itself before the next visitor's."""
    Pin(tmp_path / "data" / "pin.json").set(PIN)
    port = free_port()
    with FakeServer() as server, Kiosk(server.url, tmp_path, PRINTER__URL=f"tcp://127.0.0.1:{port}") as kiosk:
        take_a_number(kiosk)
        facts = open_service(kiosk)
        assert facts["service"]["waiting"] == 0
        assert "Không kết nối được máy in" in kiosk.state()["texts"]
        check(kiosk, PORTRAIT, "service", tmp_path / "trouble.png")
        command = [sys.executable, "-c", "from config.cli import main; main()", "printer", "virtual"]
        printer = subprocess.Popen([*command, "--port", str(port), "--directory", str(tmp_path / "paper")])
        try:
            kiosk.touch("service:paper")
            until(lambda: "Không kết nối được máy in" not in kiosk.state()["texts"], "the printer")
            assert slips(tmp_path) == 0
            kiosk.touch("reprint:0")
            until(lambda: slips(tmp_path) == 1, "its paper")
        finally:
            printer.terminate()
            printer.wait()


def test_five_wrong_pins_lock_it_also_after_a_restart(tmp_path: Path) -> None:
    Pin(tmp_path / "data" / "pin.json").set(PIN)
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        give_the_sign(kiosk)
        for left in (4, 3, 2, 1):
            enter(kiosk, "2581")
            until(lambda left=left: f"Mã PIN không đúng. Còn {left} lần." in kiosk.state()["texts"], "wrong")  # type: ignore[misc]
        enter(kiosk, "2581")
        until(lambda: "Đã khóa vì nhập sai mã PIN nhiều lần" in kiosk.state()["texts"], "the lock")
        kiosk.kill()
        kiosk.start()
        give_the_sign(kiosk)
        until(lambda: "Đã khóa vì nhập sai mã PIN nhiều lần" in kiosk.state()["texts"], "still the lock")
        state = check(kiosk, PORTRAIT, "pin", tmp_path / "locked.png")
        assert any(text.startswith("Mở lại sau 0:") for text in state["texts"])
        assert "digit:1" not in state["targets"]


def test_it_leaves_by_itself_and_forgets_the_digits(tmp_path: Path) -> None:
    Pin(tmp_path / "data" / "pin.json").set(PIN)
    with FakeServer() as server, Kiosk(server.url, tmp_path, warn_seconds=1.5, KIOSK__IDLE_SECONDS=3) as kiosk:
        give_the_sign(kiosk)
        kiosk.touch("digit:2")
        kiosk.touch("digit:5")
        until(lambda: "• •" in kiosk.state()["texts"], "two dots")
        kiosk.shows("start")
        give_the_sign(kiosk)
        assert "• •" not in kiosk.state()["texts"]
        enter(kiosk, PIN)
        kiosk.shows("service")
        assert kiosk.shows("start")["service"] is None


def test_corners_out_of_order_or_too_slow_are_no_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("kiosk.maintenance.gesture.time.monotonic", lambda: now[0])
    right = [(5, 955), (535, 955), (535, 5), (5, 5)]
    corners = ServiceGesture()

    def sign(points: list[tuple[int, int]], pause: float = 1) -> bool:
        answers = []
        for x, y in points:
            now[0] += pause
            answers.append(corners.touch(x, y, 540, 960))
        return answers[-1]

    assert sign(right)
    assert not sign(right[::-1])
    assert not sign([right[0], right[1], (270, 480), right[2], right[3]])
    assert not sign(right, pause=3)
    assert sign([right[0], *right]), "a second try at the first corner"


def test_a_backlight_is_set_in_percent_and_a_refusal_is_said(tmp_path: Path) -> None:
    (tmp_path / "max_brightness").write_text("937\n")
    (tmp_path / "brightness").write_text("937\n")
    light = Backlight(tmp_path)
    assert light.get() == 100
    light.set(60)
    assert (tmp_path / "brightness").read_text() == "562"
    assert light.get() == 60
    with pytest.raises(BrightnessError):
        Backlight(tmp_path / "none").get()
