"""A server that starts with its clock ahead: what it opens loses nobody, or can be taken back by an administrator."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from display_server.bootstrap import begin_service
from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.centre.confirmations import ClockConfirmed, confirm_clock
from display_server.services.core.actors import system_actor
from display_server.services.core.business_day import is_synchronised
from display_server.services.reporting.audit import verify
from display_server.services.reporting.call_order import why_called_before
from display_server.services.tickets.end_of_day import close_business_days
from tests.display_server.service_harness import MONDAY_AT_EIGHT, ServiceHarness

DAY = timedelta(days=1)


class Server:
    """The hall's server, switched off and on with any clock."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.hall = ServiceHarness(database)

    def restart(self, now: datetime, *, synchronised: bool = False, **settings: dict[str, object]) -> ServiceHarness:
        """As `motcua server` starts: the end of the day is looked for at once."""
        self.hall.close()
        self.hall = ServiceHarness(self.database, now=now, **settings)
        self.hall.site.is_synchronised = lambda: synchronised
        begin_service(self.hall.site)
        close_business_days(self.hall.site, system_actor(self.hall.centre_id))
        return self.hall

    def confirm(self) -> ClockConfirmed:
        day = self.hall.clock().date()
        confirmed = confirm_clock(self.hall.site, self.hall.clerk, day)
        again = confirm_clock(self.hall.site, self.hall.clerk, day)
        assert (again.twice, again.back) == ([], [])
        return confirmed


@pytest.fixture
def server(database: str) -> Iterator[Server]:
    made = Server(database)
    yield made
    made.hall.close()


def morning(hall: ServiceHarness) -> list[int]:
    """A001 at the counter, A002 parked, A003 not here, A004 and A005 waiting, D001 too."""
    tickets = [hall.take() for _ in range(5)]
    for step in (Action.PARK, Action.NO_SHOW):
        hall.call("2", tickets[1 if step is Action.PARK else 2].number)
        hall.step(step, "2")
    hall.next()
    return [each.id for each in tickets] + [hall.take("DD").id]


STATES = ["called", "parked", "no_show", "waiting", "waiting", "waiting"]


@pytest.mark.parametrize("hours", [0.1, 3.0])
def test_a_clock_one_day_ahead_is_taken_back_with_everybody_at_their_place(server: Server, hours: float) -> None:
    tickets = morning(server.hall)
    ahead = server.restart(MONDAY_AT_EIGHT + DAY + timedelta(minutes=5))
    assert [ahead.state(each) for each in tickets] == ["finished", *["cancelled"] * 5]
    twice, later = ahead.take(), [ahead.take() for _ in range(6)]
    assert twice.number == "A001"  # nothing told this process that the night had not passed
    right = server.restart(MONDAY_AT_EIGHT + timedelta(hours=hours))
    assert right.take().business_day == ahead.clock().date().isoformat()  # held, until somebody who knows says so
    confirmed = server.confirm()
    assert confirmed.back == ["A002", "A003", "A004", "A005", "B001"]
    assert confirmed.twice == ["A001", "A002", "A003", "A004", "A005"]
    assert [right.state(each) for each in tickets[1:]] == STATES[1:]
    assert [right.state(each.id) for each in later[4:]] == ["waiting", "waiting"]
    assert right.take().number == "A009"
    assert right.drain() == ["A004", "A005", "A006", "A007", "A008", "A009"]
    assert right.call("1", "A002").number == "A002"
    assert verify(right.site, right.centre_id).problems == []
    answer = why_called_before(right.site, right.clerk, "A006", "A002", None)
    assert answer.code == "not_waiting"


@pytest.mark.parametrize("days", [2, 3, 8, 45, 60, 61, 400])
def test_a_clock_further_ahead_than_the_next_opening_day_loses_nobody(server: Server, days: int) -> None:
    tickets = morning(server.hall)
    ahead = server.restart(MONDAY_AT_EIGHT + days * DAY)
    assert [ahead.state(each) for each in tickets[1:]] == STATES[1:]
    if ahead.hall().open:
        assert ahead.take().number == "A006"
        assert ahead.next_number() == "A004"
        ahead.step(Action.FINISH)
    server.restart(MONDAY_AT_EIGHT + timedelta(hours=1))
    confirmed = server.confirm()
    assert (confirmed.twice, confirmed.back) == ([], [])
    numbers = [server.hall.take().number for _ in range(2)]
    given = {f"{row.prefix}{row.number:03d}" for row in server.hall.rows(select(tables.ticket))}
    assert len(given) == len(server.hall.rows(select(tables.ticket.c.id)))
    assert set(numbers) <= given
    assert verify(server.hall.site, server.hall.centre_id).problems == []


def next_opening(hall: ServiceHarness, now: datetime) -> datetime:
    with hall.site.read() as connection:
        hours = hall.site.catalogue(connection, hall.centre_id).hours
    midnight = hours.start_of(hours.business_day(now) + DAY)
    opening = hours.opens_at(midnight)
    assert opening is not None
    return opening


def test_weeks_of_ordinary_days_each_begin_at_001(server: Server) -> None:
    """Weekends and public holidays, Tết too, are no opening days: nothing is doubted after them."""
    now = MONDAY_AT_EIGHT
    for _ in range(70):
        hall = server.restart(now)
        assert hall.take().number == "A001", now
        now = next_opening(hall, now)


def test_a_clock_that_was_set_by_ntp_is_believed(server: Server) -> None:
    morning(server.hall)
    assert server.restart(MONDAY_AT_EIGHT + 3 * DAY, synchronised=True).take().number == "A001"


def test_without_opening_hours_the_clock_is_believed(server: Server) -> None:
    morning(server.hall)
    always = {"database": server.database, "always_open": True}
    assert server.restart(MONDAY_AT_EIGHT + 3 * DAY, server=always).take().number == "A001"


def test_a_server_that_was_on_all_the_time_knows_that_days_passed(server: Server) -> None:
    """Nobody came for days; the process has written nothing since it began."""
    server.hall.take()
    hall = server.restart(MONDAY_AT_EIGHT + DAY)
    hall.clock.advance(days=2)
    assert hall.take().number == "A001"


@pytest.mark.parametrize("days", [1, 2, 4])
def test_a_board_without_a_battery_that_learns_the_time_after_its_start_begins_a_new_day(
    server: Server, days: int
) -> None:
    """It wakes up when it was switched off, and then jumps: nothing was done by this process before."""
    morning(server.hall)
    hall = server.restart(MONDAY_AT_EIGHT + timedelta(minutes=5))
    began = hall.site.steady()
    hall.site.steady = lambda: began + 60
    hall.clock.advance(days=days)
    close_business_days(hall.site, system_actor(hall.centre_id))
    assert hall.take().number == "A001"


def test_the_log_tells_of_a_day_that_goes_on(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    morning(server.hall)
    server.restart(MONDAY_AT_EIGHT + 3 * DAY).take()
    assert "goes on under the date 2026-11-19 with the queues and numbers of 2026-11-16" in caplog.text


def test_the_time_service_is_asked_without_being_there(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("display_server.services.core.business_day.SYNCHRONISED", tmp_path)
    assert is_synchronised()
