"""Sessions lie on the server: seen, ended one by one, and over for every copy of their cookie."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from display_server.db import tables
from display_server.services.errors import NotFound
from display_server.services.staff.sessions import (
    MOST_OF_ONE,
    begin_session,
    browser_label,
    end_session,
    find_session,
    keep_session,
    list_sessions,
    sign_out,
)
from display_server.services.staff.staff import (
    Role,
    StaffMember,
    add_staff,
    change_password,
    change_staff,
    find_row,
    member_of,
    reset_password,
    sign_out_everywhere,
)
from tests.display_server.service_harness import ServiceHarness

PASSWORD = "mot cua hai cua"
HOURS = timedelta(hours=12)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


def member(hall: ServiceHarness, name: str, role: Role = Role.CLERK) -> StaffMember:
    add_staff(hall.site, hall.centre_id, name, role, PASSWORD)
    return again(hall, name)


def again(hall: ServiceHarness, name: str) -> StaffMember:
    row = find_row(hall.site, tables.staff.c.name == name)
    assert row is not None
    return member_of(row)


def begin(hall: ServiceHarness, who: StaffMember, address: str = "10.0.0.7") -> str:
    return begin_session(hall.site, who, "password", address, EDGE, HOURS)


def test_a_session_is_found_by_its_key_alone(small_hall: ServiceHarness) -> None:
    lan = member(small_hall, "Lan")
    key = begin(small_hall, lan)
    found = find_session(small_hall.site, key)
    assert found is not None
    assert (found.member, found.how, found.has_second_factor) == (lan, "password", False)
    assert find_session(small_hall.site, "another") is None
    assert find_session(small_hall.site, "") is None
    kept = str(small_hall.rows(select(tables.staff_session)))
    assert key not in kept


def test_signing_out_ends_this_session_and_no_other(small_hall: ServiceHarness) -> None:
    lan = member(small_hall, "Lan")
    here, there = begin(small_hall, lan), begin(small_hall, lan)
    sign_out(small_hall.site, lan.actor(), here)
    assert find_session(small_hall.site, here) is None
    assert find_session(small_hall.site, there) is not None


def test_ones_own_are_listed_and_ended_one_by_one(small_hall: ServiceHarness) -> None:
    lan = member(small_hall, "Lan")
    old, own = begin(small_hall, lan, "10.0.0.7"), begin(small_hall, lan, "2001:db8::7")
    listed = list_sessions(small_hall.site, lan.actor(), lan.id, own).sessions
    assert [(each.browser, each.address, each.is_own) for each in listed] == [
        ("Edge, Windows", "2001:db8::/64", True),
        ("Edge, Windows", "10.0.0.7", False),
    ]
    end_session(small_hall.site, lan.actor(), lan.id, listed[1].id)
    assert find_session(small_hall.site, old) is None
    assert find_session(small_hall.site, own) is not None
    with pytest.raises(NotFound):
        end_session(small_hall.site, lan.actor(), lan.id, listed[1].id)


def test_nobody_ends_anothers_but_an_administrator_does(small_hall: ServiceHarness) -> None:
    lan, minh = member(small_hall, "Lan"), member(small_hall, "Minh")
    boss, tinh = member(small_hall, "Boss", Role.ADMINISTRATOR), member(small_hall, "Tỉnh", Role.PROVINCE)
    key, high = begin(small_hall, lan), begin(small_hall, tinh)
    session = list_sessions(small_hall.site, lan.actor(), lan.id).sessions[0]
    with pytest.raises(NotFound):
        end_session(small_hall.site, minh.actor(), minh.id, session.id)
    with pytest.raises(NotFound):
        list_sessions(small_hall.site, boss.actor(), tinh.id)
    assert find_session(small_hall.site, high) is not None
    end_session(small_hall.site, boss.actor(), lan.id, session.id)
    assert find_session(small_hall.site, key) is None
    line = small_hall.rows(select(tables.journal).where(tables.journal.c.action == "session_ended"))[0]
    assert line.actor_kind == "staff"


def test_what_ends_every_session(small_hall: ServiceHarness) -> None:
    lan, boss = member(small_hall, "Lan"), member(small_hall, "Boss", Role.ADMINISTRATOR).actor()
    steps = [
        lambda: change_password(small_hall.site, lan.actor(), PASSWORD, "mot cua ba cua"),
        lambda: sign_out_everywhere(small_hall.site, lan.actor(), lan.id),
        lambda: reset_password(small_hall.site, boss, lan.id),
        lambda: change_staff(small_hall.site, boss, lan.id, Role.CLERK, [], active=False),
    ]
    for step in steps:
        own, other = (begin(small_hall, again(small_hall, "Lan")) for _ in range(2))
        step()
        keep_session(small_hall.site, lan.id, own)
        assert find_session(small_hall.site, other) is None
    assert find_session(small_hall.site, own) is None  # kept, and of nobody who may sign in
    change_staff(small_hall.site, boss, lan.id, Role.CLERK, [], active=True)
    assert find_session(small_hall.site, other) is None  # none comes back with the member


def test_rows_do_not_pile_up(small_hall: ServiceHarness) -> None:
    lan, minh = member(small_hall, "Lan"), member(small_hall, "Minh")
    keys = [begin(small_hall, lan) for _ in range(MOST_OF_ONE + 3)]
    count = select(func.count()).select_from(tables.staff_session)
    assert small_hall.rows(count)[0][0] == MOST_OF_ONE
    assert find_session(small_hall.site, keys[-1]) is not None
    assert find_session(small_hall.site, keys[0]) is None
    small_hall.clock.advance(hours=13)
    begin(small_hall, minh)
    assert small_hall.rows(count)[0][0] == 1


def test_being_seen_is_written_every_few_minutes_only(small_hall: ServiceHarness) -> None:
    key = begin(small_hall, member(small_hall, "Lan"))
    seen = []
    for minutes in (0, 4, 2, 4):
        small_hall.clock.advance(minutes=minutes)
        find_session(small_hall.site, key)
        seen.append(small_hall.rows(select(tables.staff_session.c.seen_at))[0][0])
    assert len(set(seen)) == 2


def test_a_member_who_is_switched_off_in_the_database_is_out(small_hall: ServiceHarness) -> None:
    key = begin(small_hall, member(small_hall, "Lan"))
    with small_hall.site.write_without_lock() as connection:
        connection.execute(update(tables.staff).values(active=False))
    assert find_session(small_hall.site, key) is None


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (EDGE, "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", "curl8.0"),
        ("<script>" * 5000, "scriptscriptscriptsc"),
        ("\x00\ud83d", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, label: str) -> None:
    assert browser_label(agent) == label
