"""Every step of a visit, and what becomes of it."""

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.core.schemas import TicketView
from display_server.services.errors import Invalid, InvalidTransition, NotFound
from tests.display_server.service_harness import ServiceHarness

WITHOUT_TARGET = [step for step in Action if step is not Action.TRANSFER]


@pytest.fixture
def visitor(small_hall: ServiceHarness) -> TicketView:
    """Called to counter 1; three more wait."""
    ticket = small_hall.take()
    for _ in range(3):
        small_hall.take()
    small_hall.next()
    return ticket


@pytest.mark.parametrize(
    ("step", "state", "word"),
    [
        (Action.START, "serving", "serving"),
        (Action.FINISH, "finished", "finished"),
        (Action.NO_SHOW, "no_show", "no_show"),
        (Action.PARK, "parked", "parked"),
        (Action.CANCEL, "cancelled", "cancelled"),
    ],
)
def test_each_step_is_done_and_journalled(
    small_hall: ServiceHarness, visitor: TicketView, step: Action, state: str, word: str
) -> None:
    small_hall.employ("Lan")
    assert small_hall.step(step).state == state
    assert small_hall.state(visitor.id) == state
    assert small_hall.actions(visitor.id) == ["issued", "called", word]
    assert small_hall.ticket(visitor.id).history[-1].actor == "staff Lan"


@pytest.mark.parametrize("step", [Action.RECALL, Action.START, Action.NO_SHOW])
def test_who_is_being_served_cannot_be_called_or_missed(
    small_hall: ServiceHarness, visitor: TicketView, step: Action
) -> None:
    small_hall.step(Action.START)
    with pytest.raises(InvalidTransition) as refused:
        small_hall.step(step)
    assert refused.value.fields["state"] == "serving"
    assert small_hall.state(visitor.id) == "serving"


@pytest.mark.parametrize("step", WITHOUT_TARGET)
def test_no_step_without_a_visitor(small_hall: ServiceHarness, step: Action) -> None:
    with pytest.raises(InvalidTransition):
        small_hall.step(step)


@pytest.mark.parametrize("step", WITHOUT_TARGET)
def test_a_visit_that_is_over_takes_no_step(small_hall: ServiceHarness, visitor: TicketView, step: Action) -> None:
    small_hall.step(Action.FINISH)
    with pytest.raises(InvalidTransition):
        small_hall.step(step)


def test_a_recall_is_a_new_call_with_the_next_number(small_hall: ServiceHarness, visitor: TicketView) -> None:
    small_hall.next("2")
    again = small_hall.step(Action.RECALL)
    assert (again.seq, again.recall, again.ticket_id) == (3, True, visitor.id)
    assert again.reason.code == "oldest"  # why the number came is not forgotten
    shown = [(call.seq, call.recall, call.open) for call in small_hall.hall().calls]
    assert shown == [(3, True, True), (2, False, True), (1, False, False)]
    assert small_hall.actions(visitor.id) == ["issued", "called", "recalled"]


def test_a_step_sent_twice_is_one_step(small_hall: ServiceHarness, visitor: TicketView) -> None:
    first = small_hall.step(Action.RECALL, request_id="press-1")
    assert small_hall.step(Action.RECALL, request_id="press-1") == first
    assert small_hall.hall().seq == 2


def test_a_missed_visitor_is_called_again_by_number(small_hall: ServiceHarness, visitor: TicketView) -> None:
    small_hall.step(Action.NO_SHOW)
    assert [ticket.number for ticket in small_hall.counter("2").missed] == ["A001"]
    call = small_hall.call("2", number="A001")
    assert (call.counter, call.reason.code, call.state) == ("2", "chosen", "called")
    assert small_hall.counter("2").missed == []


def test_a_parked_visitor_is_called_again_by_id_with_the_note(small_hall: ServiceHarness, visitor: TicketView) -> None:
    small_hall.step(Action.PARK, note="thiếu bản sao")
    parked = small_hall.counter("2").parked
    assert [(ticket.number, ticket.note) for ticket in parked] == [("A001", "thiếu bản sao")]
    assert small_hall.call("1", ticket_id=visitor.id).note == "thiếu bản sao"


