"""Kill -9 under load: whatever was acknowledged is there when the server comes back."""

import threading
from collections import Counter

from display_server.services.tickets.tickets import all_ticket_numbers
from tests.server_process import ServerProcess, new_id

ENOUGH = 120  # acknowledged answers before the cut


class Crowd:
    """Six kiosks' worth of visitors and two counters, each as fast as it can, until the server is gone."""

    def __init__(self, hall: ServerProcess) -> None:
        self.hall = hall
        self.tickets: list[dict] = []
        self.calls: list[dict] = []
        self.enough = threading.Event()
        hall.token("kiosk"), hall.token("counter", "1"), hall.token("counter", "2")
        self.threads = [threading.Thread(target=self._visitors, args=(code,)) for code in ["HT", "DD", "VHXH"] * 2]
        self.threads += [threading.Thread(target=self._clerk, args=(code,)) for code in ("1", "2")]

    def run(self) -> None:
        for thread in self.threads:
            thread.start()
        assert self.enough.wait(60)
        self.hall.kill()
        for thread in self.threads:
            thread.join()

    def _visitors(self, department: str) -> None:
        body = {"department": department}
        while self._acknowledged("/api/v1/tickets", body | {"request_id": new_id()}, "kiosk", None, self.tickets):
            pass

    def _clerk(self, counter: str) -> None:
        path = f"/api/v1/counters/{counter}/call-next"
        while self._acknowledged(path, {"request_id": new_id()}, "counter", counter, self.calls):
            pass

    def _acknowledged(self, path: str, body: dict, kind: str, counter: str | None, kept: list[dict]) -> bool:
        try:
            answer = self.hall.ask("POST", path, body, self.hall.token(kind, counter))
        except Exception:  # noqa: BLE001 - cut off in the middle of anything
            return False
        if answer.status in (200, 201):
            kept.append({"path": path, "asked": body, "answer": answer.json()})
        if len(self.tickets) + len(self.calls) >= ENOUGH:
            self.enough.set()
        return True


def test_nothing_that_was_acknowledged_is_lost_or_done_twice(commune: ServerProcess) -> None:
    crowd = Crowd(commune)
    crowd.run()
    commune.start()
    assert_all_there(commune, crowd)
    assert_done_once_though_sent_again(commune, crowd)
    assert_no_gap_and_no_repeat(all_ticket_numbers(commune.site))


def assert_all_there(hall: ServerProcess, crowd: Crowd) -> None:
    for ticket in crowd.tickets:
        found = hall.ask("GET", f"/api/v1/tickets/{ticket['answer']['id']}", token=hall.token("kiosk")).json()
        assert (found["number"], found["request_id"]) == (ticket["answer"]["number"], ticket["asked"]["request_id"])
    listed = {call["seq"]: call for call in hall.ask("GET", "/api/v1/hall/calls?after=0").json()["calls"]}
    assert crowd.calls
    for call in (each["answer"]["call"] for each in crowd.calls):
        assert listed[call["seq"]]["ticket_id"] == call["ticket_id"]
    assert sorted(listed) == list(range(1, len(listed) + 1))


def assert_done_once_though_sent_again(hall: ServerProcess, crowd: Crowd) -> None:
    for each in crowd.tickets[-20:]:
        again = hall.ask("POST", each["path"], each["asked"], hall.token("kiosk"))
        assert (again.status, again.json()["number"]) == (200, each["answer"]["number"])
    for each in crowd.calls[-5:]:
        counter = each["path"].split("/")[4]
        again = hall.ask("POST", each["path"], each["asked"], hall.token("counter", counter))
        assert (again.status, again.json()) == (200, each["answer"])


def assert_no_gap_and_no_repeat(numbers: list[str]) -> None:
    assert max(Counter(numbers).values()) == 1
    for prefix in {number[0] for number in numbers}:
        series = sorted(int(number[1:]) for number in numbers if number[0] == prefix)
        assert series == list(range(1, len(series) + 1))
