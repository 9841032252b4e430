"""The hall's doors: the state, the stream, the calls that were missed."""

import http.client
import json
import socket
from pathlib import Path

import pytest
from sqlalchemy import update

from display_server.db import tables
from display_server.services.devices.devices import DeviceKind, add_device
from tests.display_server.web.sse_client import Watching
from tests.server_process import ServerProcess


def test_the_state_has_what_the_contract_says(open_hall: ServerProcess) -> None:
    open_hall.take("YT", priority="elderly")
    call = open_hall.call_next("10")
    state = open_hall.hall()
    whole = {
        "version",
        "now",
        "open",
        "centre",
        "seq",
        "calls",
        "departments",
        "counters",
        "opens_at",
        "back_at",
        "urgent",
    }
    assert set(state) == whole
    newest = state["calls"][0]
    assert newest["seq"] == call["seq"] == state["seq"]
    assert set(newest) == {
        "seq", "id", "ticket_id", "number", "counter", "department",
        "called_at", "language", "priority", "recall", "open",
    }  # fmt: skip
    assert (newest["number"], newest["counter"], newest["priority"], newest["open"]) == (
        call["number"],
        "10",
        True,
        True,
    )
    assert set(state["departments"][0]) == {"code", "open", "waiting", "wait", "no_counter"}
    counter = next(each for each in state["counters"] if each["code"] == "10")
    assert (counter["state"], counter["number"]) == ("called", call["number"])


def test_names_come_with_the_page(open_hall: ServerProcess) -> None:
    names = open_hall.ask("GET", "/api/v1/hall/names").json()
    assert names["centre"]["name"]["vi"].startswith("Trung tâm")
    assert len(names["departments"]) == 22
    counter = {"code": "1", "name": {"vi": "Quầy 1", "en": "Counter 1"}, "short": {}, "area": "Khu A"}
    assert names["counters"][0] == counter


def test_the_stream_begins_with_the_state(open_hall: ServerProcess) -> None:
    with Watching(open_hall) as screen:
        assert screen.response.status == 200
        assert screen.response.headers["Content-Type"].startswith("text/event-stream")
        assert screen.response.headers["Cache-Control"] == "no-store"
        event = screen.next()
        assert event.id == str(event.data["version"])
        assert set(event.data) == set(open_hall.hall()) - {"opens_at", "back_at", "urgent"}


def test_a_streamed_state_of_23_busy_counters_stays_small(hall: ServerProcess) -> None:
    counters = hall.ask("GET", "/api/v1/counters", token=hall.token("counter", "1")).json()["counters"]
    for counter in counters:
        hall.take(counter["departments"][0])
        hall.call_next(counter["code"])
    with Watching(hall) as screen:
        state = screen.next().data
    assert len(state["counters"]) == 23
    assert len(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()) <= 5000


def test_every_call_and_every_step_reaches_all_who_watch(open_hall: ServerProcess) -> None:
    open_hall.take("XD")
    with Watching(open_hall) as one, Watching(open_hall, open_hall.token("display")) as other:
        first = one.next().data["version"]
        call = open_hall.call_next("3")
        for screen in (one, other):
            state = screen.until(lambda state: state["seq"] >= call["seq"])
            assert state["calls"][0]["number"] == call["number"]
            assert state["version"] > first
        open_hall.press("3", "finish")
        state = one.until(lambda state: state["version"] > first and not state["calls"][0]["open"])
        assert next(each for each in state["counters"] if each["code"] == "3")["state"] == "free"


def test_a_burst_of_calls_is_complete_in_the_last_state(open_hall: ServerProcess) -> None:
    with Watching(open_hall) as screen:
        for _ in range(6):
            open_hall.take("NV")
        seqs = [open_hall.call_next("12")["seq"] for _ in range(6)]
        state = screen.until(lambda state: state["seq"] >= seqs[-1])
        assert [call["seq"] for call in state["calls"][:6]] == seqs[::-1]


def test_an_old_client_gets_the_stream_too(open_hall: ServerProcess) -> None:
    """HTTP/1.0 knows no chunks: the bytes come as they are."""
    with socket.create_connection(("127.0.0.1", open_hall.port), timeout=30) as sock:
        sock.sendall(b"GET /api/v1/hall/stream HTTP/1.0\r\n\r\n")
        received = b""
        while b"\n\n" not in received.partition(b"\r\n\r\n")[2]:
            received += sock.recv(65536)
        open_hall.take("CT")
        body = received.partition(b"\r\n\r\n")[2]
        while body.count(b"event: hall") < 2:
            body += sock.recv(65536)
        assert body.startswith(b"event: ")


