"""Queues without a counter: who leaves one is asked, and nobody is told minutes that no counter stands behind."""

from typing import Any

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.state_machine import CounterState
from display_server.services.calling.buttons import ButtonKey, press
from display_server.services.calling.visit_actions import set_counter_state
from display_server.services.displays.hall import hall_snapshot
from display_server.services.displays.phone import phone_of
from display_server.services.errors import LastCounter
from display_server.services.reporting.dashboard import overview
from display_server.services.tickets.centre_snapshot import centre_view
from display_server.services.tickets.tickets import get_ticket
from tests.display_server.service_harness import ServiceHarness

OPEN, BREAK, CLOSED = CounterState.OPEN, CounterState.BREAK, CounterState.CLOSED


def put(hall: ServiceHarness, counter: str, state: CounterState, *, confirmed: bool = False) -> None:
    set_counter_state(hall.site, hall.clerk, counter, state, confirmed=confirmed)


def refusal(hall: ServiceHarness, counter: str, state: CounterState) -> list[tuple[str, int]]:
    with pytest.raises(LastCounter) as refused:
        put(hall, counter, state)
    return [(queue["code"], queue["waiting"]) for queue in refused.value.fields["queues"]]


def state_of(hall: ServiceHarness, code: str) -> str:
    query = select(tables.counter.c.state).where(tables.counter.c.code == code)
    return str(hall.rows(query)[0].state)


def only(hall: ServiceHarness, *codes: str) -> None:
    """These counters are open, all others closed."""
    counters = [each.code for each in hall.rows(select(tables.counter.c.code))]
    for code in counters:
        put(hall, code, OPEN if code in codes else CLOSED, confirmed=True)


def serving(hall: ServiceHarness, department: str) -> list[str]:
    with hall.site.read() as connection:
        return list(hall.site.catalogue(connection, hall.centre_id).departments[department].counters)


@pytest.mark.parametrize("state", [CLOSED, BREAK])
def test_the_last_open_counter_of_a_queue_asks_and_goes_on_when_confirmed(
    small_hall: ServiceHarness, state: CounterState
) -> None:
    mine, *others = serving(small_hall, "HT")
    only(small_hall, mine)
    put(small_hall, mine, state)  # nobody waits
    put(small_hall, mine, OPEN)
    small_hall.take()
    small_hall.take()
    assert refusal(small_hall, mine, state) == [("HT", 2)]
    assert state_of(small_hall, mine) == OPEN
    for other in others:
        put(small_hall, other, OPEN)
        put(small_hall, mine, state)
        put(small_hall, mine, OPEN)
        put(small_hall, other, CLOSED)
    put(small_hall, mine, state, confirmed=True)
    assert state_of(small_hall, mine) == state
    put(small_hall, mine, state)  # it is so already


def test_closing_for_good_out_of_a_break_asks_too(small_hall: ServiceHarness) -> None:
    mine = serving(small_hall, "HT")[0]
    only(small_hall, mine)
    small_hall.take()
    put(small_hall, mine, BREAK, confirmed=True)
    assert refusal(small_hall, mine, CLOSED) == [("HT", 1)]


def test_who_was_sent_to_this_counter_waits_for_it_alone(small_hall: ServiceHarness) -> None:
    with small_hall.site.read() as connection:
        codes = list(small_hall.site.catalogue(connection, small_hall.centre_id).counters)
    first, second = codes[:2]
    only(small_hall, first, second)
    small_hall.take()
    assert small_hall.next(first) is not None
    announced = small_hall.transfer(first, counter=second)
    assert refusal(small_hall, second, CLOSED) == [("HT", 1)]
    assert get_ticket(small_hall.site, small_hall.clerk, announced.ticket_id).wait is not None
    put(small_hall, second, CLOSED, confirmed=True)
    seen = get_ticket(small_hall.site, small_hall.clerk, announced.ticket_id)
    assert (seen.wait, seen.no_wait) == (None, "no_counter")  # another open counter of its queue cannot call it


def test_a_button_closes_at_once(small_hall: ServiceHarness) -> None:
    mine = serving(small_hall, "HT")[0]
    button = small_hall.enrol("button", "b", mine)
    only(small_hall, mine)
    small_hall.take()
    assert press(small_hall.site, button, ButtonKey.CLOSE, None).state == "closed"
    (row,) = [each for each in overview(small_hall.site, small_hall.clerk).departments if each.code == "HT"]
    assert row.no_counter


def test_minutes_go_and_come_with_the_counter_in_every_place(small_hall: ServiceHarness) -> None:
    mine = serving(small_hall, "HT")[0]
    only(small_hall, mine)
    ticket = small_hall.take()

    def told() -> list[Any]:
        department = next(
            each for each in centre_view(small_hall.site, small_hall.kiosk).departments if each.code == "HT"
        )
        shown = next(
            each for each in hall_snapshot(small_hall.site, small_hall.centre_id).departments if each.code == "HT"
        )
        queue = next(each for each in overview(small_hall.site, small_hall.clerk).departments if each.code == "HT")
        phone = phone_of(small_hall.site, (ticket.status_url or "").rpartition("/")[2]).view
        return [
            department.wait,
            shown.wait,
            phone.wait,
            get_ticket(small_hall.site, small_hall.clerk, ticket.id).wait,
        ] + [
            None if gone else department.wait
            for gone in (department.no_wait, shown.no_counter, queue.no_counter, phone.no_wait)
        ]

    assert None not in told()
    put(small_hall, mine, CLOSED, confirmed=True)
    assert told() == [None] * 8
    taken = small_hall.take()
    assert (taken.wait, taken.no_wait) == (None, "no_counter")
    put(small_hall, mine, OPEN)
    assert None not in told()  # at once, not a second later


def test_after_hours_nobody_is_told_minutes_without_a_counter(small_hall: ServiceHarness) -> None:
    mine = serving(small_hall, "HT")[0]
    only(small_hall, mine)
    ticket = small_hall.take()
    put(small_hall, mine, CLOSED, confirmed=True)
    small_hall.clock.advance(hours=12)
    phone = phone_of(small_hall.site, (ticket.status_url or "").rpartition("/")[2]).view
    assert (phone.wait, phone.no_wait) == (None, "closed")
    shown = next(each for each in hall_snapshot(small_hall.site, small_hall.centre_id).departments if each.code == "HT")
    assert (shown.wait, shown.no_counter) == (None, True)
    put(small_hall, mine, OPEN)  # open counters go on with those who wait
    assert phone_of(small_hall.site, (ticket.status_url or "").rpartition("/")[2]).view.wait is not None
