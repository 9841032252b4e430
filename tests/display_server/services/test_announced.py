"""When a call counts as announced, and how long a visitor then has to come."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from display_server.domain.shown_calls import ShownCalls
from display_server.domain.speaker_election import LEASE_SECONDS
from display_server.domain.state_machine import Action
from display_server.services.call_audio.speakers import Asked, Speakers
from display_server.services.calling.announced_calls import announce
from display_server.services.core.actors import Actor
from display_server.services.core.schemas import CallView
from display_server.services.devices.displays import ScreenReport, report_screen
from display_server.services.errors import InvalidTransition
from tests.display_server.service_harness import ServiceHarness

GRACE, GIVEN_UP = 30, 90
NewHall = Callable[..., ServiceHarness]


@pytest.fixture
def hall_with(database: str) -> Iterator[NewHall]:
    made: list[ServiceHarness] = []

    def make(**counter: Any) -> ServiceHarness:
        hall = ServiceHarness(database, counter={"grace_seconds": GRACE} | counter)
        made.append(hall)
        return hall

    yield make
    for hall in made:
        hall.close()


def report(hall: ServiceHarness, display: Actor, shows: str | None = ";", *, connected: bool = True) -> None:
    """The display lives: its report of every few seconds."""
    said = ScreenReport(
        layout="board", version=1, seq=0, visible=True, muted=False, connected=connected, width=1, height=1, shows=shows
    )
    report_screen(hall.site, display, said)


def speak(hall: ServiceHarness, display: Actor, shown: str = ";") -> None:
    assert Speakers(hall.site).ask(display, Asked("its page", ShownCalls.parse(shown))).speak


def called(hall: ServiceHarness, counter: str = "1") -> CallView:
    hall.take("DD" if counter == "4" else "HT")
    made = hall.next(counter)
    assert made is not None
    return made


def refusal(hall: ServiceHarness, counter: str = "1") -> dict[str, Any]:
    with pytest.raises(InvalidTransition) as refused:
        hall.step(Action.NO_SHOW, counter)
    return refused.value.fields


def test_the_time_to_come_counts_from_the_announcement(hall_with: NewHall) -> None:
    hall = hall_with()
    display = hall.enrol("display", "tv")
    made = called(hall)
    hall.clock.advance(seconds=50)
    report(hall, display)
    assert refusal(hall)["announcements_before"] == 0
    announce(hall.site, display, [made.seq], spoken=True)
    hall.clock.advance(seconds=GRACE - 1)
    assert refusal(hall) == {"state": "called", "seconds_left": 1}
    hall.clock.advance(seconds=1)
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_without_any_grace_a_no_show_still_waits_for_the_announcement(hall_with: NewHall) -> None:
    hall = hall_with(grace_seconds=0)
    display = hall.enrol("display", "tv")
    report(hall, display)
    made = called(hall)
    assert refusal(hall)["announcements_before"] == 0
    announce(hall.site, display, [made.seq], spoken=True)
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_the_clerk_sees_how_many_come_first(hall_with: NewHall) -> None:
    hall = hall_with()
    display = hall.enrol("display", "tv")
    report(hall, display)
    made = [called(hall, counter) for counter in ("1", "2", "3", "4")]

    def before(counter: str) -> int | None:
        found = hall.counter(counter).announcement
        assert found is not None
        return found.before

    assert [before(counter) for counter in "1234"] == [0, 1, 2, 3]
    hall.step(Action.PARK, "2")  # ended: it is not announced any more
    announce(hall.site, display, [made[0].seq], spoken=True)
    assert before("1") is None
    assert [before(counter) for counter in "34"] == [0, 1]
    hall.step(Action.START, "3")
    assert hall.counter("3").announcement is None
    assert before("4") == 0
    report(hall, display, "4;")  # a display of counter 4 alone
    assert before("4") == 0


def test_an_announcement_is_told_once_and_only_of_calls_that_were_made(hall_with: NewHall) -> None:
    hall = hall_with()
    display = hall.enrol("display", "tv")
    made = called(hall)
    announce(hall.site, display, [made.seq, made.seq + 1, 2**63 - 1], spoken=True)
    first = hall.counter().announcement
    hall.clock.advance(seconds=5)
    version = hall.hall().version
    announce(hall.site, display, [made.seq], spoken=True)
    assert hall.counter().announcement == first
    assert hall.hall().version == version
    after = called(hall, "2")  # the next call's number was told of before it was made
    report(hall, display)
    assert after.seq == made.seq + 1
    assert refusal(hall, "2")["announcements_before"] == 0


def test_a_picture_counts_only_where_no_other_display_speaks_it(hall_with: NewHall) -> None:
    hall = hall_with()
    speaking, silent = hall.enrol("display", "tv"), hall.enrol("display", "silent")
    for display in (speaking, silent):
        report(hall, display)
    speak(hall, speaking)
    made = called(hall)
    announce(hall.site, silent, [made.seq], spoken=False)
    assert refusal(hall)["announcements_before"] == 0
    hall.clock.advance(seconds=LEASE_SECONDS + 0.1)  # the speaking one is dead
    report(hall, silent)
    announce(hall.site, silent, [made.seq], spoken=False)
    assert refusal(hall)["seconds_left"] == GRACE


def test_the_speaking_displays_own_picture_counts(hall_with: NewHall) -> None:
    """Its sound failed, or it was switched on too late for this call."""
    hall = hall_with()
    display = hall.enrol("display", "tv")
    speak(hall, display)
    made = called(hall)
    announce(hall.site, display, [made.seq], spoken=False)
    assert hall.counter().announcement is not None
    assert refusal(hall)["seconds_left"] == GRACE


def test_a_display_of_other_counters_keeps_nobody_waiting(hall_with: NewHall) -> None:
    hall = hall_with()
    speaking, silent = hall.enrol("display", "zone"), hall.enrol("display", "board")
    speak(hall, speaking, "4;")
    report(hall, speaking, "4;")
    made = called(hall)
    assert refusal(hall)["seconds_left"] == GRACE  # nobody will announce it
    report(hall, silent)
    assert "announcements_before" in refusal(hall)
    announce(hall.site, silent, [made.seq], spoken=False)
    assert refusal(hall)["seconds_left"] == GRACE


@pytest.mark.parametrize("shows", [None, "4;"])
def test_without_a_display_that_announces_the_time_counts_from_the_call(hall_with: NewHall, shows: str | None) -> None:
    hall = hall_with()
    report(hall, hall.enrol("display", "over a counter"), shows)
    called(hall)
    assert refusal(hall)["seconds_left"] == GRACE
    hall.clock.advance(seconds=GRACE)
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_a_display_that_dies_or_loses_the_server_keeps_no_clerk_waiting(hall_with: NewHall) -> None:
    hall = hall_with()
    display = hall.enrol("display", "tv")
    report(hall, display)
    called(hall)
    assert "announcements_before" in refusal(hall)
    report(hall, display, connected=False)
    assert "announcements_before" not in refusal(hall)
    report(hall, display)
    hall.clock.advance(seconds=GRACE)  # no report since
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_a_living_display_that_never_tells_keeps_a_clerk_waiting_for_a_bounded_time(hall_with: NewHall) -> None:
    hall = hall_with()
    display = hall.enrol("display", "tv")
    called(hall)
    for _ in range(GIVEN_UP + GRACE - 1):
        hall.clock.advance(seconds=1)
        report(hall, display)
    assert refusal(hall) == {"state": "called", "seconds_left": 1}
    hall.clock.advance(seconds=1)
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_the_bound_is_a_setting_and_may_be_none(hall_with: NewHall) -> None:
    hall = hall_with(announce_seconds=0)
    report(hall, hall.enrol("display", "tv"))
    called(hall)
    assert refusal(hall) == {"state": "called", "seconds_left": GRACE}


def test_a_recall_gives_no_new_time_but_counts_when_it_is_the_first_to_be_heard(hall_with: NewHall) -> None:
    hall = hall_with()
    display = hall.enrol("display", "tv")
    report(hall, display)
    called(hall)
    again = hall.step(Action.RECALL)
    assert refusal(hall)["announcements_before"] == 0
    announce(hall.site, display, [again.seq], spoken=True)
    hall.clock.advance(seconds=GRACE)
    report(hall, display)
    hall.step(Action.RECALL)
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_recalls_say_that_nobody_came_only_once_it_was_announced(hall_with: NewHall) -> None:
    hall = hall_with(recalls=1, grace_seconds=0)
    display = hall.enrol("display", "tv")
    report(hall, display)
    called(hall)
    again = hall.step(Action.RECALL)
    with pytest.raises(InvalidTransition, match="not been announced"):
        hall.step(Action.RECALL)
    announce(hall.site, display, [again.seq], spoken=True)
    assert hall.step(Action.RECALL).state == "no_show"
