"""Tickets that a kiosk issued by itself are handed in. The paper wins."""

import pytest
from sqlalchemy import select, update

from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.reporting.dashboard import number_history
from display_server.services.tickets.offline_sync import OfflineTicket
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


def paper(
    number: str, department: str = "HT", request_id: str | None = None, age: float = 0, **wish: str
) -> OfflineTicket:
    return OfflineTicket(TicketRequest(request_id or new_id(), department, **wish), number, age)


def test_a_ticket_is_taken_in_as_it_stands_on_the_paper(small_hall: ServiceHarness) -> None:
    (result,) = small_hall.hand_in(paper("AK001", priority="elderly", language="en", procedure="HT-1"))
    assert (result.status, result.problem) == ("accepted", None)
    assert result.ticket is not None
    assert (result.ticket.number, result.ticket.offline, result.ticket.state) == ("AK001", True, "waiting")
    assert (result.ticket.priority, result.ticket.language, result.ticket.procedure) == ("elderly", "en", "HT-1")
    assert small_hall.actions(result.ticket.id) == ["handed_in"]


def test_handing_in_again_changes_nothing(small_hall: ServiceHarness) -> None:
    ticket = paper("AK001")
    first, again = small_hall.hand_in(ticket)[0], small_hall.hand_in(ticket)[0]
    assert (first.status, again.status) == ("accepted", "already")
    assert first.ticket is not None
    assert again.ticket is not None
    assert first.ticket.id == again.ticket.id
    assert len(small_hall.rows(select(tables.ticket))) == 1


