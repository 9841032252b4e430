"""Headers and cookies behind TLS; clients that dawdle."""

from pathlib import Path
from typing import Any

import gevent
import gevent.socket
import pytest

from config.settings import load_settings
from display_server import wsgi_server as serving
from display_server.app import create_app
from display_server.bootstrap import create_context
from tests.display_server.sample_centre import small_centre
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.web.clients import Clients
from tests.server_process import ServerProcess

WARNED = (
    "passwords and tokens travel unencrypted on this network; docs/how-to/installation.md, TLS, puts nginx in front"
)


@pytest.fixture(scope="module")
def behind_tls(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('tls')}/hall.db"
    ServiceHarness.prepare(url, small_centre())
    return url


def test_behind_tls_cookies_are_secure_and_the_browser_stays_with_tls(behind_tls: str) -> None:
    site = create_context(load_settings(server={"database": behind_tls, "secure_cookies": True, "behind_proxy": True}))
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


def test_every_page_forbids_inline_code_and_foreign_frames(open_hall: ServerProcess) -> None:
    for path in ("/", "/hall", "/sign-in", "/nowhere", "/api/v1/hall", "/static/js/page.js"):
        headers = open_hall.ask("GET", path, headers={"Accept": "text/html"}).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")


PAGES = ("/", "/hall", "/hall?layout=media", "/hall/counter/1", "/hall/pair", "/pair", "/sign-in", "/counter", "/admin",
         "/admin/staff", "/account", "/privacy", "/t/x", "/trial", "/nowhere", "/healthz", "/openapi.json",
         "/api/v1/hall", "/api/v1/nowhere", "/static/js/page.js", "/static/none.js")  # fmt: skip


def test_no_answer_of_any_kind_can_be_framed_by_others(behind_tls: str) -> None:
    """Old televisions know no `frame-ancestors`: every answer says it in the older header too, errors as well."""
    site = create_context(load_settings(server={"database": behind_tls}))
    clients = Clients(site)
    for who in ("anyone", "administrator", "clerk"):
        for path in PAGES:
            for method in ("GET", "POST", "OPTIONS", "BREW"):
                kind = "application/json" if method == "POST" else "text/html"
                answer = clients.ask(who, method, path, headers={"Accept": kind})
                assert answer.headers["X-Frame-Options"] == "SAMEORIGIN", (who, method, path)
                assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"], path
                answer.close()
    site.engine.dispose()


@pytest.mark.parametrize(
    ("host", "behind_proxy", "is_told"),
    [("0.0.0.0", False, True), ("192.168.1.5", False, True), ("::", False, True), ("127.0.0.1", False, False),
     ("::1", False, False), ("localhost", False, False), ("0.0.0.0", True, False)],
)  # fmt: skip
def test_plain_http_on_a_network_is_warned_of(
    behind_tls: str, caplog: pytest.LogCaptureFixture, host: str, *, behind_proxy: bool, is_told: bool
) -> None:
    server = {"database": behind_tls, "host": host, "behind_proxy": behind_proxy}
    site = create_context(load_settings(server=server))
    with caplog.at_level("WARNING"):
        serving._warn_of_plain_http(site)
    told = [record.getMessage() for record in caplog.records if "travel unencrypted" in record.getMessage()]
    assert told == ([f"{host}: {WARNED}"] if is_told else [])
    site.engine.dispose()


def test_a_server_on_the_network_says_so_when_it_starts(tmp_path: Path) -> None:
    open_to_all = {"MOTCUA_SERVER__HOST": "0.0.0.0"}
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau", open_to_all).start()
    hall.stop()
    hall.site.engine.dispose()
    assert WARNED in (tmp_path / "server.log").read_text()


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


def test_no_secret_is_in_the_log(open_hall: ServerProcess) -> None:
    token = open_hall.token("kiosk")
    address = open_hall.take()["status_url"]
    open_hall.ask("GET", "/t/" + address.rpartition("/")[2])
    open_hall.ask("GET", "/sign-in?next=/counter&password=geheim")
    log = (open_hall.folder / "server.log").read_text(encoding="utf-8")
    assert not [secret for secret in (token, address.rpartition("/")[2], "geheim") if secret in log]
