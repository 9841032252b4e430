import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kiosk.api.client import ServerClient
from kiosk.api.models import Centre, Ticket, Wish
from kiosk.core.outbox import JournalError, Outbox, RequestState
from kiosk.core.ticket_flow import RejectionReason, Result, TicketFlow, TicketIssued, TicketRejected
from printer.errors import JobError
from printer.slip.slip import Slip
from tests.kiosk.driver import until
from tests.kiosk.fake_server import TOKEN, FakeServer, closed_until, department, small_centre, tomorrow


class PaperTray:
    """A printer that keeps what it is told to print, and breaks when asked to."""

    def __init__(self) -> None:
        self.slips: dict[str, Slip] = {}
        self.breaks = False

    def submit(self, key: str, slip: Slip) -> None:
        if self.breaks:
            raise JobError("the disk is full")
        self.slips.setdefault(key, slip)

    @property
    def numbers(self) -> list[str]:
        return [slip.number for slip in self.slips.values()]


class Hall:
    """A flow with all that it needs around it."""

    def __init__(self, server: FakeServer, journal: Outbox) -> None:
        self.server = server
        self.journal = journal
        self.paper = PaperTray()
        self.centre: Centre | None = a_centre()
        self.away: list[str] = []
        self.flow = TicketFlow(
            ServerClient(server.url, TOKEN, 5), journal, self.paper, 2.0, lambda: self.centre, self.away.append
        )

    def take(self, department_code: str = "TP", **more: Any) -> Result:
        wish = {"procedure": None, "priority": None, "language": "vi"} | more
        return self.flow.take_ticket(department_code, wish["procedure"], wish["priority"], wish["language"])

    def take_number(self, department_code: str = "TP", **more: Any) -> TicketIssued:
        result = self.take(department_code, **more)
        assert isinstance(result, TicketIssued)
        return result


def a_centre(**changes: Any) -> Centre:
    return Centre.model_validate({**small_centre(**changes), "now": datetime.now(UTC) - timedelta(minutes=1)})


@pytest.fixture
def hall(server: FakeServer, journal: Outbox) -> Iterator[Hall]:
    hall = Hall(server, journal)
    yield hall
    hall.flow.stop()


def test_a_tap_becomes_the_servers_number_on_paper(hall: Hall) -> None:
    given = hall.take_number("XD", procedure="XD-001", priority="elderly", language="en")
    assert (given.ticket.number, given.offline, given.on_paper) == ("B001", False, True)
    slip = hall.paper.slips[given.wish.request_id]
    assert slip.number == "B001"
    assert slip.department["en"] == "Department of Construction"
    assert slip.procedure == {"vi": "Thủ tục số 1", "en": "Procedure 1"}
    assert slip.priority is not None
    assert (slip.ahead, slip.wait_low, slip.wait_high, slip.language) == (2, 5, 15, "en")
    entry = hall.journal.get(given.wish.request_id)
    assert entry is not None
    assert (entry.state, entry.printed) == (RequestState.ISSUED, True)


def test_the_tap_is_on_disk_before_anything_is_sent(hall: Hall) -> None:
    states: list[int] = []
    answer = hall.server.answer

    def look_first(method: str, path: str, body: Any) -> tuple[int, Any]:
        states.append(hall.journal.count(RequestState.TAPPED))
        return answer(method, path, body)

    hall.server.answer = look_first  # type: ignore[method-assign]
    hall.take_number()
    assert states == [1]


@pytest.mark.parametrize("mood", ["garbage", "error", "hang_up", "lost"])
def test_without_a_usable_answer_the_kiosk_gives_its_own_number(hall: Hall, mood: str) -> None:
    hall.server.mood = mood
    given = hall.take_number()
    assert (given.ticket.number, given.offline) == ("AK001", True)
    assert hall.paper.slips[given.wish.request_id].offline
    assert hall.away == [given.wish.request_id]
    assert hall.take_number().ticket.number == "AK002"


