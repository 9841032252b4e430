"""The table of docs/reference/security.md: every route tried by every kind of device, every role and by nobody.

A route that is missing from the table fails, and so does a line of the table that no route answers to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask_openapi3 import OpenAPI

from config.settings import load_settings
from display_server.app import create_app
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.services.core.actors import system_actor
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.devices.displays import ScreenSettings, pair_screen
from display_server.services.devices.pairing import start_pairing
from display_server.services.staff.staff import Role, add_staff, find_row
from display_server.web.auth.authorization import ENDPOINT_PERMISSIONS, PUBLIC_ENDPOINTS, STAFF_ROLES
from tests.display_server.sample_centre import small_centre
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.signed_in import cookie_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "security.md"
LINE = re.compile(r"^\| `(GET|POST) ([^`]+)` \|(.*)\|$", re.MULTILINE)
HEAD = re.compile(r"^\| endpoint \|(.*)\|$", re.MULTILINE)
YES, PUBLIC, NO = "✓", "public", ""  # public: only where `hall.public` is on
FILLED = {"code": "1", "name": "x", "secret": "x", "seq": "1", "filename": "css/common.css"}  # any number: 987654
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
SENT_AWAY = re.compile(r"^(/sign-in|/hall/pair)(\?|$)")


@dataclass
class Doors:
    """The application with one device of each kind and one member of each role."""

    site: ServerContext
    app: OpenAPI
    closed: OpenAPI  # the same with `hall.public` off
    tokens: dict[str, str]

    def is_refused(self, app: OpenAPI, method: str, rule: str, who: str) -> bool:
        client = app.test_client()
        headers = {"Accept": "application/json" if rule.startswith("/api") else "text/html"}
        if who in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
            client.set_cookie("device", self.tokens[who])
        elif who != "anyone":
            row = find_row(self.site, tables.staff.c.name == who)
            assert row is not None
            with client.session_transaction() as session:
                session.update(cookie_of(self.site, row))
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: FILLED.get(found[1], "987654"), rule)
        body: dict[str, Any] = {"json": {"code": "x"}} if method == "POST" else {}
        response = client.open(
            path, method=method, headers=headers, environ_overrides={"motcua.take_over": None}, **body
        )
        is_form = b'name="password"' in response.data if rule.startswith("/sign-in") else False
        response.close()
        assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (method, path, who, response.status_code)
        if is_form:  # a wrong password is no closed door
            return False
        return response.status_code in REFUSED or bool(SENT_AWAY.match(response.headers.get("Location", "")))


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    url = f"sqlite:///{tmp_path_factory.mktemp('doors')}/hall.db"
    ServiceHarness.prepare(url, small_centre())
    server = {"database": url, "sign_in_limit": "9999 per minute", "pairing_limit": "9999 per minute"}
    server |= dict.fromkeys(("page_limit", "hall_limit"), "9999 per minute")
    site = create_context(load_settings(server=server))
    closed = create_context(load_settings(server=server, hall={"public": False}))
    centre_id = find_centre(site, None)
    tokens = {
        kind.value: add_device(site, centre_id, kind, f"a {kind}", "1" if kind in {"counter", "button"} else None)
        for kind in DeviceKind
        if kind is not DeviceKind.DISPLAY
    }
    started = start_pairing(site)
    over_counter = ScreenSettings(layout="counter", counter="1")
    pair_screen(site, system_actor(centre_id), started.code, "a display", over_counter)
    tokens["display"] = started.token
    for role in Role:
        add_staff(site, centre_id, role, role, "mot cua hai cua")
    apps = [create_app(each) for each in (site, closed)]
    for app in apps:
        app.config["WTF_CSRF_METHODS"] = []  # what is tried here is who may, not from which page
    yield Doors(site, apps[0], apps[1], tokens)
    site.engine.dispose()
    closed.engine.dispose()


def table() -> tuple[list[str], dict[tuple[str, str], list[str]]]:
    """Who stands over the columns, and each door's cells."""
    text = PAGE.read_text(encoding="utf-8")
    head = HEAD.search(text)
    assert head is not None
    who = [cell.strip() for cell in head[1].split("|")]
    return who, {(found[1], found[2]): [cell.strip() for cell in found[3].split("|")] for found in LINE.finditer(text)}


def routes(app: OpenAPI) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_table_has_every_route_and_no_other(doors: Doors) -> None:
    assert set(table()[1]) == routes(doors.app)


def test_each_door_of_the_api_says_who_may_use_it(doors: Doors) -> None:
    api = {rule.endpoint for rule in doors.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert api == set(ENDPOINT_PERMISSIONS) | PUBLIC_ENDPOINTS
    assert set(STAFF_ROLES) <= set(ENDPOINT_PERMISSIONS)


def test_a_door_that_does_not_say_so_is_shut(doors: Doors) -> None:
    app = create_app(doors.site)
    app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "come in")
    for who in [*doors.tokens, *Role, "anyone"]:
        assert doors.is_refused(app, "GET", "/api/v1/forgotten", who), who


def test_the_table_knows_every_device_and_role() -> None:
    assert set(table()[0]) == {kind.value for kind in DeviceKind} | {role.value for role in Role} | {"anyone"}


def test_every_door_lets_in_whom_the_table_says_and_nobody_else(doors: Doors) -> None:
    columns, lines = table()
    wrong = []
    for (method, rule), cells in lines.items():
        assert len(cells) == len(columns), rule
        for who, cell in zip(columns, cells, strict=True):
            assert cell in {YES, NO, PUBLIC}, (rule, cell)
            if doors.is_refused(doors.app, method, rule, who) == (cell in {YES, PUBLIC}):
                wrong.append(f"{method} {rule}: {who} should be {'let in' if cell else 'refused'}")
            if cell == PUBLIC and not doors.is_refused(doors.closed, method, rule, who):
                wrong.append(f"{method} {rule}: {who} should be refused where the hall is not public")
    assert wrong == []
