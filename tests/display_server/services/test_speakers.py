"""Which page of the hall speaks: enrolled displays first, in every server process and after a restart."""

from datetime import timedelta
from typing import Any

import pytest

from display_server.domain.shown_calls import ShownCalls
from display_server.domain.speaker_election import LEASE_SECONDS
from display_server.services.call_audio.speakers import MOST_GUEST_GROUPS, Asked, Speakers
from display_server.services.calling.announced_calls import last_seq
from display_server.services.core.actors import Actor
from tests.display_server.service_harness import ServiceHarness

HUGE = 2**63 - 1
GUESTS = ("anyone", "staff", "kiosk", "counter", "button")


def speakers_of(hall: ServiceHarness, **voice: Any) -> Speakers:
    """Of one server process; a second one of the same hall has its own."""
    if voice:
        hall.site.settings = hall.site.settings.model_copy(
            update={"voice": hall.site.settings.voice.model_copy(update=voice)}
        )
    return Speakers(hall.site)


def guest(hall: ServiceHarness, kind: str = "anyone", address: str = "10.0.0.7") -> Actor:
    return Actor(kind, 0, kind, hall.centre_id, address=address)


def ask(speakers: Speakers, actor: Actor, page: str = "a page", shown: str = ";", **more: Any) -> bool:
    return speakers.ask(actor, Asked(page, ShownCalls.parse(shown), **more)).speak


@pytest.mark.parametrize("kind", GUESTS)
@pytest.mark.parametrize("always", [False, True])
def test_an_enrolled_display_wins_the_voice_from_whoever_was_there_first(
    small_hall: ServiceHarness, kind: str, always: bool
) -> None:
    speakers, display, other = speakers_of(small_hall), small_hall.enrol("display", "tv"), guest(small_hall, kind)
    assert ask(speakers, other, always=always)
    assert ask(speakers, display)
    for _ in range(5):
        assert not ask(speakers, other, always=always, spoken=HUGE)
        assert ask(speakers, display)
        small_hall.clock.advance(seconds=2)


def test_a_display_that_is_muted_or_dead_leaves_the_voice_to_a_page_of_the_hall(small_hall: ServiceHarness) -> None:
    speakers, display, other = speakers_of(small_hall), small_hall.enrol("display", "tv"), guest(small_hall)
    assert not ask(speakers, display, able=False)
    assert ask(speakers, other)
    assert ask(speakers, display)
    assert not ask(speakers, other)
    small_hall.clock.advance(seconds=LEASE_SECONDS + 0.1)
    assert ask(speakers, other)


def test_one_of_the_displays_that_show_the_same_speaks_through_any_process_and_after_a_restart(
    small_hall: ServiceHarness,
) -> None:
    first, second = small_hall.enrol("display", "one"), small_hall.enrol("display", "two")
    one, other = speakers_of(small_hall), speakers_of(small_hall)
    assert ask(one, first)
    assert not ask(other, second)
    assert not ask(other, guest(small_hall))
    small_hall.clock.advance(seconds=2)
    assert ask(speakers_of(small_hall), first)
    assert not ask(speakers_of(small_hall), second)
    small_hall.clock.advance(seconds=LEASE_SECONDS + 0.1)
    assert ask(other, second)
    assert not ask(one, first)


def test_two_pages_of_one_device_are_two(small_hall: ServiceHarness) -> None:
    speakers, display = speakers_of(small_hall), small_hall.enrol("display", "tv")
    assert ask(speakers, display, "left window")
    assert not ask(speakers, display, "right window")


def test_a_display_with_its_own_loudspeaker_silences_those_that_show_the_same(small_hall: ServiceHarness) -> None:
    speakers = speakers_of(small_hall)
    one, other, third = (small_hall.enrol("display", name) for name in ("one", "two", "three"))
    assert ask(speakers, one)
    assert ask(speakers, other, always=True)
    assert ask(speakers, third, always=True)
    assert not ask(speakers, one)
    assert ask(speakers, one, shown="1;")  # elsewhere
    small_hall.clock.advance(seconds=LEASE_SECONDS + 0.1)
    assert ask(speakers, one)


@pytest.mark.parametrize("by", [timedelta(hours=-3), timedelta(hours=3)])
def test_a_clock_that_jumps_leaves_the_voice_with_nobody_dead(small_hall: ServiceHarness, by: timedelta) -> None:
    speakers = speakers_of(small_hall)
    dead, other = small_hall.enrol("display", "one"), small_hall.enrol("display", "two")
    assert ask(speakers, dead)
    small_hall.clock.now += by
    assert ask(speakers, other)
    assert not ask(speakers, dead)


def test_a_page_that_shows_what_no_living_display_shows_may_speak(small_hall: ServiceHarness) -> None:
    speakers, display, other = speakers_of(small_hall), small_hall.enrol("display", "tv"), guest(small_hall)
    assert ask(speakers, display, shown="1;")
    assert not ask(speakers, other, shown="1;")
    assert ask(speakers, other, shown="2;")


def test_every_page_speaks_where_the_site_says_so_but_beside_no_display(small_hall: ServiceHarness) -> None:
    speakers = speakers_of(small_hall, speakers="all")
    assert ask(speakers, guest(small_hall), "one")
    assert ask(speakers, guest(small_hall), "two")
    displays = [small_hall.enrol("display", name) for name in ("one", "two")]
    assert all(ask(speakers, display, always=True) for display in displays)
    assert not ask(speakers, guest(small_hall), "one")


def test_what_anybody_says_was_spoken_is_never_beyond_the_last_call(small_hall: ServiceHarness) -> None:
    speakers, display = speakers_of(small_hall), small_hall.enrol("display", "tv")
    small_hall.take()
    made = small_hall.next("1")
    assert made is not None
    shown = ShownCalls()
    for actor in [guest(small_hall, kind) for kind in GUESTS]:
        for spoken in (made.seq, HUGE):
            speakers.ask(actor, Asked("a page", shown, spoken=spoken))
    assert speakers.ask(display, Asked("page", shown, spoken=HUGE)).spoken == 0
    assert speakers.ask(display, Asked("page", shown, spoken=made.seq)).spoken == made.seq
    assert speakers.ask(display, Asked("page", shown, spoken=HUGE)).spoken == made.seq
    with small_hall.site.read() as connection:
        assert last_seq(connection, small_hall.centre_id) == made.seq


def test_made_up_groups_are_not_remembered_without_end_and_silence_nobody(small_hall: ServiceHarness) -> None:
    speakers = speakers_of(small_hall)
    for number in range(10 * MOST_GUEST_GROUPS):
        ask(speakers, guest(small_hall), f"page {number}", shown=f"made up {number};")
    assert speakers.guest_groups() == MOST_GUEST_GROUPS
    assert ask(speakers, guest(small_hall, address="10.0.0.9"))
    display = small_hall.enrol("display", "tv")
    assert ask(speakers, display)


def test_quiet_hours_silence_displays_and_pages(small_hall: ServiceHarness) -> None:
    speakers = speakers_of(small_hall, quiet_hours=("07:00-09:00",))
    display = small_hall.enrol("display", "tv")
    for actor in (display, guest(small_hall)):
        answer = speakers.ask(actor, Asked("page", ShownCalls(), always=True))
        assert (answer.speak, answer.quiet) == (False, True)
