"""A counter's own state over the stream: complete, only when it changed, only for who may work there, only as long."""

import threading
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from display_server.db import tables
from tests.display_server.web.sse_client import Watching
from tests.display_server.web.test_sign_in import PASSWORD, Browser
from tests.server_process import ServerProcess, new_id

OTHER_DEPARTMENT, OWN_DEPARTMENT = "XD", "KHDT"
OWN_COUNTER, OTHER_COUNTER = "1", "3"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder: Path = tmp_path_factory.mktemp("counter_stream")
    limits = {"MOTCUA_SERVER__SIGN_IN_LIMIT": "1000 per minute", "MOTCUA_HALL__PING_SECONDS": "0.5"}
    hall = ServerProcess(folder, f"sqlite:///{folder}/hall.db", "thai_binh", limits).start()
    for name, role in (("Lan", "clerk"), ("Mai", "clerk"), ("Ha", "hall"), ("Quan", "administrator")):
        hall.add_staff(name, role)
    yield hall
    hall.stop()
    hall.site.engine.dispose()


def signed_in(hall: ServerProcess, name: str = "Lan") -> Browser:
    browser = Browser(hall)
    browser.sign_in(name, PASSWORD)
    browser.ask("GET", "/counter")
    return browser


def watch(browser: Browser, counter: str = OWN_COUNTER, query: str = "") -> Watching:
    return Watching(browser.hall, query=query, path=f"/api/v1/counters/{counter}/stream", cookies=browser.cookies)


def next_state(stream: Watching) -> Any:
    return stream.next("counter").data


def states_until_pings(stream: Watching, pings: int) -> list[Any]:
    """What comes before so many signs of life."""
    found = []
    while pings:
        event = stream._read()
        pings -= event.name == "ping"
        if event.name == "counter":
            found.append(event.data)
    return found


def test_the_first_event_is_what_the_counter_endpoint_gives(hall: ServerProcess) -> None:
    clerk = signed_in(hall)
    with watch(clerk) as stream:
        state = next_state(stream)
        asked = clerk.ask("GET", f"/api/v1/counters/{OWN_COUNTER}").json()
        assert state | {"now": None} == asked | {"now": None}


def test_every_change_of_the_counter_comes(hall: ServerProcess) -> None:
    clerk = signed_in(hall)
    with watch(clerk) as stream:
        before = next_state(stream)
        ticket = hall.take(OWN_DEPARTMENT)
        waiting = next_state(stream)
        assert waiting["waiting_count"] == before["waiting_count"] + 1
        assert ticket["number"] in [one["number"] for one in waiting["waiting"]]
        called = clerk.ask("POST", f"/api/v1/counters/{OWN_COUNTER}/call-next", body={"request_id": new_id()}).json()
        while (state := next_state(stream))["call"] is None:
            pass
        assert state["call"]["number"] == called["call"]["number"]
        clerk.ask("POST", f"/api/v1/counters/{OWN_COUNTER}/park", body={"request_id": new_id(), "reason": "form"})
        while not (state := next_state(stream))["parked"]:
            pass
        assert state["parked"][-1]["note"] == "form"


def test_what_concerns_other_counters_is_not_sent(hall: ServerProcess) -> None:
    clerk = signed_in(hall)
    with watch(clerk) as stream, Watching(hall) as display:
        next_state(stream)
        seen = display.next().data["version"]
        for _ in range(5):
            hall.take(OTHER_DEPARTMENT)
        display.until(lambda state: state["version"] >= seen + 5)
        assert states_until_pings(stream, 3) == []


def test_signs_of_life_come_also_while_the_hall_is_busy(hall: ServerProcess) -> None:
    """A busy hall sends its displays states and no pings; a counter that does not change is sent nothing else."""
    with watch(signed_in(hall)) as stream:
        next_state(stream)
        is_over = threading.Event()
        rest = threading.Thread(target=lambda: [hall.take(OTHER_DEPARTMENT) for _ in iter(is_over.is_set, True)])
        rest.start()
        try:
            assert states_until_pings(stream, 4) == []
        finally:
            is_over.set()
            rest.join()


def test_the_whole_queue_comes_where_it_is_asked_for(hall: ServerProcess) -> None:
    clerk = signed_in(hall)
    for _ in range(3):
        hall.take(OWN_DEPARTMENT)
    with watch(clerk, query="?most=2") as short, watch(clerk, query="?most=1000") as whole:
        assert len(next_state(short)["waiting"]) == 2
        state = next_state(whole)
        assert len(state["waiting"]) == state["waiting_count"] > 2


def sign_out(hall: ServerProcess, clerk: Browser) -> None:
    clerk.ask("POST", "/sign-out", {})


def end_by_administrator(hall: ServerProcess, clerk: Browser) -> None:
    boss = signed_in(hall, "Quan")
    listed = boss.ask("GET", "/api/v1/admin/staff").json()["staff"]
    member = next(one["id"] for one in listed if one["name"] == "Mai")
    assert boss.ask("POST", f"/api/v1/admin/staff/{member}/sign-out", body={}).status == HTTPStatus.OK


@pytest.mark.parametrize("end", [sign_out, end_by_administrator])
def test_the_stream_ends_with_the_session(hall: ServerProcess, end: Any) -> None:
    clerk = signed_in(hall, "Mai")
    with watch(clerk) as stream:
        next_state(stream)
        end(hall, clerk)
        assert stream.ends()
    assert watch(clerk).response.status == HTTPStatus.UNAUTHORIZED


def test_the_stream_ends_where_the_clerk_may_not_work_any_more(hall: ServerProcess) -> None:
    clerk, boss = signed_in(hall), signed_in(hall, "Quan")
    with hall.site.read() as connection:
        member = connection.execute(select(tables.staff.c.id).where(tables.staff.c.name == "Lan")).scalar_one()
    path = f"/api/v1/admin/staff/{member}"
    everywhere = {"role": "clerk", "counters": [], "active": True}
    with watch(clerk) as stream:
        next_state(stream)
        try:
            changed = boss.ask("POST", path, body=everywhere | {"counters": [OTHER_COUNTER]})
            assert changed.status == HTTPStatus.OK
            hall.take(OWN_DEPARTMENT)
            assert stream.ends()
            refused = watch(signed_in(hall)).response.status
            assert refused == HTTPStatus.FORBIDDEN
        finally:
            boss.ask("POST", path, body=everywhere)


def test_who_may_watch(hall: ServerProcess) -> None:
    path = f"/api/v1/counters/{OWN_COUNTER}/stream"
    assert hall.ask("GET", path).status == HTTPStatus.UNAUTHORIZED
    for device in ("kiosk", "display"):
        assert hall.ask("GET", path, token=hall.token(device)).status == HTTPStatus.FORBIDDEN
    assert hall.ask("GET", path, token=hall.token("counter", OWN_COUNTER)).status == HTTPStatus.FORBIDDEN
    assert watch(signed_in(hall), "999").response.status == HTTPStatus.NOT_FOUND
    assert watch(signed_in(hall), query="?most=1001").response.status == HTTPStatus.UNPROCESSABLE_ENTITY