def test_who_waits_may_be_called_out_of_turn_by_number(small_hall: ServiceHarness, visitor: TicketView) -> None:
    assert small_hall.call("2", number="A004").reason.code == "chosen"
    assert small_hall.drain("1") == ["A002", "A003"]


@pytest.mark.parametrize("last_step", [None, Action.START, Action.FINISH, Action.CANCEL])
def test_who_is_at_a_counter_or_gone_cannot_be_called(
    small_hall: ServiceHarness, visitor: TicketView, last_step: Action | None
) -> None:
    if last_step:
        small_hall.step(last_step)
    with pytest.raises(InvalidTransition):
        small_hall.call("2", number="A001")


def test_a_number_that_nobody_holds(small_hall: ServiceHarness) -> None:
    with pytest.raises(NotFound):
        small_hall.call("1", number="A001")
    with pytest.raises(NotFound):
        small_hall.call("1", ticket_id=4711)
    with pytest.raises(Invalid):
        small_hall.call("1", number="first")


def test_yesterdays_visitor_is_not_called_by_number_nor_by_id(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.clock.advance(days=1)
    with pytest.raises(NotFound):
        small_hall.call("1", number="A001")
    with pytest.raises(NotFound):
        small_hall.call("1", ticket_id=ticket.id)


def test_a_transfer_to_a_department_keeps_the_place(small_hall: ServiceHarness, visitor: TicketView) -> None:
    small_hall.clock.advance(seconds=1)
    small_hall.take("DD")  # came later than the visitor, who is sent on to the same queue
    small_hall.transfer("1", department="DD", note="cần xác nhận")
    ticket = small_hall.ticket(visitor.id)
    assert (ticket.state, ticket.department, ticket.note, ticket.ahead) == ("waiting", "DD", "cần xác nhận", 0)
    assert small_hall.drain("4") == ["A001", "B001"]
    assert small_hall.actions(visitor.id) == ["issued", "called", "transferred", "called", "finished"]


def test_a_transfer_to_a_counter_is_for_that_counter_alone(small_hall: ServiceHarness, visitor: TicketView) -> None:
    small_hall.transfer("1", counter="4", note="ký hồ sơ")
    assert small_hall.ticket(visitor.id).counter == "4"
    assert [ticket.number for ticket in small_hall.counter("4").waiting] == ["A001"]
    assert "A001" not in small_hall.drain("1")
    call = small_hall.next("4")
    assert call is not None
    assert (call.number, call.reason.code, call.note) == ("A001", "sent_here", "ký hồ sơ")


def test_who_was_sent_to_a_counter_may_be_sent_on(small_hall: ServiceHarness, visitor: TicketView) -> None:
    small_hall.transfer("1", counter="4")
    small_hall.next("4")
    small_hall.transfer("4", department="HT")
    assert small_hall.drain("1") == ["A001", "A002", "A003", "A004"]


def test_a_transfer_goes_to_one_place_that_exists(small_hall: ServiceHarness, visitor: TicketView) -> None:
    with pytest.raises(NotFound):
        small_hall.transfer("1", department="NOWHERE")
    with pytest.raises(NotFound):
        small_hall.transfer("1", counter="99")
    with pytest.raises(Invalid):
        small_hall.transfer("1")
    assert small_hall.state(visitor.id) == "called"


def test_the_visit_is_timed_from_its_first_call(small_hall: ServiceHarness, visitor: TicketView) -> None:
    first_call = small_hall.clock.now
    small_hall.clock.advance(minutes=2)
    small_hall.step(Action.RECALL)
    small_hall.step(Action.START)
    small_hall.clock.advance(minutes=5)
    small_hall.step(Action.FINISH)
    recalled, served = small_hall.rows(select(tables.call).order_by(tables.call.c.seq))
    assert (recalled.outcome, served.outcome) == ("recalled", "finished")
    assert served.first_called_at == first_call
    assert served.started_at is not None
    assert served.ended_at == small_hall.clock.now
