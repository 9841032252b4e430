"""The phone's page shows what the hall's displays show of a number, and nothing of the person."""

import json

import pytest

from display_server.domain.state_machine import Action, CounterState
from display_server.services.calling.counter_view import counter_view, list_counters
from display_server.services.calling.visit_actions import set_counter_state
from display_server.services.core.schemas import TicketView
from display_server.services.devices.schemas import without_people
from display_server.services.displays.phone import phone_of
from display_server.services.errors import DayEnded, NotFound
from display_server.services.tickets.tickets import get_ticket, get_ticket_by_token
from tests.display_server.service_harness import ServiceHarness

KNOWN = {"number", "department", "state", "ahead", "wait", "no_wait", "counter", "pause", "notices", "parked_for"}
NOTE = "Ông Trần Văn A CCCD 034071001234"


def secret_of(ticket: TicketView) -> str:
    return ticket.status_url.rpartition("/")[2]


@pytest.fixture
def parked(small_hall: ServiceHarness) -> TicketView:
    """A ticket with everything that must not be told: a reason of priority, a note, a clerk, its request."""
    ticket = small_hall.take(request_id="request-of-this-visitor", priority="elderly")
    small_hall.next()
    small_hall.step(Action.PARK, note=NOTE)
    return ticket


def test_nothing_but_the_queue_is_told(small_hall: ServiceHarness, parked: TicketView) -> None:
    view = phone_of(small_hall.site, secret_of(parked)).view
    assert set(type(view).model_fields) == KNOWN
    told = view.model_dump_json()
    assert not [word for word in (NOTE, "elderly", "request-of-this-visitor", "Lan", "034071") if word in told]


def test_called_it_names_the_counter_and_its_area(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    assert phone_of(small_hall.site, secret_of(ticket)).view.counter is None
    small_hall.next("1")
    view = phone_of(small_hall.site, secret_of(ticket)).view
    assert view.counter is not None
    assert view.counter.name["vi"] == "Quầy 1"
    small_hall.step(Action.FINISH)
    assert phone_of(small_hall.site, secret_of(ticket)).view.counter is None


@pytest.mark.parametrize("state", [CounterState.CLOSED, CounterState.BREAK])
def test_without_an_open_counter_it_says_so_in_place_of_minutes(
    small_hall: ServiceHarness, state: CounterState
) -> None:
    ticket = [small_hall.take() for _ in range(2)][1]
    small_hall.next("1")
    small_hall.site.load_cache.__init__()  # type: ignore[misc]
    assert phone_of(small_hall.site, secret_of(ticket)).view.wait is not None
    small_hall.step(Action.FINISH, "1")
    set_counter_state(small_hall.site, small_hall.clerk, "1", state)
    small_hall.site.load_cache.__init__()  # type: ignore[misc]
    view = phone_of(small_hall.site, secret_of(ticket)).view
    assert (view.wait, view.no_wait) == (None, "no_counter")
    assert (view.pause is not None) == (state == CounterState.BREAK)


def test_it_ends_with_its_day(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    small_hall.clock.advance(hours=15)  # eleven in the evening
    assert phone_of(small_hall.site, secret_of(ticket)).view.number == ticket.number
    small_hall.clock.advance(hours=2)
    with pytest.raises(DayEnded):
        phone_of(small_hall.site, secret_of(ticket))
    with pytest.raises(NotFound):
        phone_of(small_hall.site, secret_of(ticket) + "x")


def test_a_device_sees_no_note_no_reason_and_no_name(small_hall: ServiceHarness, parked: TicketView) -> None:
    counter = small_hall.enrol("counter", "counter 1", "1")
    for seen in (
        get_ticket(small_hall.site, small_hall.kiosk, parked.id),
        get_ticket(small_hall.site, counter, parked.id),
        get_ticket_by_token(small_hall.site, small_hall.kiosk, secret_of(parked)),
        without_people(counter_view(small_hall.site, counter, "1")),
        without_people(list_counters(small_hall.site, counter.centre_id)),
    ):
        told = seen.model_dump_json()
        assert not [word for word in ("Trần", "034071", "Lan") if word in told], told
    assert NOTE in get_ticket(small_hall.site, small_hall.clerk, parked.id).model_dump_json()
    assert NOTE in counter_view(small_hall.site, small_hall.clerk, "1").model_dump_json()


def test_a_device_reads_no_tickets_of_others_by_counting(small_hall: ServiceHarness, parked: TicketView) -> None:
    other = small_hall.enrol("kiosk", "kiosk 2")
    counter = small_hall.enrol("counter", "counter 1", "1")
    with pytest.raises(NotFound):
        get_ticket(small_hall.site, other, parked.id)
    assert get_ticket(small_hall.site, counter, parked.id).number == parked.number
    small_hall.clock.advance(days=1)
    with pytest.raises(NotFound):
        get_ticket(small_hall.site, counter, parked.id)


def test_the_state_that_anybody_reads_names_no_person(small_hall: ServiceHarness, parked: TicketView) -> None:
    told = json.dumps(small_hall.hall().model_dump(mode="json"), ensure_ascii=False)
    assert not [word for word in ("Lan", "elderly", "Trần", parked.request_id) if word in told]
