"""Staff sign in with name and password, and work with a session and its CSRF token."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from display_server.app import create_app
from display_server.db import tables
from display_server.services.staff.staff import Role, add_staff
from display_server.web.auth import sign_in
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import Answer, ServerProcess, new_id

FROM_EIGHT_TO_CLOSING = 8.5 * 3600  # of the small centre
PASSWORD = "mot cua hai cua"
FORM = "application/x-www-form-urlencoded"


class Browser:
    """Keeps cookies and the page's CSRF token, as a browser does."""

    def __init__(self, hall: ServerProcess) -> None:
        self.hall = hall
        self.cookies: dict[str, str] = {}
        self.set_cookie = ""
        self.token = ""

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, body: object = None, csrf: bool = True
    ) -> Answer:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept": "text/html",
        }
        if body is not None:
            headers["X-CSRFToken"] = self.token if csrf else ""
            return self._keep(self.hall.ask(method, path, body, headers=headers))
        if form is None:
            return self._keep(self.hall.ask(method, path, headers=headers))
        fields = form | ({"csrf_token": self.token} if csrf else {})
        headers["Content-Type"] = FORM
        return self._keep(self.hall.ask(method, path, raw=urlencode(fields).encode(), headers=headers))

    def _keep(self, answer: Answer) -> Answer:
        for line in answer.cookies:
            self.set_cookie = line
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        found = re.search(
            r'name="(?:csrf_token|csrf-token)"[^>]*(?:value|content)="([^"]+)"', answer.body.decode(errors="replace")
        )
        if found:
            self.token = found[1]
        return answer

    def sign_in(self, name: str, password: str, next_page: str = "") -> Answer:
        self.ask("GET", "/sign-in")
        return self.ask("POST", "/sign-in", {"name": name, "password": password, "next": next_page})


@pytest.fixture(scope="module")
def staffed_hall(tmp_path_factory: pytest.TempPathFactory) -> ServerProcess:
    folder = tmp_path_factory.mktemp("staffed_hall")
    limits = {"MOTCUA_SERVER__SIGN_IN_LIMIT": "1000 per minute"}
    hall = ServerProcess(folder, f"sqlite:///{folder}/hall.db", "xa_mau", limits).start()
    hall.add_staff("Lan", "clerk")
    hall.add_staff("Minh", "supervisor")
    yield hall
    hall.stop()
    hall.site.engine.dispose()


@pytest.fixture
def clerk(staffed_hall: ServerProcess) -> Browser:
    browser = Browser(staffed_hall)
    answer = browser.sign_in("Lan", "mot cua hai cua")
    assert (answer.status, answer.headers["Location"]) == (302, "/counter")
    browser.ask("GET", "/counter")
    return browser


def test_a_clerk_works_at_any_counter(clerk: Browser) -> None:
    assert clerk.ask("GET", "/api/v1/counters").status == 200
    for counter in ("1", "2"):
        clerk.hall.take("HT")
        answer = clerk.ask("POST", f"/api/v1/counters/{counter}/call-next", body={"request_id": new_id()})
        assert answer.status == 200, answer
        clerk.ask("POST", f"/api/v1/counters/{counter}/finish", body={"request_id": new_id()})


def test_a_press_without_the_csrf_token_is_refused(clerk: Browser) -> None:
    clerk.hall.take("HT")
    answer = clerk.ask("POST", "/api/v1/counters/1/call-next", body={"request_id": new_id()}, csrf=False)
    assert (answer.status, answer.json()["type"]) == (403, "/problems/csrf")


def test_a_form_without_the_csrf_token_is_refused(clerk: Browser) -> None:
    assert clerk.ask("POST", "/sign-out", {}, csrf=False).status == 403
    assert clerk.ask("GET", "/api/v1/counters").status == 200


def test_a_form_whose_session_is_gone_gets_the_sign_in_again(staffed_hall: ServerProcess) -> None:
    """The cookie was deleted, or the session ended: nothing is done, and nobody is told that they have no right."""
    stranger = Browser(staffed_hall)
    again = stranger.ask("POST", "/sign-in", {"name": "Lan", "password": PASSWORD, "next": "/admin"}, csrf=False)
    assert (again.status, 'value="Lan"' in again.body.decode(), 'value="/admin"' in again.body.decode()) == (
        400,
        True,
        True,
    )
    assert stranger.ask("GET", "/api/v1/counters").status == 401
    stranger.sign_in("Lan", PASSWORD)  # with what that answer gave
    assert stranger.ask("GET", "/api/v1/counters").status == 200
    stranger.cookies.pop("session")
    gone = stranger.ask("POST", "/account/pin", {"old": "x", "pin": "1"})
    assert (gone.status, 'name="password"' in gone.body.decode()) == (400, True)
    out = Browser(staffed_hall).ask("POST", "/sign-out", {}, csrf=False)
    assert (out.status, out.headers["Location"]) == (302, "/")


