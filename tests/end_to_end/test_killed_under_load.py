"""The server is killed while many take numbers, clerks call, screens watch and a real kiosk stands in the hall."""

import http.client
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from display_server.services.tickets.tickets import all_ticket_numbers
from tests.end_to_end.printed_slips import Printer, read_number
from tests.end_to_end.test_ticket_to_hall import CANDIDATES, kiosk_at, take
from tests.kiosk.driver import until
from tests.server_process import ServerProcess, new_id

VISITORS, SCREENS = 4, 5
DEPARTMENTS = ["KHDT", "XD", "TNMT"]
BEFORE, AFTER = 60, 60


class Load:
    """Threads that go on, whatever happens to the server, until `end`. Remembers only what was acknowledged."""

    def __init__(self, hall: ServerProcess) -> None:
        self._hall = hall
        self._kiosk, self._counter = hall.token("kiosk"), hall.token("counter", "1")
        self._ended = threading.Event()
        self.tickets: dict[str, Any] = {}
        self.calls: dict[int, Any] = {}
        self.seen: list[set[int]] = [set() for _ in range(SCREENS)]
        self.faults: list[str] = []
        self._threads = [
            *(threading.Thread(target=self._over_and_over, args=(self._visitor,)) for _ in range(VISITORS)),
            threading.Thread(target=self._over_and_over, args=(self._clerk,)),
            *(threading.Thread(target=self._screen, args=(seen,)) for seen in self.seen),
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def _over_and_over(self, deed: Callable[[], None]) -> None:
        while not self._ended.is_set():
            try:
                deed()
            except (OSError, http.client.HTTPException):
                self._ended.wait(0.02)

    def _visitor(self) -> None:
        wish = {"request_id": new_id(), "department": DEPARTMENTS[len(self.tickets) % len(DEPARTMENTS)]}
        while not self._ended.is_set():
            with suppress(OSError, http.client.HTTPException):
                answer = self._hall.ask("POST", "/api/v1/tickets", wish, self._kiosk)
                if answer.status not in (200, 201):
                    self.faults.append(f"ticket: {answer}")
                self.tickets[wish["request_id"]] = answer.json()
                return
            self._ended.wait(0.02)

    def _clerk(self) -> None:
        press = {"request_id": new_id()}
        while not self._ended.is_set():
            with suppress(OSError, http.client.HTTPException):
                answer = self._hall.ask("POST", "/api/v1/counters/1/call-next", press, self._counter)
                if answer.status == 200:
                    call = answer.json()["call"]
                    self.calls[call["seq"]] = call
                elif answer.status != 204:
                    self.faults.append(f"call: {answer}")
                return
            self._ended.wait(0.02)

    def _screen(self, seen: set[int]) -> None:
        while not self._ended.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._hall.port, timeout=2)
            with suppress(OSError, http.client.HTTPException):
                connection.request("GET", "/api/v1/hall/stream")
                self._watch(connection.getresponse(), seen)
            connection.close()
            self._ended.wait(0.02)

    def _watch(self, stream: http.client.HTTPResponse, seen: set[int]) -> None:
        for line in stream:
            if line.startswith(b"data: {"):
                calls = json.loads(line[6:])["calls"]
                self._fill_holes(calls, seen)
                seen |= {call["seq"] for call in calls}
            if self._ended.is_set():
                return

    def _fill_holes(self, calls: list[Any], seen: set[int]) -> None:
        """As the hall page does: a screen that sees a hole asks for what is missing."""
        last = max(seen, default=0)
        if calls and min(call["seq"] for call in calls) > last + 1:
            missed = self._hall.ask("GET", f"/api/v1/hall/calls?after={last}").json()["calls"]
            seen |= {call["seq"] for call in missed}


def test_nothing_acknowledged_is_lost_and_nothing_shown_twice(
    hall: ServerProcess, printer: Printer, tmp_path: Path
) -> None:
    with kiosk_at(hall, printer, tmp_path, KIOSK__ANSWER_SECONDS=1) as kiosk, Load(hall) as load:
        until(lambda: len(load.tickets) >= BEFORE and len(load.calls) >= 10, "load before the cut")
        hall.kill()
        without = take(kiosk)
        on_paper = read_number(printer.newest(), CANDIDATES)
        kiosk.touch("done")
        count, calls = len(load.tickets), len(load.calls)
        hall.start()
        until(lambda: len(load.tickets) >= count + AFTER and len(load.calls) >= calls + 10, "load after the cut")
        until(lambda: kiosk.state()["to_hand_in"] == 0, "handed in", patience=60)
        online = until(lambda: (state := kiosk.state())["online"] and state, "the kiosk is online again")
        assert online["screen"] == "start"
        last = max(list(load.calls))
        until(lambda: all(last in seen for seen in load.seen), "every screen is right again")

    assert without["offline"]
    assert on_paper == without["number"]
    assert load.faults == []
    given = all_ticket_numbers(hall.site)
    acknowledged = [ticket["number"] for ticket in load.tickets.values()]
    assert len(acknowledged) == len(set(acknowledged))
    assert len(given) == len(set(given))
    assert {*acknowledged, on_paper} <= set(given)
    assert [call["ticket_id"] for call in load.calls.values()] == list(
        dict.fromkeys(call["ticket_id"] for call in load.calls.values())
    )
    everything = set(range(1, last + 1))
    assert all(everything <= seen for seen in load.seen)
