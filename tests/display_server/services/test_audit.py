"""The audit trail: no line can be changed or removed without being found."""

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from display_server.cli.audit import audit
from display_server.db import tables
from display_server.services.calling.calls import call_next
from display_server.services.calling.queue_admin import remove_from_queue
from display_server.services.reporting.audit import export, schema_problems, verify
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import ROOT, new_id

journal = tables.journal
DROP_TRIGGERS = {
    "sqlite": ["DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete"],
    "postgresql": ["DROP TRIGGER journal_append_only ON journal"],
}


@pytest.fixture
def busy_hall(small_hall: ServiceHarness) -> ServiceHarness:
    """A few lines of two days."""
    for _ in range(3):
        small_hall.take()
    small_hall.clock.advance(days=1)
    small_hall.take()
    small_hall.next()
    return small_hall


def tamper(hall: ServiceHarness, change: Callable[[Connection], Any]) -> None:
    """What somebody with the database's password can do."""
    with hall.site.write_without_lock() as connection:
        for statement in DROP_TRIGGERS[connection.dialect.name]:
            connection.execute(text(statement))
        change(connection)


def ids(hall: ServiceHarness) -> list[int]:
    return [row.id for row in hall.rows(select(journal.c.id).order_by(journal.c.id))]


def test_an_untouched_trail_is_whole(busy_hall: ServiceHarness) -> None:
    found = verify(busy_hall.site, busy_hall.centre_id)
    assert (found.problems, len(found.days)) == ([], 2)
    assert sum(day.lines for day in found.days.values()) == len(ids(busy_hall))


@pytest.mark.parametrize("statement", [update(journal).values(actor_id=7), delete(journal)])
def test_the_database_refuses_to_change_or_remove_a_line(busy_hall: ServiceHarness, statement: Any) -> None:
    with pytest.raises(DBAPIError, match="append-only"), busy_hall.site.write_without_lock() as connection:
        connection.execute(statement)


@pytest.mark.parametrize("place", [0, 3, -1])
def test_a_removed_line_is_found(busy_hall: ServiceHarness, place: int) -> None:
    gone = ids(busy_hall)[place]
    tamper(busy_hall, lambda connection: connection.execute(delete(journal).where(journal.c.id == gone)))
    assert len(verify(busy_hall.site, busy_hall.centre_id).problems) == 1


@pytest.mark.parametrize(
    "column",
    [
        "at",
        "tick",
        "business_day",
        "action",
        "number",
        "counter_id",
        "actor_kind",
        "actor_id",
        "details",
        "sealed",
        "hash",
    ],
)
def test_a_changed_line_is_found(busy_hall: ServiceHarness, column: str) -> None:
    """In every column: a value that another line of the same journal might have had."""
    changed = ids(busy_hall)[1]
    other = {
        "at": busy_hall.clock(),
        "tick": 7,
        "business_day": busy_hall.clock().date(),
        "counter_id": 1,
        "details": {"reason": "x"},
        "sealed": {"note": "0" * 64},
        "actor_id": 99,
        "hash": None,
    }
    values = {column: other.get(column, "x")}
    tamper(busy_hall, lambda connection: connection.execute(update(journal).where(journal.c.id == changed), values))
    assert verify(busy_hall.site, busy_hall.centre_id).problems


def test_a_line_that_was_slipped_in_is_found(busy_hall: ServiceHarness) -> None:
    row = busy_hall.rows(select(journal).order_by(journal.c.id.desc()).limit(1))[0]
    forged = {key: value for key, value in row._mapping.items() if key != "id"} | {"number": "A999"}
    tamper(busy_hall, lambda connection: connection.execute(insert(journal), forged))
    assert verify(busy_hall.site, busy_hall.centre_id).problems


def test_a_line_says_from_where(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.employ("Lan")
    from_there = replace(small_hall.clerk, address="10.0.0.7")
    remove_from_queue(small_hall.site, from_there, small_hall.take().id, "đi về", new_id())
    call_next(small_hall.site, from_there, "1", new_id())
    cancelled, _, called = list(export(small_hall.site, small_hall.centre_id, None, None))[-3:]
    assert (cancelled["action"], cancelled["actor"]) == ("cancelled", "Lan")
    assert cancelled["texts"] == {"note": "đi về", "address": "10.0.0.7"}
    assert (called["action"], called["actor"], called["texts"]) == ("called", "Lan", None)  # the counter says where


def test_the_commands(busy_hall: ServiceHarness) -> None:
    database = ["--database", busy_hall.database]
    whole = CliRunner().invoke(audit, ["verify", *database])
    assert (whole.exit_code, len(whole.stdout.splitlines())) == (0, 2)
    exported = CliRunner().invoke(audit, ["export", "--from", "2026-11-17", "--to", "2026-11-17", *database])
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [line["action"] for line in lines][-1] == "called"
    assert {line["business_day"] for line in lines} == {"2026-11-17"}
    first = ids(busy_hall)[0]
    tamper(busy_hall, lambda connection: connection.execute(delete(journal).where(journal.c.id == first)))
    broken = CliRunner().invoke(audit, ["verify", *database])
    assert broken.exit_code == 1


def test_a_trail_that_could_be_rewritten_is_told(busy_hall: ServiceHarness) -> None:
    database = ["--database", busy_hall.database]
    assert schema_problems(busy_hall.site) == []
    tamper(busy_hall, lambda _: None)
    broken = CliRunner().invoke(audit, ["verify", *database])
    assert broken.exit_code == 1
    assert "is missing: lines of the journal can be changed" in broken.stderr


def test_a_trigger_of_somebody_elses_is_told(busy_hall: ServiceHarness) -> None:
    kind = busy_hall.site.engine.dialect.name
    body = "BEGIN UPDATE staff SET role = 'administrator'; END"
    statements = {
        "sqlite": [f"CREATE TRIGGER pwn AFTER INSERT ON ticket {body}"],
        "postgresql": [
            "CREATE FUNCTION pwn() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER pwn AFTER INSERT ON ticket FOR EACH ROW EXECUTE FUNCTION pwn()",
        ],
    }[kind]
    with busy_hall.site.write_without_lock() as connection:
        for statement in statements:
            connection.execute(text(statement))
    broken = CliRunner().invoke(audit, ["verify", "--database", busy_hall.database])
    assert (broken.exit_code, "the trigger pwn on ticket is not Motcua's" in broken.stderr) == (1, True)


def _actions(file: Path) -> set[str]:
    """Every word that the file may write as an action into the log."""
    calls = (node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call))
    first = [
        call.args[0]
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "write_journal" and call.args
    ]
    return {
        part.value
        for argument in first
        for part in ast.walk(argument)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }


def test_every_action_fits_into_its_column_on_postgresql_too() -> None:
    actions = set().union(*map(_actions, (ROOT / "display_server").rglob("*.py")))
    assert {"issued", "handed_over", "trial_number"} <= actions
    assert [action for action in actions if len(action) > journal.c.action.type.length] == []
