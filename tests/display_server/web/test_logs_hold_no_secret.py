"""What must never be in a log, sent through everything that works and everything that fails, at the level `debug`."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.display_server.web.test_sign_in import Browser
from tests.server_process import ServerProcess, new_id

PASSWORD, PIN, NOTE, CODE = "geheim-Passwort-4711", "730916", "CCCD 034071001234 Trần Thị Bí Mật", "oidc-code-918273"
NAME = "Nguyễn Bí Danh"


@pytest.fixture(params=["text", "json"])
def watched_hall(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[ServerProcess]:
    """A hall that says all it has to say. Its database is the small centre's too, on SQLite and on PostgreSQL."""
    loud = {"MOTCUA_LOG__LEVEL": "debug", "MOTCUA_LOG__FORMAT": request.param}
    hall = ServerProcess(tmp_path, database, "xa_mau", loud).start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()


def test_no_secret_is_in_the_servers_log(watched_hall: ServerProcess) -> None:
    hall = watched_hall
    secrets = _work(hall) | _fail(hall)
    with hall.site.engine.connect() as connection:
        hashes = connection.execute(text("SELECT password_hash FROM staff")).scalars().all()
    log = (hall.folder / "server.log").read_text()
    for name, secret in (secrets | {f"hash {number}": each for number, each in enumerate(hashes)}).items():
        escaped = json.dumps(secret)[1:-1]
        assert secret not in log, name
        assert escaped not in log, name
    assert "Traceback" in log  # something did fail
    assert "/t/<secret>" in log  # and the routes are there


def _work(hall: ServerProcess) -> dict[str, str]:
    """A day's work; what of it is secret."""
    browser = Browser(hall)
    hall.add_staff(NAME, "administrator", PASSWORD)
    browser.sign_in(NAME, PASSWORD)
    browser.ask("GET", "/account")
    browser.ask("POST", "/account/pin", {"old": PASSWORD, "pin": PIN})
    ticket = hall.take("HT", priority="disabled")
    slip = re.sub(r".*/t/", "", ticket["status_url"])
    hall.ask("GET", f"/t/{slip}")
    hall.ask("GET", f"/t/{slip}/state")
    hall.ask("GET", f"/api/v1/tickets/by-address/{slip}", token=hall.token("kiosk"))
    hall.call_next("1")
    hall.press("1", "park", reason=NOTE)
    hall.ask("GET", f"/api/v1/tickets/{ticket['id']}", token=hall.token("kiosk"))
    return {
        "password": PASSWORD,
        "pin": PIN,
        "note": NOTE,
        "slip": slip,
        "session": browser.cookies["session"],
        "csrf": browser.token,
        "kiosk": hall.token("kiosk"),
        "counter": hall.token("counter", "1"),
    }


def _fail(hall: ServerProcess) -> dict[str, str]:
    """Refusals, malformed requests, and a database that fails under every kind of write."""
    slip = hall.take("HT")["status_url"].rpartition("/")[2]
    hall.ask("GET", f"/t/{slip}x")
    hall.ask("GET", f"/nowhere/{slip}?code={CODE}")
    hall.ask("GET", f"/sign-in/single/back?code={CODE}&state={CODE}")
    hall.ask("POST", "/api/v1/tickets", {"request_id": NOTE, "department": NOTE}, hall.token("kiosk"))
    hall.ask("POST", "/api/v1/tickets", raw=NOTE.encode(), token=hall.token("kiosk"))
    hall.ask("GET", f"/t/{slip}", headers={"Content-Length": f"+{CODE}"})
    Browser(hall).sign_in(NAME, CODE)
    Browser(hall).sign_in(CODE, CODE)
    hall.take("HT")
    hall.call_next("1")
    with hall.site.engine.begin() as connection:
        connection.execute(text("ALTER TABLE ticket RENAME TO ticket_away"))
    assert hall.press("1", "park", reason=NOTE).status == 503
    hall.ask("GET", f"/t/{slip}")
    with hall.site.engine.begin() as connection:
        connection.execute(text("ALTER TABLE ticket_away RENAME TO ticket"))
        connection.execute(text("ALTER TABLE staff RENAME TO staff_away"))
    Browser(hall).sign_in(NAME, PASSWORD)
    with hall.site.engine.begin() as connection:
        connection.execute(text("ALTER TABLE staff_away RENAME TO staff"))
    return {"code": CODE, "slip that failed": slip, "token of another": new_id()}
