"""The longest names that a centre may have, in five languages, on every screen: all can be read, reached and hit."""

from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer, as_told
from tests.kiosk.screen_walkthrough import enter, find, made_up_language
from tests.kiosk.test_text_fit import look
from tests.long_names import LANGUAGES, long_centre

WINDOWS = {
    "portrait": ((540, 960), 21.5, ("", "low", "large")),
    "landscape": ((960, 540), 21.5, ("", "low", "large")),
    "portrait 1080×1920": ((1080, 1920), 32, ("",)),
    "7 inches": ((800, 480), 7.0, ("", "low")),
    "10 inches": ((800, 480), 10.1, ("",)),
    "15 inches": ((1366, 768), 15.6, ("",)),
    "4K": ((3840, 2160), 43.0, ("",)),
}
"""Pixels, inches, promised modes: letters of 6.1 mm are not on smaller screens (docs/reference/kiosk.md)."""
SMALL = 20.0  # inches: below, keys and cards give way to the window
NAMED = ("D00", "D01", "D02")  # 500 letters, 190 with a short name, one long word


def told() -> dict[str, Any]:
    return as_told(long_centre(), languages=list(LANGUAGES))


def name_of(data: dict[str, Any], kind: str, code: str, language: str) -> str:
    return next(one["name"][language] for one in data[kind] if one["code"] == code)


@pytest.mark.parametrize(
    ("window", "mode"), [(window, mode) for window, (*_, modes) in WINDOWS.items() for mode in modes]
)
def test_no_name_is_too_long(tmp_path: Path, window: str, mode: str) -> None:
    (size, inches, _), data = WINDOWS[window], told()
    folder = tmp_path / "translations"
    folder.mkdir()
    for code in LANGUAGES[2:]:
        made_up_language(folder, code)
    before = f"import config.i18n, pathlib; config.i18n.FOLDER = pathlib.Path({str(folder)!r})"
    least = inches if inches > SMALL else 60.0
    with (
        FakeServer(data) as server,
        Kiosk(server.url, tmp_path, size, before=before, KIOSK__DIAGONAL_INCHES=inches) as kiosk,
    ):
        for language, codes in (("vi", NAMED), ("fr", NAMED[:1])):
            for step in walk(kiosk, data, language, mode, codes):
                look(kiosk.state(), size, least, f"{step} in {language}, {window}, {mode or 'as it comes'}")


def walk(kiosk: Kiosk, data: dict[str, Any], language: str, mode: str, codes: tuple[str, ...]) -> Any:
    """A visit for each kind of name; every name that is cut is opened and read."""
    for code in codes:
        enter(kiosk, language, mode)
        yield from read_whole(kiosk, data["name"][language], "start")
        kiosk.touch("begin")
        kiosk.shows("departments")
        yield "departments"
        if code == NAMED[0]:
            yield from turn_all_pages(kiosk)
        find(kiosk, f"department:{code}")
        kiosk.shows("procedures")
        yield from read_whole(kiosk, name_of(data, "departments", code, language), f"procedures of {code}")
        find(kiosk, f"procedure:{code}-{NAMED.index(code)}")
        kiosk.shows("checklist")
        procedure = name_of(data, "procedures", f"{code}-{NAMED.index(code)}", language)
        yield from read_whole(kiosk, procedure, f"checklist of {code}")
        kiosk.touch("take")
        kiosk.shows("number")
        yield from read_whole(kiosk, name_of(data, "departments", code, language), f"number of {code}")
        kiosk.touch("done")
        kiosk.shows("start")


def turn_all_pages(kiosk: Kiosk) -> Any:
    for page in range(1, kiosk.state()["pages"]):
        kiosk.touch("next")
        until(lambda page=page: kiosk.state()["page"] == page, "the next page")  # type: ignore[misc]
        yield f"departments, page {page + 1}"


def read_whole(kiosk: Kiosk, name: str, step: str) -> Any:
    """The name stands there, or in full behind a touch on it."""
    yield step
    state = kiosk.state()
    opens = next((target for target in state["targets"] if target.startswith("whole:")), None)
    if opens is None:
        assert name in state["all_texts"], step
        assert name not in state["ends_early"], step
        return
    kiosk.touch(opens)
    until(lambda: kiosk.state()["whole_name"], f"{step}: the panel")
    state = until(lambda: (state := kiosk.state())["targets"].keys() == {"whole:close"} and state, "its place to touch")
    assert state["whole_name"] == name, step
    assert state["ends_early"] == [], step
    yield f"the panel over {step}"
    kiosk.touch("whole:close")
    until(lambda: not kiosk.state()["whole_name"], "the panel's end")


def test_a_name_left_open_does_not_stay(tmp_path: Path) -> None:
    with FakeServer(told()) as server, Kiosk(server.url, tmp_path, warn_seconds=0.5, KIOSK__IDLE_SECONDS="2") as kiosk:
        kiosk.shows("start")
        kiosk.touch("whole:centre")
        until(lambda: kiosk.state()["whole_name"], "the panel")
        until(lambda: not kiosk.state()["whole_name"], "the panel's end")
        kiosk.touch("begin")
        kiosk.shows("departments")
