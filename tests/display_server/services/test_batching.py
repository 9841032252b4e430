"""Taps of one moment share a transaction, and each is answered as if it had been alone."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.services.core.batching import MAX_BATCH_SIZE, Batcher, PendingRequest
from display_server.services.errors import NotFound, RequestIdReused
from display_server.services.tickets.issuing import IssueRequest, issue_batch
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.service_harness import ServiceHarness


def together(hall: ServiceHarness, *wishes: TicketRequest) -> list[Any]:
    """What each wish came to: its number, or its error."""
    taps = [PendingRequest(IssueRequest(hall.kiosk, wish)) for wish in wishes]
    issue_batch(hall.site, taps)
    return [tap.error or tap.answer[0].number for tap in taps]


def test_each_gets_the_next_number_of_its_line_in_the_order_of_the_taps(small_hall: ServiceHarness) -> None:
    wishes = [TicketRequest(f"tap-{n}", "HT" if n % 3 else "DD") for n in range(6)]
    prefixes = {department: small_hall.take(department).number[0] for department in ("HT", "DD")}
    expected: dict[str, int] = {"HT": 1, "DD": 1}
    numbers = []
    for wish in wishes:
        expected[wish.department] += 1
        numbers.append(f"{prefixes[wish.department]}{expected[wish.department]:03d}")
    assert together(small_hall, *wishes) == numbers


def test_those_before_in_the_same_moment_are_ahead(small_hall: ServiceHarness) -> None:
    small_hall.take()
    taps = [PendingRequest(IssueRequest(small_hall.kiosk, TicketRequest(f"tap-{n}", "HT"))) for n in range(3)]
    issue_batch(small_hall.site, taps)
    assert [tap.answer[0].ahead for tap in taps] == [1, 2, 3]
    alone = [small_hall.take(request_id=f"tap-{n}") for n in range(3)]
    assert [ticket.ahead for ticket in alone] == [1, 2, 3]


def test_the_places_follow_the_taps(small_hall: ServiceHarness) -> None:
    together(small_hall, *[TicketRequest(f"tap-{n}", "HT") for n in range(5)])
    later = small_hall.take(request_id="tap-9")
    rows = small_hall.rows(select(tables.ticket).order_by(tables.ticket.c.place))
    assert [row.request_id for row in rows] == [*[f"tap-{n}" for n in range(5)], later.request_id]
    assert len({row.place for row in rows}) == len(rows)


def test_one_that_cannot_be_served_keeps_no_other_from_its_number(small_hall: ServiceHarness) -> None:
    good, unknown, last = together(
        small_hall, TicketRequest("tap-1", "HT"), TicketRequest("tap-2", "NONE"), TicketRequest("tap-3", "HT")
    )
    assert (good, last) == ("A001", "A002")
    assert isinstance(unknown, NotFound)


def test_one_request_twice_in_the_same_moment_is_one_ticket(small_hall: ServiceHarness) -> None:
    taps = [PendingRequest(IssueRequest(small_hall.kiosk, TicketRequest("tap-1", "HT"))) for _ in range(2)]
    issue_batch(small_hall.site, taps)
    assert [(tap.answer[0].number, tap.answer[1]) for tap in taps] == [("A001", True), ("A001", False)]


def test_one_request_with_two_meanings_in_the_same_moment(small_hall: ServiceHarness) -> None:
    number, error = together(small_hall, TicketRequest("tap-1", "HT"), TicketRequest("tap-1", "HT", language="en"))
    assert number == "A001"
    assert isinstance(error, RequestIdReused)


def test_the_journal_says_of_each_who_took_it(small_hall: ServiceHarness) -> None:
    other = small_hall.enrol("kiosk", "second kiosk")
    taps = [
        PendingRequest(IssueRequest(actor, TicketRequest(f"tap-{actor.id}", "HT")))
        for actor in (small_hall.kiosk, other)
    ]
    issue_batch(small_hall.site, taps)
    lines = small_hall.rows(select(tables.journal).where(tables.journal.c.action == "issued"))
    assert [(line.number, line.actor_id) for line in lines] == [("A001", small_hall.kiosk.id), ("A002", other.id)]
    assert len({line.tick for line in lines}) == 2


# The gathering itself


def test_many_callers_each_get_their_own_answer() -> None:
    sizes = []

    def double(asked: Sequence[PendingRequest[int, int]]) -> None:
        sizes.append(len(asked))
        for each in asked:
            each.answer = each.wanted * 2

    gathering: Batcher[int, int] = Batcher(double)
    answers: dict[int, int] = {}
    threads = [threading.Thread(target=lambda n=n: answers.update({n: gathering.submit(n)})) for n in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: n * 2 for n in range(200)}
    assert sum(sizes) == 200
    assert max(sizes) <= MAX_BATCH_SIZE


def test_what_goes_wrong_for_all_is_raised_to_each_and_the_next_is_served() -> None:
    def fail_once(asked: Sequence[PendingRequest[str, str]]) -> None:
        if any(each.wanted == "bad" for each in asked):
            raise OSError("the disk is full")
        for each in asked:
            each.answer = each.wanted

    gathering: Batcher[str, str] = Batcher(fail_once)
    with pytest.raises(OSError, match="full"):
        gathering.submit("bad")
    assert gathering.submit("good") == "good"
