"""Two server processes on one PostgreSQL behind nginx, by config/deploy: one dies and nobody notices."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.display_server.postgres import Cluster
from tests.end_to_end.nginx import Nginx
from tests.server_process import ServerProcess, new_id

CLIENTS, EACH = 4, 25


@dataclass
class Site:
    one: ServerProcess
    other: ServerProcess
    nginx: Nginx


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    cluster = Cluster().start()
    one = ServerProcess(tmp_path, cluster.url(cluster.make_database()), "xa_mau")
    one.environment = {
        "MOTCUA_SERVER__BEHIND_PROXY": "true",
        "MOTCUA_SERVER__SECURE_COOKIES": "true",
        "MOTCUA_SERVER__PUBLIC_URL": "",
        "MOTCUA_SERVER__NAMES": '["motcua.lan"]',
    }
    other = replace(one)
    other._tokens = one._tokens  # the same devices, whichever server they ask
    with Nginx(tmp_path / "nginx", [one.start().port, other.start().port]) as nginx:
        yield Site(one, other, nginx)
    for hall in (one, other):
        hall.stop()
        hall.site.wakeups.stop()
        hall.site.engine.dispose()
    cluster.stop()


def test_a_server_process_that_is_killed_costs_no_visitor_a_number(site: Site) -> None:
    kiosk = site.one.token("kiosk")
    taken: list[str] = []
    faults: list[object] = []

    def visitors() -> None:
        for _ in range(EACH):
            wish = {"request_id": new_id(), "department": "HT"}
            answer = site.nginx.ask("POST", "/api/v1/tickets", wish, kiosk)
            (taken.append(answer.json()["number"]) if answer.status in (200, 201) else faults.append(answer))

    threads = [threading.Thread(target=visitors) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    while len(taken) < EACH:
        time.sleep(0.01)
    site.one.kill()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(taken) == [f"A{number:03d}" for number in range(1, CLIENTS * EACH + 1)]


def test_every_screen_hears_of_a_call_whichever_process_made_it(site: Site) -> None:
    site.one.take("HT")
    streams = []
    for _ in range(4):  # nginx gives them to the processes in turn
        connection = site.nginx.connection()
        connection.request("GET", "/api/v1/hall/stream")
        streams.append((connection, connection.getresponse()))
    call = site.other.call_next("1")
    for connection, response in streams:
        numbers: list[str] = []
        while call["number"] not in numbers:
            line = response.readline()
            assert line, "the stream ended"
            if line.startswith(b"data: {"):
                numbers = [shown["number"] for shown in json.loads(line[6:])["calls"]]
        connection.close()


def test_what_the_outside_sees_is_https(site: Site) -> None:
    forged = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    forged["Host"] = "motcua.lan"  # as the kiosk wrote it
    wish = {"request_id": new_id(), "department": "HT"}
    ticket = site.nginx.ask("POST", "/api/v1/tickets", wish, site.one.token("kiosk"), forged).json()
    assert ticket["status_url"].startswith("https://motcua.lan/t/")
    page = site.nginx.ask("GET", "/sign-in")
    assert page.status == 200
    assert "max-age" in page.headers["Strict-Transport-Security"]
    assert "Secure" in page.headers["Set-Cookie"]
    assert site.nginx.ask("GET", "/metrics").status == 404
    assert site.nginx.ask("POST", "/api/v1/tickets", {"x": "y" * 300_000}, site.one.token("kiosk")).status == 413


def test_one_screen_speaks_whichever_process_it_asks(site: Site) -> None:
    door = "/api/v1/hall/speaker?centre=xa_mau"

    def speaking() -> list[str]:
        answers = {name: site.nginx.ask("POST", door, {"screen": name}).json() for name in ("screen-one", "screen-two")}
        return [name for name, answer in answers.items() if answer["speak"]]

    for _ in range(6):
        assert speaking() == ["screen-one"]
    site.one.kill()
    assert len(speaking()) == 1
    site.one.start()
    site.other.kill()
    assert len(speaking()) == 1