def test_a_quiet_stream_gives_signs_of_life(tmp_path: Path) -> None:
    hall = quick_hall(tmp_path, MOTCUA_HALL__PING_SECONDS="0.2")
    with Watching(hall) as screen:
        assert screen.next("ping").data
        assert screen.next("ping").data
    close(hall)


def test_a_screen_that_goes_is_forgotten(tmp_path: Path) -> None:
    hall = quick_hall(tmp_path, MOTCUA_HALL__PING_SECONDS="0.2")
    with Watching(hall) as stays:
        with Watching(hall) as goes:
            goes.next()
            wait_for_watchers(hall, stays, 2)
        wait_for_watchers(hall, stays, 1)
    close(hall)


def wait_for_watchers(hall: ServerProcess, clock: Watching, count: int) -> None:
    """One look at every sign of life; a test that waits in vain ends with the connection's time-out."""
    for _ in range(100):
        if f'motcua_hall_watchers{{centre_id="1"}} {count}.0' in hall.ask("GET", "/metrics").body.decode():
            return
        clock.next("ping")
    pytest.fail(f"there are not {count} watchers")


def test_a_screen_fills_a_hole(open_hall: ServerProcess) -> None:
    seqs = []
    for _ in range(3):
        open_hall.take("GDDT")
        seqs.append(open_hall.call_next("14")["seq"])
    missed = open_hall.ask("GET", f"/api/v1/hall/calls?after={seqs[0]}").json()["calls"]
    assert [call["seq"] for call in missed] == seqs[1:]
    assert open_hall.ask("GET", f"/api/v1/hall/calls?after={seqs[-1]}").json() == {"calls": []}


def test_at_most_200_missed_calls_at_once(open_hall: ServerProcess) -> None:
    open_hall.take("BHXH")
    first = open_hall.call_next("19")["seq"]
    for _ in range(205):
        open_hall.press("19", "recall")
    missed = open_hall.ask("GET", f"/api/v1/hall/calls?after={first}").json()["calls"]
    assert [call["seq"] for call in missed] == list(range(first + 1, first + 201))


def test_a_hall_that_is_not_public_asks_for_a_token(tmp_path: Path) -> None:
    hall = quick_hall(tmp_path, MOTCUA_HALL__PUBLIC="false")
    for path in ("", "/stream", "/names", "/calls?after=0"):
        assert hall.ask("GET", f"/api/v1/hall{path}").status == 401
    with Watching(hall, hall.token("display")) as screen:
        assert screen.next().data["centre"] == "xa_mau"
    cookie = {"Cookie": f"device={hall.token('display')}"}  # a browser's EventSource sends no header
    assert hall.ask("GET", "/api/v1/hall", headers=cookie).status == 200
    close(hall)


def test_the_stream_of_a_revoked_device_ends(tmp_path: Path) -> None:
    hall = quick_hall(tmp_path, MOTCUA_HALL__PUBLIC="false")
    kept = add_device(hall.site, hall.centre_id, DeviceKind.DISPLAY, "kept", None)
    with Watching(hall, hall.token("display")) as screen, Watching(hall, kept) as other:
        screen.next()
        other.next()
        with hall.site.write_without_lock() as connection:
            mine = tables.device.c.name == "display"
            connection.execute(update(tables.device).where(mine).values(revoked_at=hall.site.clock()))
        assert screen.ends()
        hall.take("HT")
        assert other.until(lambda state: state["departments"][0]["waiting"] == 1)
    close(hall)


def quick_hall(folder: Path, **environment: str) -> ServerProcess:
    hall = ServerProcess(folder, f"sqlite:///{folder}/hall.db", "xa_mau", environment)
    return hall.start()


def close(hall: ServerProcess) -> None:
    hall.stop()
    hall.site.engine.dispose()


def test_a_screen_that_reads_nothing_holds_up_nobody(open_hall: ServerProcess) -> None:
    stuck = http.client.HTTPConnection("127.0.0.1", open_hall.port, timeout=30)
    stuck.request("GET", "/api/v1/hall/stream")  # and never a byte is read
    with Watching(open_hall) as screen:
        for _ in range(300):
            open_hall.take("TTTT")
        call = open_hall.call_next("21")
        assert screen.until(lambda state: state["seq"] >= call["seq"])
    stuck.close()
