"""Every screen in every language, orientation and mode: all of it can be read, reached and hit."""

import math
import re
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest

from kiosk.maintenance.pin import Pin
from kiosk.ui.theme import Theme
from tests.kiosk.driver import Kiosk, free_port, until
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.screen_walkthrough import (
    MARK,
    also_in,
    closed_centre,
    enter,
    long_centre,
    made_up_language,
    tour,
    tour_aside,
    tour_when_closed,
)
from tests.kiosk.test_maintenance import PIN, give_the_sign
from tests.kiosk.test_maintenance import enter as enter_pin

SIZES = {"portrait": (540, 960), "landscape": (960, 540)}
TOURS = {"open": (tour, long_centre), "closed": (tour_when_closed, closed_centre)}
MODES = ("", "large", "low")
MM_PER_INCH = 25.4
LOWER_PART = 0.5  # of the window's height: in low reach the middle of every place to touch is below this
NO_WORDS = re.compile(r"[\d:–/\s›‹]*|[A-Z]{1,3}\d*|Tiếng Việt|English|Français|.*\b20\d\d\b.*")
"""What needs no translation: figures, numbers, the languages' own names, the date as its language writes it."""


def pixels_per_mm(size: tuple[int, int], inches: float) -> float:
    return math.hypot(*size) / (inches * MM_PER_INCH)


def look(state: dict[str, Any], size: tuple[int, int], inches: float, where: str) -> None:
    """Nothing is clipped, every place to touch is large, whole and apart from the others."""
    least = Theme.TARGET_MM * pixels_per_mm(size, inches) - 0.6  # pixels: places are rounded
    assert state["clipped"] == [], where
    edges = {}
    for name, place in state["targets"].items():
        width, height = place["width"] * size[0], place["height"] * size[1]
        assert min(width, height) >= least, f"{where}: {name} is {width:.0f}×{height:.0f}, not {least:.0f}"
        left, top = place["x"] * size[0] - width / 2, place["y"] * size[1] - height / 2
        assert min(left, top) >= -1, f"{where}: {name} begins outside"
        assert left + width <= size[0] + 1, f"{where}: {name} ends outside"
        assert top + height <= size[1] + 1, f"{where}: {name} ends outside"
        edges[name] = (left, top, left + width, top + height)
    for (one, a), (other, b) in combinations(edges.items(), 2):
        across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert across < 1 or down < 1, f"{where}: {one} lies over {other}"


@pytest.mark.parametrize("hours", TOURS)
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("orientation", SIZES)
def test_every_text_fits_and_every_place_can_be_hit(
    tmp_path: Path, orientation: str, language: str, hours: str
) -> None:
    size, (way, centre), inches = SIZES[orientation], TOURS[hours], 21.5
    with FakeServer(centre()) as server, Kiosk(server.url, tmp_path, size) as kiosk:
        for mode in MODES:
            for name in way(kiosk, language, mode):
                state, where = kiosk.state(), f"{name} in {language}, {mode or 'as it comes'}"
                look(state, size, inches, where)
                capital = state["smallest_type"] * Theme.CAPITAL / pixels_per_mm(size, inches)
                assert mode != "large" or capital >= Theme.READABLE_MM - 0.05, f"{where}: {capital:.2f} mm"
                if mode == "low":
                    high = [target for target, place in state["targets"].items() if place["y"] < LOWER_PART]
                    assert high == [], f"{where}: too high up"


@pytest.mark.parametrize(
    ("orientation", "inches", "modes"),
    [
        # On 345 × 194 mm letters of 6.1 mm leave no room for names of 190 signs: large type is for larger screens.
        ("portrait", 15.6, ("",)),
        ("portrait", 32, ("", "large")),
        ("landscape", 15.6, ("",)),
        ("landscape", 32, ("", "large")),
    ],
)
def test_smaller_and_larger_screens_fit_too(
    tmp_path: Path, orientation: str, inches: float, modes: tuple[str, ...]
) -> None:
    size = SIZES[orientation]
    with (
        FakeServer(long_centre()) as server,
        Kiosk(server.url, tmp_path, size, KIOSK__DIAGONAL_INCHES=inches) as kiosk,
    ):
        for mode in modes:
            for name in tour(kiosk, "vi", mode):
                look(kiosk.state(), size, inches, f"{name} at {inches} inches, {mode or 'as it comes'}")


