"""People of a centre: first passwords, own counters, locks, PINs, and sessions that end."""

from datetime import timedelta

import pytest

from display_server.services.calling.calls import call_next
from display_server.services.core.actors import Actor
from display_server.services.errors import Forbidden, Invalid, InvalidTransition, NotFound
from display_server.services.reporting.audit import export
from display_server.services.staff.authentication import sign_in, sign_in_with_pin, welcome
from display_server.services.staff.sign_in_limits import FIRST_LOCK, LONG, Locked, lock_until
from display_server.services.staff.staff import (
    Role,
    StaffMember,
    add_staff,
    change_password,
    change_staff,
    find_member,
    invite,
    list_staff,
    reset_password,
    set_pin,
    sign_out_everywhere,
)
from tests.display_server.service_harness import MONDAY_AT_EIGHT, ServiceHarness
from tests.server_process import new_id

PASSWORD = "mot cua hai cua"


@pytest.fixture
def boss(small_hall: ServiceHarness) -> Actor:
    return add(small_hall, "Boss", Role.ADMINISTRATOR).actor()


def add(hall: ServiceHarness, name: str, role: Role = Role.CLERK) -> StaffMember:
    add_staff(hall.site, hall.centre_id, name, role, PASSWORD)
    member = sign_in(hall.site, name, PASSWORD)
    assert member is not None
    return member


def test_a_new_colleague_changes_the_first_password(small_hall: ServiceHarness, boss: Actor) -> None:
    first = invite(small_hall.site, boss, "Lan", Role.CLERK, ["1"])
    lan = sign_in(small_hall.site, "Lan", first)
    assert lan is not None
    assert (lan.must_change, lan.counters) == (True, ("1",))
    change_password(small_hall.site, lan.actor(), first, PASSWORD)
    after = find_member(small_hall.site, lan.id)
    assert after is not None
    assert (after.must_change, after.sessions) == (False, lan.sessions + 1)
    assert sign_in(small_hall.site, "Lan", first) is None
    assert sign_in(small_hall.site, "Lan", PASSWORD) is not None


@pytest.mark.parametrize("new", ["short", "lan lan lan", "aaaaaaaaaa", PASSWORD, "x" * 129])
def test_a_bad_new_password_is_refused(small_hall: ServiceHarness, new: str) -> None:
    member = add(small_hall, "Lan Lan Lan")
    with pytest.raises(Invalid):
        change_password(small_hall.site, member.actor(), PASSWORD, new)
    with pytest.raises(Invalid, match="present password"):
        change_password(small_hall.site, member.actor(), "not it at all", "a good new one")


def test_a_clerk_works_at_own_counters_only(small_hall: ServiceHarness, boss: Actor) -> None:
    lan = add(small_hall, "Lan")
    change_staff(small_hall.site, boss, lan.id, Role.CLERK, ["1"], active=True)
    lan = find_member(small_hall.site, lan.id) or lan
    small_hall.take()
    with pytest.raises(Forbidden):
        call_next(small_hall.site, lan.actor(), "2", new_id())
    assert call_next(small_hall.site, lan.actor(), "1", new_id()) is not None


def test_who_is_switched_off_is_out(small_hall: ServiceHarness, boss: Actor) -> None:
    lan = add(small_hall, "Lan")
    change_staff(small_hall.site, boss, lan.id, Role.CLERK, [], active=False)
    assert find_member(small_hall.site, lan.id) is None
    assert [(each.name, each.active) for each in list_staff(small_hall.site, boss).staff] == [
        ("Boss", True),
        ("Lan", False),
    ]


def test_administrators_do_not_shut_themselves_out(small_hall: ServiceHarness, boss: Actor) -> None:
    for role, active in [(Role.CLERK, True), (Role.ADMINISTRATOR, False)]:
        with pytest.raises(InvalidTransition):
            change_staff(small_hall.site, boss, boss.id, role, [], active=active)


def test_nobody_is_given_the_province_or_a_counter_that_there_is_not(small_hall: ServiceHarness, boss: Actor) -> None:
    with pytest.raises(Invalid):
        invite(small_hall.site, boss, "Lan", Role.PROVINCE, [])
    with pytest.raises(NotFound):
        invite(small_hall.site, boss, "Lan", Role.CLERK, ["99"])
    with pytest.raises(NotFound):
        reset_password(small_hall.site, boss, 999)


