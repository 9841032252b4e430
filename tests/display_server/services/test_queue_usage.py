"""Kiosks show first what the centre's data says, then what was used most in the last four weeks, then by position."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from config.centre.loader import load_centre
from display_server.app import create_app
from display_server.db import tables
from display_server.services.catalogue.queue_usage import UsageBook
from display_server.services.devices.devices import DeviceKind, add_device
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import CENTRES


def order(hall: ServiceHarness) -> list[str]:
    """As the kiosk's own endpoint tells it, by a server that has counted nothing yet."""
    site = replace(hall.site, usage=UsageBook())
    token = add_device(hall.site, hall.centre_id, DeviceKind.KIOSK, f"kiosk {hall.clock.now.timestamp()}", None)
    answer = create_app(site).test_client().get("/api/v1/centre", headers={"Authorization": f"Bearer {token}"})
    return [department["code"] for department in answer.get_json()["departments"]]


def days_ago(hall: ServiceHarness, ticket_id: int, days: int) -> None:
    day = hall.clock.now.date() - timedelta(days=days)
    with hall.site.engine.begin() as connection:
        connection.execute(update(tables.ticket).where(tables.ticket.c.id == ticket_id).values(business_day=day))


def test_the_most_used_queue_of_the_last_weeks_comes_first(small_hall: ServiceHarness) -> None:
    listed = list(order(small_hall))
    assert len(listed) > 1
    last = listed[-1]
    small_hall.clock.advance(seconds=1)
    assert order(small_hall) == listed, "nothing was counted"
    days_ago(small_hall, small_hall.take(last).id, 0)
    small_hall.clock.advance(seconds=1)
    assert order(small_hall) == listed, "today changes nothing while the hall is open"
    days_ago(small_hall, small_hall.take(last).id, 28)
    days_ago(small_hall, small_hall.take(listed[0]).id, 29)  # too long ago
    small_hall.clock.advance(seconds=1)
    assert order(small_hall) == [last, *listed[:-1]]
    for days in (1, 2):
        days_ago(small_hall, small_hall.take(listed[0]).id, days)
    small_hall.clock.advance(seconds=1)
    assert order(small_hall)[:2] == [listed[0], last]


def test_what_the_data_says_stands_before_what_is_counted(small_hall: ServiceHarness) -> None:
    listed = order(small_hall)
    days_ago(small_hall, small_hall.take(listed[0]).id, 1)
    with small_hall.site.engine.begin() as connection:
        connection.execute(
            update(tables.centre).values(
                queues_first=[listed[-1], "gone"], catalogue_version=tables.centre.c.catalogue_version + 1
            )
        )
    small_hall.clock.advance(seconds=1)
    assert order(small_hall) == [listed[-1], *listed[:-1]]


def test_one_day_has_one_order(small_hall: ServiceHarness) -> None:
    listed = order(small_hall)
    book = UsageBook()
    with small_hall.site.read() as connection:
        catalogue = small_hall.site.catalogue(connection, small_hall.centre_id)
        day = small_hall.clock.now.date()
        book.in_order(connection, catalogue, day)
    days_ago(small_hall, small_hall.take(listed[-1]).id, 1)
    with small_hall.site.read() as connection:
        assert [each.code for each in book.in_order(connection, catalogue, day)] == listed
        assert book.in_order(connection, catalogue, day + timedelta(days=1))[0].code == listed[-1]


@pytest.mark.parametrize("name", ["thai_binh", "xa_mau"])
def test_result_collection_is_first_in_the_centres_that_are_shipped(name: str) -> None:
    centre = load_centre(CENTRES / name)
    assert centre.queues_first == ["TRAKQ"]
