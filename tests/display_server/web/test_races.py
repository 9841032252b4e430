"""Two hands at the same moment, through the real server."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from tests.server_process import ServerProcess, new_id


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def work(place: int) -> None:
        gate.wait()
        results[place] = acts[place]()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_counters_pressing_at_once_get_two_visitors(open_hall: ServerProcess) -> None:
    tickets = [open_hall.take("CA")["id"] for _ in range(40)]
    open_hall.token("counter", "17"), open_hall.token("counter", "18")
    called = []
    for _ in range(20):
        called += at_once([lambda: open_hall.call_next("17"), lambda: open_hall.call_next("18")])
    assert sorted(call["ticket_id"] for call in called) == sorted(tickets)
    assert len({call["seq"] for call in called}) == 40


def test_of_two_counters_and_one_visitor_one_is_told_that_nobody_waits(open_hall: ServerProcess) -> None:
    open_hall.token("counter", "8"), open_hall.token("counter", "9")
    for _ in range(20):
        ticket = open_hall.take("TP")
        calls = at_once([lambda: open_hall.call_next("8"), lambda: open_hall.call_next("9")])
        assert [call["ticket_id"] for call in calls if call] == [ticket["id"]]


def test_the_same_press_at_the_same_moment_is_one_call(open_hall: ServerProcess) -> None:
    open_hall.token("counter", "6")
    for _ in range(10):
        open_hall.take("TNMT")
        press = new_id()
        answers = at_once([lambda press=press: open_hall.press("6", "call-next", request_id=press).body] * 2)
        assert answers[0] == answers[1]
    assert open_hall.call_next("6") is None


def test_eight_kiosks_with_the_same_request_get_one_ticket(open_hall: ServerProcess) -> None:
    body = {"request_id": new_id(), "department": "KHCN"}
    kiosk = open_hall.token("kiosk")
    answers = at_once([lambda: open_hall.ask("POST", "/api/v1/tickets", body, kiosk)] * 8)
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_eight_kiosks_at_once_get_eight_numbers_without_a_gap(open_hall: ServerProcess) -> None:
    def take_ten() -> list[str]:
        return [open_hall.take("BQLKCN")["number"] for _ in range(10)]

    first = int(open_hall.take("BQLKCN")["number"][-3:])
    taken = [int(number[-3:]) for ten in at_once([take_ten] * 8) for number in ten]
    assert sorted(taken) == list(range(first + 1, first + 81))


def test_the_same_request_with_another_body_is_a_conflict(open_hall: ServerProcess) -> None:
    ticket = open_hall.take("CTHUE")
    body = {"request_id": ticket["request_id"], "department": "KHDT"}
    answer = open_hall.ask("POST", "/api/v1/tickets", body, open_hall.token("kiosk"))
    assert (answer.status, answer.json()["type"]) == (409, "/problems/request-id-reused")
    press = new_id()
    open_hall.press("20", "call-next", request_id=press)
    again = open_hall.press("20", "recall", request_id=press)
    assert (again.status, again.json()["type"]) == (409, "/problems/request-id-reused")


def test_a_step_in_the_wrong_state_is_a_conflict(open_hall: ServerProcess) -> None:
    answer = open_hall.press("13", "finish")
    assert (answer.status, answer.json()["type"]) == (409, "/problems/wrong-state")
    open_hall.take("LDTBXH")
    open_hall.call_next("13")
    open_hall.press("13", "start")
    answer = open_hall.press("13", "no-show")
    assert (answer.status, answer.json()["state"]) == (409, "serving")


def test_papers_are_handed_in(open_hall: ServerProcess) -> None:
    kiosk = open_hall.token("kiosk")
    departments = open_hall.ask("GET", "/api/v1/centre", token=kiosk).json()["departments"]
    prefix = next(each["offline_prefix"] for each in departments if each["code"] == "VHTTDL")
    paper = {
        "request_id": new_id(),
        "department": "VHTTDL",
        "number": f"{prefix}001",
        "issued_at": "2026-01-01T00:00:00Z",
    }
    papers = [paper | {"age_seconds": 1.5}, paper | {"request_id": new_id(), "number": "A001", "age_seconds": 1.5}]
    answers = [open_hall.ask("POST", "/api/v1/tickets/offline", papers, kiosk) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert [each["status"] for each in answers[0].json()["results"]] == ["accepted", "rejected"]
    assert [each["status"] for each in answers[1].json()["results"]] == ["already", "rejected"]
    assert open_hall.call_next("15")["number"] == f"{prefix}001"


def test_papers_that_cannot_be(open_hall: ServerProcess) -> None:
    kiosk = open_hall.token("kiosk")
    paper = {"request_id": new_id(), "department": "KHDT", "number": "AK001", "issued_at": "2026-01-01T00:00:00Z"}
    for wrong in (
        {"number": "AK"}, {"issued_at": "yesterday"}, {"issued_at": "2026-01-01T00:00:00"}, {"age_seconds": -1},
        {"age_seconds": 1e10},
    ):  # fmt: skip
        assert open_hall.ask("POST", "/api/v1/tickets/offline", [paper | wrong], kiosk).status == 422
    assert open_hall.ask("POST", "/api/v1/tickets/offline", [paper] * 501, kiosk).status == 422
    ancient = paper | {"issued_at": "0001-01-01T00:00:00+14:00"}
    assert open_hall.ask("POST", "/api/v1/tickets/offline", [ancient], kiosk).status in (200, 422)
