"""The business day under clocks that are wrong, become right, or differ between two servers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.centre.confirmations import confirm_clock
from display_server.services.core.actors import system_actor
from display_server.services.errors import ClockSkew, InvalidTransition
from display_server.services.reporting.dashboard import overview
from display_server.services.reporting.health import Health
from display_server.services.tickets.end_of_day import close_business_days
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.service_harness import Clock, ServiceHarness
from tests.server_process import new_id

NINETEEN_SEVENTY = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
TODAY, TOMORROW = "2026-11-16", "2026-11-17"


def steady(hall: ServiceHarness) -> None:
    """From now on the clock is set, and no time passes by it."""
    hall.site.steady = lambda: 0.0


def set_clock(hall: ServiceHarness, now: datetime) -> None:
    hall.clock.now = now


def test_a_clock_in_1970_goes_on_in_the_newest_day_and_cancels_nobody(small_hall: ServiceHarness) -> None:
    right, first = small_hall.clock.now, small_hall.take()
    set_clock(small_hall, NINETEEN_SEVENTY - timedelta(hours=9))  # at night: no opening hours either
    second = small_hall.take()
    assert (second.number, second.business_day) == ("A002", TODAY)
    assert close_business_days(small_hall.site, system_actor(small_hall.centre_id)) == 0
    assert next(row.waiting for row in small_hall.hall().departments) == 2
    called = small_hall.next()
    assert called is not None
    assert called.number == "A001"
    assert [call.number for call in small_hall.hall().calls] == ["A001"]
    small_hall.step(Action.FINISH)
    third = small_hall.take()
    set_clock(small_hall, right + timedelta(minutes=20))
    close_business_days(small_hall.site, system_actor(small_hall.centre_id))
    assert [small_hall.state(each.id) for each in (first, second, third)] == ["finished", "waiting", "waiting"]
    assert small_hall.take().number == "A004"
    assert small_hall.drain() == ["A002", "A003", "A004"]


def test_who_came_while_the_clock_said_1970_is_in_the_queue_when_it_says_the_next_day(
    small_hall: ServiceHarness,
) -> None:
    small_hall.take()
    right = small_hall.clock.now
    small_hall.clock.advance(days=-20000)
    waiting = [small_hall.take() for _ in range(3)]
    restarted = ServiceHarness(small_hall.database)
    set_clock(restarted, right + timedelta(days=1))
    assert close_business_days(restarted.site, system_actor(restarted.centre_id)) == 0
    new = restarted.take()
    assert [restarted.state(each.id) for each in waiting] == ["waiting"] * 3
    assert (new.number, new.business_day) == ("A005", TOMORROW)
    restarted.clock.advance(days=1)
    assert restarted.take().number == "A001"
    restarted.close()


def test_the_servers_health_and_the_staffs_page_say_that_the_day_is_held(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.clock.advance(days=-1)
    with pytest.raises(ClockSkew):
        Health(small_hall.site).check()
    shown = overview(small_hall.site, small_hall.clerk)
    assert str(shown.business_day) == TODAY
    assert shown.clock_day < shown.business_day
    assert shown.clock_behind_seconds > 0
    small_hall.clock.advance(days=1)
    Health(small_hall.site).check()


def test_a_clock_a_year_ahead_once_does_not_lock_the_hall(small_hall: ServiceHarness) -> None:
    steady(small_hall)
    first = small_hall.take()
    small_hall.clock.advance(days=365)
    ahead = small_hall.take()
    assert ahead.number == "A002"
    assert small_hall.state(first.id) == "waiting"
    small_hall.clock.advance(days=-365, minutes=5)
    third = small_hall.take()
    assert third.number == "A003"  # held, until somebody who knows the date says so
    day = datetime.fromisoformat(TODAY).date()
    with pytest.raises(InvalidTransition):
        confirm_clock(small_hall.site, small_hall.clerk, day + timedelta(days=1))
    for _ in range(2):  # safe to repeat
        confirmed = confirm_clock(small_hall.site, small_hall.clerk, day)
        assert (str(confirmed.business_day), confirmed.twice) == (TODAY, [])
    assert small_hall.take().number == "A004"
    assert small_hall.drain() == ["A001", "A002", "A003", "A004"]
    small_hall.take()
    small_hall.clock.advance(days=1)
    small_hall.site.steady = small_hall.clock.now.timestamp  # a night passed for real
    small_hall.site.activity.wrote(
        small_hall.centre_id, small_hall.clock.now - timedelta(days=1), small_hall.site.steady() - 86400
    )
    assert close_business_days(small_hall.site, system_actor(small_hall.centre_id)) == 1
    assert small_hall.take().number == "A001"


def test_a_server_that_began_with_a_right_clock_is_well_once_the_day_is_confirmed(small_hall: ServiceHarness) -> None:
    """What had been written ahead, by a clock that is right again, is no reason to answer 503 until the next start."""
    small_hall.take()
    small_hall.clock.advance(days=1600)
    small_hall.take()
    restarted = ServiceHarness(small_hall.database)
    with pytest.raises(ClockSkew):
        Health(restarted.site).check()
    confirm_clock(restarted.site, restarted.clerk, restarted.clock.now.date())
    Health(restarted.site).check()
    assert overview(restarted.site, restarted.clerk).clock_behind_seconds == 0
    restarted.clock.now = NINETEEN_SEVENTY
    with pytest.raises(ClockSkew):
        Health(restarted.site).check()
    restarted.close()


def test_a_clock_ahead_at_the_start_has_given_numbers_twice_and_they_are_named(small_hall: ServiceHarness) -> None:
    early, other = small_hall.take(), small_hall.take()
    restarted = ServiceHarness(small_hall.database)
    restarted.clock.advance(days=3)  # nothing tells this process that the night has not passed
    again = restarted.take()
    assert again.number == early.number
    restarted.clock.advance(days=-3)
    confirmed = confirm_clock(restarted.site, restarted.clerk, restarted.clock.now.date())
    assert confirmed.twice == ["A001"]
    assert [restarted.state(each.id) for each in (early, other, again)] == ["waiting", "waiting", "cancelled"]
    assert restarted.take().number == "A003"
    restarted.close()


def test_a_jump_over_midnight_goes_on(small_hall: ServiceHarness) -> None:
    steady(small_hall)
    small_hall.take()
    small_hall.next()
    small_hall.take()
    small_hall.clock.advance(hours=25)
    assert small_hall.hall().departments[0].waiting == 1
    after = small_hall.take()
    assert (after.number, after.business_day) == ("A003", TOMORROW)
    assert small_hall.counter().call is not None
    small_hall.step(Action.FINISH)
    assert small_hall.drain() == ["A002", "A003"]


def test_a_real_midnight_begins_at_001(database: str) -> None:
    hall = ServiceHarness(database, server={"database": database, "always_open": True})
    hall.clock.advance(hours=15, minutes=59)
    hall.take()
    hall.clock.advance(minutes=2)
    assert hall.take().number == "A001"
    hall.close()


def test_two_servers_with_different_clocks_give_each_number_once(database: str) -> None:
    hall = ServiceHarness(database, server={"database": database, "always_open": True})
    clock = Clock(hall.clock.now)
    other = create_context(load_settings(server={"database": database, "always_open": True}), clock)
    passed = [0.0]
    hall.site.steady = other.steady = lambda: passed[0]
    numbers = []
    for step in range(12):
        clock.now = hall.clock.now + timedelta(days=1)
        site, heard = (hall.site, other) if step % 2 else (other, hall.site)
        ticket = issue(site, hall.kiosk, TicketRequest(new_id(), "HT"))[0]
        numbers.append(ticket.number)
        heard.heard(hall.centre_id, urgent=False)
        hall.clock.advance(minutes=5)
        passed[0] += 300
    assert numbers == [f"A{place:03d}" for place in range(1, 13)]
    assert len(hall.drain()) == 12
    other.engine.dispose()
    hall.close()


@given(
    jumps=st.lists(
        st.tuples(st.sampled_from([-400, -30, -1, 0, 0, 1, 5, 59, 400]), st.integers(-86400, 86400)), max_size=8
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_while_the_hall_is_at_work_no_jump_repeats_a_number_or_loses_anybody(
    database: str, jumps: list[tuple[int, int]]
) -> None:
    """Whatever the clock does between two visitors, as long as no night passes for real."""
    small_hall = ServiceHarness(database, server={"database": database, "always_open": True})
    steady(small_hall)
    small_hall.take()
    before = {row.id for row in small_hall.rows(select(tables.ticket.c.id))}
    for days, seconds in jumps:
        small_hall.take()
        small_hall.clock.advance(days=days, seconds=seconds)
        close_business_days(small_hall.site, system_actor(small_hall.centre_id))
    rows = [row for row in small_hall.rows(select(tables.ticket).order_by(tables.ticket.c.id)) if row.id not in before]
    assert [row.number for row in rows] == list(range(rows[0].number, rows[0].number + len(rows))) if rows else True
    assert all(row.state == "waiting" for row in rows)
    written = small_hall.rows(select(tables.centre.c.business_day))[0].business_day
    assert {row.business_day for row in rows} <= {written}
    places = [row.place for row in rows]
    assert places == sorted(set(places))
    small_hall.close()
