"""Who is called, in which order, and to which counter."""

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.state_machine import Action, CounterState
from display_server.services.calling.calls import call_next
from display_server.services.calling.visit_actions import set_counter_state
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.actors import Actor
from display_server.services.errors import Forbidden, InvalidTransition, NotFound, RequestIdReused
from tests.display_server.sample_centre import priority, small_centre
from tests.display_server.service_harness import ServiceHarness


def test_nobody_waits(small_hall: ServiceHarness) -> None:
    assert small_hall.next() is None


def test_counters_that_share_a_queue_get_different_visitors(small_hall: ServiceHarness) -> None:
    for _ in range(3):
        small_hall.take()
    assert [small_hall.next_number(code) for code in ["1", "2", "1", "2"]] == ["A001", "A002", "A003", None]


def test_a_ranked_counter_takes_its_first_queue_first(small_hall: ServiceHarness) -> None:
    for code in ["HT", "DD", "HT", "DD"]:
        small_hall.take(code)
    assert small_hall.drain("3") == ["B001", "B002", "A001", "A002"]


def test_another_counter_takes_whoever_waits_longest(small_hall: ServiceHarness) -> None:
    for code in ["XH", "DD", "XH", "DD"]:
        small_hall.take(code)
    assert small_hall.drain("4") == ["C001", "B001", "C002", "B002"]


def test_a_counter_calls_nobody_of_a_queue_that_it_does_not_serve(small_hall: ServiceHarness) -> None:
    small_hall.take("DD")
    assert small_hall.next("1") is None


def test_calls_are_numbered_without_gaps_and_say_why(small_hall: ServiceHarness) -> None:
    for _ in range(2):
        small_hall.take()
    small_hall.clock.advance(minutes=7, seconds=1)
    first, second = small_hall.next("1"), small_hall.next("2")
    assert first is not None
    assert second is not None
    assert (first.seq, second.seq) == (1, 2)
    assert (first.reason.code, first.waited_seconds) == ("oldest", 420)
    assert first.reason.text["vi"]
    assert "7" in first.reason.text["en"]


def test_interleaved_gives_priority_every_fourth_call(small_hall: ServiceHarness) -> None:
    small_hall.take(priority="elderly")
    assert small_hall.next_number() == "A001"  # the first of the day need not wait
    for _ in range(7):
        small_hall.take()
    for _ in range(2):
        small_hall.take(priority="elderly")
    assert small_hall.drain() == ["A002", "A003", "A004", "A009", "A005", "A006", "A007", "A010", "A008"]


def test_interleaved_never_holds_back_a_priority_visitor_who_came_first(small_hall: ServiceHarness) -> None:
    for reason in ["elderly", "elderly", None, None]:
        small_hall.take(priority=reason)
    assert small_hall.drain() == ["A001", "A002", "A003", "A004"]


def test_strict_gives_priority_always(small_hall: ServiceHarness) -> None:
    import_centre(small_hall.site, small_centre(priority=priority("strict")))
    for reason in [None, None, "elderly", "elderly"]:
        small_hall.take(priority=reason)
    assert small_hall.drain() == ["A003", "A004", "A001", "A002"]


def test_nobody_waits_longer_than_the_bound_because_of_priority(small_hall: ServiceHarness) -> None:
    import_centre(small_hall.site, small_centre(priority=priority("strict", max_wait_minutes=10)))
    small_hall.take()
    small_hall.clock.advance(minutes=5)
    small_hall.take(priority="elderly")
    small_hall.clock.advance(minutes=5, seconds=1)
    call = small_hall.next()
    assert call is not None
    assert (call.number, call.reason.code) == ("A001", "waited_too_long")


def test_the_bound_reaches_over_the_queues_of_a_ranked_counter(small_hall: ServiceHarness) -> None:
    small_hall.take("HT")
    small_hall.clock.advance(minutes=31)
    small_hall.take("DD")
    assert small_hall.drain("3") == ["A001", "B001"]