def test_a_form_of_an_earlier_session_is_told_kindly(clerk: Browser) -> None:
    clerk.token = "of another session"
    answer = clerk.ask("POST", "/account/pin", {"old": PASSWORD, "pin": "470913"})
    assert answer.status == 403
    assert "quá lâu" in answer.body.decode()
    assert "không có quyền" not in answer.body.decode()


def test_a_copied_cookie_ends_with_the_session(clerk: Browser) -> None:
    copy = Browser(clerk.hall)
    copy.cookies = dict(clerk.cookies)
    assert copy.ask("GET", "/api/v1/counters").status == 200
    clerk.ask("POST", "/sign-out", {})
    assert copy.ask("GET", "/api/v1/counters").status == 401
    clerk.sign_in("Lan", PASSWORD)  # a new session does not bring the old one back
    assert copy.ask("GET", "/api/v1/counters").status == 401


def test_a_session_is_ended_from_another_browser(clerk: Browser) -> None:
    other = Browser(clerk.hall)
    other.sign_in("Lan", PASSWORD)
    page = other.ask("GET", "/account").body.decode()
    ids = re.findall(r"/account/sessions/(\d+)/end", page)
    assert len(ids) >= 2
    for each in ids[1:]:  # the first is the newest: this browser's own
        assert other.ask("POST", f"/account/sessions/{each}/end", {}).status == 303
    assert clerk.ask("GET", "/api/v1/counters").status == 401
    assert other.ask("GET", "/api/v1/counters").status == 200


def test_two_dozen_colleagues_of_one_address_come_in_at_once(open_hall: ServerProcess) -> None:
    open_hall.add_staff("Hoa")
    browsers = [Browser(open_hall) for _ in range(24)]
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda browser: browser.sign_in("Hoa", PASSWORD).status, browsers))
    assert answers == [302] * 24


