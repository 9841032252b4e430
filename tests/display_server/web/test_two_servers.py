"""Two server processes on one PostgreSQL: one hall."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from display_server.services.devices.devices import DeviceKind, add_device
from tests.display_server.postgres import USER, Cluster
from tests.display_server.web.sse_client import Watching
from tests.server_process import ServerProcess, new_id


@pytest.fixture
def two_servers(postgres: Cluster, tmp_path: Path) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    name = postgres.make_database()
    one = ServerProcess(tmp_path, postgres.url(name), "xa_mau").start()
    other = replace(one, port=0, process=None)
    other._tokens = one._tokens  # the same devices, whichever server they ask
    yield one, other.start()
    for hall in (one, other):
        hall.stop()
        hall.site.engine.dispose()
    postgres.drop_database(name)


def test_numbers_and_calls_are_one_series_and_every_screen_sees_them(
    two_servers: tuple[ServerProcess, ServerProcess],
) -> None:
    one, other = two_servers
    one.token("kiosk"), one.token("counter", "1"), one.token("counter", "2")
    taken: list[str] = []

    def visitors(hall: ServerProcess) -> None:
        taken.extend(hall.take("HT")["number"] for _ in range(15))

    threads = [threading.Thread(target=visitors, args=(hall,)) for hall in (one, other, one, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"A{number:03d}" for number in range(1, 61)]
    with Watching(one) as near, Watching(other) as far:
        call = other.call_next("1")
        for screen in (near, far):
            assert screen.until(lambda state: state["seq"] >= call["seq"])["calls"][0]["number"] == call["number"]


def test_the_same_press_through_two_servers_is_one_call(two_servers: tuple[ServerProcess, ServerProcess]) -> None:
    one, other = two_servers
    for _ in range(2):
        one.take("HT")
    press = new_id()
    answers = {hall.press("1", "call-next", request_id=press).body for hall in (one, other, one)}
    assert len(answers) == 1


def test_a_display_that_speaks_through_one_server_silences_pages_at_both(
    two_servers: tuple[ServerProcess, ServerProcess],
) -> None:
    one, other = two_servers
    display = one.token("display")
    second = add_device(one.site, one.centre_id, DeviceKind.DISPLAY, "a second display", None)
    door = "/api/v1/hall/speaker"
    phone = {"screen": "visitor-phone", "wish": "on", "spoken": 2**63 - 1}

    def speaks(hall: ServerProcess, body: dict[str, object], token: str | None = None) -> bool:
        return bool(hall.ask("POST", door, body, token).json()["speak"])

    assert speaks(other, phone)
    assert speaks(one, {"screen": "page-of-the-display"}, display)
    assert not any(speaks(hall, phone) for hall in two_servers)
    assert not any(speaks(hall, {"screen": "the-other-display"}, second) for hall in two_servers)
    assert speaks(other, {"screen": "page-of-the-display"}, display)
    one.kill()
    one.start()
    assert speaks(other, {"screen": "page-of-the-display"}, display)
    assert not speaks(one, phone)


def test_a_row_that_another_program_holds_stops_nobody_who_reads(
    two_servers: tuple[ServerProcess, ServerProcess], postgres: Cluster
) -> None:
    one, _ = two_servers
    kiosk = one.token("kiosk")
    host, name = one.site.engine.url.query["host"], one.site.engine.url.database
    with psycopg.connect(host=str(host), user=USER, dbname=name) as other_program:
        other_program.execute("UPDATE centre SET version = version")
        body = {"request_id": new_id(), "department": "HT"}
        answers = []
        visitor = threading.Thread(target=lambda: answers.append(one.ask("POST", "/api/v1/tickets", body, kiosk)))
        visitor.start()
        for _ in range(5):
            assert one.ask("GET", "/api/v1/hall").status == 200
        assert answers == []
        other_program.rollback()
        visitor.join()
    assert answers[0].status == 201