def test_a_reset_ends_sessions_and_the_pin(small_hall: ServiceHarness, boss: Actor) -> None:
    lan = add(small_hall, "Lan")
    set_pin(small_hall.site, lan.actor(), PASSWORD, "470913")
    first = reset_password(small_hall.site, boss, lan.id)
    after = sign_in(small_hall.site, "Lan", first)
    assert after is not None
    assert (after.must_change, after.sessions) == (True, lan.sessions + 1)
    assert sign_in_with_pin(small_hall.site, small_hall.enrol("counter", "c", "1"), "Lan", "470913") is None


def test_signing_out_everywhere(small_hall: ServiceHarness, boss: Actor) -> None:
    lan = add(small_hall, "Lan")
    sign_out_everywhere(small_hall.site, boss, lan.id)
    assert (find_member(small_hall.site, lan.id) or lan).sessions == lan.sessions + 1


@pytest.mark.parametrize("pin", ["12345", "123456", "111111", "abcdef", "987654", "1" * 13, "１２３４５７"])
def test_a_pin_that_is_easy_is_refused(small_hall: ServiceHarness, pin: str) -> None:
    with pytest.raises(Invalid):
        set_pin(small_hall.site, add(small_hall, "Lan").actor(), PASSWORD, pin)


def test_a_pin_is_good_at_a_device_of_the_centre(small_hall: ServiceHarness) -> None:
    set_pin(small_hall.site, add(small_hall, "Lan").actor(), PASSWORD, "470913")
    device = small_hall.enrol("counter", "shared", "1")
    assert sign_in_with_pin(small_hall.site, device, "Lan", "470914") is None
    found = sign_in_with_pin(small_hall.site, device, "Lan", "470913")
    assert found is not None
    assert found.name == "Lan"


def test_a_name_is_locked_for_longer_and_longer_at_one_address(small_hall: ServiceHarness) -> None:
    add(small_hall, "Lan")
    for _ in range(5):
        assert sign_in(small_hall.site, "Lan", "wrong", "10.0.0.7") is None
    for name, password in [("Lan", PASSWORD), ("LAN", "wrong")]:
        with pytest.raises(Locked) as locked:
            sign_in(small_hall.site, name, password, "10.0.0.7")
        assert locked.value.fields["retry_after"] == FIRST_LOCK.total_seconds() + 1
    assert sign_in(small_hall.site, "Lan", PASSWORD, "10.0.0.8") is not None  # nobody locks Lan out everywhere
    small_hall.clock.advance(seconds=31)
    assert sign_in(small_hall.site, "Lan", "wrong", "10.0.0.7") is None
    small_hall.clock.advance(seconds=31)
    with pytest.raises(Locked):
        sign_in(small_hall.site, "Lan", PASSWORD, "10.0.0.7")
    small_hall.clock.advance(seconds=31)
    assert sign_in(small_hall.site, "Lan", PASSWORD, "10.0.0.7") is not None  # and all is forgotten
    assert sign_in(small_hall.site, "Lan", "wrong", "10.0.0.7") is None


def test_the_delay_doubles_up_to_a_bound() -> None:
    waits = [lock_until(count, "pair", MONDAY_AT_EIGHT) - MONDAY_AT_EIGHT for count in (4, 5, 6, 7, 100)]
    assert waits == [timedelta(0), FIRST_LOCK, FIRST_LOCK * 2, FIRST_LOCK * 4, LONG]


def test_the_trail_says_who_signed_in_from_where(small_hall: ServiceHarness) -> None:
    lan = add(small_hall, "Lan")
    sign_in(small_hall.site, "Lan", "wrong", "10.0.0.7")
    welcome(small_hall.site, lan, "password", "10.0.0.7")
    lines = list(export(small_hall.site, small_hall.centre_id, None, None))
    told = [
        (line["action"], line["actor"], line["texts"]["address"])
        for line in lines
        if "address" in (line["texts"] or {})
    ]
    assert told == [("sign_in_failed", "Lan", "10.0.0.7"), ("signed_in", "Lan", "10.0.0.7")]
    assert "wrong" not in str(lines)