def test_the_same_press_is_one_call(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.take()
    first, again = small_hall.next(request_id="press-1"), small_hall.next(request_id="press-1")
    assert first == again
    assert small_hall.next_number() == "A002"


def test_the_same_press_stays_empty_when_nobody_waited(small_hall: ServiceHarness) -> None:
    assert small_hall.next(request_id="press-1") is None
    small_hall.take()
    assert small_hall.next(request_id="press-1") is None
    assert small_hall.next_number() == "A001"


def test_a_press_is_not_used_for_another_counter(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next("1", request_id="press-1")
    with pytest.raises(RequestIdReused):
        small_hall.next("2", request_id="press-1")


def test_the_next_call_finishes_the_visit_before(small_hall: ServiceHarness) -> None:
    first, _ = small_hall.take(), small_hall.take()
    small_hall.next()
    small_hall.next()
    assert small_hall.state(first.id) == "finished"


def test_the_next_call_finishes_the_visit_even_when_nobody_waits(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.next()
    assert small_hall.next() is None
    assert small_hall.state(ticket.id) == "finished"
    assert small_hall.counter().call is None


def test_where_finishing_is_not_automatic_the_present_visit_is_told(database: str) -> None:
    hall = ServiceHarness(database, counter={"finish_on_next": False})
    first, _ = hall.take(), hall.take()
    hall.next()
    with pytest.raises(InvalidTransition) as refused:
        hall.next()
    assert refused.value.fields["call"]["number"] == "A001"
    assert hall.state(first.id) == "called"
    with pytest.raises(InvalidTransition):
        hall.call("1", number="A002")
    hall.step(Action.FINISH)
    assert hall.next_number() == "A002"
    hall.close()


def test_a_refused_press_may_be_sent_again(database: str) -> None:
    hall = ServiceHarness(database, counter={"finish_on_next": False})
    hall.take()
    hall.take()
    hall.next()
    with pytest.raises(InvalidTransition):
        hall.next(request_id="press-1")
    hall.step(Action.FINISH)
    assert hall.next(request_id="press-1") is not None
    hall.close()


def test_calling_opens_a_closed_counter(small_hall: ServiceHarness) -> None:
    assert small_hall.counter().state == "closed"
    small_hall.next()
    assert small_hall.counter().state == "free"
    set_counter_state(small_hall.site, small_hall.clerk, "1", CounterState.BREAK)
    assert small_hall.counter().state == "break"
    small_hall.take()
    small_hall.next()
    assert small_hall.counter().state == "called"


def test_a_counters_device_works_at_its_own_counter_only(small_hall: ServiceHarness) -> None:
    keypad = small_hall.enrol("counter", "keypad 1", "1")
    small_hall.take()
    with pytest.raises(Forbidden):
        call_next(small_hall.site, keypad, "2", "press-1")
    assert call_next(small_hall.site, keypad, "1", "press-2") is not None


def test_an_unknown_counter(small_hall: ServiceHarness) -> None:
    with pytest.raises(NotFound):
        small_hall.next("99")


def test_yesterdays_visitors_are_not_called(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.clock.advance(days=1)
    assert small_hall.next() is None


def test_the_counters_page_lists_its_line_in_the_order_of_the_calls(small_hall: ServiceHarness) -> None:
    small_hall.take(priority="elderly")
    small_hall.next()
    for reason in [None, None, None, None, "elderly"]:
        small_hall.take(priority=reason)
    listed = [ticket.number for ticket in small_hall.counter().waiting]
    assert listed == small_hall.drain() == ["A002", "A003", "A004", "A006", "A005"]


def test_the_journal_says_who_called_whom_where_and_why(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.next()
    query = select(tables.journal).where(tables.journal.c.ticket_id == ticket.id).order_by(tables.journal.c.id)
    issued, called = small_hall.rows(query)
    assert (issued.action, issued.actor_kind, issued.actor_id) == ("issued", "kiosk", small_hall.kiosk.id)
    assert issued.number == "A001"
    assert (called.action, called.actor_kind, called.actor_id) == ("called", "staff", small_hall.clerk.id)
    assert called.details == {"seq": 1, "reason": "oldest"}
    assert called.counter_id is not None
    assert called.tick > issued.tick


def test_two_clerks_of_two_centres_do_not_meet(small_hall: ServiceHarness) -> None:
    import_centre(small_hall.site, small_centre(code="khac"))
    other = ServiceHarness.__new__(ServiceHarness)
    other.site, other.clock = small_hall.site, small_hall.clock
    stranger = Actor("staff", 2, "Minh", small_hall.centre_id + 1)
    small_hall.take()
    assert call_next(small_hall.site, stranger, "1", "press-1") is None
    assert small_hall.next(request_id="press-1") is not None  # another centre's press has nothing to do with it
