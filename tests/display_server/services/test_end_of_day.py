"""The end of a day, and clocks that jump."""

import pytest
from sqlalchemy import func, select

from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.calling.visit_actions import TransferTarget
from display_server.services.catalogue.queue_load import _observed_minutes
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.actors import system_actor
from display_server.services.errors import InvalidTransition
from display_server.services.tickets.end_of_day import close_business_days
from tests.display_server.sample_centre import small_centre
from tests.display_server.service_harness import ServiceHarness


def end(hall: ServiceHarness) -> int:
    return close_business_days(hall.site, system_actor(hall.centre_id))


def test_who_still_waits_or_was_set_aside_at_the_end_is_cancelled(small_hall: ServiceHarness) -> None:
    missed, parked, waiting = small_hall.take(), small_hall.take(), small_hall.take()
    small_hall.next()
    small_hall.step(Action.NO_SHOW)
    small_hall.next()
    small_hall.step(Action.PARK)
    small_hall.clock.advance(days=1)
    assert end(small_hall) == 3
    assert [small_hall.state(ticket.id) for ticket in (missed, parked, waiting)] == ["cancelled"] * 3
    last = small_hall.ticket(parked.id).history[-1]
    assert (last.action, last.actor, last.details) == ("day_ended", "system motcua", {"was": "parked"})


def test_a_finished_visit_stays_finished(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.next()
    small_hall.step(Action.FINISH)
    small_hall.clock.advance(days=1)
    assert end(small_hall) == 0
    assert small_hall.state(ticket.id) == "finished"


def test_a_day_ends_once(small_hall: ServiceHarness) -> None:
    small_hall.take()
    assert end(small_hall) == 0
    small_hall.clock.advance(days=1)
    assert (end(small_hall), end(small_hall)) == (1, 0)


def test_where_nothing_is_left_the_screens_state_does_not_change(small_hall: ServiceHarness) -> None:
    before = small_hall.hall().version
    end(small_hall)
    assert small_hall.hall().version == before


def test_a_visit_that_a_clerk_forgot_ends_too(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.next()
    small_hall.clock.advance(days=1)
    assert end(small_hall) == 1
    assert small_hall.state(ticket.id) == "finished"
    assert small_hall.counter().call is None
    assert small_hall.actions(ticket.id)[-1] == "day_ended"
    with small_hall.site.read() as connection:
        assert _observed_minutes(connection, small_hall.centre_id) == {}  # it says nothing about service


def test_a_visit_may_go_on_over_midnight(database: str) -> None:
    hall = ServiceHarness(database, server={"database": database, "always_open": True})
    hall.clock.advance(hours=15, minutes=50)
    ticket = hall.take()
    hall.next()
    hall.clock.advance(minutes=30)
    assert end(hall) == 0
    assert hall.step(Action.FINISH).ticket_id == ticket.id
    hall.close()


def test_after_midnight_nobody_is_sent_back_into_a_line_that_no_counter_calls(database: str) -> None:
    hall = ServiceHarness(
        database, server={"database": database, "always_open": True}, counter={"no_show": "back", "grace_seconds": 0}
    )
    hall.clock.advance(hours=15, minutes=50)
    first, second = hall.take(), hall.take(then=("DD",))
    hall.next("1")
    hall.next("2")
    hall.clock.advance(minutes=30)
    for step, more in ((Action.TRANSFER, {"target": TransferTarget(department="DD")}), (Action.PARK, {})):
        with pytest.raises(InvalidTransition, match="can only be finished"):
            hall.step(step, **more)
    hall.step(Action.NO_SHOW)
    hall.step(Action.FINISH, "2")
    assert [hall.state(each.id) for each in (first, second)] == ["no_show", "finished"]
    hall.close()


def test_old_presses_are_forgotten_new_ones_are_not(small_hall: ServiceHarness) -> None:
    small_hall.next(request_id="old")
    small_hall.clock.advance(days=4)
    small_hall.next(request_id="new")
    small_hall.clock.advance(days=4)
    end(small_hall)
    kept = [row.request_id for row in small_hall.rows(select(tables.request))]
    assert kept == ["new"]


def test_another_centres_day_is_left_alone(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.clock.advance(days=1)
    import_centre(small_hall.site, small_centre(code="khac"))
    assert close_business_days(small_hall.site, system_actor(small_hall.centre_id + 1)) == 0
    assert small_hall.state(ticket.id) == "waiting"


# Clocks that jump


@pytest.mark.parametrize("jump", [{"hours": -1}, {"minutes": -10}, {"seconds": -1}, {"minutes": 40}, {"hours": 2}])
def test_a_clock_that_jumps_within_the_day_never_reorders(small_hall: ServiceHarness, jump: dict[str, float]) -> None:
    small_hall.clock.advance(minutes=65)
    small_hall.take()
    small_hall.take()
    small_hall.clock.advance(**jump)
    small_hall.take()
    small_hall.clock.advance(seconds=1)
    small_hall.take()
    assert small_hall.drain() == ["A001", "A002", "A003", "A004"]


def test_a_clock_that_is_a_day_ahead_for_a_while_loses_and_reorders_nothing(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.clock.advance(days=2)
    small_hall.take()
    small_hall.clock.advance(days=-2, seconds=30)
    small_hall.take()
    assert small_hall.drain() == ["A001", "A002"]


def test_after_a_clock_was_a_year_ahead_waits_are_measured_again(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(days=365)
    small_hall.next()
    small_hall.clock.advance(days=-365)
    small_hall.take()
    small_hall.take(priority="elderly")
    small_hall.clock.advance(minutes=31)
    call = small_hall.next()
    assert call is not None
    assert (call.reason.code, call.waited_seconds // 60) == ("waited_too_long", 31)


def test_places_in_line_are_all_different_whatever_the_clock_does(small_hall: ServiceHarness) -> None:
    for seconds in [3700, 0, -3600, 0, 7200, -5, 0, -86400 // 24, 0]:
        small_hall.clock.advance(seconds=seconds)
        small_hall.take()
    places = [row.place for row in small_hall.rows(select(tables.ticket).order_by(tables.ticket.c.id))]
    assert places == sorted(set(places))
    assert small_hall.rows(select(func.count()).select_from(tables.ticket))[0][0] == 9
