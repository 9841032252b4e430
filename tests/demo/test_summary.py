"""What the summary counts, without a hall."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest

from display_server.demo.batch.summary import first_waits, repeated_and_missing
from display_server.demo.seed import load
from display_server.demo.simulation.event_log import EventLog
from display_server.demo.simulation.scenario import DEEDS, HASTY, Scenario
from display_server.demo.simulation.staffing import counter_for_guests, wishes

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


def call(number: str, counter: str, waited: float, ticket_id: int = 1, after: float = 0) -> dict[str, Any]:
    issued = NOON + timedelta(seconds=after)
    called = issued + timedelta(seconds=waited)
    times = {"issued_at": issued.isoformat(), "called_at": called.isoformat()}
    return {"number": number, "counter": counter, "ticket_id": ticket_id, **times}


def test_a_number_given_twice_is_found() -> None:
    assert repeated_and_missing(["A001", "A002", "A002"]) == (["A002"], [])


def test_a_gap_is_found_in_its_own_line_only() -> None:
    assert repeated_and_missing(["A001", "A003", "B001", "AK001"]) == ([], ["A002"])


def test_numbers_beyond_a_thousand_are_whole() -> None:
    assert repeated_and_missing([f"A{n:03d}" for n in range(1, 1100)]) == ([], [])


def test_only_the_first_call_is_a_wait() -> None:
    record = EventLog(calls=[call("A001", "1", 3), call("A001", "2", 50)])
    assert first_waits(record) == {"A001": 3}


def test_standing_still_for_pictures_is_no_wait() -> None:
    record = EventLog(calls=[call("A001", "1", 2), call("A002", "1", 40, after=5), call("A003", "1", 1, after=60)])
    record.pause = NOON + timedelta(seconds=10), NOON + timedelta(seconds=40)
    assert first_waits(record) == {"A001": 2, "A003": 1}


def test_a_visitor_at_two_counters_at_once_is_a_fault() -> None:
    record = EventLog()
    record.called(call("A001", "1", 1))
    record.called(call("A001", "1", 1))
    assert not record.faults
    record.called(call("A001", "2", 1))
    assert record.faults == Counter(double_calls=1)


def test_a_visitor_who_was_sent_on_is_at_one_counter() -> None:
    record, first = EventLog(), call("A001", "1", 1)
    record.called(first)
    record.left(first)
    record.called(call("A001", "2", 1))
    assert not record.faults


def test_a_deck_of_visits_has_some_of_everything() -> None:
    day = Scenario(["KHDT"], HASTY, has_guests=False)
    assert Counter(day.deal() for _ in range(2 * len(DEEDS))) == Counter(2 * DEEDS)


@pytest.mark.parametrize("code", ["thai_binh", "xa_mau"])
def test_every_department_comes_before_any_comes_again(code: str) -> None:
    centre = load(code)
    coming = wishes(centre, Random(1))
    first = [department for department, _ in islice(coming, len(centre.departments))]
    assert sorted(first) == sorted(department.code for department in centre.departments)
    later = Counter(department for department, _ in islice(coming, 600))
    assert later.most_common(1)[0][1] > 600 / len(centre.departments) * 1.5


def test_guests_get_a_counter_whose_queues_others_serve() -> None:
    centre = load("thai_binh")
    code = counter_for_guests(centre)
    mine = next(counter for counter in centre.counters if counter.code == code)
    others = {queue for counter in centre.counters if counter.code != code for queue in counter.departments}
    assert set(mine.departments) <= others
