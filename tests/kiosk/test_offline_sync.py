from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from kiosk.api.client import Refused, ServerUnavailable
from kiosk.api.models import HandInResult, OfflineTicket, Problem, Wish
from kiosk.core.offline_sync import FIRST_PAUSE, IDLE, OfflineSync
from kiosk.core.outbox import Outbox, RequestState
from tests.kiosk.driver import until


class Desk:
    """The server's side, in memory. `cannot_read`: requests that spoil the whole list."""

    def __init__(self) -> None:
        self.away = False
        self.is_there = True
        self.knows_us = True
        self.cannot_read: set[str] = set()
        self.will_not_have: set[str] = set()
        self.taken: list[OfflineTicket] = []

    def hand_in(self, tickets: Sequence[OfflineTicket]) -> tuple[HandInResult, ...]:
        if self.away:
            raise ServerUnavailable("away")
        if not self.knows_us:
            raise Refused(Problem(status=401, type="/problems/unauthorized"))
        if self.cannot_read & {ticket.request_id for ticket in tickets}:
            raise Refused(Problem(status=422, type="/problems/invalid", detail="cannot be read"))
        return tuple(self._take(ticket) for ticket in tickets)

    def _take(self, ticket: OfflineTicket) -> HandInResult:
        if ticket.request_id in self.will_not_have:
            problem = Problem(type="/problems/unknown-department", title="Unknown")
            return HandInResult(request_id=ticket.request_id, status="rejected", problem=problem)
        self.taken.append(ticket)
        return HandInResult(request_id=ticket.request_id, status="accepted")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def hand_in(desk: Desk, journal: Outbox) -> Iterator[OfflineSync]:
    loop = OfflineSync(desk, journal, lambda: desk.is_there, lambda: datetime.now(UTC))
    yield loop
    loop.stop()


def give(journal: Outbox, *names: str, tapped: datetime | None = None) -> None:
    for name in names:
        wish = Wish(request_id=name, department="TP")
        journal.record_request(wish, tapped or datetime.now(UTC))
        journal.issue_offline(wish, "AK", date(2026, 11, 23), tapped or datetime.now(UTC))


def test_numbers_are_handed_in_oldest_first_and_once(hand_in: OfflineSync, desk: Desk, journal: Outbox) -> None:
    give(journal, "one", "two", "three")
    hand_in.start()
    until(lambda: hand_in.pending == 0, "the hand-in")
    assert [ticket.number for ticket in desk.taken] == ["AK001", "AK002", "AK003"]
    assert journal.count(RequestState.HANDED_IN) == 3


def test_the_pause_grows_while_the_server_is_away(hand_in: OfflineSync, desk: Desk, journal: Outbox) -> None:
    give(journal, "one")
    desk.away = True  # though it was heard of
    pauses = [hand_in._step() for _ in range(5)]
    assert pauses == [1, 2, 4, 4, 4]
    hand_in.server_is_back()
    desk.away = False
    assert hand_in._step() == 0
    assert hand_in._step() == IDLE
    assert hand_in._pause == FIRST_PAUSE


def test_nothing_is_tried_before_the_server_was_heard_of(hand_in: OfflineSync, desk: Desk, journal: Outbox) -> None:
    give(journal, "one")
    desk.is_there = False
    assert hand_in._step() == IDLE
    assert desk.taken == []
    desk.is_there = True
    assert hand_in._step() == 0


def test_one_number_that_cannot_be_read_does_not_hold_up_the_others(
    hand_in: OfflineSync, desk: Desk, journal: Outbox
) -> None:
    give(journal, "one", "two", "three")
    desk.cannot_read = {"two"}
    while hand_in.pending:
        assert hand_in._step() == 0
    assert [ticket.request_id for ticket in desk.taken] == ["one", "three"]
    assert journal.count(RequestState.REJECTED) == 1


def test_a_number_that_the_server_will_not_have_is_kept_with_its_reason(
    hand_in: OfflineSync, desk: Desk, journal: Outbox
) -> None:
    give(journal, "one")
    desk.will_not_have = {"one"}
    hand_in._step()
    entry = journal.get("one")
    assert entry is not None
    assert (entry.state, entry.note) == (RequestState.REJECTED, "Unknown")


def test_a_kiosk_that_is_not_signed_in_keeps_its_numbers(hand_in: OfflineSync, desk: Desk, journal: Outbox) -> None:
    give(journal, "one")
    desk.knows_us = False
    assert hand_in._step() > 0
    assert hand_in.pending == 1


def test_the_age_survives_a_clock_that_jumps(hand_in: OfflineSync, desk: Desk, journal: Outbox) -> None:
    give(journal, "one", tapped=datetime(1970, 1, 1, tzinfo=UTC))
    hand_in.notify_new_ticket("one")
    hand_in._step()
    assert desk.taken[0].age_seconds < 60


def test_the_age_survives_a_restart(hand_in: OfflineSync, desk: Desk, journal: Outbox) -> None:
    give(journal, "one", tapped=datetime.now(UTC) - timedelta(hours=2))
    hand_in._step()
    assert 7199 <= desk.taken[0].age_seconds < 7300


def test_a_clock_put_back_between_two_taps_does_not_turn_their_order(
    hand_in: OfflineSync, desk: Desk, journal: Outbox
) -> None:
    now = datetime.now(UTC)
    give(journal, "one", tapped=now - timedelta(minutes=1))
    give(journal, "two", tapped=now - timedelta(minutes=9))  # the clock was ten minutes ahead, and set right
    hand_in._step()
    ages = [ticket.age_seconds for ticket in desk.taken]
    assert [ticket.request_id for ticket in desk.taken] == ["one", "two"]
    assert ages[0] >= ages[1] > 500
