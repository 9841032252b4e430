"""The real window, touched by real touches."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.kiosk.driver import Kiosk, free_port, until
from tests.kiosk.fake_server import FakeServer, department, real_centre, small_centre, tomorrow

PORTRAIT, LANDSCAPE = (540, 960), (960, 540)
TWENTY_MM = 65 / 1080  # of a 27-inch screen's short side, see kiosk/ui/theme.py
LONG_NAMES = [
    ("Sở Lao động - Thương binh và Xã hội", "Department of Labour, War Invalids and Social Affairs"),
    ("Sở Nông nghiệp và Phát triển nông thôn", "Department of Agriculture and Rural Development"),
    ("Ban Quản lý các khu công nghiệp tỉnh", "Provincial Industrial Zones Management Authority"),
]


def targets_are_large(state: dict[str, Any], size: tuple[int, int]) -> bool:
    least = TWENTY_MM * min(size)
    return all(
        place["width"] * size[0] >= least and place["height"] * size[1] >= least for place in state["targets"].values()
    )


def is_a_code_seen(picture: Path) -> bool:
    """Only a QR code is as black as that."""
    black = [count for count, colour in Image.open(picture).getcolors(1 << 24) or [] if colour == (0, 0, 0)]
    return sum(black) > 1000


def check(kiosk: Kiosk, size: tuple[int, int], screen: str, picture: Path) -> dict[str, Any]:
    """The screen is the one that was meant, readable, touchable, and really drawn."""
    state = kiosk.shows(screen)
    assert state["clipped"] == [], screen
    assert targets_are_large(state, size), (screen, state["targets"])
    image = Image.open(kiosk.picture(picture))
    assert image.size == size
    assert len(image.getcolors(maxcolors=image.width * image.height) or []) > 20
    return state


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_a_visit_through_every_screen_in_both_languages(tmp_path: Path, size: tuple[int, int]) -> None:
    with FakeServer(real_centre()) as server, Kiosk(server.url, tmp_path, size) as kiosk:
        for language, title in (("en", "Which department do you need?"), ("vi", "Ông/bà cần đến cơ quan nào?")):
            check(kiosk, size, "start", tmp_path / f"start-{language}.png")
            kiosk.touch("begin")
            kiosk.shows("departments")
            if kiosk.state()["language"] != language:
                kiosk.touch(f"language:{language}")
            until(lambda language=language: kiosk.state()["language"] == language, language)  # type: ignore[misc]
            state = check(kiosk, size, "departments", tmp_path / f"departments-{language}.png")
            assert title in state["texts"]
            kiosk.touch("ask_priority")
            check(kiosk, size, "priority", tmp_path / f"priority-{language}.png")
            kiosk.touch("priority:elderly")
            kiosk.shows("departments")
            kiosk.touch("department:KHDT")
            check(kiosk, size, "procedures", tmp_path / f"procedures-{language}.png")
            kiosk.touch("number_now")
            kiosk.shows("number")
            until(lambda: kiosk.state()["slip"] == "out", "the slip")
            state = check(kiosk, size, "number", tmp_path / f"number-{language}.png")
            assert server.tickets[state["request_id"]]["number"] == state["number"]
            assert server.tickets[state["request_id"]]["priority"] == "elderly"
            assert state["number"] in state["texts"]
            kiosk.touch("done")
            state = kiosk.shows("start")
            assert (state["language"], state["priority"], state["number"]) == ("vi", None, None)
        until(lambda: len(list((tmp_path / "paper").glob("**/*.png"))) == 2, "two slips of paper")
        server.centre["departments"][1]["open"] = False
        kiosk.touch("begin")
        until(lambda: "Tạm ngừng nhận số" in kiosk.state()["texts"], "a department that closed")
        kiosk.touch(f"department:{server.centre['departments'][1]['code']}")
        assert check(kiosk, size, "notice", tmp_path / "notice.png")["declined"] == "department_closed"
        assert kiosk.end() == 0


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
def test_sixty_departments_with_long_names_are_all_reached(tmp_path: Path, size: tuple[int, int]) -> None:
    many = [department(f"D{number}", "A", *LONG_NAMES[number % 3], waiting=number) for number in range(60)]
    with (
        FakeServer(small_centre(departments=many, procedures=[])) as server,
        Kiosk(server.url, tmp_path, size) as kiosk,
    ):
        kiosk.touch("begin")
        seen: list[str] = []
        pages = kiosk.shows("departments")["pages"]
        for page in range(pages):
            until(lambda page=page: kiosk.state()["page"] == page, f"page {page}")  # type: ignore[misc]
            state = check(kiosk, size, "departments", tmp_path / f"page-{page}.png")
            seen += [name for name in state["targets"] if name.startswith("department:")]
            if page < pages - 1:
                kiosk.touch("next")
        assert seen == [f"department:D{number}" for number in range(60)]
        kiosk.touch("language:en")
        until(lambda: kiosk.state()["language"] == "en", "English")
        assert kiosk.state()["page"] == pages - 1, "the step is not lost"
        assert kiosk.shows("departments")["clipped"] == []
        kiosk.touch("department:D59")
        assert kiosk.shows("number")["number"] == "A001"


def test_double_taps_and_ten_fingers_get_one_number(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        kiosk.touch("begin")
        place = kiosk.shows("departments")["targets"]["department:TP"]
        point = (place["x"], place["y"])
        kiosk.tap(*[point] * 10)
        kiosk.tap(point)
        kiosk.tap(point)
        assert kiosk.shows("number")["number"] == "A001"
        for name in ("done", "begin"):
            kiosk.touch(name)
        kiosk.shows("departments")
        server.mood, server.slow_seconds = "slow", 0.5
        kiosk.tap(point)
        until(lambda: kiosk.state()["busy"], "the kiosk at work")
        kiosk.tap(*[point] * 10)
        assert kiosk.shows("number")["number"] == "A002"
        assert len(server.tickets) == 2


def test_a_tap_during_a_change_of_screens_goes_nowhere(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        start = kiosk.shows("start")["targets"]["begin"]
        kiosk.tap((start["x"], start["y"]), (0.25, 0.3))
        kiosk.tap(*[(x / 10, y / 10) for x in range(1, 10) for y in range(3, 8)])
        assert kiosk.shows("departments")["number"] is None
        assert server.tickets == {}


def test_without_the_server_numbers_still_come_and_are_handed_in_later(tmp_path: Path) -> None:
    port = free_port()
    with FakeServer(port=port) as server, Kiosk(server.url, tmp_path) as kiosk:
        kiosk.shows("start")
        server.stop()
        until(lambda: not kiosk.state()["online"], "the server's absence")
        kiosk.touch("begin")
        kiosk.shows("departments")
        kiosk.touch("department:TP")
        state = kiosk.shows("number")
        assert (state["number"], state["offline"], state["to_hand_in"]) == ("AK001", True, 1)
        kiosk.picture(tmp_path / "away.png")
        with FakeServer(port=port) as again:
            until(lambda: not kiosk.state()["to_hand_in"], "the hand-in")
            assert [ticket["number"] for ticket in again.handed_in] == ["AK001"]
            kiosk.touch("done")
            kiosk.shows("start")
            until(lambda: kiosk.state()["online"], "the server")


def test_nothing_moves_under_a_finger_when_the_server_goes(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        kiosk.touch("begin")
        before = kiosk.shows("departments")
        server.mood = "error"
        until(lambda: not kiosk.state()["online"], "the server's absence")
        state = kiosk.state()
        assert (state["targets"], state["says_away"]) == (before["targets"], False)
        kiosk.touch("back")
        assert kiosk.shows("start")["says_away"]
        server.mood = "well"
        until(lambda: not kiosk.state()["says_away"], "the start screen without it")


def test_a_power_cut_at_any_moment_loses_no_number_and_gives_none_twice(tmp_path: Path) -> None:
    with FakeServer() as server:
        kiosk = Kiosk(server.url, tmp_path, KIOSK__ANSWER_SECONDS="5")
        with kiosk:
            kiosk.touch("begin")
            kiosk.shows("departments")
            server.mood, server.slow_seconds = "slow", 0.4
            kiosk.touch("department:TP")
            until(lambda: server.requests.count("POST /api/v1/tickets"), "the request")
            kiosk.kill()
            server.mood = "well"
            kiosk.start()
            first = kiosk.shows("number")
            assert first["number"] == "A001", "the visitor who still stands there gets the same ticket"
            server.mood = "error"
            for name in ("done", "begin", "department:TP"):
                kiosk.touch(name)
            assert until(lambda: kiosk.state()["number"] == "AK001" and kiosk.state(), "an own number")["offline"]
            until(lambda: kiosk.state()["slip"] == "out", "the slip; without it the number would be shown again")
            kiosk.kill()
            kiosk.start()
            for name in ("begin", "department:TP"):
                kiosk.touch(name)
            assert kiosk.shows("number")["number"] == "AK002"
            server.mood = "well"
            until(lambda: not kiosk.state()["to_hand_in"], "the hand-in")
        assert sorted(ticket["number"] for ticket in server.tickets.values()) == ["A001", "AK001", "AK002"]


def test_a_printer_that_cannot_be_reached_is_said_plainly(tmp_path: Path) -> None:
    printer = f"tcp://127.0.0.1:{free_port()}"
    with FakeServer() as server, Kiosk(server.url, tmp_path, PRINTER__URL=printer) as kiosk:
        for name in ("begin", "department:TP"):
            kiosk.touch(name)
        kiosk.shows("number")
        until(lambda: kiosk.state()["trouble"], "the printer's trouble")
        state = check(kiosk, PORTRAIT, "number", tmp_path / "trouble.png")
        until(lambda: is_a_code_seen(kiosk.picture(tmp_path / "trouble.png")), "the code to keep the number with")
        assert "Tạm thời chưa in được phiếu." in state["texts"]
        assert state["number"] in state["texts"]


def test_the_screen_goes_back_by_itself_and_forgets_the_visitor(tmp_path: Path) -> None:
    quick = {"KIOSK__IDLE_SECONDS": "1.5", "KIOSK__RESULT_SECONDS": "0.8"}
    with FakeServer() as server, Kiosk(server.url, tmp_path, warn_seconds=0.8, **quick) as kiosk:
        for name in ("begin", "language:en"):
            kiosk.touch(name)
        until(lambda: kiosk.state()["asks_to_stay"], "the warning")
        state = kiosk.shows("start")
        assert state["language"] == "vi"
        for name in ("begin", "department:TP"):
            kiosk.touch(name)
        kiosk.shows("number")
        assert kiosk.shows("start")["number"] is None


def test_closed_hours_are_said_with_the_next_opening(tmp_path: Path) -> None:
    closed = small_centre(open=False, opens_at=tomorrow().isoformat())
    with FakeServer(closed) as server, Kiosk(server.url, tmp_path) as kiosk:
        until(lambda: "Hiện đã hết giờ nhận số" in kiosk.state()["texts"], "closed")
        state = check(kiosk, PORTRAIT, "start", tmp_path / "closed.png")
        assert "begin" not in state["targets"]
        assert any(text.startswith("Máy phát số lại lúc") for text in state["texts"])