def test_a_server_that_thinks_too_long_is_not_waited_for(server: FakeServer, journal: Outbox) -> None:
    hall = Hall(server, journal)
    hall.flow._answer_seconds = 0.05
    server.mood, server.slow_seconds = "slow", 1.0
    given = hall.take_number()
    assert given.ticket.number == "AK001"
    until(lambda: given.wish.request_id in server.tickets, "the late answer")
    hall.flow.stop()
    entry = journal.get(given.wish.request_id)
    assert entry is not None
    assert entry.ticket is not None
    assert (entry.state, entry.ticket.number) == (RequestState.OFFLINE, "AK001"), "the paper wins"


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (closed_until(tomorrow()), RejectionReason.CLOSED),
        ({"type": "/problems/closed", "status": 409}, RejectionReason.DEPARTMENT_CLOSED),
        ({"type": "/problems/unknown-department", "status": 404}, RejectionReason.DEPARTMENT_GONE),
        ({"type": "/problems/unauthorized", "status": 401}, RejectionReason.NOT_WELCOME),
        ({"type": "/problems/invalid", "status": 422}, RejectionReason.NOT_WELCOME),
    ],
)
def test_a_refusal_gives_no_number_and_says_why(hall: Hall, refusal: dict[str, Any], why: RejectionReason) -> None:
    hall.server.refusal = refusal
    result = hall.take()
    assert isinstance(result, TicketRejected)
    assert result.why is why
    assert hall.paper.numbers == []
    assert hall.journal.count(RequestState.REFUSED) == 1


@pytest.mark.parametrize(
    ("centre", "why"),
    [
        (None, RejectionReason.NO_SERVER),
        (a_centre(open=False, opens_at=tomorrow()), RejectionReason.CLOSED),
        (a_centre(departments=[department("XD", "B", "x", "x")]), RejectionReason.DEPARTMENT_GONE),
        (a_centre(departments=[department("TP", "A", "x", "x", open=False)]), RejectionReason.DEPARTMENT_CLOSED),
        (a_centre(departments=[department("TP", "A", "x", "x", offline_prefix="")]), RejectionReason.NO_SERVER),
    ],
    ids=["never connected", "closed", "gone", "department closed", "no prefix"],
)
def test_without_a_server_the_last_known_rules_hold(hall: Hall, centre: Centre | None, why: RejectionReason) -> None:
    hall.server.mood, hall.centre = "error", centre
    result = hall.take()
    assert isinstance(result, TicketRejected)
    assert result.why is why
    assert hall.journal.count(RequestState.VOID) == 1
    assert hall.journal.count(RequestState.TAPPED) == 0


def test_a_number_exists_though_the_printer_does_not(hall: Hall) -> None:
    hall.paper.breaks = True
    given = hall.take_number()
    assert (given.ticket.number, given.on_paper) == ("A001", False)


