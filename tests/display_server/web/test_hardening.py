"""Headers and cookies behind TLS; clients that dawdle."""

from typing import Any

import gevent
import gevent.socket
import pytest

from config.settings import load_settings
from display_server import serving
from display_server.app import create_app
from display_server.services.start import open_site
from tests.display_server.small_centre import small_centre
from tests.display_server.small_hall import SmallHall
from tests.scratch_hall import ScratchHall


@pytest.fixture(scope="module")
def behind_tls(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('tls')}/hall.db"
    SmallHall.prepare(url, small_centre())
    return url


def test_behind_tls_cookies_are_secure_and_the_browser_stays_with_tls(behind_tls: str) -> None:
    site = open_site(load_settings(server={"database": behind_tls, "secure_cookies": True, "behind_proxy": True}))
    client = create_app(site).test_client()
    answer = client.get("/sign-in", headers={"X-Forwarded-Proto": "https", "Accept": "text/html"})
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(part in cookie for part in ("; Secure", "; HttpOnly", "; Path=/", "; SameSite=Lax"))
    assert "Domain" not in cookie
    pairing = client.get("/pair", headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    assert all(part in pairing for part in ("; Secure", "; HttpOnly", "; SameSite=Lax"))
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers
    site.engine.dispose()


def test_every_page_forbids_inline_code_and_foreign_frames(open_hall: ScratchHall) -> None:
    for path in ("/", "/hall", "/sign-in", "/nowhere", "/api/v1/hall", "/static/js/page.js"):
        headers = open_hall.ask("GET", path, headers={"Accept": "text/html"}).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")


def test_a_header_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEADER_SECONDS", 0.1)

    def app(_: Any, start: Any) -> list[bytes]:
        start("200 OK", [])
        return [b""]

    server = serving._Server(("127.0.0.1", 0), app, handler_class=serving._Handler, log=None, error_log=None)
    server.start()
    dawdler = gevent.socket.create_connection(("127.0.0.1", server.server_port), timeout=10)
    dawdler.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert dawdler.recv(100).startswith(b"HTTP/1.1 400 ")
    assert dawdler.recv(100) in (b"", b"Bad Request")
    dawdler.close()
    server.stop(timeout=0.1)


def test_no_secret_is_in_the_log(open_hall: ScratchHall) -> None:
    token = open_hall.token("kiosk")
    address = open_hall.take()["status_url"]
    open_hall.ask("GET", "/t/" + address.rpartition("/")[2])
    open_hall.ask("GET", "/sign-in?next=/counter&password=geheim")
    log = (open_hall.folder / "server.log").read_text(encoding="utf-8")
    assert not [secret for secret in (token, address.rpartition("/")[2], "geheim") if secret in log]
