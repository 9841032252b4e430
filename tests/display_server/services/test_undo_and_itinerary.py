"""Taking a step back, several services on one ticket, who is not here, and pages that are behind."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.state_machine import Action, CounterState
from display_server.services.calling.calls import CallNextRequest, PendingCall, call_next, call_next_batch
from display_server.services.calling.visit_actions import add_service, perform_action, set_counter_state
from display_server.services.core.actors import Actor
from display_server.services.core.batching import PendingRequest
from display_server.services.errors import InvalidTransition, StaleCall
from display_server.services.reporting.audit import verify
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id

NewHall = Callable[..., ServiceHarness]


@pytest.fixture
def hall_with(database: str) -> Iterator[NewHall]:
    """The small hall, with settings of the counter."""
    halls: list[ServiceHarness] = []

    def make(**counter: Any) -> ServiceHarness:
        halls.append(ServiceHarness(database, counter=counter))
        return halls[-1]

    yield make
    for hall in halls:
        hall.close()


def picture(hall: ServiceHarness) -> Any:
    """All that a step changes, but for the journal, the calls' history and what can be taken back."""
    ticket, call, turn = tables.ticket, tables.call, tables.priority_turn
    return (
        hall.rows(select(ticket).order_by(ticket.c.id)),
        hall.rows(select(call).where(tables.call_is_open)),
        hall.rows(select(turn.c.department_id, turn.c.others)),
    )


def do(hall: ServiceHarness, step: str) -> None:
    if step == "call-next":
        hall.next()
    elif step == "call":
        hall.call("1", "A004")
    elif step == "then":
        add_service(hall.site, hall.clerk, "1", "DD", new_id())
    elif step == "transfer":
        hall.transfer("1", counter="3")
    else:
        hall.step(Action(step))


STEPS = ["call-next", "call", "then", *Action]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("served", [False, True])
def test_each_step_is_taken_back_as_if_it_had_not_been(small_hall: ServiceHarness, step: str, served: bool) -> None:
    for priority in (None, None, "elderly", None):
        small_hall.take(priority=priority)
    small_hall.next()
    if served and step not in {"recall", "no-show", "start"}:
        small_hall.step(Action.START)
    small_hall.clock.advance(seconds=30)
    before = picture(small_hall)
    do(small_hall, step)
    small_hall.clock.advance(seconds=9)
    small_hall.undo()
    assert picture(small_hall) == before
    assert small_hall.counter().undo is None
    with pytest.raises(InvalidTransition):
        small_hall.undo()


