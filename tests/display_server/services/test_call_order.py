"""Why was one number called before another? The journal answers."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.calling.calls import CallNextRequest, PendingCall, call_next_batch
from display_server.services.calling.queue_admin import move_ticket, set_priority
from display_server.services.core.batching import PendingRequest
from display_server.services.errors import NotFound
from display_server.services.kiosks.status import request_reprint
from display_server.services.reporting.call_order import _event, why_called_before
from display_server.services.tickets.offline_sync import OfflineTicket
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.populated_database import fill
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


def why(hall: ServiceHarness, first: str, then: str, day: date | None = None) -> tuple[str, str]:
    answer = why_called_before(hall.site, hall.clerk, first, then, day)
    return answer.code, answer.text["en"]


def take(hall: ServiceHarness, department: str = "HT", priority: str | None = None) -> str:
    hall.clock.advance(minutes=1)
    return str(hall.take(department, priority=priority).number)


def test_the_reason_of_the_call_is_told_in_words(small_hall: ServiceHarness) -> None:
    other, elderly = take(small_hall), take(small_hall, priority="elderly")
    assert small_hall.next_number() == elderly
    code, text = why(small_hall, elderly, other)
    assert code == "reason"
    assert "counter 1 before A001. Reason: Priority visitor's turn" in text
    assert "Lý do: Đến lượt" in why_called_before(small_hall.site, small_hall.clerk, elderly, other, None).text["vi"]


def test_the_earlier_one_came_earlier(small_hall: ServiceHarness) -> None:
    first, then = take(small_hall), take(small_hall)
    assert why(small_hall, first, then)[0] == "not_called"
    small_hall.next()
    assert why(small_hall, first, then) == (
        "earlier", "A001 was called at 08:02:00 to counter 1: it had waited longer than A002.",
    )  # fmt: skip
    small_hall.next()
    assert why(small_hall, then, first)[0] == "later"


def test_presses_of_one_moment_have_an_order_too(small_hall: ServiceHarness) -> None:
    first, then = take(small_hall), take(small_hall)
    presses: list[PendingCall] = [
        PendingRequest(CallNextRequest(small_hall.clerk, counter, new_id())) for counter in ("1", "2")
    ]
    call_next_batch(small_hall.site, presses)
    assert why(small_hall, first, then)[0] == "earlier"
    assert why(small_hall, then, first)[0] == "later"


def test_the_other_had_no_number_or_was_elsewhere(small_hall: ServiceHarness) -> None:
    away = take(small_hall)
    small_hall.next()
    small_hall.step(Action.PARK)
    called = take(small_hall)
    small_hall.next()
    assert why(small_hall, called, take(small_hall))[0] == "joined_later"
    assert why(small_hall, called, away)[0] == "later"
    small_hall.call("2", away)
    assert why(small_hall, called, away)[0] == "not_waiting"


def test_a_call_that_was_taken_back_does_not_count(small_hall: ServiceHarness) -> None:
    early, late = take(small_hall), take(small_hall)
    small_hall.next()
    small_hall.undo()
    assert why(small_hall, early, late)[0] == "not_called"
    assert small_hall.call("2", late).number == late
    assert why(small_hall, late, early)[0] == "reason"


def test_the_counter_does_not_serve_the_others_queue(small_hall: ServiceHarness) -> None:
    land, civil = take(small_hall, "DD"), take(small_hall, "HT")
    assert small_hall.next_number("1") == civil
    assert why(small_hall, civil, land)[0] == "other_queue"


def test_a_visitor_sent_to_another_counter_does_not_wait_for_this_one(small_hall: ServiceHarness) -> None:
    sent, stays = take(small_hall), take(small_hall)
    small_hall.next()
    small_hall.transfer("1", counter="2")
    assert small_hall.next_number("1") == stays
    assert why(small_hall, stays, sent)[0] == "other_queue"


def test_an_unknown_number(small_hall: ServiceHarness) -> None:
    with pytest.raises(NotFound):
        why(small_hall, "A001", "A002")


def ask_again(hall: ServiceHarness, ticket_id: int) -> None:
    request_reprint(hall.site, hall.clerk, ticket_id, new_id())


CHANGES_NO_PLACE: dict[str, Callable[[ServiceHarness, int], object]] = {
    "priority given": lambda hall, each: set_priority(hall.site, hall.clerk, each, "elderly", new_id()),
    "priority given and taken": lambda hall, each: [
        set_priority(hall.site, hall.clerk, each, reason, new_id()) for reason in ("elderly", None)
    ],
    "asked to be printed again": ask_again,
    "sent to the queue it is in": lambda hall, each: move_ticket(
        hall.site, hall.clerk, each, department="HT", counter=None, request_id=new_id()
    ),
    "sent to this counter": lambda hall, each: move_ticket(
        hall.site, hall.clerk, each, department=None, counter="1", request_id=new_id()
    ),
}


@pytest.mark.parametrize("name", CHANGES_NO_PLACE)
def test_whoever_waits_still_waits_after_what_changes_no_place(small_hall: ServiceHarness, name: str) -> None:
    first, other = take(small_hall), small_hall.take()
    called = small_hall.call("1", first)
    CHANGES_NO_PLACE[name](small_hall, other.id)
    assert called.number == first
    assert why(small_hall, first, other.number)[0] in ("earlier", "reason")
    small_hall.step(Action.FINISH)
    third = small_hall.call("1", take(small_hall))  # whoever was changed is still waiting, and is passed over
    assert why(small_hall, third.number, other.number)[0] == "reason"


def test_no_word_of_the_log_is_misread(small_hall: ServiceHarness) -> None:
    """After every line: does the answer say of the ticket what its state says?"""
    hall = small_hall
    fill(hall)
    for each in hall.rows(select(tables.ticket.c.id, tables.ticket.c.state)):
        with hall.site.read() as connection:
            catalogue = hall.site.catalogue(connection, hall.centre_id)
            lines = connection.execute(
                select(tables.journal).where(tables.journal.c.ticket_id == each.id).order_by(tables.journal.c.id)
            ).all()
        told = [event.waits for event in (_event(catalogue, line) for line in lines) if event.waits is not None]
        assert told[-1] == (each.state == "waiting"), [line.action for line in lines]


def test_whoever_hall_staff_sent_elsewhere_does_not_wait_here(small_hall: ServiceHarness) -> None:
    for target in ({"department": "DD", "counter": None}, {"department": None, "counter": "2"}):
        first, other = take(small_hall), small_hall.take()
        move_ticket(small_hall.site, small_hall.clerk, other.id, **target, request_id=new_id())
        assert small_hall.call("1", first).number == first
        assert why(small_hall, first, other.number)[0] == "other_queue", target
        small_hall.step(Action.FINISH)


def test_a_call_under_a_number_that_nobody_held_does_not_count(small_hall: ServiceHarness) -> None:
    lost, other = small_hall.take(request_id="tap"), take(small_hall)
    assert small_hall.next_number() == lost.number
    letter = small_hall.kiosk.offline_letter
    paper = OfflineTicket(TicketRequest("tap", "HT"), f"A{letter}001", age_seconds=60)
    assert small_hall.hand_in(paper)[0].status == "renumbered"
    assert why(small_hall, f"A{letter}001", other)[0] == "not_called"
    assert small_hall.call("1", other).number == other
    assert why(small_hall, other, f"A{letter}001")[0] == "reason"


def test_a_visitor_who_was_sent_behind_had_come_earlier_when_called(database: str) -> None:
    """A place that changed after the call says nothing of the call."""
    hall = ServiceHarness(database, counter={"no_show": "back", "no_show_places": 1, "announce_seconds": 0})
    first, then, _ = take(hall), take(hall), take(hall)
    assert hall.next_number() == first
    hall.step(Action.NO_SHOW)
    code, text = why(hall, first, then)
    assert (code, "had waited longer" in text) == ("earlier", True)
    assert why(hall, then, first)[0] in ("not_called", "later")
    hall.close()