def test_its_place_in_line_is_that_of_the_tap(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(minutes=20)
    small_hall.take()
    small_hall.clock.advance(minutes=5)
    small_hall.take()
    small_hall.clock.advance(seconds=2)
    small_hall.hand_in(paper("AK001", age=600), paper("AK002", age=120), paper("AK003", age=1))
    assert small_hall.drain() == ["AK001", "A001", "AK002", "A002", "AK003"]


def test_it_belongs_to_the_day_of_the_tap(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(days=1)
    (result,) = small_hall.hand_in(paper("AK001", age=86_400))
    assert result.status == "accepted"
    assert result.ticket is not None
    assert (result.ticket.business_day, result.ticket.state) == ("2026-11-16", "cancelled")  # its day is over
    assert small_hall.next() is None


def test_the_paper_wins_over_the_number_that_the_server_had_given(small_hall: ServiceHarness) -> None:
    small_hall.take(request_id="tap-1")  # its answer was lost
    (result,) = small_hall.hand_in(paper("AK001", request_id="tap-1"))
    assert result.status == "renumbered"
    assert result.ticket is not None
    assert result.ticket.number == "AK001"
    assert small_hall.actions(result.ticket.id) == ["issued", "voided", "renumbered"]
    assert small_hall.drain() == ["AK001"]
    assert small_hall.take().number == "A002"  # the voided number is given to nobody else


def test_a_request_that_hung_in_a_dead_line_keeps_the_place_of_its_paper(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(minutes=10)
    small_hall.take()
    small_hall.take(request_id="tap-1")  # drawn ten minutes ago, arrived only now
    (result,) = small_hall.hand_in(paper("AK001", request_id="tap-1", age=600))
    assert result.status == "renumbered"
    assert small_hall.drain() == ["AK001", "A001"]


def test_taps_of_one_kiosk_keep_their_order_though_the_server_knew_a_later_one(small_hall: ServiceHarness) -> None:
    small_hall.take(request_id="tap-1")
    small_hall.clock.advance(seconds=0.01)
    small_hall.take(request_id="tap-3")  # of tap 2 it heard nothing
    small_hall.clock.advance(seconds=5)
    handed = [
        paper("AK001", request_id="tap-1", age=4.99),
        paper("AK002", request_id="tap-2", age=4.97),  # the way to the server is not in its age
        paper("AK003", request_id="tap-3", age=4.96),
    ]
    small_hall.hand_in(*handed)
    assert small_hall.drain() == ["AK001", "AK002", "AK003"]


def test_taps_keep_their_order_though_the_later_one_was_quicker_on_its_way(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(minutes=1)
    small_hall.hand_in(paper("AK001", age=0.005))  # and half a second on its way
    small_hall.hand_in(paper("AK002", age=0.4), paper("AK003", age=0.3))
    assert small_hall.drain() == ["AK001", "AK002", "AK003"]


def test_the_numbers_of_a_series_tell_the_order_of_taps_in_whatever_order_they_are_handed_in(
    small_hall: ServiceHarness,
) -> None:
    small_hall.clock.advance(minutes=5)
    small_hall.hand_in(paper("AK003", age=20))
    small_hall.hand_in(paper("AK001", age=10))
    small_hall.hand_in(paper("AK002", age=40))
    assert small_hall.drain() == ["AK001", "AK002", "AK003"]
    small_hall.take()
    small_hall.hand_in(paper("AK004", age=60))  # behind one who was called already, but before who came later
    ticket = tables.ticket.c
    places = small_hall.rows(select(ticket.place).order_by(ticket.prefix != "AK", ticket.number))
    assert places == sorted(places)


def test_a_series_begins_anew_with_the_day(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(days=1)
    small_hall.hand_in(paper("AK001", age=5))
    small_hall.clock.advance(days=1)
    small_hall.hand_in(paper("AK002", age=86_400), paper("AK001", age=20))
    small_hall.take()
    small_hall.hand_in(paper("AK002", age=10))
    assert small_hall.drain() == ["AK001", "AK002", "A001"]


def test_a_clock_that_is_set_back_between_two_hand_ins_lets_nobody_pass(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(hours=2)
    small_hall.hand_in(paper("AK001", age=1))
    small_hall.take()
    small_hall.clock.advance(hours=-2)
    small_hall.hand_in(paper("AK002", age=30))
    small_hall.take()
    assert small_hall.drain() == ["AK001", "AK002", "A001", "A002"]


def test_taps_keep_their_order_though_the_answer_of_the_first_hand_in_was_lost(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(minutes=1)
    first = small_hall.hand_in(paper("AK001", request_id="tap-1", age=0.005))  # after three seconds on its way
    assert first[0].status == "accepted"
    small_hall.clock.advance(seconds=0.5)
    again = small_hall.hand_in(paper("AK001", request_id="tap-1", age=3.5), paper("AK002", age=2.5))
    assert [each.status for each in again] == ["already", "accepted"]
    assert small_hall.drain() == ["AK001", "AK002"]


def test_a_tap_does_not_stay_behind_one_who_was_sent_back_in_the_line(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(minutes=1)
    small_hall.hand_in(paper("AK001", age=30))
    ticket = tables.ticket
    with small_hall.site.write_without_lock() as connection:  # as the setting counter.no_show = "back" does
        later = ticket.c.place + 29_000_000
        connection.execute(update(ticket).where(ticket.c.number == 1).values(no_shows=1, place=later))
    small_hall.hand_in(paper("AK002", age=5))
    assert small_hall.drain() == ["AK002", "AK001"]


def test_taps_of_one_age_keep_the_order_they_are_handed_in(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(minutes=1)
    small_hall.hand_in(*(paper(f"AK{number:03}", age=30) for number in range(1, 5)))
    assert small_hall.drain() == ["AK001", "AK002", "AK003", "AK004"]


def test_a_voided_number_is_still_found_in_the_journal(small_hall: ServiceHarness) -> None:
    small_hall.take(request_id="tap-1")
    small_hall.hand_in(paper("AK001", request_id="tap-1"))
    assert number_history(small_hall.site, small_hall.clerk, "A001", None).ticket.number == "AK001"


@pytest.mark.parametrize("last_step", [None, Action.NO_SHOW, Action.PARK, Action.FINISH])
def test_a_voided_number_that_was_called_puts_the_visitor_back_in_place(
    small_hall: ServiceHarness, last_step: Action | None
) -> None:
    ticket = small_hall.take(request_id="tap-1")
    small_hall.take()
    small_hall.next()
    if last_step:
        small_hall.step(last_step)
    (result,) = small_hall.hand_in(paper("AK001", request_id="tap-1"))
    assert result.status == "renumbered"
    assert small_hall.state(ticket.id) == "waiting"
    assert small_hall.counter().call is None
    assert small_hall.drain() == ["AK001", "A002"]


@pytest.mark.parametrize("finished", [False, True])
def test_a_visit_that_a_clerk_started_did_take_place(small_hall: ServiceHarness, finished: bool) -> None:
    ticket = small_hall.take(request_id="tap-1")
    small_hall.next()
    small_hall.step(Action.START)
    if finished:
        small_hall.step(Action.FINISH)
    small_hall.hand_in(paper("AK001", request_id="tap-1"))
    assert small_hall.state(ticket.id) == ("finished" if finished else "serving")


def test_renumbered_twice_is_renumbered_once(small_hall: ServiceHarness) -> None:
    small_hall.take(request_id="tap-1")
    ticket = paper("AK001", request_id="tap-1")
    statuses = [small_hall.hand_in(ticket)[0].status for _ in range(3)]
    assert statuses == ["renumbered", "already", "already"]


def test_a_bad_one_keeps_no_other_out(small_hall: ServiceHarness) -> None:
    results = small_hall.hand_in(
        paper("AK001"),
        paper("AK001"),  # the number is taken
        paper("AX002"),  # not this kiosk's letter
        paper("A002"),  # not an offline number at all
        paper("BK001", department="HT"),  # another department's prefix
        paper("AK002", department="NOWHERE"),
        paper("AK003", priority="in_a_hurry"),
        paper("AK004"),
    )
    assert [result.status for result in results] == ["accepted", *["rejected"] * 6, "accepted"]
    problems = [result.problem["type"] for result in results if result.problem]
    expected = ["number-taken", "invalid", "invalid", "invalid", "not-found", "invalid"]
    assert problems == [f"/problems/{name}" for name in expected]
    assert small_hall.drain() == ["AK001", "AK004"]


def test_another_wish_under_the_same_request_is_rejected(small_hall: ServiceHarness) -> None:
    small_hall.take("HT", request_id="tap-1")
    (result,) = small_hall.hand_in(paper("BK001", "DD", request_id="tap-1"))
    assert result.problem is not None
    assert result.problem["type"] == "/problems/request-id-reused"


def test_the_number_is_free_again_on_another_day(small_hall: ServiceHarness) -> None:
    small_hall.hand_in(paper("AK001"))
    small_hall.clock.advance(days=2)
    assert small_hall.hand_in(paper("AK001"))[0].status == "accepted"


def test_two_kiosks_write_different_letters(small_hall: ServiceHarness) -> None:
    second = small_hall.enrol("kiosk", "kiosk 2")
    assert (small_hall.kiosk.offline_letter, second.offline_letter) == ("K", "H")
    assert small_hall.hand_in(paper("AH001"), kiosk=second)[0].status == "accepted"
    assert small_hall.hand_in(paper("AH002"))[0].status == "rejected"


def test_a_closed_centre_takes_papers_in_all_the_same(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(hours=4)
    assert small_hall.hand_in(paper("AK001", age=3600))[0].status == "accepted"
