"""Devices with their tokens, staff with their passwords."""

import pytest
from sqlalchemy import select, update

from display_server.db import tables
from display_server.services.devices.devices import DeviceAuthenticator, DeviceKind, NameTaken, add_device
from display_server.services.errors import Invalid, NotFound, Unauthenticated
from display_server.services.staff.authentication import sign_in
from display_server.services.staff.staff import Role, add_staff, find_member
from tests.display_server.service_harness import ServiceHarness


def add(hall: ServiceHarness, kind: str, name: str, counter: str | None = None) -> str:
    return add_device(hall.site, hall.centre_id, DeviceKind(kind), name, counter)


def test_a_token_is_kept_as_a_hash_only(small_hall: ServiceHarness) -> None:
    token = add(small_hall, "display", "TV")
    assert len(token) >= 43  # 256 bits
    stored = [str(value) for row in small_hall.rows(select(tables.device)) for value in row]
    assert token not in stored
    assert DeviceAuthenticator(small_hall.site).actor(token).kind == "display"


def test_an_unknown_or_revoked_token_is_refused(small_hall: ServiceHarness) -> None:
    token = add(small_hall, "display", "TV")
    with pytest.raises(Unauthenticated):
        DeviceAuthenticator(small_hall.site).actor(token + "x")
    with small_hall.site.write_without_lock() as connection:
        connection.execute(update(tables.device).values(revoked_at=small_hall.clock.now))
    with pytest.raises(Unauthenticated):
        DeviceAuthenticator(small_hall.site).actor(token)


def test_a_device_is_seen_when_it_asks(small_hall: ServiceHarness) -> None:
    token = add(small_hall, "display", "TV")
    DeviceAuthenticator(small_hall.site).actor(token)
    seen = {row.name: row.last_seen for row in small_hall.rows(select(tables.device))}
    assert seen == {"kiosk": None, "TV": small_hall.clock.now}


def test_a_counters_device_needs_its_counter(small_hall: ServiceHarness) -> None:
    with pytest.raises(Invalid):
        add(small_hall, "counter", "keypad")
    with pytest.raises(NotFound):
        add(small_hall, "button", "button", "99")
    assert DeviceAuthenticator(small_hall.site).actor(add(small_hall, "button", "button", "1")).counter_id is not None


@pytest.mark.parametrize("name", ["", "  ", "n" * 65])
def test_a_device_has_a_name(small_hall: ServiceHarness, name: str) -> None:
    with pytest.raises(Invalid):
        add(small_hall, "display", name)


def test_a_name_is_given_once(small_hall: ServiceHarness) -> None:
    with pytest.raises(NameTaken):
        add(small_hall, "kiosk", "kiosk")


def test_when_no_letter_is_left_it_is_told(small_hall: ServiceHarness) -> None:
    letters = [small_hall.enrol("kiosk", f"kiosk {number}").offline_letter for number in range(13)]
    assert len(set(letters)) == 13
    with pytest.raises(Invalid, match="no letter is left"):
        add(small_hall, "kiosk", "one too many")


def test_a_member_signs_in_with_name_and_password(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, "mot cua hai cua")
    member = sign_in(small_hall.site, "Lan", "mot cua hai cua")
    assert member is not None
    assert find_member(small_hall.site, member.id) == member
    assert member.actor().role == "clerk"
    for name, password in [("Lan", "mot cua"), ("Lan", ""), ("Minh", "mot cua hai cua"), ("lan", "mot cua hai cua")]:
        assert sign_in(small_hall.site, name, password) is None


def test_a_password_is_kept_as_argon2_only(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, "mot cua hai cua")
    assert small_hall.rows(select(tables.staff))[0].password_hash.startswith("$argon2id$")


def test_who_has_left_cannot_sign_in_and_is_out(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, "mot cua hai cua")
    member = sign_in(small_hall.site, "Lan", "mot cua hai cua")
    assert member is not None
    with small_hall.site.write_without_lock() as connection:
        connection.execute(update(tables.staff).values(active=False))
    assert sign_in(small_hall.site, "Lan", "mot cua hai cua") is None
    assert find_member(small_hall.site, member.id) is None


@pytest.mark.parametrize(
    ("name", "password"), [("", "long enough"), ("n" * 65, "long enough"), ("Lan", "short"), ("Lan", "p" * 129)]
)
def test_bad_names_and_passwords_are_refused(small_hall: ServiceHarness, name: str, password: str) -> None:
    with pytest.raises(Invalid):
        add_staff(small_hall.site, small_hall.centre_id, name, Role.CLERK, password)


def test_a_members_name_is_given_once(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, "mot cua hai cua")
    with pytest.raises(NameTaken):
        add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.HALL, "another password")
