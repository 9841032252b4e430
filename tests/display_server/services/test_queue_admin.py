"""What hall staff change for somebody who waits."""

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.services.calling.queue_admin import move_ticket, remove_from_queue, set_priority
from display_server.services.errors import Invalid, InvalidTransition, NotFound
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


def reason(hall: ServiceHarness) -> str:
    with hall.site.read() as connection:
        return next(iter(hall.site.catalogue(connection, hall.centre_id).reasons))


def test_priority_given_in_the_hall_counts_for_the_next_call(small_hall: ServiceHarness) -> None:
    small_hall.employ("Lan")
    first, second = small_hall.take(), small_hall.take()
    shown = set_priority(small_hall.site, small_hall.clerk, second.id, reason(small_hall), "r1")
    assert (shown.priority, shown.history[-1].action, shown.history[-1].actor) == (
        reason(small_hall),
        "priority_set",
        "staff Lan",
    )
    assert small_hall.drain() == [second.number, first.number]
    third = small_hall.take()
    fourth = small_hall.take(priority=reason(small_hall))
    assert set_priority(small_hall.site, small_hall.clerk, fourth.id, None, "r2").priority is None
    assert small_hall.drain() == [third.number, fourth.number]


def test_out_of_the_line_is_out(small_hall: ServiceHarness) -> None:
    first, second = small_hall.take(), small_hall.take()
    assert remove_from_queue(small_hall.site, small_hall.clerk, first.id, "về nhà", "r1").state == "cancelled"
    assert small_hall.drain() == [second.number]
    with pytest.raises(InvalidTransition):
        remove_from_queue(small_hall.site, small_hall.clerk, second.id, None, "r2")


def test_moved_to_another_queue_the_time_of_coming_counts(small_hall: ServiceHarness) -> None:
    early = small_hall.take("HT")
    small_hall.clock.advance(minutes=1)
    late = small_hall.take("DD")
    move_ticket(small_hall.site, small_hall.clerk, early.id, department="DD", counter=None, request_id="r1")
    assert small_hall.next_number("1") is None
    assert [small_hall.next_number("4"), small_hall.next_number("4")] == [early.number, late.number]


def test_moved_to_one_counter_nobody_else_calls(small_hall: ServiceHarness) -> None:
    waiting = small_hall.take("HT")
    move_ticket(small_hall.site, small_hall.clerk, waiting.id, department=None, counter="2", request_id="r1")
    assert (small_hall.next_number("1"), small_hall.next_number("2")) == (None, waiting.number)


def test_a_change_is_made_once_and_never_at_a_counter(small_hall: ServiceHarness) -> None:
    waiting = small_hall.take()
    for _ in range(2):
        set_priority(small_hall.site, small_hall.clerk, waiting.id, reason(small_hall), "the same")
    assert small_hall.actions(waiting.id).count("priority_set") == 1
    assert small_hall.next_number() == waiting.number
    with pytest.raises(InvalidTransition):
        move_ticket(small_hall.site, small_hall.clerk, waiting.id, department="DD", counter=None, request_id=new_id())


def test_nonsense_changes_nothing(small_hall: ServiceHarness) -> None:
    waiting = small_hall.take()
    before = small_hall.rows(select(tables.ticket))
    with pytest.raises(Invalid):
        set_priority(small_hall.site, small_hall.clerk, waiting.id, "because", new_id())
    with pytest.raises(NotFound):
        move_ticket(small_hall.site, small_hall.clerk, waiting.id, department="XX", counter=None, request_id=new_id())
    with pytest.raises(NotFound):
        remove_from_queue(small_hall.site, small_hall.clerk, waiting.id + 99, None, new_id())
    small_hall.clock.advance(days=1)
    with pytest.raises(NotFound):
        remove_from_queue(small_hall.site, small_hall.clerk, waiting.id, None, new_id())
    assert small_hall.rows(select(tables.ticket)) == before
