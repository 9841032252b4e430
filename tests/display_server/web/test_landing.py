"""Where a sign-in leads, what pages offer to whom, and the words and the way on of every error page."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from flask import abort, url_for
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from config.centre.loader import load_centre
from config.i18n import translations
from display_server.db import tables
from display_server.services.errors import CentreClosed, ClockSkew, DayEnded, Forbidden, NotFound, WhichCentre
from display_server.services.staff.staff import Role, StaffMember, add_staff
from display_server.web.auth import landing
from display_server.web.auth.authorization import PasswordChangeRequired, SecondFactorIsFirst
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.web.clients import PASSWORD, Clients
from tests.server_process import CENTRES

HTML = {"Accept": "text/html"}
OWN_PAGE = {
    "clerk": "/counter",
    "hall": "/admin",
    "supervisor": "/admin",
    "administrator": "/admin",
    "province": "/admin/province",
}
OPEN_TO = {
    "/counter": {"clerk", "supervisor", "administrator"},
    "/counter/1": {"clerk", "supervisor", "administrator"},
    "/admin": {"hall", "supervisor", "administrator"},
    "/admin/kiosks": {"hall", "supervisor", "administrator"},
    "/admin/screens": {"hall", "supervisor", "administrator"},
    "/admin/announcements": {"hall", "supervisor", "administrator"},
    "/admin/staff": {"administrator"},
    "/admin/devices": {"administrator"},
    "/admin/province": {"province"},
}
CAUSES: dict[str, tuple[int, Any]] = {
    "forbidden": (403, Forbidden("not yours")),
    "first password": (403, PasswordChangeRequired("first")),
    "second factor": (403, SecondFactorIsFirst("first")),
    "not found": (404, NotFound("nothing here")),
    "which centre": (422, WhichCentre("several")),
    "closed": (409, CentreClosed("closed")),
    "gone": (410, DayEnded("another day")),
    "too large": (413, RequestEntityTooLarge()),
    "clock": (503, ClockSkew("behind")),
    "unexpected": (500, RuntimeError("a bug")),
    "database": (503, OperationalError("select", {}, Exception("the disk"))),
} | {str(status): (status, status) for status in (400, 401, 405, 406, 408, 409, 414, 415, 422, 429, 431, 500, 502, 503)}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceHarness]:
    folder = tmp_path_factory.mktemp("landing")
    database = f"sqlite:///{folder}/hall.db"
    ServiceHarness.prepare(database, load_centre(CENTRES / "xa_mau"))
    hall = ServiceHarness(database, "xa_mau")
    yield hall
    hall.close()


@pytest.fixture(scope="module")
def clients(small: ServiceHarness) -> Clients:
    found = Clients(small.site)

    def fail(cause: str) -> Any:
        what = CAUSES[cause][1]
        if isinstance(what, int):
            abort(what)
        raise what

    found.app.config["PROPAGATE_EXCEPTIONS"] = False
    found.app.add_url_rule("/trouble/<cause>", "trouble", fail)
    return found


def sign_in(clients: Clients, name: str, wanted: str = "") -> str:
    """Where the sign-in leads."""
    browser = clients.app.test_client()
    answer = browser.post("/sign-in", data={"name": name, "password": PASSWORD, "next": wanted} | token(browser))
    assert answer.status_code == HTTPStatus.FOUND, answer.text
    return str(answer.headers["Location"])


def token(browser: FlaskClient) -> dict[str, str]:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert found is not None
    return {"csrf_token": found[1]}


@pytest.mark.parametrize("role", list(Role))
def test_a_sign_in_leads_to_a_page_that_the_role_may_open(small: ServiceHarness, clients: Clients, role: Role) -> None:
    name = f"landing {role}"
    add_staff(small.site, small.centre_id, name, role, PASSWORD)
    assert sign_in(clients, name, "/admin/devices") == (
        "/admin/devices" if role in OPEN_TO["/admin/devices"] else OWN_PAGE[role]
    )
    member = StaffMember(1, name, role, small.centre_id)
    with clients.app.test_request_context():
        assert landing.landing(member, None) == OWN_PAGE[role]
        for path, roles in OPEN_TO.items():
            assert landing.landing(member, path) == (path if role in roles else OWN_PAGE[role]), path
        for path in ("/sign-out", "/sign-in", "/nothing", "/api/v1/hall", "//evil.example/", "/static/../x", "/t\x00"):
            assert landing.landing(member, path) == OWN_PAGE[role], path
        assert landing.landing(member, "/account") == "/account"


@pytest.mark.parametrize(
    ("counters", "page"), [(("1",), "/counter/1"), (("1", "2"), "/counter"), (("99",), "/counter"), ((), "/counter")]
)
def test_a_clerk_of_one_counter_lands_there_and_of_two_chooses(
    small: ServiceHarness, clients: Clients, counters: tuple[str, ...], page: str
) -> None:
    member = StaffMember(1, "Lan", Role.CLERK, small.centre_id, counters)
    with clients.app.test_request_context():
        assert landing.landing(member, "") == page
        assert landing.landing(member, "/counter/2") == ("/counter/2" if "2" in counters or not counters else page)


@pytest.mark.parametrize("role", list(Role))
def test_every_link_that_a_page_offers_may_be_followed(clients: Clients, role: Role) -> None:
    """From one's own page over all its links: nobody is ever refused, and no page leads away from one's own."""
    seen: set[str] = set()
    wanted = {OWN_PAGE[role], "/"}
    while wanted - seen:
        path = (wanted - seen).pop()
        seen.add(path)
        answer = clients.ask(role, "GET", path, headers=HTML)
        assert answer.status_code == HTTPStatus.OK, (path, answer.status)
        wanted |= {
            link
            for link in re.findall(r'href="(/[^"#?]*)', answer.text)
            if link.startswith(("/counter", "/admin", "/account"))
        }
    assert {path for path in seen if path in OPEN_TO} == {
        path for path, roles in OPEN_TO.items() if role in roles and path != "/counter/1"
    }


@pytest.mark.parametrize(("path", "roles"), OPEN_TO.items(), ids=list(OPEN_TO))
def test_a_page_is_open_to_its_roles_alone_and_a_refusal_leads_home(
    clients: Clients, path: str, roles: set[str]
) -> None:
    for role in Role:
        answer = clients.ask(role, "GET", path, headers=HTML)
        assert answer.status_code == (HTTPStatus.OK if role in roles else HTTPStatus.FORBIDDEN), role
        if role not in roles:
            home = re.search(r'id="my-home" href="([^"]+)"', answer.text)
            assert home is not None
            assert home[1] == OWN_PAGE[role]
            assert clients.ask(role, "GET", home[1], headers=HTML).status_code == HTTPStatus.OK


@pytest.mark.parametrize("cause", CAUSES)
def test_an_error_page_says_its_cause_in_both_languages_and_offers_what_may_be_used(
    clients: Clients, cause: str
) -> None:
    status = CAUSES[cause][0]
    with clients.app.test_request_context():
        assert url_for("trouble", cause="x") == "/trouble/x"
    for language, other in (("vi", "en"), ("en", "vi")):
        for who in ("anyone", *Role):
            answer = clients.ask(who, "GET", f"/trouble/{cause}?lang={language}", headers=HTML)
            assert answer.status_code == status
            check_words(answer.text, language, other, status)
            check_way_on(clients, who, answer.text)


def check_words(page: str, language: str, other: str, status: int) -> None:
    told = re.findall(
        r"<h1>(.*?)</h1>\s*<p id=\"status\">(.*?)</p>\s*<p[^>]*lang=\"(\w+)\"><b>(.*?)</b>", page, re.DOTALL
    )
    assert len(told) == 1, page
    heading, words, second, heading_there = told[0]
    assert second == other
    english, vietnamese = (heading, heading_there) if language == "en" else (heading_there, heading)
    unescaped = english.replace("&#39;", "'")
    assert translations("vi").gettext(unescaped).replace("'", "&#39;") == vietnamese != english
    assert words.strip()
    foot = re.search(r'<p class="status-code">(.*?)</p>', page)
    assert foot is not None
    assert foot[1] == (f"Mã lỗi: {status}" if language == "vi" else f"Error code: {status}")


def check_way_on(clients: Clients, who: str, page: str) -> None:
    """Each button but "try again" leads to a page that this person may open."""
    ways = re.findall(r'<a class="button[^"]*"[^>]*href="([^"]+)"', page)
    assert ways
    for way in ways:
        if "/trouble/" not in way:
            answer = clients.ask(who, "GET", way.replace("&amp;", "&"), headers=HTML)
            assert answer.status_code == HTTPStatus.OK, (who, way, answer.status)


def test_different_causes_have_different_words(clients: Clients) -> None:
    causes = ("forbidden", "first password", "second factor", "not found", "too large", "429", "clock", "500", "401")
    headings = [
        re.findall("<h1>(.*?)</h1>", clients.ask("clerk", "GET", f"/trouble/{cause}", headers=HTML).text)[0]
        for cause in causes
    ]
    assert len(set(headings)) == len(causes)


def test_an_error_page_is_shown_also_while_the_database_cannot_say_who_asks(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise OperationalError("select", {}, Exception("the disk"))

    monkeypatch.setattr("display_server.web.auth.sign_in.find_session", broken)
    answer = clients.ask("clerk", "GET", "/counter", headers=HTML)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "<h1>" in answer.text


def test_a_sign_out_after_the_session_has_ended_just_ends(small: ServiceHarness, clients: Clients) -> None:
    add_staff(small.site, small.centre_id, "gone", Role.CLERK, PASSWORD)
    browser = clients.app.test_client()
    browser.post("/sign-in", data={"name": "gone", "password": PASSWORD} | token(browser))
    form = token(browser)
    with small.site.write_without_lock() as connection:
        connection.execute(tables.staff_session.delete())
    answer = browser.post("/sign-out", data=form, headers=HTML)  # its token still fits, its session is over
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, "/")
    answer = browser.post("/sign-out", data=form, headers=HTML)  # and now there is no session at all
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.FOUND, "/")


def test_every_page_of_staff_has_its_endpoint_in_the_table(clients: Clients) -> None:
    pages = {rule.endpoint for rule in clients.app.url_map.iter_rules() if rule.endpoint.startswith("desk.")}
    assert pages == set(landing.PAGES)
