"""Numbers that staff give, through the API as the page uses it: who may, from which page, once, and for a phone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from config.settings import load_settings
from display_server.app import create_app
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext, utc_now
from display_server.services.staff.staff import Role, add_staff, find_row
from tests.display_server.service_harness import MONDAY_AT_EIGHT, Clock
from tests.display_server.signed_in import cookie_of
from tests.server_process import new_id

ENDPOINTS = [
    ("GET", "/numbers"),
    ("GET", "/api/v1/numbers"),
    ("POST", "/api/v1/tickets"),
    ("GET", "/api/v1/numbers/1"),
    ("POST", "/api/v1/numbers/1/print"),
]
MAY = {Role.HALL, Role.SUPERVISOR, Role.ADMINISTRATOR}


class Desk:
    """The application with everybody signed in; `clerks`: whether they give numbers."""

    def __init__(
        self, database: str, *, clerks: bool = False, csrf: bool = False, clock: Clock | None = None, **server: Any
    ) -> None:
        settings = {"database": database, "always_open": True} | server
        loaded = load_settings(server=settings, counter={"clerks_give_numbers": clerks})
        self.site: ServerContext = create_context(loaded, clock or utc_now)
        self.app = create_app(self.site)
        if not csrf:
            self.app.config["WTF_CSRF_METHODS"] = []
        for role in Role:
            if find_row(self.site, tables.staff.c.name == role) is None:
                add_staff(self.site, find_centre(self.site, None), role, role, "mot cua hai cua")

    def client(self, role: str) -> FlaskClient:
        client = self.app.test_client()
        with client.session_transaction() as session:
            session.update(cookie_of(self.site, find_row(self.site, tables.staff.c.name == role)))
        return client

    def ask(self, role: str, method: str, path: str, body: Any = None) -> Any:
        return self.client(role).open(
            path, method=method, json=body, environ_overrides={"motcua.take_over": None, "REMOTE_ADDR": "127.0.0.1"}
        )

    def close(self) -> None:
        self.site.engine.dispose()


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    one = Desk(database)
    yield one
    one.close()


def a_tap(**more: Any) -> dict[str, Any]:
    return {"request_id": new_id(), "department": "HT"} | more


def test_every_role_at_every_endpoint_with_and_without_the_setting(database: str) -> None:
    for clerks in (False, True):
        desk = Desk(database, clerks=clerks)
        may = MAY | ({Role.CLERK} if clerks else set())
        for method, path in ENDPOINTS:
            for role in Role:
                status = desk.ask(role, method, path, a_tap(kiosk_id=1) if method == "POST" else None).status_code
                assert (status != 403) == (role in may), (clerks, method, path, role, status)
        desk.close()


def test_a_page_without_its_own_token_changes_nothing(database: str) -> None:
    desk = Desk(database, csrf=True)
    for path in ("/api/v1/tickets", "/api/v1/numbers/1/print"):
        answer = desk.ask("hall", "POST", path, a_tap())
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/csrf")
    assert desk.ask("hall", "GET", "/api/v1/numbers").json["given"] == []
    desk.close()


def test_a_number_however_often_it_is_asked_for_and_who_gave_it(desk: Desk) -> None:
    wish = a_tap(priority="elderly", language="en")
    first, again = (desk.ask("hall", "POST", "/api/v1/tickets", wish) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["number"] == again.json["number"]
    other = desk.ask("hall", "POST", "/api/v1/tickets", wish | {"priority": None})
    assert (other.status_code, other.json["type"]) == (409, "/problems/request-id-reused")
    (given,) = desk.ask("hall", "GET", "/api/v1/numbers").json["given"]
    assert (given["ticket"]["number"], given["orders"]) == (first.json["number"], [])
    history = desk.ask("hall", "GET", f"/api/v1/tickets/{first.json['id']}").json["history"]
    assert [(line["action"], line["actor"]) for line in history] == [("issued", "staff hall")]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"department": "NOWHERE"}, 404),
        ({"procedure": "NOTHING"}, 404),
        ({"priority": "because"}, 422),
        ({"language": "xx"}, 422),
        ({"request_id": ""}, 422),
        ({"department": "\u202eHT"}, 422),
    ],
)
def test_what_is_no_good_wish_gives_no_number(desk: Desk, change: dict[str, Any], status: int) -> None:
    assert desk.ask("hall", "POST", "/api/v1/tickets", a_tap(**change)).status_code == status
    assert desk.ask("hall", "GET", "/api/v1/numbers").json["given"] == []


def test_a_closed_centre_says_when_it_opens(database: str) -> None:
    desk = Desk(database, clock=Clock(MONDAY_AT_EIGHT + timedelta(hours=12)), always_open=False)
    answer = desk.ask("hall", "POST", "/api/v1/tickets", a_tap())
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/closed")
    assert answer.json["opens_at"]
    desk.close()


def test_the_code_for_a_phone_holds_an_address_that_a_phone_can_open(database: str) -> None:
    desk = Desk(database, public_url="https://mot-cua.example.vn")
    ticket = desk.ask("hall", "POST", "/api/v1/tickets", a_tap()).json
    assert ticket["status_url"].startswith("https://mot-cua.example.vn/t/")
    shown = desk.ask("hall", "GET", f"/api/v1/numbers/{ticket['id']}").json
    assert shown["ticket"]["status_url"] == ticket["status_url"]
    assert shown["code"]["size"] > 20
    assert shown["code"]["path"].startswith("M")
    desk.close()
    plain = Desk(database, public_url="")
    answer = plain.ask("hall", "GET", f"/api/v1/numbers/{ticket['id']}").json
    assert (answer["code"], answer["ticket"]["status_url"]) == (None, None)  # asked for under localhost
    plain.close()


def test_too_many_in_a_minute_wait(database: str) -> None:
    most = 2 if database.startswith("sqlite") else 3  # counts are kept by limit and person, in this process
    desk = Desk(database, kiosk_ticket_limit=f"{most} per minute")
    answers = [desk.ask("supervisor", "POST", "/api/v1/tickets", a_tap()).status_code for _ in range(most + 1)]
    assert answers == [201] * most + [429]
    desk.close()


def test_a_slip_at_a_kiosk(desk: Desk) -> None:
    ticket = desk.ask("hall", "POST", "/api/v1/tickets", a_tap()).json
    (kiosk,) = desk.ask("hall", "GET", "/api/v1/numbers").json["kiosks"]
    order = {"request_id": new_id(), "kiosk_id": kiosk["id"]}
    path = f"/api/v1/numbers/{ticket['id']}/print"
    made, again = (desk.ask("hall", "POST", path, order).json for _ in range(2))
    assert (made["state"], made["id"]) == ("asked", again["id"])
    assert desk.ask("hall", "POST", path, order | {"kiosk_id": 99999}).status_code in {404, 409}
    assert desk.ask("hall", "POST", path, order | {"more": 1}).status_code == 422
    assert desk.ask("hall", "GET", f"/api/v1/numbers/{ticket['id']}").json["orders"][0]["state"] == "asked"
