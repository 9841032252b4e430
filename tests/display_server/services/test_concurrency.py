"""Many at the same moment, each with a connection of its own; and the constraints that back each rule up."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from display_server.db import tables
from display_server.services.calling.calls import call_next
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """The results of `acts`, all begun at the same moment; an error of any is raised."""
    gate, results, faults = threading.Barrier(len(acts)), [], []

    def work(act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results.append(act())
        except Exception as error:  # noqa: BLE001 - raised below, in the test's own thread
            faults.append(error)

    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return results


@pytest.fixture
def two_servers(small_hall: ServiceHarness) -> Any:
    """Two server processes would share the database as these two sites do: each has its own engine and memory."""
    other = ServiceHarness(small_hall.database)
    yield small_hall, other
    other.close()


def test_eight_kiosks_never_get_one_number_twice(two_servers: Any) -> None:
    def take_five(hall: ServiceHarness) -> list[str]:
        return [hall.take().number for _ in range(5)]

    taken = at_once(*[lambda hall=two_servers[n % 2]: take_five(hall) for n in range(8)])
    assert sorted(number for five in taken for number in five) == [f"A{n:03d}" for n in range(1, 41)]


def test_the_same_tap_eight_times_at_once_is_one_ticket(two_servers: Any) -> None:
    wish = TicketRequest("tap-1", "HT")
    results = at_once(*[lambda hall=two_servers[n % 2]: issue(hall.site, hall.kiosk, wish) for n in range(8)])
    assert {ticket.id for ticket, _ in results} == {results[0][0].id}
    assert sum(is_new for _, is_new in results) == 1


def test_two_counters_at_once_get_two_visitors(two_servers: Any) -> None:
    one, other = two_servers
    for _ in range(20):
        one.take()
    pairs = [at_once(lambda: one.next_number("1"), lambda: other.next_number("2")) for _ in range(10)]
    assert sorted(number for pair in pairs for number in pair) == [f"A{n:03d}" for n in range(1, 21)]
    seqs = [row.seq for row in one.rows(select(tables.call.c.seq).order_by(tables.call.c.id))]
    assert seqs == list(range(1, 21))


def test_two_counters_at_once_and_one_visitor(two_servers: Any) -> None:
    one, other = two_servers
    for _ in range(10):
        number = one.take().number
        pair = at_once(lambda: one.next_number("1"), lambda: other.next_number("2"))
        assert sorted(pair, key=str) == sorted([number, None], key=str)


def test_the_same_press_at_once_is_one_call(two_servers: Any) -> None:
    one, _ = two_servers
    one.take()
    one.take()
    press = new_id()
    answers = at_once(*[lambda hall=two_servers[n % 2]: call_next(hall.site, hall.clerk, "1", press) for n in range(6)])
    assert {answer.call.seq for answer in answers} == {1}


# The database itself refuses what the rules forbid


def a_ticket(hall: ServiceHarness, **changes: Any) -> dict[str, Any]:
    hall.take(request_id="tap-1")
    stored = dict(hall.rows(select(tables.ticket))[0]._mapping)
    del stored["id"]
    return stored | changes


@pytest.mark.parametrize("changes", [{"request_id": "tap-2"}, {"number": 2}])
def test_no_number_and_no_request_twice(small_hall: ServiceHarness, changes: dict[str, Any]) -> None:
    row = a_ticket(small_hall, **changes)
    with pytest.raises(IntegrityError), small_hall.site.write_without_lock() as connection:
        connection.execute(insert(tables.ticket), row)


def test_no_two_open_calls_at_a_counter_and_none_of_one_visitor_twice(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.take()
    small_hall.next("1")
    small_hall.next("2")
    first, second = small_hall.rows(
        select(tables.call.c.counter_id, tables.call.c.ticket_id).order_by(tables.call.c.id)
    )
    for column in ({"counter_id": first.counter_id}, {"ticket_id": first.ticket_id}):
        statement = update(tables.call).where(tables.call.c.ticket_id == second.ticket_id).values(**column)
        with pytest.raises(IntegrityError), small_hall.site.write_without_lock() as connection:
            connection.execute(statement)
