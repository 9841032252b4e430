"""Names are unique within a centre; two centres may have the same, and nobody learns the other's from an answer."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from display_server.app import create_app
from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.actors import Actor
from display_server.services.devices.devices import NameTaken
from display_server.services.privacy.privacy import erase_staff
from display_server.services.recovery.epoch import begin_epoch
from display_server.services.staff.authentication import names_with_pin, sign_in, sign_in_with_pin
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.sessions import begin_session, find_session
from display_server.services.staff.single_sign_on import Outcome, list_identities, recognise
from display_server.services.staff.staff import (
    Role,
    add_staff,
    change_staff,
    find_row,
    invite,
    member_of,
    set_pin,
)
from tests.display_server.sample_centre import small_centre, text
from tests.display_server.service_harness import ServiceHarness

PASSWORD, OTHER = "mot cua hai cua", "ba cua bon cua"


@pytest.fixture
def two(small_hall: ServiceHarness) -> tuple[ServiceHarness, int]:
    """The hall, and the id of another centre in its database where there is a Lan too."""
    import_centre(small_hall.site, small_centre(code="khac", name=text("Xã khác")))
    with small_hall.site.read() as connection:
        other = connection.execute(select(tables.centre.c.id).where(tables.centre.c.code == "khac")).scalar_one()
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, PASSWORD)
    add_staff(small_hall.site, other, "Lan", Role.CLERK, OTHER)
    add_staff(small_hall.site, other, "Minh", Role.CLERK, PASSWORD)
    return small_hall, other


def test_two_centres_have_the_same_name(two: tuple[ServiceHarness, int]) -> None:
    hall, _ = two
    boss = Actor("staff", 0, "Boss", hall.centre_id, role="administrator")
    invite(hall.site, boss, "Minh", Role.CLERK, [])  # the other centre's Minh stays unknown
    with pytest.raises(NameTaken):
        invite(hall.site, boss, "Lan", Role.CLERK, [])


def test_a_shared_name_needs_its_centre_and_another_does_not(two: tuple[ServiceHarness, int]) -> None:
    hall, other = two
    tried = [
        ("Lan", PASSWORD, hall.centre_id, hall.centre_id),
        ("Lan", OTHER, other, other),
        ("Lan", OTHER, hall.centre_id, None),
        ("Lan", PASSWORD, None, None),
        ("Minh", PASSWORD, None, other),
        ("Minh", PASSWORD, hall.centre_id, other),
    ]
    for name, password, centre, found in tried:
        member = sign_in(hall.site, name, password, "", centre)
        assert (member.centre_id if member else None) == found, (name, centre)


def test_the_page_offers_the_centres_and_an_answer_tells_no_name(two: tuple[ServiceHarness, int]) -> None:
    hall, _ = two
    app = create_app(hall.site)
    app.config["WTF_CSRF_METHODS"] = []
    page = app.test_client().get("/sign-in").text
    assert 'value="khac"' in page
    answers = set()
    for name in ("Lan", "Minh", "Nobody"):
        answer = app.test_client().post("/sign-in", data={"name": name, "password": "wrong"})
        answers.add((answer.status_code, without_token(answer.text).replace(name, "…")))
    answer = app.test_client().post("/sign-in", data={"name": "Lan", "password": PASSWORD})
    answers.add((answer.status_code, without_token(answer.text).replace("Lan", "…")))
    assert len(answers) == 1
    browser = app.test_client()
    assert browser.post("/sign-in", data={"name": "Lan", "password": OTHER, "centre": "khac"}).status_code == 302
    browser.post("/sign-out")
    assert 'value="khac" selected' in browser.get("/sign-in").text


def test_a_shared_name_at_the_single_sign_on_waits_in_both(two: tuple[ServiceHarness, int]) -> None:
    hall, other = two
    claims = {"iss": "https://sso", "sub": "1", "preferred_username": "Lan"}
    assert recognise(hall.site, claims, Source("")).outcome is Outcome.ASKED
    for centre in (hall.centre_id, other):
        boss = Actor("staff", 0, "Boss", centre, role="administrator")
        assert [each.name for each in list_identities(hall.site, boss).identities] == ["Lan"]


def test_a_device_offers_whom_it_knows(small_hall: ServiceHarness) -> None:
    site = small_hall.site
    for name in ("Lan", "Minh"):
        add_staff(site, small_hall.centre_id, name, Role.CLERK, PASSWORD)
        set_pin(site, member(small_hall, name).actor(), PASSWORD, "470913")
    here, there = small_hall.enrol("counter", "a", "1"), small_hall.enrol("counter", "b", "2")
    assert names_with_pin(site, here) == []
    sign_in_with_pin(site, here, "Lan", "470913")
    assert (names_with_pin(site, here), names_with_pin(site, there)) == (["Lan"], [])
    small_hall.clock.advance(days=31)
    assert names_with_pin(site, here) == []
    for kind, names in (("all", ["Lan", "Minh"]), ("none", [])):
        server = site.settings.server.model_copy(update={"pin_names": kind})
        site.settings = site.settings.model_copy(update={"server": server})
        assert names_with_pin(site, here) == names


def test_the_history_says_that_hall_staff_cancelled(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    small_hall.clerk = Actor("staff", 2, "Hall", small_hall.centre_id, role="hall")
    small_hall.step(Action.CANCEL)
    line: Any = small_hall.rows(select(tables.journal).where(tables.journal.c.action == "cancelled"))[0]
    assert line.details["role"] == "hall"


def test_erasing_somebody_takes_their_sessions_and_identities(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, PASSWORD)
    lan = member(small_hall, "Lan")
    begin_session(small_hall.site, lan, "password", "192.0.2.1", "Firefox", timedelta(hours=12))
    recognise(small_hall.site, {"iss": "https://sso", "sub": "1", "preferred_username": "Lan"}, Source(""))
    assert sign_in(small_hall.site, "Lan", "wrong", "192.0.2.9") is None
    boss = Actor("staff", 0, "Boss", small_hall.centre_id, role="administrator")
    change_staff(small_hall.site, boss, lan.id, Role.CLERK, [], active=False)
    erase_staff(small_hall.site, small_hall.centre_id, "Lan", really=True)
    for table in (tables.staff_session, tables.staff_identity, tables.sign_in_failure):
        assert small_hall.rows(select(table)) == []


def test_a_restored_hall_has_no_session_of_the_backup(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, PASSWORD)
    key = begin_session(small_hall.site, member(small_hall, "Lan"), "password", "", "", timedelta(hours=12))
    begin_epoch(small_hall.site.engine, small_hall.clock())
    assert find_session(small_hall.site, key) is None


def without_token(page: str) -> str:
    return re.sub(r'(csrf[_-]token"[^>]*(?:value|content)=)"[^"]+"', r"\1", page)


def member(hall: ServiceHarness, name: str) -> Any:
    row = find_row(hall.site, tables.staff.c.name == name)
    assert row is not None
    return member_of(row)
