"""A scanner at the real kiosk: cards, slips and wrong codes, in the middle of anything."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import SECRET, FakeServer, real_centre
from tests.kiosk.screen_walkthrough import slip

NUMBER, OLD, NAME, HOME = "034050001234", "151234567", "Nguyễn Văn Khoát", "Thái Thụy"
CARD = f"{NUMBER}|{OLD}|{NAME}|02031950|Nam|Thôn Đông, {HOME}, Thái Bình|15082021"
YOUNG = CARD.replace("1950", "1999")
CHILD = CARD.replace("1950", "2021")
IMPOSSIBLE = CARD.replace("02031950", "31021950")
ADDRESS = f"http://192.168.1.2:8080/t/{SECRET}"


@pytest.fixture
def hall() -> Iterator[FakeServer]:
    with FakeServer(real_centre()) as fake:
        yield fake


@pytest.fixture
def kiosk(hall: FakeServer, tmp_path: Path) -> Iterator[Kiosk]:
    with Kiosk(hall.url, tmp_path) as window:
        window.shows("start")
        yield window


def scan(kiosk: Kiosk, text: str, close: str = "enter") -> None:
    kiosk.press(*text, close)


def says(kiosk: Kiosk, what: str | None) -> dict[str, Any]:
    return until(lambda: (state := kiosk.state())["scanned"] == what and state, f"the panel {what}")


def test_a_card_offers_priority_and_a_number_is_taken_with_it(kiosk: Kiosk, hall: FakeServer) -> None:
    scan(kiosk, CARD)
    says(kiosk, "priority")
    kiosk.touch("scan:take")
    assert kiosk.shows("departments")["priority"] == "elderly"
    kiosk.touch("department:KHDT")
    kiosk.shows("procedures")
    kiosk.touch("number_now")
    kiosk.shows("number")
    assert [ticket["priority"] for ticket in hall.tickets.values()] == ["elderly"]


def test_the_offer_may_be_refused_and_the_step_stays(kiosk: Kiosk) -> None:
    kiosk.touch("begin")
    kiosk.shows("departments")
    scan(kiosk, CARD, "tab")
    says(kiosk, "priority")
    assert kiosk.state()["screen"] == "departments"
    kiosk.touch("scan:close")
    assert says(kiosk, None)["screen"] == "departments"
    assert kiosk.state()["priority"] is None


@pytest.mark.parametrize("card", [YOUNG, CHILD, IMPOSSIBLE], ids=["young", "child", "impossible"])
def test_other_cards_offer_nothing(kiosk: Kiosk, card: str) -> None:
    scan(kiosk, card)
    assert set(says(kiosk, "card")["targets"]) == {"scan:close"}


def test_nothing_of_a_card_is_kept_logged_or_sent(kiosk: Kiosk, hall: FakeServer, tmp_path: Path) -> None:
    scan(kiosk, CARD)
    says(kiosk, "priority")
    state = json.dumps(kiosk.state(), ensure_ascii=False)
    kiosk.touch("scan:take")
    kiosk.shows("departments")
    kiosk.touch("department:KHDT")
    kiosk.shows("procedures")
    kiosk.touch("number_now")
    kiosk.shows("number")
    until(lambda: list(kiosk.paper.glob("*")), "the slip")
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    sent = json.dumps([*hall.requests, *hall.tickets.values()], ensure_ascii=False)
    assert [ticket["priority"] for ticket in hall.tickets.values()] == ["elderly"]
    assert any(b"elderly" in file for file in kept), "the journal is among the files"
    for part in (NUMBER, OLD, NAME, "Khoát", "02031950", HOME, "15082021"):
        assert part not in sent
        assert part not in state
        assert not [file for file in kept if part.encode() in file]


def test_a_slip_shows_how_it_stands(kiosk: Kiosk, hall: FakeServer) -> None:
    hall.slip = slip()
    scan(kiosk, ADDRESS)
    texts = " ".join(says(kiosk, "slip")["scanned_texts"])
    assert "A007" in texts
    assert "128 người" in texts
    kiosk.touch("scan:close")
    says(kiosk, None)
    hall.slip = slip(state="called", counter="4")
    scan(kiosk, ADDRESS)
    until(lambda: "A007: mời đến quầy 4" in kiosk.state()["scanned_texts"], "the counter")


@pytest.mark.parametrize("scanned", [f"]Q1{ADDRESS}", f"\ufeff{ADDRESS}", f"]Q3{CARD}", f"\x02{CARD[1:]}"])
def test_a_scanner_that_types_more_than_the_code(kiosk: Kiosk, hall: FakeServer, scanned: str) -> None:
    hall.slip = slip()
    scan(kiosk, scanned)
    says(kiosk, "slip" if "http" in scanned else "priority")


def test_a_slip_of_another_day_or_centre_is_told_apart(kiosk: Kiosk, hall: FakeServer) -> None:
    hall.slip = slip(business_day=(datetime.now(UTC) - timedelta(days=3)).date().isoformat())
    scan(kiosk, ADDRESS)
    says(kiosk, "old")
    hall.slip = None
    scan(kiosk, ADDRESS)
    says(kiosk, "not ours")


@pytest.mark.parametrize("mood", ["error", "garbage", "hang_up"])
def test_a_slip_while_the_server_is_away(kiosk: Kiosk, hall: FakeServer, mood: str) -> None:
    hall.mood = mood
    scan(kiosk, ADDRESS)
    says(kiosk, "away")


@pytest.mark.parametrize(
    "code", ["8934563138164", "https://example.com/abc", "x" * 500, "034050001234|", "/t/" + SECRET]
)
def test_a_wrong_code_is_told_and_nothing_is_stuck(kiosk: Kiosk, hall: FakeServer, code: str) -> None:
    scan(kiosk, code)
    assert says(kiosk, until(lambda: kiosk.state()["scanned"], "the panel"))["scanned"] in {"unknown", "card"}
    kiosk.touch("scan:close")
    says(kiosk, None)
    kiosk.touch("begin")
    kiosk.shows("departments")
    assert not [request for request in hall.requests if "by-address" in request]


def test_a_scan_leaves_what_is_typed_alone(kiosk: Kiosk) -> None:
    kiosk.touch("begin")
    kiosk.shows("departments")
    kiosk.touch("search")
    kiosk.shows("search")
    kiosk.touch("key:k")
    kiosk.touch("key:h")
    until(lambda: kiosk.state()["typed"] == "kh", "both keys")
    scan(kiosk, YOUNG)
    says(kiosk, "card")
    kiosk.touch("scan:close")
    assert says(kiosk, None)["typed"] == "kh"


def test_the_panel_goes_with_the_visitor(kiosk: Kiosk) -> None:
    kiosk.touch("begin")
    kiosk.shows("departments")
    scan(kiosk, "8934563138164")
    says(kiosk, "unknown")
    kiosk.touch("scan:close")
    kiosk.touch("back")
    assert kiosk.shows("start")["scanned"] is None
