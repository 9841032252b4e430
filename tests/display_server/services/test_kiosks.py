"""Kiosks as staff see them, and slips printed again."""

from typing import Any

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.devices.devices import DeviceAuthenticator, renew_token
from display_server.services.errors import InvalidTransition, NotFound, RequestIdReused, Unauthenticated
from display_server.services.kiosks.status import (
    KioskReport,
    Reprinted,
    all_kiosks,
    list_kiosks,
    report_kiosk,
    request_reprint,
)
from tests.display_server.service_harness import ServiceHarness


def a_report(**changes: Any) -> KioskReport:
    told = {"version": "0.1.0", "slips_waiting": 0, "to_hand_in": 0, "up_seconds": 5.0} | changes
    return KioskReport.model_validate(told)


def trouble(hall: ServiceHarness) -> list[str]:
    (kiosk,) = list_kiosks(hall.site, hall.clerk).kiosks
    return kiosk.trouble


def test_what_a_kiosk_says_is_what_staff_see(small_hall: ServiceHarness) -> None:
    report_kiosk(small_hall.site, small_hall.kiosk, a_report(problems=["paper_low"], slips_waiting=2, to_hand_in=1))
    (kiosk,) = list_kiosks(small_hall.site, small_hall.clerk).kiosks
    assert (kiosk.name, kiosk.trouble, kiosk.silent_seconds) == ("kiosk", ["paper_low"], 0)
    assert (kiosk.report.slips_waiting, kiosk.report.to_hand_in) == (2, 1)
    report_kiosk(small_hall.site, small_hall.kiosk, a_report())
    assert trouble(small_hall) == []


def test_a_kiosk_that_is_not_heard_of(small_hall: ServiceHarness) -> None:
    assert trouble(small_hall) == []  # enrolled, and not yet set up
    report_kiosk(small_hall.site, small_hall.kiosk, a_report(problems=["paper_out"]))
    small_hall.clock.advance(seconds=10)
    assert trouble(small_hall) == ["paper_out"]
    small_hall.clock.advance(seconds=30)
    (kiosk,) = list_kiosks(small_hall.site, small_hall.clerk).kiosks
    assert (kiosk.trouble, kiosk.silent_seconds) == (["silent"], 40)


def test_numbers_that_the_server_would_not_take_in_are_told(small_hall: ServiceHarness) -> None:
    report_kiosk(small_hall.site, small_hall.kiosk, a_report(rejected=2))
    assert trouble(small_hall) == ["rejected"]


def test_a_scanner_that_is_missing_is_told(small_hall: ServiceHarness) -> None:
    report_kiosk(small_hall.site, small_hall.kiosk, a_report(problems=["paper_low"], scanner_missing=True))
    assert trouble(small_hall) == ["paper_low", "scanner_missing"]


def test_every_centre_for_metrics(small_hall: ServiceHarness) -> None:
    report_kiosk(small_hall.site, small_hall.kiosk, a_report(problems=["cover_open"]))
    assert [(centre, kiosk.name, kiosk.trouble) for centre, kiosk in all_kiosks(small_hall.site)] == [
        (small_hall.centre_id, "kiosk", ["cover_open"])
    ]


# Slips again


def orders(hall: ServiceHarness, actor: Actor | None = None, **told: Any) -> list[str]:
    answer = report_kiosk(hall.site, actor or hall.kiosk, a_report(**told))
    return [order.request_id for order in answer.reprints]


def test_the_kiosk_hears_of_an_asking_until_it_says_what_became_of_it(small_hall: ServiceHarness) -> None:
    small_hall.employ("Lan")
    taken = small_hall.take(request_id="tap-1")
    asked = request_reprint(small_hall.site, small_hall.clerk, taken.id, "ask-1")
    assert (asked.number, asked.kiosk, asked.state, asked.asked_by) == ("A001", "kiosk", "asked", "Lan")
    assert orders(small_hall) == ["tap-1"]
    assert orders(small_hall) == ["tap-1"]
    assert orders(small_hall, reprinted=[Reprinted(id=asked.id, done=True)]) == []
    assert [each.state for each in list_kiosks(small_hall.site, small_hall.clerk).reprints] == ["printed"]


def test_why_there_is_no_paper_is_told_to_staff(small_hall: ServiceHarness) -> None:
    asked = request_reprint(small_hall.site, small_hall.clerk, small_hall.take().id, "ask-1")
    assert orders(small_hall, reprinted=[Reprinted(id=asked.id, done=False, reason="paper out")]) == []
    (told,) = list_kiosks(small_hall.site, small_hall.clerk).reprints
    assert (told.state, told.reason) == ("failed", "paper out")


def test_one_asking_however_often_it_is_sent(small_hall: ServiceHarness) -> None:
    taken, other = small_hall.take(), small_hall.take()
    first = request_reprint(small_hall.site, small_hall.clerk, taken.id, "ask-1")
    assert request_reprint(small_hall.site, small_hall.clerk, taken.id, "ask-1") == first
    assert len(orders(small_hall)) == 1
    with pytest.raises(RequestIdReused):
        request_reprint(small_hall.site, small_hall.clerk, other.id, "ask-1")


def test_only_the_kiosk_that_printed_it_hears_of_it_or_may_settle_it(small_hall: ServiceHarness) -> None:
    other = small_hall.enrol("kiosk", "by the door")
    asked = request_reprint(small_hall.site, small_hall.clerk, small_hall.take().id, "ask-1")
    assert orders(small_hall, other, reprinted=[Reprinted(id=asked.id, done=True)]) == []
    assert len(orders(small_hall)) == 1


def test_the_journal_says_who_asked(small_hall: ServiceHarness) -> None:
    request_reprint(small_hall.site, small_hall.clerk, small_hall.take().id, "ask-1")
    line = small_hall.rows(select(tables.journal).where(tables.journal.c.action == "reprint_asked"))[0]
    assert (line.number, line.actor_kind, line.actor_id) == ("A001", "staff", small_hall.clerk.id)
    assert line.details == {"device": small_hall.kiosk.id}


def test_a_ticket_that_there_is_not_and_one_that_no_kiosk_printed(small_hall: ServiceHarness) -> None:
    with pytest.raises(NotFound):
        request_reprint(small_hall.site, small_hall.clerk, 4711, "ask-1")
    small_hall.kiosk = small_hall.clerk
    with pytest.raises(InvalidTransition):
        request_reprint(small_hall.site, small_hall.clerk, small_hall.take().id, "ask-2")


# A kiosk whose token was lost


def test_a_renewed_token_keeps_the_kiosks_own_numbers(small_hall: ServiceHarness) -> None:
    book = DeviceAuthenticator(small_hall.site)
    letter = small_hall.kiosk.offline_letter
    first = renew_token(small_hall.site, small_hall.centre_id, "kiosk")
    second = renew_token(small_hall.site, small_hall.centre_id, "kiosk")
    assert book.actor(second).offline_letter == letter
    with pytest.raises(Unauthenticated):
        book.actor(first)
    with pytest.raises(NotFound):
        renew_token(small_hall.site, small_hall.centre_id, "nobody")
