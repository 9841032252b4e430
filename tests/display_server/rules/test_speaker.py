"""Which screens speak, and when they are silent."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_server.rules.quiet import is_quiet
from display_server.rules.speaker import LEASE_SECONDS, SpeakerLease


def ask(
    lease: SpeakerLease, screen: str, now: float, *, always: bool = False, able: bool = True, spoken: int = 0
) -> bool:
    return lease.ask(screen, now, always=always, able=able, spoken=spoken)


def test_the_first_screen_speaks_and_keeps_speaking() -> None:
    lease = SpeakerLease()
    assert ask(lease, "a", 0)
    assert not ask(lease, "b", 1)
    assert ask(lease, "a", 5)
    assert not ask(lease, "b", 7)


def test_another_takes_over_once_the_speaker_is_dead() -> None:
    lease = SpeakerLease()
    ask(lease, "a", 0)
    assert not ask(lease, "b", LEASE_SECONDS - 0.1)
    assert ask(lease, "b", LEASE_SECONDS + 0.1)
    assert not ask(lease, "a", LEASE_SECONDS + 0.2)


def test_a_muted_screen_lets_another_speak_at_once() -> None:
    lease = SpeakerLease()
    ask(lease, "a", 0)
    assert not ask(lease, "b", 0)
    assert not ask(lease, "a", 1, able=False)
    assert ask(lease, "b", 1)
    assert not ask(lease, "a", 2)


def test_while_a_screen_with_its_own_loudspeaker_lives_the_others_are_silent() -> None:
    lease = SpeakerLease()
    assert ask(lease, "a", 0)
    assert ask(lease, "own", 1, always=True)
    assert ask(lease, "own too", 1, always=True)
    assert not ask(lease, "a", 2)
    assert not ask(lease, "a", 6.9)
    assert ask(lease, "a", 7.1)


def test_nobody_can_speak() -> None:
    lease = SpeakerLease()
    assert not ask(lease, "a", 0, able=False)
    assert not lease.has_speaker(0)
    ask(lease, "a", 1)
    assert lease.has_speaker(1)
    assert not lease.has_speaker(1 + LEASE_SECONDS)


def test_the_last_call_that_was_spoken_is_handed_on() -> None:
    lease = SpeakerLease()
    ask(lease, "a", 0, spoken=7)
    ask(lease, "b", 1)
    assert lease.spoken == 7


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.floats(0, 4), st.booleans()), max_size=60))
def test_never_do_two_screens_speak_at_once(asked: list[tuple[str, float, bool]]) -> None:
    lease, now = SpeakerLease(), 0.0
    until: dict[str, float] = {}
    for screen, later, able in asked:
        now += later
        speaks = ask(lease, screen, now, able=able)
        until[screen] = now + LEASE_SECONDS if speaks else 0
        assert sum(end > now for end in until.values()) <= 1


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        ("11:29", False),
        ("11:30", True),
        ("13:29", True),
        ("13:30", False),
        ("22:00", True),
        ("00:10", True),
        ("06:00", False),
    ],
)
def test_quiet_hours_may_run_past_midnight(now: str, quiet: bool) -> None:
    assert is_quiet(["11:30-13:30", "21:00-06:00"], time.fromisoformat(now)) is quiet


def test_no_quiet_hours() -> None:
    assert not is_quiet([], time(12))
