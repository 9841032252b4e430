"""Wrong sign-ins are counted, right ones nowhere; what strangers do slows down nobody who is known."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.services.staff.authentication import sign_in
from display_server.services.staff.client_addresses import Source, address_group, source_of
from display_server.services.staff.sign_in_limits import FORGOTTEN_AFTER, Locked
from display_server.services.staff.staff import Role, add_staff
from tests.display_server.service_harness import ServiceHarness

PASSWORD = "mot cua hai cua"
DEVICE = Source("device 7", "192.0.2.1", is_known=True)


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:0207", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("no address", "no address"),
        ("x" * 99, "x" * 45),
    ],
)
def test_addresses_that_one_person_has_count_as_one(address: str, group: str) -> None:
    assert address_group(address) == group


@pytest.mark.parametrize("address", ["10.20.3.4", "::ffff:10.20.3.4", "2001:db8:7::1"])
def test_a_trusted_network_is_known_whatever_its_spelling(address: str) -> None:
    found = source_of(address, [ip_network("10.20.0.0/16"), ip_network("2001:db8:7::/48")])
    assert (found.is_known, found.is_shared) == (True, True)
    assert not source_of("10.21.3.4", [ip_network("10.20.0.0/16")]).is_known


@pytest.fixture
def hall(small_hall: ServiceHarness) -> ServiceHarness:
    for name in ("Lan", "Minh"):
        add_staff(small_hall.site, small_hall.centre_id, name, Role.CLERK, PASSWORD)
    return small_hall


def tried(hall: ServiceHarness, name: str, password: str, source: Source | str) -> str:
    try:
        return "in" if sign_in(hall.site, name, password, source) else "wrong"
    except Locked:
        return "locked"


def test_right_sign_ins_are_not_counted(hall: ServiceHarness) -> None:
    assert {tried(hall, "Lan", PASSWORD, "192.0.2.1") for _ in range(30)} == {"in"}


def test_an_ipv6_network_is_one_source(hall: ServiceHarness) -> None:
    told = [tried(hall, f"nobody {number}", "wrong", f"2001:db8:1:2::{number:x}") for number in range(1, 25)]
    assert told == ["wrong"] * 20 + ["locked"] * 4
    assert tried(hall, "Minh", PASSWORD, "2001:db8:1:3::1") == "in"  # the neighbours' network
    told = [tried(hall, "Lan", "wrong", f"2001:db8:9:9::{number:x}") for number in range(1, 8)]
    assert told == ["wrong"] * 5 + ["locked"] * 2


def test_a_name_under_attack_from_everywhere_is_slowed_for_strangers_alone(hall: ServiceHarness) -> None:
    told = [tried(hall, "Lan", "wrong", f"2001:db8:{number:x}::1") for number in range(1, 30)]
    assert told == ["wrong"] * 20 + ["locked"] * 9
    hall.clock.advance(seconds=31)  # never longer than that, however many there were
    assert tried(hall, "Lan", PASSWORD, "198.51.100.1") == "in"
    for _ in range(3):
        tried(hall, "Lan", "wrong", "2001:db8:ffff::1")
    browser = Source("browser of Lan", "198.51.100.1", is_known=True)
    for known in (DEVICE, browser, Source("trusted 10.20.0.1", "10.20.0.1", is_known=True, is_shared=True)):
        assert tried(hall, "Lan", PASSWORD, known) == "in"
    assert tried(hall, "Minh", PASSWORD, "198.51.100.1") == "in"


def test_a_visitor_at_the_same_address_locks_no_enrolled_device_out(hall: ServiceHarness) -> None:
    assert tried(hall, "Lan", "wrong", DEVICE.address) == "wrong"
    told = [tried(hall, f"nobody {number}", "wrong", DEVICE.address) for number in range(24)]
    assert told[-1] == "locked"
    assert tried(hall, "Lan", PASSWORD, DEVICE.address) == "locked"
    assert tried(hall, "Lan", PASSWORD, DEVICE) == "in"
    assert [tried(hall, "Lan", "wrong", DEVICE) for _ in range(7)][-1] == "locked"  # a device guesses no better


def test_many_people_of_a_trusted_network_do_not_lock_each_other_out(hall: ServiceHarness) -> None:
    office = Source("trusted 10.20.0.1", "10.20.0.1", is_known=True, is_shared=True)
    assert {tried(hall, f"mistyped {number}", "wrong", office) for number in range(40)} == {"wrong"}
    assert tried(hall, "Lan", PASSWORD, office) == "in"
    assert [tried(hall, "Minh", "wrong", office) for _ in range(7)][-2:] == ["locked", "locked"]


def test_a_lock_of_a_clock_that_was_ahead_ends_with_it(hall: ServiceHarness) -> None:
    hall.clock.advance(days=400)
    assert [tried(hall, "Lan", "wrong", "192.0.2.1") for _ in range(7)][-1] == "locked"
    hall.clock.advance(days=-400)
    assert tried(hall, "Lan", PASSWORD, "192.0.2.1") == "in"


def test_failures_are_forgotten(hall: ServiceHarness) -> None:
    assert [tried(hall, "Lan", "wrong", "192.0.2.1") for _ in range(6)][-1] == "locked"
    hall.clock.advance(seconds=(FORGOTTEN_AFTER + timedelta(seconds=1)).total_seconds())
    assert [tried(hall, "Lan", "wrong", "192.0.2.1") for _ in range(5)] == ["wrong"] * 5


def test_what_was_typed_for_a_name_stands_nowhere_in_clear(hall: ServiceHarness) -> None:
    for name in ("Lan", "my password by mistake"):
        assert tried(hall, name, "sai", "192.0.2.77") == "wrong"
    rows = str(hall.rows(select(tables.sign_in_failure)))
    assert rows != "[]"
    assert not any(each in rows.casefold() for each in ("lan", "mistake", "192.0.2"))
