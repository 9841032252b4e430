"""Time limits and erasing by hand: what is too old goes, figures stay, and nothing goes too early."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from display_server.db import tables
from display_server.db.purging import purge
from display_server.domain.state_machine import Action
from display_server.services.core.actors import Actor
from display_server.services.errors import InvalidTransition, NotFound
from display_server.services.keys.commitments import ERASED
from display_server.services.privacy import privacy, retention
from display_server.services.reporting.audit import verify
from display_server.services.reporting.call_order import why_called_before
from display_server.services.staff.authentication import sign_in, welcome
from display_server.services.staff.staff import Role, add_staff, change_staff, find_row
from tests.display_server.service_harness import ServiceHarness

NOTE = "Ông Trần Văn A, CCCD 034071001234"
PASSWORD = "mot cua hai cua"
ticket, audit_text, run_row = tables.ticket, tables.audit_text, tables.privacy_run


def day_of_work(hall: ServiceHarness) -> None:
    """A priority visitor who is served, and one who is put aside with a note."""
    hall.take("HT", procedure="HT-1", priority="elderly", language="en", then=("DD",))
    hall.take("HT")
    hall.next()
    hall.step(Action.PARK, note=NOTE)
    hall.next()
    hall.step(Action.FINISH)


def days_of_work(hall: ServiceHarness, count: int) -> None:
    with hall.site.read() as connection:
        hours = hall.site.catalogue(connection, hall.centre_id).hours
    for _ in range(count):
        while not hours.is_open(hall.clock()):
            hall.clock.advance(days=1)
        day_of_work(hall)
        hall.clock.advance(days=1)


def run(hall: ServiceHarness) -> retention.Done:
    done = retention.run(hall.site, hall.centre_id)
    assert done is not None
    return done


def held(hall: ServiceHarness) -> dict[str, int]:
    return {each.what: each.count for each in privacy.held(hall.site, hall.centre_id)}


def stored(hall: ServiceHarness) -> str:
    with hall.site.read() as connection:
        return str([connection.execute(select(each)).all() for each in tables.metadata.sorted_tables])


def figures(hall: ServiceHarness) -> list[Any]:
    """What reports count: numbers, queues, times, who had priority, outcomes, scores."""
    call = tables.call
    tickets = select(ticket.c.prefix, ticket.c.number, ticket.c.department_id, ticket.c.is_priority, ticket.c.issued_at)
    calls = select(call.c.number, call.c.counter_id, call.c.called_at, call.c.ended_at, call.c.outcome)
    return [*hall.rows(tickets.order_by(ticket.c.id)), *hall.rows(calls.order_by(call.c.id))]


def test_notes_go_after_their_days_and_not_before(small_hall: ServiceHarness) -> None:
    for _ in range(6):
        days_of_work(small_hall, 2)
        small_hall.clock.advance(days=8)
    notes = select(audit_text.c.at).where(audit_text.c.kind == "note")
    was = [row.at.date() for row in small_hall.rows(notes)]  # written at eight, the same day in UTC
    done = run(small_hall)
    assert done.counted_from is not None
    kept = [each for each in was if each >= done.counted_from - timedelta(days=30)]
    assert sorted(row.at.date() for row in small_hall.rows(notes)) == sorted(kept) != sorted(was)
    assert (done.texts, run(small_hall).texts) == (len(was) - len(kept), 0)
    assert verify(small_hall.site, small_hall.centre_id).problems == []


def test_details_of_visits_go_and_figures_stay(small_hall: ServiceHarness) -> None:
    days_of_work(small_hall, 3)
    for _ in range(42):
        small_hall.clock.advance(days=10)
        days_of_work(small_hall, 1)
    days_of_work(small_hall, 3)
    was, count = figures(small_hall), small_hall.rows(select(func.count()).select_from(ticket))[0][0]
    small_hall.site.settings.privacy.__dict__["visit_days"] = 31
    done = run(small_hall)
    assert 0 < done.visits < count
    assert figures(small_hall) == was
    rows = small_hall.rows(select(ticket).order_by(ticket.c.id))
    gone = [row for row in rows if row.language == ""]
    assert (len(gone), rows[: len(gone)]) == (held(small_hall)["visits without details"], gone)
    assert {(row.procedure_id, row.priority, row.note, row.wish, str(row.itinerary)) for row in gone} == {
        (None, None, None, '["HT"]', "[]")
    }
    assert gone[0].is_priority  # a figure
    assert all(row.language and row.wish != '["HT"]' for row in rows[len(gone) :])
    assert small_hall.ticket(gone[0].id).number == "A001"
    first_day = gone[0].business_day
    assert why_called_before(small_hall.site, small_hall.clerk, "A001", "A002", first_day).code
    assert verify(small_hall.site, small_hall.centre_id).problems == []


def test_addresses_go_and_who_did_what_stays(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lan", Role.CLERK, PASSWORD)
    lan = sign_in(small_hall.site, "Lan", PASSWORD, "10.1.2.3")
    assert lan is not None
    welcome(small_hall.site, lan, "password", "10.1.2.3")
    small_hall.clock.advance(days=91)
    days_of_work(small_hall, 3)
    done = run(small_hall)
    assert done.texts == 1
    assert held(small_hall)["texts: address"] == 0
    line = small_hall.rows(select(tables.journal).where(tables.journal.c.action == "signed_in"))[0]
    assert (line.actor_kind, line.actor_id) == ("staff", 1)
    assert verify(small_hall.site, small_hall.centre_id).problems == []


def test_the_name_of_who_left_goes_after_its_days(small_hall: ServiceHarness) -> None:
    small_hall.employ("Lan", "Hoa")
    day_of_work(small_hall)
    change_staff(small_hall.site, boss(small_hall), 1, Role.CLERK, [], active=False)
    small_hall.clock.advance(days=731)
    days_of_work(small_hall, 3)
    assert run(small_hall).people == 1
    assert run(small_hall).people == 0
    names = [row.name for row in small_hall.rows(select(tables.staff).order_by(tables.staff.c.id))]
    assert names == [f"{ERASED} #1", "Hoa"]
    assert sign_in(small_hall.site, names[0], "") is None
    assert verify(small_hall.site, small_hall.centre_id).problems == []
    called = [entry for entry in small_hall.ticket(1).history if entry.action == "called"]
    assert called[0].actor == f"staff {ERASED} #1"


@pytest.mark.parametrize("away", [{"hours": 13}, {"hours": -13}])  # too long ago; written by a clock that was ahead
def test_wrong_sign_ins_go_with_the_night(small_hall: ServiceHarness, away: dict[str, float]) -> None:
    small_hall.employ("Lan")
    assert sign_in(small_hall.site, "Lan", "wrong", "192.0.2.9") is None
    rows = small_hall.rows(select(tables.sign_in_failure))
    assert rows
    assert all(re.fullmatch(r"[0-9a-f]{64}", row.key) for row in rows)  # neither a name nor an address
    run(small_hall)
    assert small_hall.rows(select(tables.sign_in_failure)) == rows
    small_hall.clock.advance(**away)
    run(small_hall)
    assert small_hall.rows(select(tables.sign_in_failure)) == []


def boss(hall: ServiceHarness) -> Actor:
    return replace(hall.clerk, id=2, name="Hoa", role="administrator")


def test_a_clock_that_jumps_ahead_by_years_erases_nothing_early(small_hall: ServiceHarness) -> None:
    days_of_work(small_hall, 4)
    small_hall.clock.advance(days=3650)
    done = run(small_hall)
    assert (done.texts, done.visits, done.people) == (0, 0, 0)
    small_hall.take()  # even when a day of work is written under that clock
    small_hall.clock.advance(days=1)
    done = run(small_hall)
    assert (done.texts, done.visits) == (0, 0)


def test_a_hall_without_work_goes_on_by_a_day_a_day(small_hall: ServiceHarness) -> None:
    days_of_work(small_hall, 3)
    for _ in range(60):
        small_hall.clock.advance(days=1)
        run(small_hall)
    assert held(small_hall)["texts: note"] == 0


def test_once_a_day_while_the_hall_is_closed(small_hall: ServiceHarness) -> None:
    days_of_work(small_hall, 3)  # it is eight in the morning
    assert retention.run_when_due(small_hall.site, small_hall.centre_id) is None
    small_hall.clock.advance(hours=13)
    assert retention.run_when_due(small_hall.site, small_hall.centre_id) is not None
    assert retention.run_when_due(small_hall.site, small_hall.centre_id) is None
    assert privacy.last_run(small_hall.site, small_hall.centre_id) == date(2026, 11, 19)


def test_one_process_does_it_and_one_that_died_blocks_nobody_for_long(small_hall: ServiceHarness) -> None:
    now = small_hall.clock()
    assert retention._claim(small_hall.site, small_hall.centre_id, now)
    assert retention.run(small_hall.site, small_hall.centre_id) is None
    small_hall.clock.advance(minutes=11)
    assert retention.run(small_hall.site, small_hall.centre_id) is not None
    retention._claim(small_hall.site, small_hall.centre_id, now + timedelta(days=900))  # by a clock that was ahead
    assert retention.run(small_hall.site, small_hall.centre_id) is not None


@pytest.mark.parametrize("after", [0, 1, 2, 3, 4, 5, 6])
def test_a_run_cut_off_after_any_transaction_goes_on_with_the_next(
    small_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    days_of_work(small_hall, 3)
    small_hall.clock.advance(days=45)  # a longer gap than 60 days is taken for a wrong clock
    days_of_work(small_hall, 3)
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    small_hall.site.settings.privacy.__dict__["visit_days"] = 31
    written, write = 0, small_hall.site.write

    def full_disk(*arguments: Any) -> Any:
        nonlocal written
        written += 1
        if written > after:
            raise OperationalError("", {}, Exception("disk full"))
        return write(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(small_hall.site, "write", full_disk)
        with pytest.raises(OperationalError):
            run(small_hall)
    assert verify(small_hall.site, small_hall.centre_id).problems == []
    run(small_hall)
    assert held(small_hall)["texts: note"] == 3
    assert held(small_hall)["visits without details"] == 6
    assert verify(small_hall.site, small_hall.centre_id).problems == []
    small_hall.site.settings.privacy.__dict__["visit_days"] = 400


def test_a_run_stops_when_the_hall_opens(small_hall: ServiceHarness) -> None:
    days_of_work(small_hall, 3)
    done = retention.run(small_hall.site, small_hall.centre_id, go_on=lambda: False)
    assert done is not None
    assert not done.is_all
    assert privacy.last_run(small_hall.site, small_hall.centre_id) is None


# By hand


def test_one_ticket_is_erased_and_nothing_of_it_is_left(small_hall: ServiceHarness) -> None:
    hall = small_hall
    taken = hall.take("HT", "tap-77", procedure="HT-1", priority="elderly", language="en")
    hall.next()
    hall.step(Action.PARK, note=NOTE)
    found = privacy.erase_ticket(hall.site, hall.centre_id, taken.id, really=True)  # the visit goes on
    assert (found.texts, found.rest is None) == (1, False)
    assert hall.ticket(taken.id).priority == "elderly"
    hall.call("1", "A001")
    hall.step(Action.FINISH)
    hall.clock.advance(days=1)
    told = privacy.erase_ticket(hall.site, hall.centre_id, taken.id, really=False)
    assert told.details
    assert hall.ticket(taken.id).procedure == "HT-1"
    privacy.erase_ticket(hall.site, hall.centre_id, taken.id, really=True)
    again = privacy.erase_ticket(hall.site, hall.centre_id, taken.id, really=True)
    assert again.is_nothing
    everything = stored(hall)
    for word in ("Trần", "tap-77", "'elderly'", '"elderly"'):
        assert word not in everything.replace(str(hall.rows(select(tables.centre))), "")
    shown = hall.ticket(taken.id)
    assert (shown.number, shown.procedure, shown.priority, shown.note) == ("A001", None, None, None)
    assert verify(hall.site, hall.centre_id).problems == []


def test_a_member_who_may_sign_in_is_not_erased(small_hall: ServiceHarness) -> None:
    small_hall.employ("Lan", "Hoa")
    with pytest.raises(InvalidTransition):
        privacy.erase_staff(small_hall.site, small_hall.centre_id, "Lan", really=True)
    with pytest.raises(NotFound):
        privacy.erase_staff(small_hall.site, small_hall.centre_id, "Minh", really=True)
    change_staff(small_hall.site, boss(small_hall), 1, Role.CLERK, [], active=False)
    assert privacy.erase_staff(small_hall.site, small_hall.centre_id, "Lan", really=False).texts == 1
    assert find_row(small_hall.site, tables.staff.c.name == "Lan") is None  # not active
    privacy.erase_staff(small_hall.site, small_hall.centre_id, "#1", really=True)
    assert privacy.erase_staff(small_hall.site, small_hall.centre_id, "#1", really=True).is_nothing
    assert "'Lan'" not in stored(small_hall)
    assert verify(small_hall.site, small_hall.centre_id).problems == []


def test_what_was_erased_is_not_in_the_database_files_either(small_hall: ServiceHarness) -> None:
    if not small_hall.database.startswith("sqlite"):
        return
    small_hall.take("HT", "tap-of-trần-77")
    small_hall.clock.advance(days=1)
    file = Path(small_hall.database.removeprefix("sqlite:///"))
    purge(small_hall.site.engine)
    assert b"tap-of-" in file.read_bytes()
    privacy.erase_ticket(small_hall.site, small_hall.centre_id, 1, really=True)
    purge(small_hall.site.engine)
    everything = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    assert b"tap-of-" not in everything
