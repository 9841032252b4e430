import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_server.domain.wait_time import ServiceTime, service_time, visitors_ahead, wait_range

times = st.builds(ServiceTime, st.floats(0.1, 120), st.floats(0, 120))
servers = st.floats(0.1, 30)


@given(st.integers(0, 500), servers, times)
def test_a_range_is_a_range(ahead: int, counters: float, each: ServiceTime) -> None:
    wait = wait_range(ahead, counters, each)
    assert 0 <= wait.low < wait.high


@given(st.integers(0, 500), servers, times)
def test_one_more_ahead_never_makes_the_wait_shorter(ahead: int, counters: float, each: ServiceTime) -> None:
    shorter, longer = wait_range(ahead, counters, each), wait_range(ahead + 1, counters, each)
    assert shorter.low <= longer.low
    assert shorter.high <= longer.high


@given(st.integers(0, 500), servers, times)
def test_the_range_holds_the_expected_wait(ahead: int, counters: float, each: ServiceTime) -> None:
    wait = wait_range(ahead, counters, each)
    assert wait.low <= ahead * each.mean / counters <= wait.high


@given(st.integers(0, 200), st.integers(1, 20), st.floats(0.1, 60))
def test_more_counters_never_make_the_wait_longer(ahead: int, counters: int, mean: float) -> None:
    each = ServiceTime(mean, mean / 2)
    assert wait_range(ahead, counters + 1, each).high <= wait_range(ahead, counters, each).high


def test_who_is_next_waits_from_nothing_to_one_visit() -> None:
    wait = wait_range(0, 1, ServiceTime(8, 4))
    assert (wait.low, wait.high) == (0, 8)


def test_no_counter_at_all_is_a_very_long_wait_and_no_error() -> None:
    assert wait_range(3, 0, ServiceTime(10, 5)).high > 100


def test_long_waits_are_told_in_fives_short_ones_to_the_minute() -> None:
    long = wait_range(10, 1, ServiceTime(12, 5))
    assert (long.low % 5, long.high % 5) == (0, 0)
    assert wait_range(0, 2, ServiceTime(7, 3)).high == math.ceil(3.5)


def test_planned_minutes_stand_until_visits_are_observed() -> None:
    assert service_time(12, []).mean == 12


@given(st.floats(1, 60), st.lists(st.floats(0.1, 200), max_size=60))
def test_observed_visits_pull_the_mean_towards_them(planned: float, observed: list[float]) -> None:
    learned = service_time(planned, observed)
    smallest, largest = min([planned, *observed]), max([planned, *observed])
    assert smallest * 0.999 <= learned.mean <= largest * 1.001
    assert learned.deviation > 0


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 5), st.sampled_from(["strict", "interleaved"]))
def test_a_priority_visitor_has_never_more_ahead_than_anybody_else(others, priority, between, mode) -> None:
    mine = visitors_ahead(others, priority, is_priority=True, mode=mode, others_between=between)
    theirs = visitors_ahead(others, priority, is_priority=False, mode=mode, others_between=between)
    assert priority <= mine <= theirs == others + priority


@pytest.mark.parametrize(("others", "ahead"), [(0, 2), (5, 7), (30, 11)])
def test_interleaved_a_priority_visitor_passes_all_but_three_for_each(others: int, ahead: int) -> None:
    assert visitors_ahead(others, 2, is_priority=True, mode="interleaved", others_between=3) == ahead
