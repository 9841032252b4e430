"""Staff give numbers: the rules of a kiosk, who issued it in the audit log, and a slip at a chosen kiosk."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.schemas import TicketView
from display_server.services.errors import CentreClosed, Forbidden, InvalidTransition, NotFound, RequestIdReused
from display_server.services.kiosks.print_orders import ReprintCommand, order_slip
from display_server.services.kiosks.staff_tickets import given_number, given_numbers
from display_server.services.kiosks.status import KioskReport, Reprinted, report_kiosk, request_reprint
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.tickets import TicketRequest, get_ticket
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


def hall_staff(hall: ServiceHarness, number: int = 1) -> Actor:
    return replace(hall.clerk, id=number, role="hall")


def give(hall: ServiceHarness, actor: Actor | None = None, request_id: str | None = None, **wish: Any) -> TicketView:
    return issue(hall.site, actor or hall_staff(hall), TicketRequest(request_id or new_id(), "HT", **wish))[0]


def told(hall: ServiceHarness, kiosk: Actor | None = None, **changes: Any) -> list[ReprintCommand]:
    said = {"version": "0.1.0", "slips_waiting": 0, "to_hand_in": 0, "up_seconds": 5.0} | changes
    return report_kiosk(hall.site, kiosk or hall.kiosk, KioskReport.model_validate(said)).reprints


def order(hall: ServiceHarness, ticket: TicketView, kiosk: Actor | None = None, request_id: str | None = None) -> Any:
    who, where = hall_staff(hall), (kiosk or hall.kiosk).id
    return order_slip(hall.site, who, ticket.id, where, request_id or new_id())


def newest(hall: ServiceHarness, ticket: TicketView) -> tuple[str, str]:
    one = given_number(hall.site, hall_staff(hall), ticket.id).orders[0]
    return one.state, one.reason


def test_a_number_of_staff_stands_in_the_same_line_and_the_log_names_who_gave_it(small_hall: ServiceHarness) -> None:
    small_hall.employ("Hoa")
    small_hall.take()
    given = give(small_hall, priority="elderly")
    assert (given.number, given.priority, given.ahead) == ("A002", "elderly", 1)
    assert small_hall.take().number == "A003"
    issued = get_ticket(small_hall.site, small_hall.clerk, given.id).history[0]
    assert (issued.action, issued.actor) == ("issued", "staff Hoa")
    row = small_hall.rows(select(tables.ticket).where(tables.ticket.c.id == given.id))[0]
    assert row.device_id is None


def test_one_request_is_one_number_also_from_two_people(small_hall: ServiceHarness) -> None:
    first = give(small_hall, request_id="tap-1")
    again = give(small_hall, hall_staff(small_hall, 2), request_id="tap-1")
    assert (again.id, again.number) == (first.id, first.number)
    with pytest.raises(RequestIdReused):
        give(small_hall, request_id="tap-1", priority="elderly")


def test_a_closed_centre_gives_none(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(hours=12)
    with pytest.raises(CentreClosed) as refusal:
        give(small_hall)
    assert refusal.value.fields["opens_at"]


def test_what_one_person_gave_today_newest_first(small_hall: ServiceHarness) -> None:
    small_hall.take()
    first, second = give(small_hall), give(small_hall)
    give(small_hall, hall_staff(small_hall, 2))
    found = given_numbers(small_hall.site, hall_staff(small_hall))
    assert [each.ticket.number for each in found.given] == [second.number, first.number]
    small_hall.clock.advance(days=1)
    assert given_numbers(small_hall.site, hall_staff(small_hall)).given == []


def test_which_kiosk_cannot_print(small_hall: ServiceHarness) -> None:
    other = small_hall.enrol("kiosk", "b")
    seen = {each.name: each for each in given_numbers(small_hall.site, hall_staff(small_hall)).kiosks}
    assert [seen["kiosk"].can_print, seen["b"].can_print] == [False, False]  # not heard of yet
    told(small_hall)
    told(small_hall, other, problems=["paper_out"], slips_waiting=3)
    seen = {each.name: each for each in given_numbers(small_hall.site, hall_staff(small_hall)).kiosks}
    assert (seen["kiosk"].can_print, seen["b"].can_print, seen["b"].trouble) == (True, False, ["paper_out"])
    assert seen["b"].slips_waiting == 3
    told(small_hall, problems=["paper_low"])
    small_hall.clock.advance(seconds=11)
    told(small_hall, other, problems=["paper_low"])
    seen = {each.name: each for each in given_numbers(small_hall.site, hall_staff(small_hall)).kiosks}
    assert (seen["kiosk"].trouble, seen["kiosk"].can_print, seen["b"].can_print) == (["silent"], False, True)


def test_the_chosen_kiosk_gets_the_whole_ticket_until_it_says_what_became_of_it(small_hall: ServiceHarness) -> None:
    ticket = give(small_hall, request_id="tap-1", language="en")
    made = order(small_hall, ticket)
    assert (made.number, made.kiosk, made.state, made.is_copy) == ("A001", "kiosk", "asked", False)
    (heard,) = told(small_hall)
    assert (heard.id, heard.request_id, heard.is_copy) == (made.id, "tap-1", False)
    assert heard.ticket is not None
    assert (heard.ticket.number, heard.ticket.department, heard.ticket.language) == ("A001", "HT", "en")
    assert heard.ticket.status_url
    assert newest(small_hall, ticket) == ("told", "")
    assert [each.id for each in told(small_hall)] == [made.id]
    assert told(small_hall, reprinted=[Reprinted(id=made.id, done=True).model_dump()]) == []
    assert newest(small_hall, ticket) == ("printed", "")
    lines = select(tables.journal).where(tables.journal.c.action == "print_asked")
    assert [(line.actor_kind, line.details) for line in small_hall.rows(lines)] == [
        ("staff", {"device": small_hall.kiosk.id, "role": "hall"})
    ]


def test_one_order_however_often_it_is_sent(small_hall: ServiceHarness) -> None:
    ticket = give(small_hall)
    first = order(small_hall, ticket, request_id="p-1")
    assert order(small_hall, ticket, request_id="p-1").id == first.id
    assert order(small_hall, ticket, request_id="p-2").id == first.id  # pressed again before the kiosk heard
    assert len(told(small_hall)) == 1
    assert order(small_hall, ticket, request_id="p-3").id == first.id  # and while it prints
    with pytest.raises(RequestIdReused):
        order(small_hall, give(small_hall), request_id="p-1")


def test_a_silent_kiosks_order_goes_to_another_one_and_is_no_copy(small_hall: ServiceHarness) -> None:
    other, ticket = small_hall.enrol("kiosk", "b"), give(small_hall)
    order(small_hall, ticket)
    second = order(small_hall, ticket, other)
    assert not second.is_copy
    assert told(small_hall) == []  # it comes back and hears nothing of it
    assert [each.id for each in told(small_hall, other)] == [second.id]
    states = [(each.kiosk, each.state, each.reason) for each in orders_of(small_hall, ticket)]
    assert states == [("b", "told", ""), ("kiosk", "failed", "withdrawn")]


def orders_of(hall: ServiceHarness, ticket: TicketView) -> list[Any]:
    return list(given_number(hall.site, hall_staff(hall), ticket.id).orders)


def test_what_a_kiosk_may_have_printed_is_a_copy_at_the_next(small_hall: ServiceHarness) -> None:
    other, ticket = small_hall.enrol("kiosk", "b"), give(small_hall)
    order(small_hall, ticket)
    told(small_hall)
    assert order(small_hall, ticket, other).is_copy
    taken = small_hall.take()  # a kiosk's own number at another kiosk
    assert order(small_hall, taken, other).is_copy
    heard = told(small_hall, other)
    assert [each.is_copy for each in heard] == [True, True]
    assert all(each.ticket is not None for each in heard)


def test_an_order_that_nobody_heard_in_time_comes_out_for_nobody(small_hall: ServiceHarness) -> None:
    ticket = give(small_hall)
    order(small_hall, ticket)
    small_hall.clock.advance(minutes=11)
    assert told(small_hall) == []
    assert newest(small_hall, ticket) == ("failed", "too_late")


def test_no_paper_is_told_and_asked_for_again(small_hall: ServiceHarness) -> None:
    ticket = give(small_hall)
    first = order(small_hall, ticket)
    told(small_hall)
    told(small_hall, reprinted=[Reprinted(id=first.id, done=False, reason="paper out").model_dump()])
    assert newest(small_hall, ticket) == ("failed", "paper out")
    assert order(small_hall, ticket).id != first.id


def test_a_slip_of_staff_is_printed_again_like_a_kiosks(small_hall: ServiceHarness) -> None:
    ticket = give(small_hall, request_id="tap-1")
    with pytest.raises(InvalidTransition):
        request_reprint(small_hall.site, small_hall.clerk, ticket.id, "again-0")  # it is on no paper yet
    made = order(small_hall, ticket)
    told(small_hall)
    told(small_hall, reprinted=[Reprinted(id=made.id, done=True).model_dump()])
    again = request_reprint(small_hall.site, small_hall.clerk, ticket.id, "again-1")
    assert (again.kiosk, again.state) == ("kiosk", "asked")
    assert [(each.request_id, each.is_copy) for each in told(small_hall)] == [("tap-1", True)]


def test_orders_that_are_none(small_hall: ServiceHarness) -> None:
    ticket = give(small_hall)
    display = small_hall.enrol("counter", "keypad", "1")
    for ticket_id, kiosk in ((ticket.id, 99999), (ticket.id, display.id), (99999, small_hall.kiosk.id)):
        with pytest.raises(NotFound):
            order_slip(small_hall.site, hall_staff(small_hall), ticket_id, kiosk, new_id())
    small_hall.clock.advance(days=1)
    small_hall.take()
    with pytest.raises(InvalidTransition):
        order(small_hall, ticket)


def test_a_clerk_prints_and_sees_what_they_gave_themselves(small_hall: ServiceHarness) -> None:
    mine, other = give(small_hall, small_hall.clerk), give(small_hall, hall_staff(small_hall, 2))
    order_slip(small_hall.site, small_hall.clerk, mine.id, small_hall.kiosk.id, "p-1")
    with pytest.raises(Forbidden):
        order_slip(small_hall.site, small_hall.clerk, other.id, small_hall.kiosk.id, "p-2")
    with pytest.raises(NotFound):
        given_number(small_hall.site, small_hall.clerk, other.id)
