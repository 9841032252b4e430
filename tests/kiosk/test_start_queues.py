"""Six queues or fewer stand on the start screen: one touch to a number, and the way back to it ends no visit."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from config.i18n import translations
from kiosk.ui.theme import Theme
from tests.kiosk.driver import Kiosk, free_port, until
from tests.kiosk.fake_server import FakeServer, department, real_centre, small_centre
from tests.kiosk.screen_walkthrough import enter
from tests.kiosk.test_text_fit import SIZES, look, pixels_per_mm

SHORT_WAY = {"KIOSK__START_QUEUES": "6", "KIOSK__ASK_PROCEDURE": "false"}
CARD = "034050001234|151234567|Nguyễn Văn Khoát|02031950|Nam|Thôn Đông, Thái Thụy, Thái Bình|15082021"


def centre(count: int, **changes: Any) -> dict[str, Any]:
    queues = [department(f"D{n}", "ABCDEFGH"[n], f"Quầy thủ tục số {n}", f"Queue {n}") for n in range(count)]
    return small_centre(departments=queues, procedures=[]) | changes


def cards(kiosk: Kiosk) -> list[str]:
    return [name for name in kiosk.state()["targets"] if name.startswith("department:")]


@pytest.mark.parametrize("orientation", SIZES)
def test_one_touch_is_a_number(tmp_path: Path, orientation: str) -> None:
    with FakeServer(centre(1)) as server, Kiosk(server.url, tmp_path, SIZES[orientation], **SHORT_WAY) as kiosk:
        for count in (1, 4, 6):
            server.centre = centre(count)
            until(lambda count=count: len(cards(kiosk)) == count, "the queues")  # type: ignore[misc]
            state = kiosk.shows("start")
            assert "begin" not in state["targets"]
            look(state, SIZES[orientation], 21.5, f"{count} queues")
            kiosk.touch(f"department:D{count - 1}")
            assert kiosk.shows("number")["department"] == f"D{count - 1}"
            kiosk.touch("done")
            kiosk.shows("start")
        assert len(server.tickets) == 3

        server.centre["departments"][1]["open"] = False
        until(lambda: translations("vi").gettext("No numbers now") in kiosk.state()["texts"], "a closed queue")
        kiosk.touch("department:D1")
        kiosk.shows("notice")
        kiosk.touch("choose_another")
        kiosk.shows("start")
        kiosk.touch("department:D2")
        kiosk.shows("number")
        kiosk.touch("done")

        server.centre = centre(7)
        until(lambda: "begin" in kiosk.state()["targets"], "the welcome, for seven")
        assert cards(kiosk) == []


@pytest.mark.parametrize("orientation", SIZES)
def test_the_queues_fit_in_every_mode_with_and_without_paper(tmp_path: Path, orientation: str) -> None:
    size, nowhere = SIZES[orientation], f"tcp://127.0.0.1:{free_port()}"
    told = real_centre(short={})
    told["departments"] = told["departments"][9:15]  # the longest names of all
    for printer in ({}, {"PRINTER__URL": nowhere}):
        settings = {"KIOSK__START_QUEUES": "6"} | printer
        with FakeServer(told) as server, Kiosk(server.url, tmp_path / str(len(printer)), size, **settings) as kiosk:
            for language, mode in product(("vi", "en"), ("", "large", "low")):
                enter(kiosk, language, mode)
                if printer:
                    until(lambda: kiosk.state()["trouble"], "the printer's trouble")
                where = f"six queues in {language}, {mode}, {printer}"
                look(kiosk.state(), size, 21.5, where)
                no_room = printer and mode and orientation == "landscape"
                assert len(cards(kiosk)) == (0 if no_room else 6), where
                kiosk.touch("language:vi")
                if mode:
                    kiosk.touch(f"mode:{mode}")


@pytest.mark.parametrize(("size", "inches"), [((800, 480), 7.0), ((480, 800), 7.0), ((1366, 768), 15.6)])
def test_on_small_screens_too_one_touch_is_a_number(tmp_path: Path, size: tuple[int, int], inches: float) -> None:
    told = real_centre(short={})
    told["departments"] = told["departments"][9:15]
    target = min(Theme.TARGET_SHARE * min(size), Theme.TARGET_MM * pixels_per_mm(size, inches))
    settings = {"KIOSK__START_QUEUES": "6", "KIOSK__DIAGONAL_INCHES": str(inches)}
    with FakeServer(told) as server, Kiosk(server.url, tmp_path, size, **settings) as kiosk:
        for mode in ("", "large"):
            enter(kiosk, "vi", mode)
            state = kiosk.state()
            assert len(cards(kiosk)) == 6, mode
            assert state["clipped"] == [], mode
            for name, place in state["targets"].items():
                assert min(place["width"] * size[0], place["height"] * size[1]) >= target - 1, f"{name}, {mode}"


def test_where_a_procedure_is_asked_two_more_touches_and_the_way_back_keeps_the_visit(tmp_path: Path) -> None:
    settings = SHORT_WAY | {"KIOSK__ASK_PROCEDURE": "true", "KIOSK__IDLE_SECONDS": "4"}
    with FakeServer(small_centre()) as server, Kiosk(server.url, tmp_path, warn_seconds=2, **settings) as kiosk:
        until(lambda: len(cards(kiosk)) == 2, "the queues")
        kiosk.touch("language:en")
        until(lambda: kiosk.state()["language"] == "en", "English")
        kiosk.touch("ask_priority")
        kiosk.shows("priority")
        kiosk.touch("priority:pregnant")
        assert kiosk.shows("start")["priority"] == "pregnant"
        kiosk.touch("department:XD")
        kiosk.shows("procedures")
        kiosk.touch("back")
        state = kiosk.shows("start")
        assert (state["language"], state["priority"]) == ("en", "pregnant"), "a step back ends no visit"
        kiosk.touch("department:XD")
        kiosk.shows("procedures")
        kiosk.touch("number_now")
        kiosk.shows("number")
        assert [ticket["priority"] for ticket in server.tickets.values()] == ["pregnant"]
        kiosk.touch("done")
        assert kiosk.shows("start")["priority"] is None
        kiosk.touch("ask_priority")
        kiosk.shows("priority")
        kiosk.touch("priority:pregnant")
        kiosk.shows("start")
        until(lambda: kiosk.state()["asks_to_stay"], "the question: a priority left behind ends with a warning")
        until(lambda: kiosk.state()["priority"] is None, "the next visitor has none")


def test_no_paper_is_said_before_a_number_is_taken(tmp_path: Path) -> None:
    settings = SHORT_WAY | {"PRINTER__URL": f"tcp://127.0.0.1:{free_port()}"}
    with FakeServer(centre(3)) as server, Kiosk(server.url, tmp_path, **settings) as kiosk:
        for count in (3, 8):
            server.centre = centre(count)
            until(lambda: "Tạm thời chưa in được phiếu." in kiosk.state()["texts"], "it is said")
            state = kiosk.state()
            assert any("Ông/bà vẫn lấy được số" in text for text in state["texts"])
            assert state["clipped"] == []


@pytest.mark.parametrize(
    ("by", "pill", "offer"), [("touch", True, "priority"), ("card", False, "priority"), ("staff", False, "card")]
)
def test_who_says_that_somebody_has_priority(tmp_path: Path, by: str, pill: bool, offer: str) -> None:
    told = real_centre("xa_mau")
    settings = {"KIOSK__START_QUEUES": "6", "KIOSK__PRIORITY_BY": by}
    with FakeServer(told) as server, Kiosk(server.url, tmp_path, **settings) as kiosk:
        until(lambda: cards(kiosk), "the queues")
        assert ("ask_priority" in kiosk.state()["targets"]) is pill
        kiosk.press(*CARD, "enter")
        until(lambda: kiosk.state()["scanned"] == offer, "what the card brings")
        if offer == "priority":
            kiosk.touch("scan:take")
            until(lambda: kiosk.state()["priority"] == "elderly", "it counts")
        else:
            kiosk.touch("scan:close")
        kiosk.shows("start")
        kiosk.touch("department:TRAKQ")
        kiosk.shows("number")
        assert [ticket["priority"] for ticket in server.tickets.values()] == [
            "elderly" if offer == "priority" else None
        ]
        kiosk.touch("done")
        kiosk.shows("start")
        kiosk.touch("department:HT")
        assert ("ask_priority" in kiosk.shows("procedures")["targets"]) is pill
