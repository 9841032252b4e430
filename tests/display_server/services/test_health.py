"""Whether the server can do its work: what the database takes, and what the clock says."""

import pytest

from display_server.services.errors import WrongClock
from display_server.services.health import Health, how_far_behind
from display_server.services.overview import overview
from tests.display_server.small_hall import SmallHall


def test_a_clock_behind_what_was_written_last_is_told_until_it_is_right_again(small_hall: SmallHall) -> None:
    small_hall.take()
    small_hall.clock.advance(days=-20_000)  # a cheap PC without a battery
    with pytest.raises(WrongClock, match="before what was written last"):
        Health(small_hall.site).check()
    assert overview(small_hall.site, small_hall.clerk).clock_behind_seconds == how_far_behind(small_hall.site) > 10**9
    small_hall.clock.advance(days=20_000)
    Health(small_hall.site).check()
    assert overview(small_hall.site, small_hall.clerk).clock_behind_seconds == 0


def test_an_ordinary_correction_and_an_empty_journal_are_no_trouble(small_hall: SmallHall) -> None:
    Health(small_hall.site).check()
    small_hall.take()
    small_hall.clock.advance(seconds=-300)
    Health(small_hall.site).check()


def test_a_clock_that_was_ahead_and_was_set_right_is_right_with_the_next_press(small_hall: SmallHall) -> None:
    small_hall.clock.advance(hours=2)
    small_hall.take()
    small_hall.clock.advance(hours=-2)
    assert how_far_behind(small_hall.site) == 7200
    small_hall.take()
    assert how_far_behind(small_hall.site) == 0
