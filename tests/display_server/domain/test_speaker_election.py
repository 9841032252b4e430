"""Pages that nobody enrolled take turns to speak, and when the hall is silent."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_server.domain.quiet_hours import is_quiet
from display_server.domain.speaker_election import (
    LEASE_SECONDS,
    MOST_IN_LINE,
    MOST_OF_A_NETWORK,
    TURN_SECONDS,
    GuestLease,
    network_of,
)

A, B, C = ("10.0.0.1", "a"), ("10.0.0.2", "b"), ("10.0.0.3", "c")


def ask(lease: GuestLease, page: tuple[str, str], now: float, *, able: bool = True, last_seq: int = 0) -> bool:
    return lease.ask(page, now, can_play=able, last_seq=last_seq)


def test_the_first_page_speaks_and_keeps_speaking() -> None:
    lease = GuestLease()
    assert ask(lease, A, 0)
    assert not ask(lease, B, 1)
    assert ask(lease, A, 5)
    assert not ask(lease, B, 7)


def test_another_takes_over_once_the_speaker_is_dead() -> None:
    lease = GuestLease()
    ask(lease, A, 0)
    assert not ask(lease, B, LEASE_SECONDS - 0.1)
    assert ask(lease, B, LEASE_SECONDS + 0.1)
    assert not ask(lease, A, LEASE_SECONDS + 0.2)
    assert lease.handed_over_at == 0  # what the dead one did not say is still to be said


def test_a_muted_page_lets_another_speak_at_once() -> None:
    lease = GuestLease()
    ask(lease, A, 0)
    assert not ask(lease, B, 0)
    assert not ask(lease, A, 1, able=False)
    assert ask(lease, B, 1)
    assert not ask(lease, A, 2)


def test_nobody_can_speak() -> None:
    lease = GuestLease()
    assert not ask(lease, A, 0, able=False)
    assert not lease.has_speaker(0)
    ask(lease, A, 1)
    assert lease.has_speaker(1)
    assert not lease.has_speaker(1 + LEASE_SECONDS)
    assert lease.is_empty(1 + LEASE_SECONDS)


def test_nobody_holds_another_off_for_good() -> None:
    """A page that keeps asking gives the voice on after its turn; a lone page keeps it."""
    lease = GuestLease()
    spoke = {"a": 0, "b": 0}
    for tick in range(int(4 * TURN_SECONDS)):
        for page in (A, B):
            spoke[page[1]] += ask(lease, page, tick, last_seq=tick)
    assert min(spoke.values()) > TURN_SECONDS
    assert lease.handed_over_at > 0  # the one before is alive and has said what was called in its turn
    alone = GuestLease()
    assert all(ask(alone, A, tick) for tick in range(0, int(3 * TURN_SECONDS), 2))


@pytest.mark.parametrize("renewed", [False, True])
def test_made_up_ids_of_one_network_do_not_keep_the_voice(renewed: bool) -> None:
    """Five asks a second, what `server.hall_limit` lets through: new ids each time, or ten ids that live on."""
    lease, page = GuestLease(), ("10.0.0.1", "honest")
    ask(lease, ("10.0.0.1", "attacker"), 0)
    spoke = 0
    for tick in range(int(12 * TURN_SECONDS) * 5):
        now = 1 + tick / 5
        ask(lease, ("10.0.0.1", f"made up {tick % 10 if renewed else tick}"), now)
        if tick % 10 == 0:
            spoke += ask(lease, page, now)
    assert spoke > 0


def test_what_is_remembered_of_guests_is_bounded() -> None:
    lease = GuestLease()
    ask(lease, A, 0)
    for number in range(5000):
        ask(lease, ("10.0.0.9", str(number)), 1)
        ask(lease, (f"10.1.{number // 250}.{number % 250}", "x"), 1)
    assert len(lease._line) == MOST_IN_LINE
    assert sum(network == "10.0.0.9" for network, _ in lease._line) <= MOST_OF_A_NETWORK
    assert lease.is_empty(1 + LEASE_SECONDS)


def test_a_network_is_an_address_or_a_64() -> None:
    assert network_of("192.168.1.7") == "192.168.1.7"
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::7") != network_of("2001:db8:1:2::7")
    assert network_of("::ffff:10.0.0.1") != network_of("::ffff:10.0.0.2")
    assert network_of(None) == ""


@given(st.lists(st.tuples(st.sampled_from((A, B, C)), st.floats(0, 4), st.booleans()), max_size=60))
def test_never_do_two_pages_speak_at_once(asked: list[tuple[tuple[str, str], float, bool]]) -> None:
    lease, now = GuestLease(), 0.0
    until: dict[tuple[str, str], float] = {}
    for page, later, able in asked:
        now += later
        speaks = ask(lease, page, now, able=able)
        until[page] = now + LEASE_SECONDS if speaks else 0
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
