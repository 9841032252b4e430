"""Presses of real buttons: each is done once, whatever contacts, fingers and networks do."""

from datetime import timedelta

import pytest

from display_server.domain.state_machine import CounterState
from display_server.services.calling.buttons import ButtonKey, ButtonView, button_view, press
from display_server.services.calling.visit_actions import set_counter_state
from display_server.services.core.actors import Actor
from display_server.services.errors import InvalidTransition
from display_server.services.reporting.device_admin import list_devices
from tests.display_server.service_harness import ServiceHarness

DEBOUNCE = timedelta(milliseconds=700)


@pytest.fixture
def button(small_hall: ServiceHarness) -> Actor:
    set_counter_state(small_hall.site, small_hall.clerk, "1", CounterState.OPEN)
    return small_hall.enrol("button", "nút 1", "1")


def pressed(hall: ServiceHarness, button: Actor, key: str = "next", request_id: str | None = None) -> ButtonView:
    return press(hall.site, button, ButtonKey(key), request_id)


def later(hall: ServiceHarness, seconds: float = 2) -> None:
    hall.clock.advance(seconds=seconds)


def is_stuck(hall: ServiceHarness) -> bool:
    return next(device.stuck for device in list_devices(hall.site, hall.clerk).devices if device.kind == "button")


def test_a_press_calls_and_the_answer_feeds_lamp_and_display(small_hall: ServiceHarness, button: Actor) -> None:
    first, second = small_hall.take().number, small_hall.take().number
    view = pressed(small_hall, button)
    assert (view.counter, view.state, view.number, view.waiting) == ("1", "called", first, 1)
    assert view.text == f"{first}           1"
    later(small_hall)
    assert pressed(small_hall, button).number == second
    later(small_hall)
    nobody = pressed(small_hall, button)
    assert (nobody.state, nobody.number, nobody.waiting, nobody.text) == ("free", None, 0, "free           0")
    assert nobody == button_view(small_hall.site, button)


def test_every_key_does_what_it_says(small_hall: ServiceHarness, button: Actor) -> None:
    small_hall.take()
    states = []
    for key in ("next", "recall", "start", "finish", "break", "open", "close"):
        later(small_hall)
        states.append(pressed(small_hall, button, key).state)
    assert states == ["called", "called", "serving", "free", "break", "free", "closed"]


def test_a_contact_that_bounces_is_one_press(small_hall: ServiceHarness, button: Actor) -> None:
    first, second = small_hall.take().number, small_hall.take().number
    assert pressed(small_hall, button).number == first
    for _ in range(5):
        small_hall.clock.advance(milliseconds=30)
        assert pressed(small_hall, button).number == first
    small_hall.clock.now += DEBOUNCE
    assert pressed(small_hall, button).number == second


def test_a_press_repeated_for_want_of_an_answer_is_done_once(small_hall: ServiceHarness, button: Actor) -> None:
    first, second = small_hall.take().number, small_hall.take().number
    assert pressed(small_hall, button, request_id="press-1").number == first
    later(small_hall, 30)
    assert pressed(small_hall, button, request_id="press-1").number == first
    later(small_hall, 30)
    assert pressed(small_hall, button, request_id="press-2").number == second


def test_two_buttons_at_one_counter_are_two_presses(small_hall: ServiceHarness, button: Actor) -> None:
    other = small_hall.enrol("button", "nút 1b", "1")
    numbers = [small_hall.take().number, small_hall.take().number]
    assert [pressed(small_hall, button).number, pressed(small_hall, other).number] == numbers


def test_another_key_is_another_press_however_soon(small_hall: ServiceHarness, button: Actor) -> None:
    small_hall.take()
    pressed(small_hall, button)
    assert pressed(small_hall, button, "start").state == "serving"


def test_a_stuck_key_is_one_press_and_is_said(small_hall: ServiceHarness, button: Actor) -> None:
    first = small_hall.take().number
    small_hall.take()
    for _ in range(30):
        assert pressed(small_hall, button).number == first
        small_hall.clock.advance(milliseconds=400)
    assert is_stuck(small_hall)
    later(small_hall, 60)
    assert not is_stuck(small_hall), "it came up again"


def test_a_clock_set_back_does_not_swallow_presses(small_hall: ServiceHarness, button: Actor) -> None:
    first, second = small_hall.take().number, small_hall.take().number
    assert pressed(small_hall, button).number == first
    later(small_hall, -3600)
    assert pressed(small_hall, button).number == second


@pytest.mark.parametrize("state", [CounterState.CLOSED, CounterState.BREAK])
def test_nobody_is_called_to_a_counter_that_is_not_open(
    small_hall: ServiceHarness, button: Actor, state: CounterState
) -> None:
    waiting = small_hall.take()
    set_counter_state(small_hall.site, small_hall.clerk, "1", state)
    with pytest.raises(InvalidTransition):
        pressed(small_hall, button)
    assert (small_hall.state(waiting.id), button_view(small_hall.site, button).state) == ("waiting", state)
    pressed(small_hall, button, "open")
    assert pressed(small_hall, button).number == waiting.number
