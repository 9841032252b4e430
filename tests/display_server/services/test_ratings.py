"""One rating a visit, from the screen over the counter where it was; and breaks that say when they end."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.rating_reasons import load_reasons
from config.settings import SettingsError
from display_server.domain.state_machine import Action, CounterState
from display_server.services.calling.visit_actions import set_counter_state
from display_server.services.core.actors import Actor
from display_server.services.devices.devices import DeviceAuthenticator
from display_server.services.devices.displays import ScreenSettings, change_screen, pair_screen
from display_server.services.devices.pairing import start_pairing
from display_server.services.displays.ratings import NotRateable, Rating, rate, rateable, ratings_report
from display_server.services.errors import Forbidden, Invalid
from tests.display_server.service_harness import ServiceHarness


@pytest.fixture
def screen(small_hall: ServiceHarness) -> Actor:
    started = start_pairing(small_hall.site)
    pair_screen(
        small_hall.site, small_hall.clerk, started.code, "Quầy 1", ScreenSettings(layout="counter", counter="1")
    )
    return DeviceAuthenticator(small_hall.site).actor(started.token)


def visit(hall: ServiceHarness, ends: Action = Action.FINISH) -> None:
    hall.issue("HT")
    hall.next("1")
    hall.step(ends, "1")


def asked(hall: ServiceHarness, screen: Actor) -> int:
    found = rateable(hall.site, screen).call_id
    assert found is not None
    return found


def test_a_finished_visit_is_rated_once_and_reported_by_counter(small_hall: ServiceHarness, screen: Actor) -> None:
    assert rateable(small_hall.site, screen).call_id is None
    visit(small_hall)
    given = Rating(call_id=asked(small_hall, screen), score=2, reasons=["waited", "waited"])
    rate(small_hall.site, screen, given)
    assert rateable(small_hall.site, screen).call_id is None
    with pytest.raises(NotRateable):
        rate(small_hall.site, screen, given)
    visit(small_hall)
    rate(small_hall.site, screen, Rating(call_id=asked(small_hall, screen), score=5))
    (counter,) = ratings_report(small_hall.site, small_hall.clerk, 1).counters
    assert (counter.counter, counter.count, counter.mean) == ("1", 2, 3.5)
    assert counter.scores == [0, 1, 0, 0, 1]
    assert counter.reasons == {"waited": 1}


@pytest.mark.parametrize("ends", [Action.NO_SHOW, Action.PARK, Action.CANCEL])
def test_a_visit_that_was_not_finished_is_not_asked_about(
    small_hall: ServiceHarness, screen: Actor, ends: Action
) -> None:
    visit(small_hall, ends)
    assert rateable(small_hall.site, screen).call_id is None


def test_the_next_call_and_the_time_end_the_question(small_hall: ServiceHarness, screen: Actor) -> None:
    visit(small_hall)
    late = Rating(call_id=asked(small_hall, screen), score=1)
    small_hall.issue("HT")
    small_hall.next("1")
    assert rateable(small_hall.site, screen).call_id is None
    rate(small_hall.site, screen, late)  # the face was touched as the next call came
    small_hall.step(Action.FINISH, "1")
    too_late = Rating(call_id=asked(small_hall, screen), score=1)
    small_hall.clock.advance(seconds=small_hall.site.settings.hall.rating_seconds + 1)
    assert rateable(small_hall.site, screen).call_id is None
    small_hall.clock.advance(seconds=60)
    with pytest.raises(NotRateable):
        rate(small_hall.site, screen, too_late)


def test_a_reason_must_be_offered_with_its_score(small_hall: ServiceHarness, screen: Actor) -> None:
    visit(small_hall)
    for reason in ("kind", "nonsense"):
        with pytest.raises(Invalid):
            rate(small_hall.site, screen, Rating(call_id=asked(small_hall, screen), score=1, reasons=[reason]))


def test_only_a_screen_over_a_counter_that_asks_may_rate(small_hall: ServiceHarness, screen: Actor) -> None:
    visit(small_hall)
    for settings in (ScreenSettings(), ScreenSettings(layout="counter", counter="1", rating=False)):
        change_screen(small_hall.site, small_hall.clerk, screen.id, "Quầy 1", settings)
        with pytest.raises(Forbidden):
            rateable(small_hall.site, screen)


def test_a_site_can_switch_ratings_off(database: str) -> None:
    hall = ServiceHarness(database, hall={"rating": False})
    started = start_pairing(hall.site)
    pair_screen(hall.site, hall.clerk, started.code, "Quầy 1", ScreenSettings(layout="counter", counter="1"))
    with pytest.raises(Forbidden, match="switched off"):
        rateable(hall.site, DeviceAuthenticator(hall.site).actor(started.token))
    hall.close()


@pytest.mark.parametrize(
    "text",
    ["reason = 3", '[[reason]]\ncode = "a"\ntext = {en = "no Vietnamese"}\nscores = [1]', "not toml",
     '[[reason]]\ncode = "a"\ntext = {vi = "a"}\nscores = [6]'],
)  # fmt: skip
def test_reasons_that_are_wrong_are_told_in_one_line_with_their_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "reasons.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"reasons\.toml") as refused:
        load_reasons(file)
    assert "\n" not in str(refused.value)


def test_a_break_says_when_it_ends_until_it_has_ended(small_hall: ServiceHarness) -> None:
    set_counter_state(small_hall.site, small_hall.clerk, "1", CounterState.BREAK, timedelta(minutes=15))
    assert small_hall.hall().back_at == {"1": small_hall.clock.now + timedelta(minutes=15)}
    small_hall.clock.advance(minutes=16)
    assert small_hall.hall().back_at == {}
    set_counter_state(small_hall.site, small_hall.clerk, "1", CounterState.OPEN)
    set_counter_state(small_hall.site, small_hall.clerk, "1", CounterState.BREAK)
    assert small_hall.hall().back_at == {}


def test_a_closed_hall_says_when_it_opens(small_hall: ServiceHarness) -> None:
    assert small_hall.hall().opens_at is None
    small_hall.clock.advance(hours=15)
    opens_at = small_hall.hall().opens_at
    assert opens_at is not None
    assert opens_at > small_hall.clock.now