@pytest.mark.parametrize("step", ["record_request", "issued"])
def test_a_kiosk_that_cannot_write_gives_the_servers_number(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise JournalError("the disk is full")

    monkeypatch.setattr(hall.journal, step, full)
    assert hall.take_number().ticket.number == "A001"
    assert hall.take_number().ticket.number == "A002"


def tap_all_at_once(hall: Hall, fingers: int, done: Callable[[Result], None]) -> int:
    start = threading.Barrier(fingers)

    def finger(_: int) -> bool:
        start.wait()
        return hall.flow.request_ticket("TP", None, None, "vi", done)

    with ThreadPoolExecutor(fingers) as hand:
        return sum(hand.map(finger, range(fingers)))


def test_ten_fingers_get_one_number(hall: Hall) -> None:
    results: list[Result] = []
    assert tap_all_at_once(hall, 10, results.append) == 1
    until(lambda: results, "the number")
    assert len(hall.server.tickets) == len(hall.paper.slips) == 1


def test_a_visit_that_has_its_number_gets_no_second_one(hall: Hall) -> None:
    results: list[Result] = []
    assert hall.flow.request_ticket("TP", None, None, "vi", results.append)
    until(lambda: results, "the number")
    assert not hall.flow.request_ticket("XD", None, None, "vi", results.append)
    hall.flow.next_visitor()
    assert hall.flow.request_ticket("XD", None, None, "vi", results.append)
    until(lambda: len(results) == 2, "the next visitor's number")
    assert sorted(hall.paper.numbers) == ["A001", "B001"]


def test_the_next_visitor_cannot_come_while_a_number_is_being_taken(hall: Hall) -> None:
    hall.server.mood, hall.server.slow_seconds = "slow", 0.2
    results: list[Result] = []
    assert hall.flow.request_ticket("TP", None, None, "vi", results.append)
    hall.flow.next_visitor()
    assert not hall.flow.request_ticket("TP", None, None, "vi", results.append)
    until(lambda: results, "the number")


def test_a_declined_visitor_may_choose_again(hall: Hall) -> None:
    results: list[Result] = []
    hall.server.refusal = {"type": "/problems/closed", "status": 409}
    assert hall.flow.request_ticket("TP", None, None, "vi", results.append)
    until(lambda: results, "the refusal")
    hall.server.refusal = None
    assert hall.flow.request_ticket("XD", None, None, "vi", results.append)
    until(lambda: len(results) == 2, "the number")
    assert isinstance(results[1], TicketIssued)


def test_an_unforeseen_fault_leaves_nobody_waiting(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def surprise(*_: object) -> None:
        raise RuntimeError("surprise")

    monkeypatch.setattr(hall.flow, "take_ticket", surprise)
    results: list[Result] = []
    assert hall.flow.request_ticket("TP", None, None, "vi", results.append)
    until(lambda: results, "an answer")
    assert results == [TicketRejected(RejectionReason.FAULT)]


def recovered(hall: Hall) -> list[TicketIssued]:
    """What a start after a crash gives out."""
    given: list[TicketIssued] = []
    hall.flow.recover(given.append)
    hall.flow._worker.submit(lambda: None).result(10)
    return given


def wish(name: str) -> Wish:
    return Wish(request_id=name, department="TP", language="vi")


def test_a_tap_that_a_crash_interrupted_is_finished_for_the_visitor_who_waits(hall: Hall) -> None:
    hall.journal.record_request(wish("cut"), datetime.now(UTC) - timedelta(seconds=20))
    assert [given.ticket.number for given in recovered(hall)] == ["A001"]
    assert hall.paper.numbers == ["A001"]


def test_a_ticket_whose_answer_a_crash_swallowed_is_the_same_ticket(hall: Hall) -> None:
    hall.server.answer("POST", "/api/v1/tickets", wish("cut").model_dump(exclude_none=True))
    hall.journal.record_request(wish("cut"), datetime.now(UTC))
    assert [given.ticket.number for given in recovered(hall)] == ["A001"]
    assert len(hall.server.tickets) == 1


def test_a_visitor_who_left_without_a_number_gets_none_behind_his_back(hall: Hall) -> None:
    hall.journal.record_request(wish("old"), datetime.now(UTC) - timedelta(minutes=10))
    assert recovered(hall) == []
    assert hall.server.requests == []
    assert hall.journal.count(RequestState.VOID) == 1


def test_a_number_that_never_reached_the_printer_is_printed_after_the_crash(hall: Hall) -> None:
    now = datetime.now(UTC)
    hall.journal.record_request(wish("cut"), now)
    hall.journal.issued(Ticket(request_id="cut", number="A007", department="TP", issued_at=now))
    assert [given.ticket.number for given in recovered(hall)] == ["A007"]
    assert recovered(hall) == []
    assert hall.paper.numbers == ["A007"]


def test_a_memory_that_cannot_be_read_after_a_crash_is_said_in_the_log_and_ends_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> list[Any]:
        raise JournalError("the disk is gone")

    monkeypatch.setattr(hall.journal, "unprinted", broken)
    hall.flow.recover(lambda _: None)
    until(lambda: "could not be finished" in caplog.text, "a line in the log")
    assert "the disk is gone" in caplog.text
    assert hall.take_number().ticket.number == "A001"
