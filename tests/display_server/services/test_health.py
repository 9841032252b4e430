"""Whether the server can do its work: what the disk takes, and what the clock says."""

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from display_server.services.core.context import ServerContext
from display_server.services.errors import ClockSkew, Unavailable
from display_server.services.reporting.dashboard import overview
from display_server.services.reporting.health import Health
from tests.display_server.service_harness import ServiceHarness


@pytest.fixture
def restarted(small_hall: ServiceHarness) -> ServiceHarness:
    """The hall's server began anew after somebody had taken a number."""
    small_hall.take()
    small_hall.site = ServerContext(
        small_hall.site.engine, small_hall.site.settings, small_hall.site.keys, small_hall.clock
    )
    return small_hall


def test_a_clock_that_woke_up_in_the_past_is_told_until_it_is_right_again(restarted: ServiceHarness) -> None:
    restarted.clock.advance(days=-7 * 2_800)  # a cheap PC without a battery
    for _ in range(2):
        with pytest.raises(ClockSkew, match="before what was written last"):
            Health(restarted.site).check()
        assert overview(restarted.site, restarted.clerk).clock_behind_seconds > 10**9
        restarted.take()  # what is written meanwhile makes it no better
    restarted.clock.advance(days=7 * 2_800)
    Health(restarted.site).check()
    assert overview(restarted.site, restarted.clerk).clock_behind_seconds == 0


def test_an_ordinary_correction_and_an_empty_journal_are_no_trouble(
    small_hall: ServiceHarness, restarted: ServiceHarness
) -> None:
    restarted.clock.advance(seconds=-300)
    Health(restarted.site).check()


def test_a_clock_that_was_ahead_for_a_while_is_forgotten(restarted: ServiceHarness) -> None:
    restarted.clock.advance(hours=2)
    restarted.take()
    restarted.clock.advance(hours=-2)
    Health(restarted.site).check()


@pytest.mark.parametrize(("code", "is_told"), [(sqlite3.SQLITE_FULL, True), (sqlite3.SQLITE_BUSY, False)])
def test_a_write_that_the_disk_refused_is_told_until_another_is_taken(
    small_hall: ServiceHarness, code: int, is_told: bool
) -> None:
    refused = sqlite3.OperationalError("database or disk is full")
    refused.sqlite_errorcode = code
    with pytest.raises(OperationalError), small_hall.site.write(small_hall.clerk):
        raise OperationalError("INSERT", {}, refused)
    health = Health(small_hall.site)
    if is_told:
        with pytest.raises(Unavailable, match="disk is full"):
            health.check()
    small_hall.take()
    health.check()
