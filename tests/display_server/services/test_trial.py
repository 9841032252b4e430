"""Trial numbers: at any hour, in no queue, once for each request."""

import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.services.errors import CentreClosed
from display_server.services.tickets.trial_ticket import give_trial_number
from tests.display_server.service_harness import ServiceHarness


def test_a_trial_number_is_given_when_the_centre_is_closed_and_counts_nowhere(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(hours=12)
    with pytest.raises(CentreClosed):
        small_hall.take("TP")
    trial = give_trial_number(small_hall.site, small_hall.kiosk, "one")
    assert trial == give_trial_number(small_hall.site, small_hall.kiosk, "one")
    assert trial.number.endswith("000")
    assert small_hall.rows(select(tables.ticket)) == []
    lines = small_hall.rows(select(tables.journal).where(tables.journal.c.action == "trial_number"))
    assert [(line.actor_id, line.number) for line in lines] == [(small_hall.kiosk.id, trial.number)]
    small_hall.clock.advance(hours=12)
    first = small_hall.take(trial.department)
    assert (first.number[:-3], first.number[-3:]) == (trial.number[:-3], "001")
