"""Languages of other scripts on the real kiosk: drawn, all to be read, and left out where this machine cannot."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from PIL import Image

from config.i18n import LanguageError
from kiosk import cli as commands
from tests.kiosk.driver import Kiosk
from tests.kiosk.fake_server import FakeServer, real_centre
from tests.kiosk.foreign import NAMES, WORDS, also_in, catalogues
from tests.kiosk.screen_walkthrough import enter
from tests.kiosk.test_text_fit import look

SIZE, INCHES = (540, 960), 21.5
CODES = ("zh", "ko", "km", "fr")


def ink_in(kiosk: Kiosk, place: dict[str, float]) -> int:
    """How many pixels of a place to touch are as dark as letters on gold."""
    picture = Image.open(BytesIO(kiosk._open("/frame.png"))).convert("L")
    width, height = picture.size
    half = place["width"] / 2, place["height"] / 2
    edges = ((place["x"] - half[0] / 3) * width, (place["y"] - half[1]) * height)
    ends = ((place["x"] + half[0]) * width, (place["y"] + half[1] * 0.7) * height)
    return sum(picture.crop((*map(int, edges), *map(int, ends))).histogram()[:60])


def test_chinese_korean_khmer_and_french_are_a_catalogue_each(tmp_path: Path) -> None:
    """Five languages beside each other; a sixth, in cuneiform, is left out and named."""
    before = catalogues(tmp_path / "po", *CODES)
    made = Catalog(locale="en")
    made.add("Take a number", "\U00012000\U00012001")
    with (tmp_path / "po" / "xx.po").open("wb") as file:
        write_po(file, made)
    centre = also_in(real_centre(), *CODES)
    centre["languages"].append("xx")
    with FakeServer(centre) as server, Kiosk(server.url, tmp_path, SIZE, before=before) as kiosk:
        kiosk.shows("start")
        assert 'the language "xx" is left out: no font draws "\U00012000" (U+12000)' in kiosk.log()
        assert "language:xx" not in kiosk.state()["targets"]
        for code in CODES:
            enter(kiosk, code, "")
            state = kiosk.state()
            assert WORDS[code]["Take a number"] in state["texts"]
            assert ink_in(kiosk, state["targets"]["begin"]) > 100, code
            look(state, SIZE, INCHES, f"start in {code}")
            kiosk.touch("begin")
            state = kiosk.shows("departments")
            look(state, SIZE, INCHES, f"departments in {code}")
            assert NAMES[code]["TP"] in state["texts"], "its own name"
            assert "Finance" in " ".join(state["texts"]), "English where its own is missing"
            assert "Sở Tài chính" not in state["texts"]
            kiosk.touch("back")
            kiosk.shows("start")


def test_the_first_language_must_be_one_that_can_be_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "why_not_drawn", lambda code: "no font draws it" if code == "en" else "")
    commands._check_languages("vi")
    with pytest.raises(LanguageError, match=r"kiosk\.language = 'en' cannot be shown: no font draws it"):
        commands._check_languages("en")


@pytest.mark.parametrize("size", ["799x480", "480x799", "320x1920", "640x480"])
def test_a_window_without_room_for_a_keyboard_is_refused(size: str) -> None:
    from tests.kiosk.test_command import run

    result = run("--size", size)
    assert result.returncode == 2
    assert "a kiosk needs a window of 480x800 or 800x480 at least" in result.stderr
