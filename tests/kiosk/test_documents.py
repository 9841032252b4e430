"""The list of documents at the real kiosk: ticked, printed without a number, photographed, and forgotten."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer, small_centre
from tests.kiosk.screen_walkthrough import closed_centre, enter, find, long_centre
from tests.kiosk.test_text_fit import look
from tests.printer.conftest import Hall

NAMES = ("Giấy chứng sinh", "Căn cước công dân", "Tờ khai theo mẫu")
SEVEN, SEVEN_INCHES = (800, 480), 7.0


def centre(**changes: Any) -> dict[str, Any]:
    """A department with one procedure, which wants three documents."""
    papers = [{"vi": name, "en": f"Document {place}"} for place, name in enumerate(NAMES)]
    one = small_centre()["procedures"][0] | {"papers": papers, "fee": {"vi": "8.000 đồng", "en": "8,000 VND"}}
    other = one | {"code": "XD-002", "name": {"vi": "Thủ tục khác", "en": "Another procedure"}}
    return small_centre(procedures=[one, other], **changes)


def to_checklist(kiosk: Kiosk, procedure: str = "XD-001") -> dict[str, Any]:
    kiosk.touch("begin")
    kiosk.shows("departments")
    kiosk.touch("department:XD")
    kiosk.shows("procedures")
    kiosk.touch(f"procedure:{procedure}")
    return kiosk.shows("checklist")


def tick(kiosk: Kiosk, *places: int) -> None:
    for place in places:
        before = kiosk.state()["ticked"]
        kiosk.touch(f"document:{place}")
        until(lambda before=before: kiosk.state()["ticked"] != before, f"document {place}")  # type: ignore[misc]


def print_the_list(kiosk: Kiosk) -> None:
    kiosk.touch("print_list")
    until(lambda: kiosk.state()["list_slip"] in {"out", "sent"}, "the list")


def slips(kiosk: Kiosk) -> int:
    return len(list(kiosk.paper.glob("*.png")))


def jobs(kiosk: Kiosk) -> list[str]:
    with closing(sqlite3.connect(kiosk.folder / "data" / "print-jobs.db")) as db:
        return [str(row[0]) for row in db.execute("SELECT slip FROM job")]


def secrets(kiosk: Kiosk, server: FakeServer) -> str:
    """All that left the kiosk or stays in its log."""
    return kiosk.log() + repr(server.requests) + repr(server.reports) + repr(server.tickets)


@pytest.fixture
def hall() -> Iterator[FakeServer]:
    with FakeServer(centre()) as server:
        yield server


@pytest.fixture
def kiosk(hall: FakeServer, tmp_path: Path) -> Iterator[Kiosk]:
    with Kiosk(hall.url, tmp_path) as window:
        window.shows("start")
        yield window


def test_documents_are_ticked_and_what_is_missing_is_answered_kindly(kiosk: Kiosk, hall: FakeServer) -> None:
    texts = to_checklist(kiosk)["texts"]
    assert "Tôi đã có đủ, lấy số" in texts
    assert "Tôi còn thiếu giấy tờ" in texts
    tick(kiosk, 0, 2)
    texts = kiosk.state()["texts"]
    assert ("Vẫn lấy số" in texts, "Còn thiếu 1 giấy tờ" in texts) == (True, True)
    tick(kiosk, 1)
    state = until(lambda: "missing" not in (state := kiosk.state())["targets"] and state, "that nothing is missing")
    assert "Tôi đã có đủ, lấy số" in state["texts"]
    tick(kiosk, 1)
    kiosk.touch("missing")
    texts = kiosk.shows("documents")["texts"]
    assert any(text.startswith("Ông/bà còn thiếu 1 giấy tờ. Không sao: ") for text in texts)
    names = [text for text in texts if text in NAMES]
    assert names == [NAMES[1], NAMES[0], NAMES[2]], "what is missing stands first"
    assert "Lệ phí: 8.000 đồng" in texts
    kiosk.touch("take")
    state = kiosk.shows("number")
    assert (state["procedure"], len(hall.tickets)) == ("XD-001", 1)


def test_another_language_and_a_step_back_keep_the_ticks_another_procedure_does_not(kiosk: Kiosk) -> None:
    to_checklist(kiosk)
    tick(kiosk, 1)
    kiosk.touch("language:en")
    until(lambda: "Document 1" in kiosk.state()["texts"], "English")
    assert kiosk.state()["ticked"] == [1]
    kiosk.touch("list")
    assert "You may take a photo of this screen, or have the list printed." in kiosk.shows("documents")["texts"]
    kiosk.touch("language:vi")
    until(lambda: "In danh sách" in kiosk.state()["texts"], "Vietnamese")
    kiosk.touch("back")
    assert kiosk.shows("checklist")["ticked"] == [1]
    kiosk.touch("back")
    kiosk.shows("procedures")
    kiosk.touch("procedure:XD-001")
    assert kiosk.shows("checklist")["ticked"] == [1]
    kiosk.touch("back")
    kiosk.shows("procedures")
    kiosk.touch("procedure:XD-002")
    assert kiosk.shows("checklist")["ticked"] == []


def test_a_list_is_printed_once_however_often_it_is_touched_and_nothing_of_it_is_kept(
    kiosk: Kiosk, hall: FakeServer
) -> None:
    to_checklist(kiosk)
    tick(kiosk, 0)
    kiosk.touch("list")
    kiosk.shows("documents")
    before = slips(kiosk)
    place = kiosk.state()["targets"]["print_list"]
    kiosk.tap(*[(place["x"], place["y"])] * 3)
    kiosk.tap((place["x"], place["y"]))
    until(lambda: kiosk.state()["list_slip"] in {"out", "sent"}, "the list")
    assert "print_list" not in kiosk.state()["targets"]
    assert "Mời ông/bà nhận danh sách" in kiosk.state()["texts"]
    assert slips(kiosk) == before + 1
    assert any("ready" in job for job in jobs(kiosk))
    kiosk.touch("done")
    kiosk.shows("start")
    until(lambda: not any(NAMES[0] in job for job in jobs(kiosk)), "that the list is forgotten")
    assert kiosk.state()["ticked"] == []
    assert hall.tickets == {}
    assert not any(name in secrets(kiosk, hall) for name in NAMES)
    assert to_checklist(kiosk)["ticked"] == [], "the next visitor finds nothing of the one before"


def test_another_list_may_be_printed_but_not_a_whole_roll(kiosk: Kiosk) -> None:
    to_checklist(kiosk)
    kiosk.touch("list")
    kiosk.shows("documents")
    before = slips(kiosk)
    for code in ("en", "vi", "en"):
        print_the_list(kiosk)
        kiosk.touch(f"language:{code}")
        until(lambda code=code: kiosk.state()["language"] == code, code)  # type: ignore[misc]
    state = kiosk.state()
    assert state["list_slip"] == ""
    assert "print_list" not in state["targets"], "three are enough for one visitor"
    assert slips(kiosk) == before + 3


def test_a_number_follows_a_printed_list(kiosk: Kiosk, hall: FakeServer) -> None:
    to_checklist(kiosk)
    kiosk.touch("missing")
    kiosk.shows("documents")
    print_the_list(kiosk)
    kiosk.touch("take")
    state = kiosk.shows("number")
    until(lambda: kiosk.state()["slip"] == "out", "the slip")
    assert [ticket["number"] for ticket in hall.tickets.values()] == [state["number"]]


def test_by_keys_alone_a_document_is_ticked_and_its_state_is_said(kiosk: Kiosk) -> None:
    to_checklist(kiosk)
    kiosk.press("f8")
    until(lambda: kiosk.state()["aloud"], "speech mode")
    kiosk.press("down")
    until(lambda: kiosk.state()["heard"][-2:] == [NAMES[0], "chưa chọn"], "the first document")
    kiosk.press("enter")
    until(lambda: kiosk.state()["heard"][-2:] == [NAMES[0], "đã chọn"], "that it is ticked")
    assert kiosk.state()["ticked"] == [0]
    for _ in range(4):
        kiosk.press("down")
    until(lambda: kiosk.state()["heard"][-1] == "Còn thiếu 2 giấy tờ", "what is missing")
    kiosk.press("enter")
    kiosk.shows("documents")
    until(lambda: f"Còn thiếu: {NAMES[1]}" in kiosk.state()["heard"], "the missing document")
    assert f"Đã có: {NAMES[0]}" in kiosk.state()["heard"]
    kiosk.press("down", "enter")
    until(lambda: "Mời ông bà nhận danh sách" in kiosk.state()["heard"], "that the list is out")


def test_without_paper_it_says_so_and_the_list_is_not_for_the_next_visitor(hall: FakeServer, tmp_path: Path) -> None:
    printer = Hall(tmp_path / "slips")
    with Kiosk(hall.url, tmp_path, PRINTER__URL=printer.url) as kiosk:
        to_checklist(kiosk)
        kiosk.touch("list")
        kiosk.shows("documents")
        printer.set(paper="out")
        kiosk.touch("print_list")
        state = until(lambda: (state := kiosk.state())["trouble"] == "paper_out" and state, "that paper is out")
        assert "Máy in đã hết giấy. Xin ông/bà chụp ảnh màn hình này." in state["texts"]
        assert "print_list" not in state["targets"]
        kiosk.touch("done")
        kiosk.shows("start")
        until(lambda: not any(NAMES[0] in job for job in jobs(kiosk)), "that the list is forgotten")
        to_checklist(kiosk)
        kiosk.touch("take")
        kiosk.shows("number")
        printer.set(paper="ok")
        until(lambda: kiosk.state()["slip"] == "out", "the slip")
        assert len(printer.pictures(1)) == 1
    printer.server.close()


def test_a_visitor_who_leaves_in_the_middle_leaves_nothing(hall: FakeServer, tmp_path: Path) -> None:
    quick = {"KIOSK__IDLE_SECONDS": "3"}
    with Kiosk(hall.url, tmp_path, warn_seconds=1.0, **quick) as kiosk:
        to_checklist(kiosk)
        tick(kiosk, 1)
        kiosk.touch("missing")
        kiosk.shows("documents")
        kiosk.touch("print_list")
        kiosk.shows("start")
        until(lambda: not any(NAMES[0] in job for job in jobs(kiosk)), "that the list is forgotten")
        assert to_checklist(kiosk)["ticked"] == []


def test_outside_the_hours_the_list_is_there_and_no_number(tmp_path: Path) -> None:
    with FakeServer(closed_centre()) as server, Kiosk(server.url, tmp_path) as kiosk:
        kiosk.touch("browse")
        kiosk.shows("departments")
        find(kiosk, "department:BUSY")
        kiosk.shows("procedures")
        find(kiosk, "procedure:LONG")
        assert {"missing", "take"}.isdisjoint(kiosk.shows("checklist")["targets"])
        kiosk.touch("list")
        assert "take" not in kiosk.shows("documents")["targets"]
        print_the_list(kiosk)


def many_documents() -> dict[str, Any]:
    """Sixty documents with names of 190 letters, and no word of them too long for a line."""
    told = long_centre()
    long = {
        "vi": ("Bản sao hợp lệ giấy tờ pháp lý " * 7)[:190].strip(),
        "en": ("Valid copy of papers " * 10)[:190].strip(),
    }
    first = told["procedures"][0] | {
        "papers": [{key: f"{place} {text}" for key, text in long.items()} for place in range(60)]
    }
    return told | {"procedures": [first, *told["procedures"][1:]]}


@pytest.mark.parametrize("size", [(540, 960), (960, 540)])
def test_sixty_documents_with_very_long_names_can_be_read_and_ticked(tmp_path: Path, size: tuple[int, int]) -> None:
    with FakeServer(many_documents()) as server, Kiosk(server.url, tmp_path, size) as kiosk:
        for mode in ("", "large", "low"):
            enter(kiosk, "vi", mode)
            _lead_to_the_long_one(kiosk)
            look(kiosk.state(), size, 21.5, f"sixty documents, {mode}")
            find(kiosk, "document:4")
            until(lambda: kiosk.state()["ticked"] == [4], "the fifth document")
            kiosk.touch("missing")
            look(kiosk.shows("documents"), size, 21.5, f"the list of sixty, {mode}")
            kiosk.touch("done")
            kiosk.shows("start")


def test_on_seven_inches_it_fits_too(tmp_path: Path) -> None:
    settings = {"KIOSK__DIAGONAL_INCHES": str(SEVEN_INCHES)}
    with FakeServer(long_centre()) as server, Kiosk(server.url, tmp_path, SEVEN, **settings) as kiosk:
        for mode in ("", "low"):
            enter(kiosk, "vi", mode)
            _lead_to_the_long_one(kiosk)
            assert kiosk.state()["clipped"] == []
            kiosk.touch("missing")
            assert kiosk.shows("documents")["clipped"] == []
            least = kiosk.state()["targets"]["print_list"]["height"]
            assert least >= 0.13 - 0.002
            kiosk.touch("done")
            kiosk.shows("start")


def _lead_to_the_long_one(kiosk: Kiosk) -> None:
    kiosk.touch("begin")
    kiosk.shows("departments")
    find(kiosk, "department:BUSY")
    kiosk.shows("procedures")
    find(kiosk, "procedure:LONG")
    kiosk.shows("checklist")
