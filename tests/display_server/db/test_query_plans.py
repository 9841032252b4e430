"""The statements on the way of every tap and press use an index, however many old tickets there are."""

import re
import shutil
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from display_server.domain.state_machine import Action
from display_server.services.core.actors import system_actor
from display_server.services.displays.hall import calls_after
from display_server.services.reporting.audit import export
from display_server.services.reporting.dashboard import number_history, overview
from display_server.services.tickets.end_of_day import close_business_days
from display_server.services.tickets.offline_sync import OfflineTicket
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.service_harness import ServiceHarness

BIG = {"ticket", "call", "journal", "request"}  # tables that grow with every visitor
OLD = 20_000
# An index that finds nothing but the centre, or all of its earlier days, is as good as none; in order of `seq` it finds
# the latest calls.
WHOLE_CENTRE = re.compile(
    r"SEARCH \w+ USING (COVERING )?INDEX sqlite_autoindex_(\w+)_\d \(centre_id=\?( AND \w+<\?)?\)"
)


@pytest.fixture(params=["with statistics", "as it grew"])
def old_hall(request: pytest.FixtureRequest, sqlite_template: Any, tmp_path: Any) -> Iterator[ServiceHarness]:
    """A hall with many days behind it; a hall's server never runs ANALYZE by itself."""
    shutil.copyfile(sqlite_template, tmp_path / "old.db")
    hall = ServiceHarness(f"sqlite:///{tmp_path}/old.db")
    ticket = {
        "state": "finished", "prefix": "A", "language": "vi", "wish": "[]", "issued_at": "2026-01-01 00:00:00",
    }  # fmt: skip
    with hall.site.write_without_lock() as connection:
        rows = [
            ticket | {"n": n, "day": date(2000 + n // 2000, 1 + n // 200 % 10, 1), "number": n % 200 + 1}
            for n in range(OLD)
        ]
        connection.execute(text(
            "INSERT INTO ticket (centre_id, request_id, wish, business_day, prefix, number, department_id, is_priority,"
            " language, state, place, offline, issued_at)"
            " VALUES (1, 'old-' || :n, :wish, :day, :prefix, :number, 1, 0, :language, :state, :n, 0, :issued_at)"
        ), rows)  # fmt: skip
        connection.exec_driver_sql(
            "INSERT INTO call (centre_id, seq, ticket_id, counter_id, department_id, number, recall, reason, called_at,"
            " first_called_at, ended_at, outcome) SELECT 1, id, id, 1, 1, 'A001', 0,"
            """ '{"code":"oldest","waited_seconds":1}', issued_at, issued_at, issued_at, 'finished' FROM ticket"""
        )
        connection.exec_driver_sql(
            "INSERT INTO journal (centre_id, at, tick, business_day, action, ticket_id, number, actor_kind, actor_id)"
            " SELECT 1, issued_at, id, business_day, 'issued', id, 'A001', 'kiosk', 1 FROM ticket"
        )
        connection.execute(text(f"UPDATE centre SET call_seq = {OLD}"))
        if request.param == "with statistics":
            connection.execute(text("ANALYZE"))
    yield hall
    hall.close()


def scans(hall: ServiceHarness, act: Any) -> list[str]:
    """Statements of `act` that read a big table, or a centre's part of it, from end to end."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        seen.append((statement, parameters))

    event.listen(hall.site.engine, "before_cursor_execute", note)
    act()
    event.remove(hall.site.engine, "before_cursor_execute", note)
    found = []
    with hall.site.engine.connect() as connection:
        for statement, parameters in seen:
            if not statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                continue
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            for line in plan:
                scanned = re.match(r"SCAN (\w+)", line.detail)
                is_last_line = "ORDER BY journal.id DESC\n LIMIT" in statement  # a scan that ends where it begins
                if (
                    scanned
                    and scanned[1] in BIG
                    and "COVERING INDEX ix_ticket_" not in line.detail
                    and not is_last_line
                ):
                    found.append(f"{line.detail}: {statement[:400]}")
                searched = WHOLE_CENTRE.match(line.detail)
                if searched and searched[2] in BIG and "ORDER BY call.seq" not in statement:
                    found.append(f"{line.detail}: {statement[:400]}")
    return found


def paper() -> OfflineTicket:
    return OfflineTicket(TicketRequest("paper-1", "HT"), "AK001", 5.0)


def test_a_visit_from_tap_to_end(old_hall: ServiceHarness) -> None:
    hall = old_hall
    hall.take()  # what is read once is read now
    acts = {
        "take": hall.take,
        "take with priority": lambda: hall.take(priority="elderly"),
        "hand in": lambda: hall.hand_in(paper()),
        "next": hall.next,
        "recall": lambda: hall.step(Action.RECALL),
        "park": lambda: hall.step(Action.PARK),
        "call by number": lambda: hall.call("2", number="A001"),
        "transfer": lambda: hall.transfer("2", counter="3"),
        "next at a counter of two queues": lambda: hall.next("3"),
    }
    found = {name: scans(hall, act) for name, act in acts.items()}
    assert {name: plans for name, plans in found.items() if plans} == {}


def test_what_screens_and_clerks_read(old_hall: ServiceHarness) -> None:
    hall = old_hall
    ticket = hall.take()
    hall.take()
    hall.next()
    acts = {
        "hall": hall.hall,
        "missed calls": lambda: calls_after(hall.site, hall.centre_id, OLD - 10),
        "counter": lambda: hall.counter("3"),
        "a ticket": lambda: hall.ticket(ticket.id),
        "overview": lambda: overview(hall.site, hall.clerk),
        "a number's history": lambda: number_history(hall.site, hall.clerk, "A001", None),
        "a day of the journal": lambda: list(export(hall.site, hall.centre_id, date(2003, 5, 1), date(2003, 5, 1))),
        "the end of days": lambda: close_business_days(hall.site, system_actor(hall.centre_id)),
    }

    def measured(act: Any) -> Any:
        hall.site.load_cache._measured.clear()
        hall.site.load_cache._learned.clear()
        return act()

    found = {name: scans(hall, lambda act=act: measured(act)) for name, act in acts.items()}
    assert {name: plans for name, plans in found.items() if plans} == {}


def test_a_clock_that_was_put_back(old_hall: ServiceHarness) -> None:
    old_hall.take()
    old_hall.clock.advance(minutes=-20)
    assert scans(old_hall, old_hall.take) == []
