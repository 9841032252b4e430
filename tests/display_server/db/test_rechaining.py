"""Migration 0016 on a hall that has been at work: texts and names go beside the log, the chain is made once more."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text, update

from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.db.engine import open_engine, read_transaction, write_transaction
from display_server.db.rechaining import rechaining
from display_server.db.rechaining.tables import centre, counter, journal, request, ticket
from display_server.db.schema.migrate import run, upgrade
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.keys.commitments import ERASED
from display_server.services.keys.keys import Keys
from display_server.services.reporting.audit import export, verify
from tests.display_server.service_harness import MONDAY_AT_EIGHT, ServiceHarness

NOTE = "Ông Trần Văn A, CCCD 034071001234"
Line = dict[str, Any]


def line(minute: int, action: str, **more: Any) -> Line:
    at = MONDAY_AT_EIGHT + timedelta(minutes=minute)
    empty: Line = dict.fromkeys(("ticket_id", "number", "counter_id", "address", "details"))
    who = {"centre_id": 1, "actor_kind": "staff", "actor": "Lan"}
    return empty | who | {"at": at, "tick": minute, "business_day": at.date(), "action": action} | more


LINES = [
    line(1, "issued", ticket_id=1, number="A001", actor_kind="kiosk", actor="kiosk", address="10.0.0.2"),
    line(2, "parked", ticket_id=1, number="A001", counter_id=1, address="10.0.0.7", details={"note": "cũ"}),
    line(3, "transferred", ticket_id=1, number="A001", counter_id=1, details={"note": NOTE, "department_id": 1}),
    line(4, "counter_break", counter_id=1, details={"reason": "đi khám thai", "back_at": "2026-11-16 02:00:00"}),
    line(5, "signed_in", address="2001:db8::7", details={"how": "pin", "device": "kiosk"}),
    line(6, "priority_set", ticket_id=1, number="A001", details={"priority": "disabled"}),
    line(7, "staff_added", actor_kind="system", actor="motcua", details={"name": "Hoa", "role": "clerk"}),
    line(8, "cancelled", actor="Người Đã Đi", ticket_id=1, number="A001", details={"note": "về 🚶"}),
    line(9, "announced", details={"text": {"vi": "Chị Hoa nghỉ"}, "starts_at": "x", "ends_at": "y"}),
    line(10, "device_changed", details={"name": "mới", "was": "cũ"}),
    line(11, "called", actor_kind="button", actor="cũ", ticket_id=1, number="A001", details={"reason": "oldest"}),
]  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup before the upgrade of a database server is written here."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def old_hall(small_hall: ServiceHarness) -> Engine:
    """The small hall as an older Motcua left it: revision 0015, names and notes in the log."""
    small_hall.employ("Lan", "Hoa")
    small_hall.take()
    engine = small_hall.site.engine
    run(engine, "0015", down=True)
    add(engine, LINES)
    with write_transaction(engine) as connection:
        connection.execute(update(ticket).values(note=NOTE))
        connection.execute(update(counter).where(counter.c.id == 1).values(break_reason="đi khám thai"))
        step = {"tickets": [[1, {"note": NOTE}, {}]]}
        connection.execute(text("UPDATE counter SET staff = 'Lan', last_step = :step"), {"step": json.dumps(step)})
        asked = json.dumps(["park", "1", NOTE, None])
        kept = {"fingerprint": asked, "answer": {"call": {"ticket_id": 1, "note": NOTE}}}
        table = tables.request
        connection.execute(insert(table).values(centre_id=1, request_id="r", at=datetime.now(UTC), **kept))
    return engine


def add(engine: Engine, lines: list[Line]) -> None:
    with write_transaction(engine) as connection:
        head = connection.execute(select(centre.c.journal_hash)).scalar_one()
        for each in lines:
            head = rechaining._first_hash(head, each)
            connection.execute(insert(journal).values(each | {"hash": head}))
        connection.execute(update(centre).values(journal_hash=head))


def head_of(engine: Engine) -> str:
    with read_transaction(engine) as connection:
        return str(connection.execute(select(centre.c.journal_hash)).scalar_one())


def opened(database: str) -> ServerContext:
    return create_context(load_settings(server={"database": database}))


def lines_of(site: ServerContext) -> dict[str, Line]:
    return {each["action"]: each for each in export(site, find_centre(site, None), None, None)}


def test_texts_and_names_go_beside_the_log(old_hall: Engine, database: str) -> None:
    old_head = head_of(old_hall)
    site = opened(database)
    found = verify(site, 1)
    assert (found.problems, found.unreadable) == ([], 0)
    told = lines_of(site)
    assert (told["issued"]["actor"], told["issued"]["texts"]) == ("kiosk", None)
    assert told["parked"]["texts"] == {"note": "cũ"}  # no address: the counter says from where
    assert (told["transferred"]["texts"], told["transferred"]["details"]) == ({"note": NOTE}, {"department_id": 1})
    assert told["counter_break"]["texts"] == {"reason": "đi khám thai"}
    assert told["signed_in"]["texts"] == {"address": "2001:db8::7"}
    assert told["signed_in"]["details"]["device"] is not None
    assert (told["signed_in"]["actor"], told["signed_in"]["actor_id"]) == ("Lan", 1)
    assert told["priority_set"]["texts"] == {"priority": "disabled"}
    assert told["staff_added"]["details"] == {"member": 2, "role": "clerk"}
    assert (told["cancelled"]["actor"], told["cancelled"]["actor_id"]) == ("Người Đã Đi", 0)
    assert (told["called"]["actor"], told["called"]["actor_id"]) == ("cũ", 0)  # a name that was passed on
    assert told["rechained"]["details"] | {"old_head": old_head, "broken": 0} == told["rechained"]["details"]
    site.engine.dispose()


def test_nothing_of_it_stands_in_clear_after_the_first_start(old_hall: Engine, database: str) -> None:
    site = opened(database)
    with site.read() as connection:
        everything = str(
            [
                connection.execute(select(each)).all()
                for each in tables.metadata.sorted_tables
                if each.name not in {"staff", "device"}
            ]
        )
        for word in ("Trần", "034071001234", "khám thai", "2001:db8", "'disabled'", "Người Đã Đi", "Chị Hoa"):
            assert word not in everything
        kept = connection.execute(select(request)).one()
        asked = json.dumps(["park", "1", NOTE, None])
        assert (kept.fingerprint, kept.answer["call"]["note"]) == (hashlib.sha256(asked.encode()).hexdigest(), None)
        assert connection.execute(select(tables.counter.c.staff_id)).scalars().all()[0] == 1
    site.engine.dispose()


def test_the_clerk_still_sees_the_note_of_the_visit(old_hall: Engine, database: str) -> None:
    hall = ServiceHarness(database)
    assert hall.ticket(1).note == NOTE
    hall.close()


def test_without_a_key_they_wait_in_clear_and_the_log_verifies(old_hall: Engine, database: str) -> None:
    site = create_context(load_settings(server={"database": database}), keys=Keys.temporary())
    assert verify(site, 1).problems == []
    assert lines_of(site)["transferred"]["texts"] == {"note": NOTE}
    site.engine.dispose()
    later = opened(database)
    assert verify(later, 1).unreadable == 0
    with later.read() as connection:
        assert not connection.execute(
            select(tables.audit_text.c.plain).where(tables.audit_text.c.plain.is_not(None))
        ).all()
    later.engine.dispose()


@pytest.mark.parametrize("what", [{"details": {"note": "khác"}}, {"actor": "Hoa"}, {"hash": "0" * 64}])
def test_a_log_that_was_changed_before_is_told_for_ever(old_hall: Engine, database: str, what: Line) -> None:
    drop = (
        "DROP TRIGGER journal_no_update"
        if database.startswith("sqlite")
        else "DROP TRIGGER journal_append_only ON journal"
    )
    with write_transaction(old_hall) as connection:
        connection.execute(text(drop))
        changed = connection.execute(select(journal.c.id).where(journal.c.action == "parked")).scalar_one()
        connection.execute(update(journal).where(journal.c.id == changed).values(what))
    site = opened(database)
    assert lines_of(site)["rechained"]["details"]["broken"] >= 1
    assert any("before it was made anew" in each for each in verify(site, 1).problems)
    site.engine.dispose()


def test_lines_stay_append_only(old_hall: Engine, database: str) -> None:
    site = opened(database)
    with pytest.raises(Exception, match="append-only"), site.write_without_lock() as connection:
        connection.execute(update(tables.journal).values(tick=0))
    site.engine.dispose()


def test_down_and_up_again_keeps_what_was_not_erased(old_hall: Engine, database: str) -> None:
    site = opened(database)
    gone = next(each for each in lines_of(site).values() if each["action"] == "parked")["sealed"]["note"]
    with site.write(ServiceHarness(database).clerk) as transaction:
        from display_server.services.privacy.erasure import erase_texts

        erase_texts(transaction, [gone])
    site.engine.dispose()
    engine = open_engine(database)
    run(engine, "0015", down=True)
    with read_transaction(engine) as connection:
        names = [each.name for each in journal.c if each.name not in {"actor_id", "sealed"}]
        rows = connection.execute(select(*[journal.c[each] for each in names]).order_by(journal.c.id)).mappings().all()
        head = ""
        for row in rows:
            head = rechaining._first_hash(head, dict(row) | {"at": rechaining._aware(row["at"])})
            assert row["hash"] == head
        assert head == head_of(engine)
        assert {"Lan", "kiosk", "motcua"} <= {row["actor"] for row in rows}
    upgrade(engine)
    engine.dispose()
    again = opened(database)
    assert verify(again, 1).problems == []
    told = lines_of(again)
    assert told["transferred"]["texts"] == {"note": NOTE}
    assert told["parked"]["texts"] in (None, {"note": ERASED})
    assert told["announced"]["texts"] == {"announcement": '{"vi": "Chị Hoa nghỉ"}'}
    again.engine.dispose()


def test_in_batches_and_with_several_centres(old_hall: Engine, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechaining, "AT_ONCE", 3)
    site = opened(database)
    assert verify(site, 1).problems == []
    assert len(lines_of(site)) == len({each["action"] for each in LINES} | set(lines_of(site)))
    site.engine.dispose()