def test_a_step_is_taken_back_only_for_some_seconds(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    undo = small_hall.counter().undo
    assert undo is not None
    assert (undo.step, undo.number) == ("call-next", "A001")
    small_hall.clock.advance(seconds=11)
    assert small_hall.counter().undo is None
    with pytest.raises(InvalidTransition):
        small_hall.undo()


def test_who_has_gone_on_elsewhere_is_not_taken_back(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.next()
    small_hall.step(Action.PARK)
    small_hall.call("2", ticket.number)
    with pytest.raises(InvalidTransition) as refused:
        small_hall.undo()
    assert refused.value.fields["state"] == "called"
    assert small_hall.counter("2").call is not None


def test_taking_back_is_done_once_and_journalled(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.next()
    once = new_id()
    assert small_hall.undo(request_id=once) == small_hall.undo(request_id=once)
    assert small_hall.actions(ticket.id) == ["issued", "called", "undone"]
    assert small_hall.next_number() == ticket.number


def test_a_visit_goes_on_to_the_next_service_by_itself_and_keeps_its_time(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take("HT", then=("DD",))
    small_hall.clock.advance(minutes=2)
    later = small_hall.take("DD")
    small_hall.next("1")
    add_service(small_hall.site, small_hall.clerk, "1", "XH", new_id())
    assert small_hall.step(Action.FINISH).state == "waiting"
    shown = small_hall.ticket(ticket.id)
    assert (shown.department, shown.itinerary) == ("DD", ["XH"])
    assert [small_hall.next_number("4") for _ in range(3)] == [ticket.number, ticket.number, later.number]
    assert small_hall.actions(ticket.id) == [
        "issued", "called", "service_added", "went_on", "called", "went_on", "called", "finished",
    ]  # fmt: skip


def test_one_who_is_not_here_goes_back_some_places_then_out(hall_with: NewHall) -> None:
    hall = hall_with(no_show="back", no_show_places=2, no_show_times=2)
    for _ in range(4):
        hall.take()
        hall.clock.advance(seconds=1)
    assert hall.next_number() == "A001"
    assert hall.step(Action.NO_SHOW).state == "waiting"
    assert [hall.next_number() for _ in range(3)] == ["A002", "A003", "A001"]
    assert hall.step(Action.NO_SHOW).state == "waiting"
    assert [hall.next_number() for _ in range(2)] == ["A004", "A001"]
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_after_so_many_recalls_the_next_says_that_nobody_came(hall_with: NewHall) -> None:
    hall = hall_with(recalls=2)
    hall.take()
    hall.next()
    hall.step(Action.RECALL)
    hall.undo()  # a slip of the finger: the visitor heard one call the less, and loses none
    assert [hall.step(Action.RECALL).state for _ in range(3)] == ["called", "called", "no_show"]


def test_nobody_is_gone_before_their_time_of_grace(hall_with: NewHall) -> None:
    hall = hall_with(grace_seconds=60)
    hall.take()
    hall.next()
    hall.clock.advance(seconds=20)
    with pytest.raises(InvalidTransition) as refused:
        hall.step(Action.NO_SHOW)
    assert refused.value.fields["seconds_left"] in (40, 41)
    hall.clock.advance(seconds=40)
    assert hall.step(Action.NO_SHOW).state == "no_show"


def test_a_visitor_is_sent_to_a_person_wherever_they_work(small_hall: ServiceHarness) -> None:
    small_hall.employ("Lan", "Hùng")
    hung = Actor("staff", 2, "Hùng", small_hall.centre_id, role="clerk")
    ticket = small_hall.take()
    small_hall.next()
    with pytest.raises(InvalidTransition):
        small_hall.transfer("1", staff="Hùng")
    for counter in ("3", "4"):
        set_counter_state(small_hall.site, hung, counter, CounterState.OPEN)
    assert [small_hall.counter(code).clerk for code in ("1", "3", "4")] == ["Lan", None, "Hùng"]
    small_hall.transfer("1", staff="Hùng")
    assert small_hall.next_number("4") == ticket.number


def test_a_page_that_is_behind_presses_nobody_away(small_hall: ServiceHarness) -> None:
    """Two windows at one counter: both saw A001; one calls A002, the other's late press changes nothing."""
    for _ in range(3):
        small_hall.take()
    seen = small_hall.next()
    assert seen is not None
    small_hall.next()
    for press in (
        lambda: call_next(small_hall.site, small_hall.clerk, "1", new_id(), seen.id),
        lambda: perform_action(small_hall.site, small_hall.clerk, "1", Action.NO_SHOW, new_id(), seen=seen.id),
        lambda: call_next(small_hall.site, small_hall.clerk, "1", new_id(), 0),
    ):
        with pytest.raises(StaleCall) as refused:
            press()
        assert refused.value.fields["call"]["number"] == "A002"
    assert small_hall.counter().waiting_count == 1


def test_the_clerks_own_day_counts_what_was_finished(small_hall: ServiceHarness) -> None:
    for _ in range(3):
        small_hall.take()
    for minutes in (4, 6):
        small_hall.next()
        small_hall.clock.advance(minutes=minutes)
        small_hall.step(Action.FINISH)
    small_hall.next()
    small_hall.step(Action.NO_SHOW)
    day = small_hall.counter().day
    assert (day.served, day.mean_seconds) == (2, 300)


def test_a_break_says_why_and_until_when(small_hall: ServiceHarness) -> None:
    set_counter_state(small_hall.site, small_hall.clerk, "1", CounterState.BREAK, None, "Họp")
    assert small_hall.counter().break_reason == "Họp"
    set_counter_state(small_hall.site, small_hall.clerk, "1", CounterState.OPEN)
    assert small_hall.counter().break_reason is None


def test_who_waited_longer_is_kept_with_the_reason(small_hall: ServiceHarness) -> None:
    first = small_hall.take()
    small_hall.take(priority="elderly")
    call = small_hall.next()
    assert call is not None
    assert (call.number, call.reason.code) == ("A002", "priority")
    entry = small_hall.ticket(call.ticket_id).history[-1]
    assert entry.details["passed"] == [first.number]


def test_presses_of_one_moment_share_a_transaction_and_each_has_its_own_end(small_hall: ServiceHarness) -> None:
    tickets = [small_hall.take() for _ in range(2)]
    once, clerk = new_id(), small_hall.clerk
    wanted = [
        CallNextRequest(clerk, "1", once),
        CallNextRequest(clerk, "2", new_id()),
        CallNextRequest(clerk, "1", once),
        CallNextRequest(clerk, "1", new_id(), expected_call_id=0),
        CallNextRequest(clerk, "3", new_id()),
    ]
    presses: list[PendingCall] = [PendingRequest(press) for press in wanted]
    version = small_hall.hall().version
    call_next_batch(small_hall.site, presses)
    assert small_hall.hall().version == version + 1
    called = [press.answer[0] if press.answer else None for press in presses]
    numbers = [answer.call.number if answer and answer.call else None for answer in called]
    assert numbers == [tickets[0].number, tickets[1].number, tickets[0].number, None, None]
    assert isinstance(presses[3].error, StaleCall)
    assert verify(small_hall.site, small_hall.centre_id).problems == []
