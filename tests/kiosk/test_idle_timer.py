"""When a screen goes back: every mode ends, the dark first, and nobody is sent away without 20 seconds of warning."""

from pathlib import Path

import pytest
from PIL import Image

from tests.kiosk.driver import Kiosk, free_port, until
from tests.kiosk.fake_server import FakeServer

with pytest.MonkeyPatch.context() as patched:
    # As in test_visit.py: Kivy reads these while it is imported.
    for name in ("KIVY_NO_FILELOG", "KIVY_NO_CONFIG", "KIVY_NO_ARGS"):
        patched.setenv(name, "1")
    patched.setenv("KIVY_LOG_MODE", "PYTHON")
    from kiosk.ui.controllers.idle_timer import WARN_SECONDS, IdleTimer
    from kiosk.ui.view_model import ViewModel

SILENT = {"SPEECH__PLAYER": "true"}  # a player that is done at once


class Watched:
    """A screen called `shown`, and a clock that is moved by hand."""

    def __init__(self, shown: str, idle: float = 45, result: float = 20) -> None:
        self.now, self.shown, self.homes = 0.0, shown, 0
        self.model = ViewModel("vi", 21.5)
        self.model.bind(on_home=lambda _: setattr(self, "homes", self.homes + 1))
        self.watch = IdleTimer(self.model, lambda: self.shown, idle, result, lambda: self.now)

    def wait(self, seconds: float) -> None:
        """As the window does: a look every quarter of a second."""
        until_then = self.now + seconds
        while self.now < until_then:
            self.now += 0.25
            self.watch.look()

    def seconds_of_warning(self) -> float:
        """From the question to the end."""
        while not self.model.asks_to_stay:
            self.wait(0.25)
        asked_at = self.now
        while not self.homes:
            self.wait(0.25)
        return self.now - asked_at


@pytest.mark.parametrize("idle", [0.5, 3, 10, 45, 300])
@pytest.mark.parametrize("shown", ["departments", "checklist", "search", "notice", "service"])
def test_a_screen_warns_for_twenty_seconds(shown: str, idle: float) -> None:
    assert WARN_SECONDS == 20
    assert Watched(shown, idle).seconds_of_warning() >= 20 - 0.25


@pytest.mark.parametrize("trouble", ["", "paper_out"])
@pytest.mark.parametrize("result", [1, 12, 20, 60])
def test_the_number_warns_for_twenty_seconds_with_and_without_paper(trouble: str, result: float) -> None:
    watched = Watched("number", result=result)
    watched.model.trouble = trouble
    assert watched.seconds_of_warning() >= 20 - 0.25


def test_more_time_is_all_of_it_again() -> None:
    watched = Watched("number")
    watched.wait(19)
    watched.watch.touched()
    watched.wait(19)
    assert not watched.homes
    watched.wait(1.5)
    assert watched.homes == 1


def test_paper_that_comes_back_does_not_send_the_visitor_away() -> None:
    watched = Watched("number")
    watched.model.trouble = "paper_out"
    watched.wait(45)
    watched.model.trouble = ""
    watched.wait(19)
    assert not watched.homes


def test_a_number_shown_without_a_touch_has_its_time() -> None:
    watched = Watched("start")
    watched.wait(600)
    watched.shown = "number"
    watched.wait(19)
    assert not watched.homes


@pytest.mark.parametrize("mode", ["aloud", "dark", "large", "low"])
def test_every_mode_ends_on_the_start_screen_with_a_warning(mode: str) -> None:
    watched = Watched("start")
    watched.watch.touched()
    setattr(watched.model, mode, True)
    assert watched.seconds_of_warning() >= 20 - 0.25
    assert not watched.model.dark
    watched.wait(600)
    assert watched.homes == 1, "nothing more to forget"


def test_a_language_ends_on_the_start_screen_and_nothing_lies_over_it() -> None:
    watched = Watched("start")
    watched.watch.touched()
    watched.model.speak("en")
    watched.wait(44)
    assert (watched.homes, watched.model.asks_to_stay) == (0, False)
    watched.wait(2)
    assert watched.homes == 1


def is_black(picture: Path) -> bool:
    return all(low == high == 0 for low, high in Image.open(picture).convert("RGB").getextrema())


@pytest.mark.parametrize("way", ["touches", "key"])
def test_a_kiosk_left_dark_is_bright_again_and_as_it_was(tmp_path: Path, way: str) -> None:
    settings = SILENT | {"KIOSK__IDLE_SECONDS": "4"}
    with FakeServer() as server, Kiosk(server.url, tmp_path, warn_seconds=2, **settings) as kiosk:
        until(lambda: not kiosk.state()["voice"], f"the voice; {kiosk.log()}")
        if way == "touches":
            for name in ("mode:large", "mode:low", "listen", "speech:dark"):
                kiosk.touch(name)
        else:
            kiosk.press("f7")
            until(lambda: kiosk.state()["aloud"], "speech mode")
            kiosk.press("f7")
        until(lambda: kiosk.state()["dark"], "the dark")
        until(lambda: is_black(kiosk.picture(tmp_path / "dark.png")), "a black picture")
        state = until(lambda: (state := kiosk.state())["asks_to_stay"] and state, "the question")
        assert not state["dark"], "the curtain goes first"
        until(lambda: not is_black(kiosk.picture(tmp_path / "question.png")), "a picture")
        state = until(lambda: not (state := kiosk.state())["aloud"] and state, "the end of it")
        assert (state["screen"], state["dark"], state["modes"]) == ("start", False, {"large": False, "low": False})
        assert "begin" in state["targets"]


@pytest.mark.parametrize("paper", [True, False], ids=["paper", "no paper"])
def test_the_number_offers_more_time(tmp_path: Path, paper: bool) -> None:
    settings = {} if paper else {"PRINTER__URL": f"tcp://127.0.0.1:{free_port()}"}
    quick = {"KIOSK__RESULT_SECONDS": "3"} | settings
    with FakeServer() as server, Kiosk(server.url, tmp_path, warn_seconds=3, **quick) as kiosk:
        kiosk.touch("begin")
        kiosk.touch("department:TP")
        state = kiosk.shows("number")
        until(lambda: kiosk.state()["asks_to_stay"], "the warning")
        state = kiosk.state()
        assert {"stay", "done"} <= set(state["targets"]), "nothing lies over the number"
        assert any(text.startswith("Màn hình sẽ trở về") for text in state["texts"])
        kiosk.touch("stay")
        assert kiosk.state()["screen"] == "number"
        kiosk.shows("start")
