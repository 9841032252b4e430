"""`/t/SECRET`: a page of its own kind, for as long as the day lasts."""

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from display_server.app import create_app
from display_server.domain.state_machine import Action
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.services.test_phone import KNOWN, NOTE


@pytest.fixture
def phone(small_hall: ServiceHarness) -> Iterator[FlaskClient]:
    with create_app(small_hall.site).test_client() as client:
        yield client


@pytest.fixture
def address(small_hall: ServiceHarness) -> str:
    ticket = small_hall.take(request_id="request-of-this-visitor", priority="elderly", language="en")
    small_hall.next()
    small_hall.step(Action.PARK, note=NOTE)
    return ticket.status_url


def test_page_and_state_hold_the_same_few_things(phone: FlaskClient, address: str) -> None:
    state = phone.get(address + "/state").get_json()
    assert set(state) == KNOWN
    page = phone.get(address, headers={"Accept": "text/html"}).get_data(as_text=True)
    found = re.search(r'<script type="application/json" id="ticket">(.*?)</script>', page)
    assert found is not None
    assert json.loads(found[1]) == state
    assert "Your number" in page  # in the visitor's language
    for secret in ("034071", "Trần", "elderly", "request-of-this-visitor", "Lan"):
        assert secret not in page


@pytest.mark.parametrize("path", ["", "/state"])
def test_nobody_keeps_it_or_is_told_where_it_was(phone: FlaskClient, address: str, path: str) -> None:
    for asked in (address + path, f"/t/forged{path}"):
        headers = phone.get(asked).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]


def test_after_its_day_a_kind_page_says_so(phone: FlaskClient, address: str, small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(days=1)
    page = phone.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 410
    assert "Số này là của ngày khác" in page.get_data(as_text=True)
    assert "A001" not in page.get_data(as_text=True)
    state = phone.get(address + "/state")
    assert (state.status_code, state.get_json()["type"]) == (410, "/problems/day-ended")
    assert state.content_type == "application/problem+json"
    assert phone.get("/t/forged").status_code == 404
    assert phone.get("/t/forged/state").status_code == 404
