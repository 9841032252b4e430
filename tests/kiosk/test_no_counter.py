"""A queue without an open counter: the kiosk says so before the number and after it, until one opens."""

from pathlib import Path
from typing import Any

from kiosk.api.models import Centre, Ticket, Wish
from kiosk.core.build_slip import build_slip
from printer.slip.template import conditions
from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer, small_centre

NO_COUNTER: dict[str, Any] = {"wait": None, "no_wait": "no_counter"}


def without_counters(centre: dict[str, Any]) -> dict[str, Any]:
    return centre | {"departments": [department | NO_COUNTER for department in centre["departments"]]}


def test_the_kiosk_says_that_no_counter_is_open_instead_of_minutes(tmp_path: Path) -> None:
    with FakeServer(without_counters(small_centre())) as server, Kiosk(server.url, tmp_path, (1280, 720)) as kiosk:
        kiosk.touch("begin")
        texts = kiosk.shows("departments")["texts"]
        assert texts.count("Chưa có quầy mở") == 2  # nobody waits in one of them
        assert not any("phút" in text for text in texts)
        server.centre = small_centre()
        until(lambda: "5–15 phút" in kiosk.state()["texts"], "the minutes again")
        server.centre = without_counters(small_centre())
        until(lambda: "Chưa có quầy mở" in kiosk.state()["texts"], "no counter again")
        kiosk.touch("department:TP")
        state = kiosk.shows("number")
        until(lambda: "Hiện chưa có quầy nào mở" in kiosk.state()["texts"], "no minutes with the number")
        assert kiosk.state()["clipped"] == []
        assert not any("phút" in text for text in state["texts"])
        kiosk.picture(tmp_path / "number.png")


def test_the_slip_says_so_too() -> None:
    centre = Centre.model_validate(small_centre() | {"now": "2026-11-16T01:00:00Z"})
    wish = Wish(request_id="tap-1", department="TP")
    ticket = {"request_id": "tap-1", "number": "A001", "department": "TP", "issued_at": "2026-11-16T01:00:00Z"}
    left = build_slip(centre, wish, Ticket.model_validate(ticket | NO_COUNTER), offline=False)
    assert "no_counter" in conditions(left)
    served = Ticket.model_validate(ticket | {"wait": {"low": 5, "high": 15}, "no_wait": None})
    assert "no_counter" not in conditions(build_slip(centre, wish, served, offline=False))
    closed = Ticket.model_validate(ticket | {"wait": None, "no_wait": "closed"})
    assert "no_counter" not in conditions(build_slip(centre, wish, closed, offline=False))
