"""The wait that a visitor is told."""

from display_server.rules.states import Step
from tests.display_server.small_hall import SmallHall


def told(hall: SmallHall) -> tuple[int, int]:
    hall.site.loads.__init__()  # type: ignore[misc]  # figures are kept for a second; the test does not wait for it
    wait = next(each for each in hall.hall().departments if each.code == "HT").wait
    return wait.low, wait.high


def test_with_a_clerk_who_waits_for_visitors_nobody_waits(small_hall: SmallHall) -> None:
    small_hall.take()
    small_hall.next()
    small_hall.step(Step.FINISH)
    assert told(small_hall) == (0, 1)


def test_with_every_clerk_busy_the_visit_that_goes_on_counts(small_hall: SmallHall) -> None:
    small_hall.take()
    small_hall.next()
    low, high = told(small_hall)
    assert low == 0
    assert high > 1


def test_before_the_counters_open_the_wait_is_not_called_none(small_hall: SmallHall) -> None:
    assert told(small_hall)[1] > 1


def test_everyone_who_waits_makes_the_wait_longer(small_hall: SmallHall) -> None:
    waits = []
    for _ in range(4):
        small_hall.take()
        waits.append(told(small_hall))
    assert waits == sorted(set(waits))
