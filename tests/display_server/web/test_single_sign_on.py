"""Staff come in through a real OpenID Connect provider, run here on a port of its own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import oidc_provider_mock
import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.settings import load_settings
from display_server.app import create_app
from display_server.services.hall import find_centre
from display_server.services.staff import Role, add_staff
from display_server.services.start import open_site
from tests.display_server.small_centre import small_centre
from tests.display_server.small_hall import SmallHall

BACK = "/sign-in/single/back"
# Of the provider that the tests run, which is made with Authlib's older side for providers; ours is its client.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread() as server:
        issuer = f"http://localhost:{server.server_port}"
        for sub, name in (("0001", "Lan"), ("0002", "Stranger")):
            requests.put(f"{issuer}/users/{sub}", json={"preferred_username": name}, timeout=10)
        yield issuer


@pytest.fixture(scope="module")
def app(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    url = f"sqlite:///{tmp_path_factory.mktemp('sso')}/hall.db"
    SmallHall.prepare(url, small_centre())
    known = {"issuer": provider, "client_id": "motcua", "client_secret": "s", "label": "Tỉnh"}
    site = open_site(load_settings(server={"database": url, "always_open": True}, single_sign_on=known))
    add_staff(site, find_centre(site, None), "Lan", Role.CLERK, "mot cua hai cua", must_change=True)
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


def test_a_colleague_comes_in_without_a_password_of_ours(browser: FlaskClient) -> None:
    answer = browser.get(from_provider(browser, "0001"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/counter/1")
    assert came_in(browser)


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
    SmallHall.prepare(url, small_centre())
    away = {"issuer": "http://127.0.0.1:9", "client_id": "motcua"}
    site = open_site(load_settings(server={"database": url}, single_sign_on=away))
    assert refused(create_app(site).test_client().get("/sign-in/single"))
    site.engine.dispose()


def refused(answer: TestResponse) -> bool:
    return answer.status_code == 401 and 'role="alert"' in answer.text
