"""A visitor who has come back scans the slip."""

from dataclasses import replace

import pytest

from display_server.services.centre.import_centre import import_centre
from display_server.services.errors import NotFound
from display_server.services.tickets.tickets import get_ticket_by_token
from tests.display_server.sample_centre import small_centre
from tests.display_server.service_harness import ServiceHarness


def test_a_slip_is_followed_from_the_line_to_the_counter(small_hall: ServiceHarness) -> None:
    small_hall.take()
    ticket = small_hall.take()
    secret = ticket.status_url.rpartition("/")[2]

    def look() -> tuple[str, int, str | None]:
        found = get_ticket_by_token(small_hall.site, small_hall.kiosk, secret)
        assert found.number == ticket.number
        return found.state, found.ahead, found.counter

    assert look() == ("waiting", 1, None)
    small_hall.next()
    assert look() == ("waiting", 0, None)
    small_hall.next()
    assert look() == ("called", 0, "1")


@pytest.mark.parametrize("secret", ["", "forged", "MQ.forged", "x" * 200])
def test_a_forged_address_is_no_slip(small_hall: ServiceHarness, secret: str) -> None:
    with pytest.raises(NotFound):
        get_ticket_by_token(small_hall.site, small_hall.kiosk, secret)


def test_a_kiosk_of_another_centre_learns_nothing(small_hall: ServiceHarness) -> None:
    import_centre(small_hall.site, small_centre(code="khac"))
    secret = small_hall.take().status_url.rpartition("/")[2]

    with pytest.raises(NotFound):
        get_ticket_by_token(small_hall.site, replace(small_hall.kiosk, centre_id=small_hall.centre_id + 1), secret)