@pytest.fixture
def quiet_hall(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of its own: what was wrong there stays there."""
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau").start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()


def test_wrong_sign_ins_of_strangers_do_not_keep_a_known_browser_out(quiet_hall: ServerProcess) -> None:
    quiet_hall.add_staff("Mai")
    known = Browser(quiet_hall)
    known.sign_in("Mai", PASSWORD)
    known.ask("POST", "/sign-out", {})
    stranger = Browser(quiet_hall)
    told = [stranger.sign_in(f"nobody {number}", "wrong").status for number in range(12)]
    assert told == [401] * 10 + [429] * 2
    assert stranger.sign_in("Mai", PASSWORD).status == 429
    assert known.sign_in("Mai", PASSWORD).status == 302
    device = Browser(quiet_hall)
    device.cookies["device"] = quiet_hall.token("counter", "1")
    assert device.sign_in("Mai", PASSWORD).status == 302
    forged = Browser(quiet_hall)
    forged.cookies["browser"] = known.cookies["browser"][:-2] + "xx"
    assert forged.sign_in("Mai", PASSWORD).status == 429


def test_a_form_without_a_token_and_one_with_it(clerk: Browser) -> None:
    assert clerk.ask("POST", "/account/pin", {"old": PASSWORD, "pin": "1"}, csrf=False).status == 403


def test_a_clerk_takes_no_tickets_and_sees_no_administration(clerk: Browser) -> None:
    wish = {"request_id": new_id(), "department": "HT"}
    assert clerk.ask("POST", "/api/v1/tickets", body=wish).status == 403
    assert clerk.ask("GET", "/api/v1/admin/overview").status == 403


def test_a_supervisor_sees_the_overview_and_a_numbers_history(staffed_hall: ServerProcess) -> None:
    number = staffed_hall.take("DD")["number"]
    browser = Browser(staffed_hall)
    browser.sign_in("Minh", "mot cua hai cua")
    overview = browser.ask("GET", "/api/v1/admin/overview")
    assert (overview.status, overview.json()["open"]) == (200, True)
    history = browser.ask("GET", f"/api/v1/admin/history?number={number}").json()
    assert history["history"][0]["action"] == "issued"
    assert browser.ask("GET", "/api/v1/admin/history?number=Z999").status == 404


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(clerk: Browser) -> None:
    attributes = clerk.set_cookie.lower()
    assert "httponly" in attributes
    assert "samesite=lax" in attributes
    assert "path=/" in attributes


def test_signing_in_gives_a_new_session(staffed_hall: ServerProcess) -> None:
    browser = Browser(staffed_hall)
    browser.ask("GET", "/sign-in")
    before = dict(browser.cookies)
    browser.sign_in("Lan", "mot cua hai cua")
    assert browser.cookies != before
    planted = Browser(staffed_hall)
    planted.cookies = before
    assert planted.ask("GET", "/api/v1/counters").status == 401


def test_an_answer_under_way_signs_nobody_in_again(clerk: Browser) -> None:
    """Nothing but the sign-in itself sets the session: the page asks on while its clerk signs out."""
    for path in ("/api/v1/counters/1", "/api/v1/counters", "/counter/1", "/account"):
        assert "Set-Cookie" not in clerk.ask("GET", path).headers
    for step in ("open", "break"):
        answer = clerk.ask("POST", f"/api/v1/counters/1/{step}", body={})
        assert (answer.status, "Set-Cookie" in answer.headers) == (200, False)


def test_signing_out_ends_the_session(clerk: Browser) -> None:
    assert clerk.ask("POST", "/sign-out", {}).status == 302
    assert clerk.ask("GET", "/api/v1/counters").status == 401


@pytest.mark.parametrize(
    ("name", "password"), [("Lan", "wrong"), ("Nobody", "mot cua hai cua"), ("", ""), ("Lan", "x" * 5000)]
)
def test_a_wrong_name_and_a_wrong_password_look_the_same(staffed_hall: ServerProcess, name: str, password: str) -> None:
    browser = Browser(staffed_hall)
    answer = browser.sign_in(name, password)
    assert answer.status == 401
    assert browser.ask("GET", "/api/v1/counters").status == 401


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("/admin", "/counter"),  # not open to a clerk
        ("/counter?code=1", "/counter?code=1"),
        ("", "/counter"),
        ("https://evil.example/", "/counter"),
        ("//evil.example/", "/counter"),
        ("/\\evil.example/", "/counter"),
        ("/\t/evil.example/", "/counter"),
        ("javascript:alert(1)", "/counter"),
        ("evil.example", "/counter"),
    ],
)
def test_after_signing_in_one_stays_in_the_house(staffed_hall: ServerProcess, asked: str, goes_to: str) -> None:
    answer = Browser(staffed_hall).sign_in("Lan", "mot cua hai cua", asked)
    assert (answer.status, answer.headers["Location"]) == (302, goes_to)


def test_who_has_left_is_out_at_once(staffed_hall: ServerProcess) -> None:
    staffed_hall.add_staff("Mai")
    browser = Browser(staffed_hall)
    browser.sign_in("Mai", "mot cua hai cua")
    assert browser.ask("GET", "/api/v1/counters").status == 200
    with staffed_hall.site.write_without_lock() as connection:
        connection.execute(update(tables.staff).where(tables.staff.c.name == "Mai").values(active=False))
    assert browser.ask("GET", "/api/v1/counters").status == 401


def test_a_session_ends_after_its_hours_however_busy_it_is(tmp_path: Path) -> None:
    one_second = {"MOTCUA_SERVER__SESSION_HOURS": str(3 / 3600)}
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau", one_second).start()
    hall.add_staff()
    browser = Browser(hall)
    browser.sign_in("Lan", "mot cua hai cua")
    statuses = [browser.ask("GET", "/api/v1/counters").status]
    while statuses[-1] == 200 and len(statuses) < 10_000:
        statuses.append(browser.ask("GET", "/api/v1/counters").status)
    assert statuses[0] == 200
    assert statuses[-1] == 401
    hall.stop()
    hall.site.engine.dispose()


def test_a_session_ends_half_an_hour_after_the_centre_closes(
    small_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_staff(small_hall.site, small_hall.clerk.centre_id, "Mai", Role.CLERK, "mot cua hai cua")
    browser = create_app(small_hall.site).test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/sign-in").text)
    assert found is not None
    form = {"name": "Mai", "password": "mot cua hai cua", "csrf_token": found[1]}
    assert browser.post("/sign-in", data=form).status_code == 302

    closing = time.time() + FROM_EIGHT_TO_CLOSING
    for minutes, status in [(29, 200), (31, 401)]:
        monkeypatch.setattr(sign_in.time, "time", lambda now=closing + minutes * 60: now)
        assert browser.get("/api/v1/counters").status_code == status


def test_guessing_is_slowed_down(open_hall: ServerProcess) -> None:
    browser = Browser(open_hall)
    answers = [browser.sign_in("Lan", "wrong") for _ in range(12)]
    assert [answer.status for answer in answers] == [401] * 5 + [429] * 7
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert open_hall.ask("GET", "/api/v1/hall").status == 200  # everything else goes on
