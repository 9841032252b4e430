"""Staff come in through a real OpenID Connect provider, run here on a port of its own."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.settings import load_settings
from display_server.app import create_app
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.errors import NotFound
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.single_sign_on import (
    Outcome,
    confirm_identity,
    list_identities,
    recognise,
    remove_identity,
)
from display_server.services.staff.staff import Role, add_staff, find_row, member_of
from tests.display_server.sample_centre import small_centre
from tests.display_server.service_harness import ServiceHarness

BACK = "/sign-in/single/back"
HERE = Source("192.0.2.1")
# Of the provider that the tests run, which is made with Authlib's older side for providers; ours is its client.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        issuer = f"http://localhost:{server.server_port}"
        for sub, name in (("0001", "Lan"), ("0002", "Stranger"), ("4711", "Lan"), ("4712", "Boss"), ("0005", "Hoa")):
            requests.put(f"{issuer}/users/{sub}", json={"preferred_username": name}, timeout=10)
        yield issuer


@pytest.fixture(scope="module")
def app(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    url = f"sqlite:///{tmp_path_factory.mktemp('sso')}/hall.db"
    ServiceHarness.prepare(url, small_centre())
    known = {"issuer": provider, "client_id": "motcua", "client_secret": "s", "label": "Tỉnh"}
    site = create_context(
        load_settings(server={"database": url, "always_open": True, "public_url": ""}, single_sign_on=known)
    )
    centre_id = find_centre(site, None)
    add_staff(site, centre_id, "Lan", Role.CLERK, "mot cua hai cua", must_change=True)
    add_staff(site, centre_id, "Boss", Role.ADMINISTRATOR, "mot cua hai cua")
    for name in ("Hoa", "Mai"):
        add_staff(site, centre_id, name, Role.CLERK, "mot cua hai cua")
    yield create_app(site)
    site.engine.dispose()


@pytest.fixture
def browser(app: Any) -> FlaskClient:
    return app.test_client()


def from_provider(browser: FlaskClient, sub: str, wanted: str = "/counter/1") -> str:
    """Follows the way to the provider, signs in there; the address that the provider sends the browser back to."""
    sent = browser.get("/sign-in/single", query_string={"next": wanted})
    assert sent.status_code == 302
    asked = parse_qs(urlsplit(sent.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert "nonce" in asked
    assert asked["redirect_uri"] == [f"http://localhost{BACK}"]
    answer = requests.post(sent.headers["Location"], data={"sub": sub}, allow_redirects=False, timeout=10)
    return answer.headers["Location"].removeprefix("http://localhost")


def came_in(browser: FlaskClient) -> bool:
    return browser.get("/api/v1/counters").status_code == 200


def test_the_sign_in_page_leads_to_the_provider(browser: FlaskClient) -> None:
    assert 'href="/sign-in/single?next=/admin"' in browser.get("/sign-in?next=/admin").text


@pytest.fixture
def site(app: Any) -> ServerContext:
    found: ServerContext = app.extensions["motcua_site"]
    return found


@pytest.fixture
def boss(site: ServerContext) -> Actor:
    row = find_row(site, tables.staff.c.name == "Boss")
    assert row is not None
    return member_of(row).actor()


@pytest.fixture
def known(browser: FlaskClient, site: ServerContext, boss: Actor) -> None:
    """An administrator has confirmed that subject 0001 is Lan."""
    waiting = [each for each in list_identities(site, boss).identities if each.subject == "0001"]
    if not waiting:
        assert refused(browser.get(from_provider(browser, "0001")))
        assert not came_in(browser)
        waiting = [each for each in list_identities(site, boss).identities if each.subject == "0001"]
    confirm_identity(site, boss, waiting[0].id)


@pytest.mark.usefixtures("known")
def test_a_name_of_somebody_else_gets_nothing(browser: FlaskClient, site: ServerContext, boss: Actor) -> None:
    assert refused(browser.get(from_provider(browser, "4711")))
    assert not came_in(browser)
    assert "4711" not in {each.subject for each in list_identities(site, boss).identities}  # not even a request


def test_an_administrator_is_never_believed_by_a_name(browser: FlaskClient, site: ServerContext, boss: Actor) -> None:
    assert refused(browser.get(from_provider(browser, "4712")))
    waiting = [each for each in list_identities(site, boss).identities if each.subject == "4712"]
    assert [(each.name, each.confirmed_at) for each in waiting] == [("Boss", None)]
    for bind in ("first", "claim"):
        rule = {"bind": bind, "bind_claim": "sub", "bind_value": "4712", "claim": "preferred_username"}
        settings = load_settings(single_sign_on=rule)
        stranger = replace(site, settings=settings, keys=site.keys)
        told = recognise(stranger, {"iss": "https://sso", "sub": "4712", "preferred_username": "Boss"}, HERE)
        assert told.outcome is Outcome.ASKED
    for each in list_identities(site, boss).identities:
        if each.name == "Boss":
            remove_identity(site, boss, each.id)
    assert refused(browser.get(from_provider(browser, "4712")))  # it asks again, and no more


BY_MAIL = {"bind_claim": "email", "bind_value": "@tinh.vn"}
CLAIMS = {"iss": "https://sso", "preferred_username": "Hoa"}


@pytest.mark.parametrize(
    ("rule", "claims", "outcome"),
    [
        ({"bind": "confirm"}, {}, Outcome.ASKED),
        ({"bind": "first"}, {}, Outcome.KNOWN),
        (
            {"bind_claim": "email", "bind_value": "@tinh.vn"},
            {"email": "a@tinh.vn", "email_verified": True},
            Outcome.KNOWN,
        ),
        (BY_MAIL, {"email": "a@tinh.vn"}, Outcome.ASKED),
        (
            {"bind_claim": "email", "bind_value": "@tinh.vn"},
            {"email": "a@xtinh.vn", "email_verified": True},
            Outcome.ASKED,
        ),
        ({"bind_claim": "groups", "bind_value": "motcua"}, {"groups": ["x", "motcua"]}, Outcome.KNOWN),
        ({"bind_claim": "groups", "bind_value": "motcua"}, {"groups": "motcua2"}, Outcome.ASKED),
        ({"bind_claim": "groups", "bind_value": "motcua"}, {"groups": None}, Outcome.ASKED),
        ({"bind": "first"}, {"sub": ""}, Outcome.UNKNOWN),
        ({"bind": "first"}, {"iss": ""}, Outcome.UNKNOWN),
        ({"bind": "first"}, {"sub": "x" * 256}, Outcome.UNKNOWN),
        ({"bind": "first"}, {"preferred_username": "Nobody"}, Outcome.UNKNOWN),
        ({"bind": "first"}, {"preferred_username": None}, Outcome.UNKNOWN),
    ],
)
def test_a_rule_of_the_settings_may_bind_the_first_sign_in(
    site: ServerContext, boss: Actor, rule: dict[str, Any], claims: dict[str, Any], outcome: Outcome
) -> None:
    here = replace(site, settings=load_settings(single_sign_on={"bind": "claim"} | rule))
    told = recognise(here, CLAIMS | {"sub": "a subject"} | claims, HERE)
    assert told.outcome is outcome
    if outcome is Outcome.KNOWN:
        assert recognise(here, CLAIMS | {"sub": "a subject", "preferred_username": "Mai"}, HERE).member == told.member
        assert recognise(here, CLAIMS | {"sub": "another"}, HERE).outcome is Outcome.UNKNOWN
        other_issuer = CLAIMS | {"sub": "a subject", "iss": "https://elsewhere"}
        assert recognise(here, other_issuer, HERE).outcome is Outcome.UNKNOWN
    for each in list_identities(site, boss).identities:
        if each.name == "Hoa":
            remove_identity(site, boss, each.id)


def test_one_subject_is_one_member(site: ServerContext, boss: Actor) -> None:
    for name in ("Hoa", "Mai"):
        asked = {"iss": "https://sso", "sub": "changing", "preferred_username": name}
        assert recognise(site, asked, HERE).outcome is Outcome.ASKED
    first, second = [each for each in list_identities(site, boss).identities if each.subject == "changing"]
    confirm_identity(site, boss, first.id)
    with pytest.raises(NotFound):
        confirm_identity(site, boss, second.id)
    assert [each.name for each in list_identities(site, boss).identities if each.subject == "changing"] == ["Hoa"]
    for each in list_identities(site, boss).identities:
        if each.subject == "changing":
            remove_identity(site, boss, each.id)


def test_not_more_than_some_wait_for_one_member(site: ServerContext, boss: Actor) -> None:
    told = [recognise(site, CLAIMS | {"sub": f"n {number}"}, HERE).outcome for number in range(7)]
    assert told == [Outcome.ASKED] * 5 + [Outcome.UNKNOWN] * 2
    for each in list_identities(site, boss).identities:
        if each.name == "Hoa":
            remove_identity(site, boss, each.id)


def test_who_is_unbound_is_out_at_once(browser: FlaskClient, site: ServerContext, boss: Actor, known: None) -> None:
    browser.get(from_provider(browser, "0001"))
    assert came_in(browser)
    bound = [each for each in list_identities(site, boss).identities if each.subject == "0001"]
    remove_identity(site, boss, bound[0].id)
    assert not came_in(browser)


def test_right_sign_ins_are_not_counted(browser: FlaskClient, known: None) -> None:
    for _ in range(12):
        assert browser.get(from_provider(browser, "0001")).status_code == 302


@pytest.mark.usefixtures("known")
def test_a_colleague_comes_in_without_a_password_of_ours(browser: FlaskClient) -> None:
    answer = browser.get(from_provider(browser, "0001"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/counter/1")
    assert came_in(browser)


@pytest.mark.usefixtures("known")
def test_nobody_is_led_out_of_the_house(browser: FlaskClient) -> None:
    answer = browser.get(from_provider(browser, "0001", "https://evil.example/"))
    assert answer.headers["Location"] == "/counter"


def test_who_is_not_known_here_stays_outside(browser: FlaskClient) -> None:
    assert refused(browser.get(from_provider(browser, "0002")))
    assert not came_in(browser)


@pytest.mark.parametrize("forged", ["?code=guessed&state=guessed", "?error=access_denied&state=x", ""])
def test_an_answer_that_was_not_asked_for_is_refused(browser: FlaskClient, forged: str) -> None:
    assert refused(browser.get(BACK + forged))


def test_another_browsers_answer_is_refused(app: Any, browser: FlaskClient) -> None:
    stolen = from_provider(browser, "0001")
    assert refused(app.test_client().get(stolen))


def test_a_provider_that_is_away_is_told(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/hall.db"
    ServiceHarness.prepare(url, small_centre())
    away = {"issuer": "http://127.0.0.1:9", "client_id": "motcua"}
    site = create_context(load_settings(server={"database": url, "public_url": ""}, single_sign_on=away))
    assert refused(create_app(site).test_client().get("/sign-in/single"))
    site.engine.dispose()


def refused(answer: TestResponse) -> bool:
    return answer.status_code == 401 and 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "[2001:db8::1]", "user@localhost", "localhost.evil.example"]
)
def test_single_sign_on_begins_under_no_foreign_name(browser: FlaskClient, host: str) -> None:
    answer = browser.get("/sign-in/single", headers={"Host": host, "Accept": "text/html"})
    assert answer.status_code in (400, 404)
    assert "Location" not in answer.headers
    assert "evil" not in answer.headers.get("Set-Cookie", "")
