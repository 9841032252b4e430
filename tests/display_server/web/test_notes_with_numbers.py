"""What somebody writes is kept; where it looks like holding an identity or phone number, the answer says so."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.text.personal_numbers import looks_personal
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.web.clients import Clients
from tests.server_process import new_id

CARD = "CCCD 034 071 001 234"


@pytest.mark.parametrize(
    "text",
    [
        "034071001234",
        "số 123456789.",
        "0912345678",
        "gọi 0912 345 678",
        "0912.345.678",
        "０９１２３４５６７８",
        "034-071-001-234",
        "034–071–001234",
        "034_071_001234",
        "034·071·001,234",
        "gọi 0912-345-678",
        "+84 912 345 678",
        "84912345678",
        "(+84)912-345-678",
        "024 3812 3456",
    ],
)
def test_these_look_like_a_number_of_a_person(text: str) -> None:
    assert looks_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "thiếu giấy", "hồ sơ 12345678", "1234567890", "2026-11-28", "A007 A008", "1.001193"),
        *("28-11-2026 08:30", "ngày 05/12/2026, 08:30", "12345/2026/QĐ-UBND", "phí 1,500,000 đồng", "08-11-2026"),
        *("000.00.19.H42-261128-0001", "H42.19-20261128-0001", "034-071-001-2345"),
    ],
)
def test_these_do_not(text: str) -> None:
    assert not looks_personal(text)


def test_every_endpoint_that_takes_a_note_warns_and_keeps_it(small_hall: ServiceHarness) -> None:
    clients = Clients(small_hall.site)
    for _ in range(4):
        small_hall.take()
    waiting = small_hall.take().id
    times = {"starts_at": small_hall.clock.now, "ends_at": small_hall.clock.now + timedelta(hours=1)}
    when = {name: moment.isoformat() for name, moment in times.items()}

    def ask(path: str, **body: Any) -> Any:
        answer = clients.ask("supervisor", "POST", f"/api/v1/{path}", json=body)
        assert answer.status_code == 200, answer.json
        return answer.json

    for text, warning in ((CARD, "personal-number"), ("thiếu giấy", None)):
        ask("counters/1/call-next", request_id=new_id())
        assert ask("counters/1/park", reason=text)["warning"] == warning
        ask("counters/1/call-next", request_id=new_id())
        assert ask("counters/1/transfer", department="DD", note=text)["warning"] == warning
        assert ask("counters/2/break", reason=text)["warning"] == warning
        announced = ask("admin/announcements", text={"vi": text}, **when)
        assert announced["warning"] == warning
        one = announced["announcements"][0]["id"]
        assert ask(f"admin/announcements/{one}", text={"vi": "x", "en": text}, **when)["warning"] == warning
        assert ask(f"admin/announcements/{one}/end")["warning"] is None
    assert ask(f"admin/tickets/{waiting}/cancel", request_id=new_id(), note=CARD)["warning"] == "personal-number"
    view = clients.ask("supervisor", "GET", "/api/v1/counters/1").json
    assert CARD in [each["note"] for each in view["parked"]]
    assert view["warning"] is None


def test_the_page_uses_the_same_rule() -> None:
    script = (Path(__file__).parents[3] / "display_server/static/js/note_check.js").read_text()
    assert all(
        part in script
        for part in (
            r"/\d(?:[\s.]*\d)*/g",
            r"[-\u2010-\u2015\u2212_\u00b7,]?",
            r"/^(0|84)\d{9,10}$/",
            "= 9;",
            "= 12;",
            'normalize("NFKC")',
        )
    )
