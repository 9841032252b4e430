"""The small hall after a morning in which every table got rows."""

from datetime import timedelta
from typing import Any

import pyotp
from sqlalchemy import Connection, column, func, select
from sqlalchemy.sql import table as bare_table

from config.rating_reasons import load_reasons
from display_server.db import tables
from display_server.domain.shown_calls import ShownCalls
from display_server.domain.state_machine import Action
from display_server.services.call_audio.speakers import Asked, Speakers
from display_server.services.calling.announced_calls import announce
from display_server.services.devices.devices import DeviceAuthenticator
from display_server.services.devices.displays import ScreenSettings, pair_screen
from display_server.services.devices.pairing import start_pairing
from display_server.services.displays.notices import AnnouncementText, add_announcement
from display_server.services.displays.ratings import Rating, rate
from display_server.services.kiosks.status import KioskReport, report_kiosk, request_reprint
from display_server.services.privacy import retention
from display_server.services.recovery.offline_letters import letter_of
from display_server.services.staff.authentication import sign_in, sign_in_with_pin
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.second_factor import confirm_enrolment, start_enrolment
from display_server.services.staff.sessions import begin_session
from display_server.services.staff.single_sign_on import recognise
from display_server.services.staff.staff import Role, StaffMember, add_staff, set_pin
from tests.display_server.sample_centre import text
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id

PASSWORD = "mot cua hai cua"
Rows = dict[str, list[tuple[Any, ...]]]


def fill(hall: ServiceHarness) -> None:
    """A row in every table at least; who is at counter 1 is being served."""
    site = hall.site
    add_staff(site, hall.centre_id, "Hoa", Role.CLERK, PASSWORD)
    member = sign_in(site, "Hoa", PASSWORD)
    assert member is not None
    set_pin(site, member.actor(), PASSWORD, "246810")
    _sign_in_in_every_way(hall, member)
    sign_in(site, "Hoa", "wrong")
    started = start_pairing(site)
    pair_screen(site, hall.clerk, started.code, "over 1", ScreenSettings(layout="counter", counter="1"))
    screen = DeviceAuthenticator(site).actor(started.token)
    Speakers(site).ask(screen, Asked("a-page-of-it", ShownCalls()))
    start_pairing(site)
    hall.enrol("button", "button 2", "2")
    first = hall.take("HT", procedure="HT-1", then=("DD",))
    for wish in ({"priority": "elderly"}, {"language": "en"}, {}, {}, {}):
        hall.take("HT", **wish)
    for department in ("DD", "XH"):
        hall.take(department)
    _serve(hall, screen)
    hall.next("1")
    hall.step(Action.PARK, "1", note="a paper is missing")
    hall.next("1")
    hall.step(Action.START, "1")
    request_reprint(site, hall.clerk, first.id, new_id())
    told = KioskReport(
        version="1.0", slips_waiting=0, to_hand_in=0, up_seconds=1.0, instance="first-start", journal="first-disk"
    )
    letter_of(site, hall.kiosk, "first-disk")
    report_kiosk(site, hall.kiosk, told)
    now = site.clock()
    add_announcement(
        site, hall.clerk, AnnouncementText(text=text("Xin chào"), starts_at=now, ends_at=now + timedelta(hours=8))
    )
    retention.run(site, hall.centre_id)
    with site.read() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
        }
    assert all(counts.values()), f"nothing in {[name for name, count in counts.items() if not count]}"


def _sign_in_in_every_way(hall: ServiceHarness, member: StaffMember) -> None:
    """A session, a PIN used at a counter, a second factor and somebody who asks to be bound."""
    site = hall.site
    begin_session(site, member, "password", "10.0.0.7", "Firefox on Windows", timedelta(hours=12))
    sign_in_with_pin(site, hall.enrol("counter", "counter 1", "1"), "Hoa", "246810")
    app = pyotp.TOTP(start_enrolment(site, member, "nhỏ").secret)
    confirm_enrolment(site, member.actor(), app.at(site.clock()))
    recognise(site, {"iss": "https://sso.example", "sub": "4711", "preferred_username": "Hoa"}, Source(""))


def _serve(hall: ServiceHarness, screen: Any) -> None:
    here = hall.next("1")
    assert here is not None
    announce(hall.site, screen, [here.seq], spoken=True)
    hall.step(Action.FINISH, "1")
    reasons = [reason.code for reason in load_reasons(None) if 1 in reason.scores][:1]
    rate(hall.site, screen, Rating(call_id=here.id, score=1, reasons=reasons))


def rows(connection: Connection, columns: dict[str, list[str]]) -> Rows:
    """What these columns of these tables hold, in the order of their keys."""
    found = {}
    for name, names in columns.items():
        known = tables.metadata.tables[name].c
        shown = bare_table(name, *[column(each, known[each].type) for each in names])
        order = [shown.c[key.name] for key in tables.metadata.tables[name].primary_key if key.name in names]
        found[name] = [tuple(row) for row in connection.execute(select(shown).order_by(*order))]
    return found
