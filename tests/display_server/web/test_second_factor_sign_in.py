"""Password first, then the code: through the real pages, one after the other."""

import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from tests.display_server.web.test_sign_in import PASSWORD, Browser
from tests.server_process import Answer, ServerProcess


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("second_factor")
    settings = {
        "MOTCUA_SERVER__SIGN_IN_LIMIT": "1000 per minute",
        "MOTCUA_SERVER__SECOND_FACTOR_ROLES": '["administrator"]',
    }
    hall = ServerProcess(folder, f"sqlite:///{folder}/hall.db", "xa_mau", settings).start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()


def set_up(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    page = browser.ask("POST", "/account/second-factor/start", {"old": PASSWORD}).body.decode()
    found = re.search(r'class="typed-key">([A-Z2-7 ]+)<', page)
    assert found is not None
    app = pyotp.TOTP(found[1].replace(" ", ""))
    done = browser.ask("POST", "/account/second-factor/confirm", {"code": app.now()})
    codes = re.findall(r"<li>([a-z0-9-]{19})</li>", done.body.decode())
    assert len(codes) == 10
    assert done.headers["Cache-Control"] == "no-store"
    return app, codes


def in_with(browser: Browser, code: str) -> Answer:
    return browser.ask("POST", "/sign-in/code", {"code": code})


def is_in(browser: Browser) -> bool:
    return browser.ask("GET", "/api/v1/counters").status == 200


@pytest.fixture(scope="module")
def lan(hall: ServerProcess) -> list[str]:
    """Lan's recovery codes; she is a clerk who set the factor up of her own will."""
    hall.add_staff("Lan")
    browser = Browser(hall)
    browser.sign_in("Lan", PASSWORD)
    browser.ask("GET", "/account")
    assert is_in(browser)
    _, codes = set_up(browser)
    assert is_in(browser)  # this session goes on
    return codes


def test_nobody_is_in_before_the_code(hall: ServerProcess, lan: list[str]) -> None:
    browser = Browser(hall)
    answer = browser.sign_in("Lan", PASSWORD, "/counter/1")
    assert (answer.status, answer.headers["Location"]) == (302, "/sign-in/code")
    for path in ("/api/v1/counters", "/account", "/counter", "/account/second-factor"):
        assert browser.ask("GET", path).status in (302, 401), path
    assert b"one-time-code" in browser.ask("GET", "/sign-in/code").body
    assert in_with(browser, "000000").status == 401
    assert not is_in(browser)
    answer = in_with(browser, lan.pop())
    assert (answer.status, answer.headers["Location"]) == (302, "/counter/1")
    assert is_in(browser)


def test_half_a_sign_in_copied_needs_a_code_of_its_own(hall: ServerProcess, lan: list[str]) -> None:
    browser, copy = Browser(hall), Browser(hall)
    browser.sign_in("Lan", PASSWORD)
    browser.ask("GET", "/sign-in/code")
    copy.cookies, copy.token = dict(browser.cookies), browser.token
    code = lan.pop()
    assert in_with(browser, code).status == 302
    assert in_with(copy, code).status == 401
    assert not is_in(copy)


def test_a_code_without_a_password_is_refused(hall: ServerProcess, lan: list[str]) -> None:
    browser = Browser(hall)
    browser.ask("GET", "/sign-in")
    answer = in_with(browser, lan[0])
    assert (answer.status, b'name="password"' in answer.body) == (401, True)
    assert not is_in(browser)


def test_another_password_meanwhile_ends_half_a_sign_in(hall: ServerProcess, lan: list[str]) -> None:
    half, whole = Browser(hall), Browser(hall)
    half.sign_in("Lan", PASSWORD)
    half.ask("GET", "/sign-in/code")
    whole.sign_in("Lan", PASSWORD)
    whole.ask("GET", "/sign-in/code")
    in_with(whole, lan.pop())
    whole.ask("GET", "/account")
    whole.ask("POST", "/account/sign-out-everywhere", {})
    assert in_with(half, lan.pop()).status == 401
    assert not is_in(half)


def test_a_role_that_needs_it_sets_it_up_before_anything_else(hall: ServerProcess) -> None:
    hall.add_staff("Boss", "administrator")
    browser = Browser(hall)
    answer = browser.sign_in("Boss", PASSWORD, "/admin")
    assert answer.headers["Location"] == "/account"
    refused = browser.ask("GET", "/api/v1/admin/staff")
    assert (refused.status, refused.json()["type"]) == (403, "/problems/second-factor")
    assert browser.ask("GET", "/admin").headers["Location"] == "/account"
    browser.ask("GET", "/account/second-factor")
    _, codes = set_up(browser)
    assert browser.ask("GET", "/api/v1/admin/staff").status == 200
    browser.ask("GET", "/account/second-factor")
    form = {"old": PASSWORD, "code": codes[0]}
    assert browser.ask("POST", "/account/second-factor/remove", {**form, "old": "wrong"}).status == 422
    assert browser.ask("POST", "/account/second-factor/remove", {**form, "code": "000000"}).status == 422
    assert browser.ask("GET", "/api/v1/admin/staff").status == 200
    assert browser.ask("POST", "/account/second-factor/remove", form).status == 200
    assert browser.ask("GET", "/api/v1/admin/staff").status == 403  # and sets it up again


def test_the_page_tells_the_servers_time(hall: ServerProcess, lan: list[str]) -> None:
    browser = Browser(hall)
    browser.sign_in("Lan", PASSWORD)
    page = browser.ask("GET", "/sign-in/code").body.decode()
    assert re.search(r"Giờ của máy chủ là \d\d:\d\d:\d\d, \d\d/\d\d/\d{4}", page)


def test_no_code_and_no_secret_is_logged(hall: ServerProcess, lan: list[str], tmp_path: Path) -> None:
    browser = Browser(hall)
    browser.sign_in("Lan", PASSWORD)
    browser.ask("GET", "/sign-in/code")
    in_with(browser, "271828")
    log = (hall.folder / "server.log").read_text()
    assert "271828" not in log
    assert all(code not in log for code in lan)
