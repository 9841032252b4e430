"""The wait that a visitor is told."""

from display_server.domain.state_machine import Action
from display_server.services.tickets.centre_snapshot import centre_view
from tests.display_server.service_harness import ServiceHarness


def told(hall: ServiceHarness) -> tuple[int, int]:
    hall.site.load_cache.__init__()  # type: ignore[misc]  # figures are kept for a second; the test does not wait for it
    wait = next(each for each in hall.hall().departments if each.code == "HT").wait
    return wait.low, wait.high


def test_with_a_clerk_who_waits_for_visitors_nobody_waits(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    small_hall.step(Action.FINISH)
    assert told(small_hall) == (0, 1)


def test_with_every_clerk_busy_the_visit_that_goes_on_counts(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    low, high = told(small_hall)
    assert low == 0
    assert high > 1


def test_while_no_counter_of_the_queue_is_open_nobody_is_told_minutes(small_hall: ServiceHarness) -> None:
    small_hall.site.load_cache.__init__()  # type: ignore[misc]
    assert [each.wait for each in small_hall.hall().departments] == [None] * len(small_hall.hall().departments)
    ticket = small_hall.take()
    assert (ticket.wait, ticket.no_wait) == (None, "no_counter")
    departments = {each.code: each for each in centre_view(small_hall.site, small_hall.kiosk).departments}
    assert (departments["HT"].wait, departments["HT"].no_wait) == (None, "no_counter")
    small_hall.next()
    small_hall.site.load_cache.__init__()  # type: ignore[misc]
    again, _ = small_hall.issue(request_id=ticket.request_id)
    assert again.no_wait is None
    departments = {each.code: each for each in centre_view(small_hall.site, small_hall.kiosk).departments}
    assert departments["HT"].wait is not None
    assert departments["HT"].no_wait is None


def test_a_closed_centre_tells_no_minutes_to_who_would_come_and_goes_on_with_who_waits(
    small_hall: ServiceHarness,
) -> None:
    waits = [small_hall.take() for _ in range(2)][1]
    small_hall.next()
    small_hall.clock.advance(hours=12)
    small_hall.site.load_cache.__init__()  # type: ignore[misc]
    closed = centre_view(small_hall.site, small_hall.kiosk).departments
    assert {(each.wait, each.no_wait) for each in closed} == {(None, "closed")}
    assert small_hall.ticket(waits.id).wait is not None


def test_everyone_who_waits_makes_the_wait_longer(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    waits = []
    for _ in range(4):
        small_hall.take()
        waits.append(told(small_hall))
    assert waits == sorted(set(waits))
