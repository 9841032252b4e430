"""A visitor takes a number."""

from datetime import date

import pytest
from sqlalchemy import insert, select

from display_server.db import tables
from display_server.services.centre.import_centre import import_centre
from display_server.services.errors import CentreClosed, Invalid, NotFound, RequestIdReused
from tests.display_server.sample_centre import priority, small_centre
from tests.display_server.service_harness import ServiceHarness


def test_each_prefix_counts_from_001(small_hall: ServiceHarness) -> None:
    taken = [small_hall.take(code).number for code in ["HT", "HT", "DD", "HT", "XH", "DD"]]
    assert taken == ["A001", "A002", "B001", "A003", "C001", "B002"]


def test_each_business_day_counts_from_001(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.clock.advance(days=1)
    ticket = small_hall.take()
    assert (ticket.number, ticket.business_day) == ("A001", "2026-11-17")


def test_the_day_ends_at_the_centres_midnight(small_hall: ServiceHarness) -> None:
    hall = ServiceHarness(small_hall.database, server={"always_open": True, "database": small_hall.database})
    hall.clock.advance(hours=15, minutes=59, seconds=59)
    before = hall.take()
    hall.clock.advance(seconds=1)
    after = hall.take()
    assert (before.number, before.business_day) == ("A001", "2026-11-16")
    assert (after.number, after.business_day) == ("A001", "2026-11-17")
    hall.close()


def test_after_999_comes_1000(small_hall: ServiceHarness) -> None:
    series = {"centre_id": small_hall.centre_id, "business_day": date(2026, 11, 16), "prefix": "A", "last": 998}
    with small_hall.site.write_without_lock() as connection:
        connection.execute(insert(tables.number_series), series)
    assert [small_hall.take().number for _ in range(3)] == ["A999", "A1000", "A1001"]
    assert small_hall.drain() == ["A999", "A1000", "A1001"]


def test_the_same_request_gets_the_same_ticket(small_hall: ServiceHarness) -> None:
    first, is_new = small_hall.issue(request_id="tap-1")
    again, is_new_again = small_hall.issue(request_id="tap-1")
    assert (is_new, is_new_again) == (True, False)
    assert again.id == first.id
    assert small_hall.take().number == "A002"


def test_the_same_request_gets_its_ticket_even_when_the_centre_has_closed(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take(request_id="tap-1")
    small_hall.clock.advance(hours=12)
    assert small_hall.take(request_id="tap-1").id == ticket.id


@pytest.mark.parametrize(
    "other", [{"department": "DD"}, {"priority": "elderly"}, {"language": "en"}, {"procedure": "HT-1"}]
)
def test_a_request_id_is_not_used_for_another_wish(small_hall: ServiceHarness, other: dict[str, str]) -> None:
    small_hall.take(request_id="tap-1")
    with pytest.raises(RequestIdReused):
        small_hall.take(**({"department": "HT", "request_id": "tap-1"} | other))


def test_what_is_unknown_is_refused_and_leaves_no_gap(small_hall: ServiceHarness) -> None:
    with pytest.raises(NotFound):
        small_hall.take("NOWHERE")
    with pytest.raises(NotFound):
        small_hall.take(procedure="NONE")
    with pytest.raises(NotFound):
        small_hall.take("HT", procedure="DD-1")  # of another department
    with pytest.raises(Invalid):
        small_hall.take(priority="in_a_hurry")
    with pytest.raises(Invalid):
        small_hall.take(language="fr")
    assert small_hall.take().number == "A001"


def test_a_closed_centre_tells_when_it_opens(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(hours=4)
    with pytest.raises(CentreClosed) as noon:
        small_hall.take()
    assert noon.value.fields["opens_at"] == "2026-11-16T06:30:00+00:00"
    small_hall.clock.advance(days=4, hours=8)
    with pytest.raises(CentreClosed) as weekend:
        small_hall.take()
    assert weekend.value.fields["opens_at"] == "2026-11-23T00:30:00+00:00"


def test_always_open_ignores_the_hours(database: str) -> None:
    hall = ServiceHarness(database, server={"always_open": True, "database": database})
    hall.clock.advance(hours=12)
    assert hall.take().number == "A001"
    hall.close()


def test_the_ticket_tells_how_many_are_ahead(small_hall: ServiceHarness) -> None:
    assert [small_hall.take().ahead for _ in range(5)] == [0, 1, 2, 3, 4]
    assert small_hall.take("DD").ahead == 0
    assert small_hall.take(priority="elderly").ahead == 3  # interleaved: three others first
    small_hall.next()
    assert small_hall.take().ahead == 5


def test_a_ticket_remembers_what_was_asked_for(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take("DD", procedure="DD-1", priority="elderly", language="en")
    assert (ticket.procedure, ticket.priority, ticket.language) == ("DD-1", "elderly", "en")
    stored = small_hall.rows(select(tables.ticket))[0]
    assert stored.device_id == small_hall.kiosk.id
    assert stored.is_priority


def test_the_address_on_the_slip_leads_to_the_ticket_and_cannot_be_guessed(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    signed = ticket.status_url.removeprefix("/t/")
    assert small_hall.site.ticket_links.read(signed) == ticket.id
    forged = signed.replace(str(ticket.id), str(ticket.id + 1), 1)
    assert small_hall.site.ticket_links.read(forged) is None


def test_strict_priority_has_only_priority_ahead(small_hall: ServiceHarness) -> None:
    import_centre(small_hall.site, small_centre(priority=priority("strict")))
    for _ in range(4):
        small_hall.take()
    small_hall.take(priority="elderly")
    assert small_hall.take(priority="elderly").ahead == 1