@pytest.mark.parametrize("orientation", SIZES)
def test_what_goes_wrong_is_said_in_words_that_fit(tmp_path: Path, orientation: str) -> None:
    """No paper: the number stays on the screen with a code; then no server either: an own number, to be remembered."""
    size = SIZES[orientation]
    printer = f"tcp://127.0.0.1:{free_port()}"
    ways = list(product(("vi", "en"), MODES))
    with FakeServer(long_centre()) as server, Kiosk(server.url, tmp_path, size, PRINTER__URL=printer) as kiosk:
        for language, mode in ways:
            for name in tour(kiosk, language, mode):
                look(kiosk.state(), size, 21.5, f"{name} in {language}, {mode}, without paper")
        server.stop()
        until(lambda: not kiosk.state()["online"], "the server's absence")
        for language, mode in ways:
            for name in tour(kiosk, language, mode):
                state = kiosk.state()
                look(state, size, 21.5, f"{name} in {language}, {mode}, without paper and server")
            assert state["offline"]


@pytest.mark.parametrize("orientation", SIZES)
def test_what_stands_aside_fits_too(tmp_path: Path, orientation: str) -> None:
    """The search, what a scan brings up, the question whether somebody is still there, the staff's hidden screen."""
    size = SIZES[orientation]
    Pin(tmp_path / "data" / "pin.json").set(PIN)
    with FakeServer(long_centre()) as server, Kiosk(server.url, tmp_path, size) as kiosk:
        for language, mode in (("vi", ""), ("vi", "low"), ("vi", "large"), ("en", "large")):  # the longest of each
            for name in tour_aside(kiosk, server, language, mode):
                look(kiosk.state(), size, 21.5, f"{name} in {language}, {mode or 'as it comes'}")
        for language in ("vi", "en"):
            enter(kiosk, language, "")
            look(give_the_sign(kiosk), size, 21.5, f"the PIN in {language}")
            enter_pin(kiosk, PIN)
            kiosk.shows("service")
            until(lambda: kiosk.state()["service"], "the facts")
            look(kiosk.state(), size, 21.5, f"the service screen in {language}")
            kiosk.touch("back")
            kiosk.shows("start")


@pytest.mark.parametrize("orientation", SIZES)
def test_the_question_whether_somebody_is_there_fits(tmp_path: Path, orientation: str) -> None:
    size, quick = SIZES[orientation], {"KIOSK__IDLE_SECONDS": "3"}
    with FakeServer(long_centre()) as server, Kiosk(server.url, tmp_path, size, warn_seconds=1.5, **quick) as kiosk:
        for language, mode in product(("vi", "en"), MODES):
            enter(kiosk, language, mode)
            kiosk.touch("begin")
            kiosk.shows("departments")
            state = until(lambda: (state := kiosk.state())["asks_to_stay"] and state, "the question")
            look(state, size, 21.5, f"the question in {language}, {mode or 'as it comes'}")
            kiosk.shows("start")


@pytest.mark.parametrize("hours", TOURS)
def test_a_third_language_is_one_catalogue_and_leaves_no_text_untranslated(tmp_path: Path, hours: str) -> None:
    way, centre = TOURS[hours]
    folder = tmp_path / "translations"
    folder.mkdir()
    data = also_in("fr", centre()) | {"languages": ["vi", "en", "fr"]}
    before = f"import config.i18n, pathlib; config.i18n.FOLDER = pathlib.Path({str(folder)!r})"
    made_up_language(folder)
    with FakeServer(data) as server, Kiosk(server.url, tmp_path, before=before) as kiosk:
        for name in way(kiosk, "fr"):
            texts = kiosk.state()["texts"]
            assert texts, name
            assert [text for text in texts if MARK not in text and not NO_WORDS.fullmatch(text)] == [], name
