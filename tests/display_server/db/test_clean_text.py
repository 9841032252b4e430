"""What an older Motcua kept, and what no database or page can hold: cleaned by migration 0019, named by `copy`."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from config.text.types import clean_line, clean_name, clean_paragraph, scrub
from display_server.cli.audit import _as_json
from display_server.db import tables
from display_server.db.copies.database_copy import copy_database
from display_server.db.engine import DatabaseError, open_engine, write_transaction
from display_server.db.schema.migrate import HEAD, run, upgrade
from display_server.services.reporting.audit import export
from tests.display_server.populated_database import fill
from tests.display_server.postgres import Cluster
from tests.display_server.service_harness import ServiceHarness

BROKEN = '{"vi": "abc \\ud83d", "en": "a\\u0000b"}'
REPORT = '{"version": "1", "up_seconds": %s, "rejections": [{"number": "A001", "reason": "a\\u0000"}]}'


def change(database: str, *statements: str, **values: Any) -> None:
    engine = open_engine(database)
    with write_transaction(engine) as connection:
        for statement in statements:
            connection.execute(text(statement), {key: values[key] for key in values if f":{key}" in statement})
    engine.dispose()


def read(database: str, query: str) -> list[Any]:
    engine = open_engine(database)
    with engine.connect() as connection:
        found = list(connection.execute(text(query)).scalars())
    engine.dispose()
    return found


def test_stored_text_is_cleaned(small_hall: ServiceHarness, database: str) -> None:
    fill(small_hall)
    small_hall.close()
    engine = open_engine(database)
    run(engine, "0018", down=True)
    engine.dispose()
    nul = "\x00" if database.startswith("sqlite") else "\x01"
    number = "Infinity" if database.startswith("sqlite") else "1"
    change(
        database,
        "UPDATE announcement SET text = :broken",
        "UPDATE device SET report = :report, agent = :odd WHERE kind = 'kiosk'",
        "UPDATE device SET name = '  over\u00a01 ' WHERE name = 'over 1'",
        "UPDATE ticket SET note = :odd WHERE id = 1",
        "UPDATE staff SET name = :name WHERE name = 'Hoa'",
        "UPDATE counter SET break_reason = :odd",
        broken=BROKEN, report=REPORT % number, odd=f"a{nul}b\u202e", name=f" Hoa{nul}\u200b Mai ",
    )  # fmt: skip
    before = read(database, "SELECT hash FROM journal ORDER BY id")
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()
    assert read(database, "SELECT name FROM staff") == ["Hoa Mai"]
    assert "over 1" in read(database, "SELECT name FROM device")
    assert set(read(database, "SELECT break_reason FROM counter")) == {"a b"}
    assert read(database, "SELECT note FROM ticket WHERE id = 1") == ["a b"]
    assert read(database, "SELECT hash FROM journal ORDER BY id") == before
    said = read(database, "SELECT CAST(text AS TEXT) FROM announcement")[0]
    assert json.loads(said) == {"vi": "abc", "en": "a b"}
    report = json.loads(read(database, "SELECT CAST(report AS TEXT) FROM device WHERE kind = 'kiosk'")[0])
    assert report["rejections"][0]["reason"] == "a"
    assert report["up_seconds"] == (None if number == "Infinity" else 1)


def test_two_names_that_become_one_stay_two(small_hall: ServiceHarness, database: str) -> None:
    for name in ("mot", "hai", "ba"):
        small_hall.enrol("display", name)
    small_hall.close()
    engine = open_engine(database)
    run(engine, "0018", down=True)
    engine.dispose()
    change(
        database,
        "UPDATE device SET name = ' Ủ' WHERE name = 'mot'",
        "UPDATE device SET name = 'Ủ' WHERE name = 'hai'",
        "UPDATE device SET name = :apart WHERE name = 'ba'",
        apart="U\u0309\u200b",
    )
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()
    assert sorted(read(database, "SELECT name FROM device WHERE kind = 'display'")) == ["Ủ", "Ủ (2)", "Ủ (3)"]


def test_what_postgresql_cannot_hold_is_named_and_can_be_mended(
    small_hall: ServiceHarness, database: str, postgres: Cluster
) -> None:
    if not database.startswith("sqlite"):
        return  # there nothing of the kind can be stored
    fill(small_hall)
    small_hall.close()
    change(
        database,
        "UPDATE ticket SET note = :nul WHERE id = 2",
        "UPDATE call SET number = :long WHERE id = 1",
        "UPDATE device SET report = :report WHERE kind = 'kiosk'",
        nul="a\x00b", long="A" * 30, report=REPORT % "NaN",
    )  # fmt: skip
    name = postgres.make_database()
    with pytest.raises(DatabaseError) as refused:
        copy_database(database, postgres.url(name))
    told = str(refused.value).splitlines()
    assert "table ticket, row with id 2: note has a NUL character or half a character" in told
    assert "table call, row with id 1: number has 30 letters, and 9 are the most" in told
    assert any(line.startswith("table device, row with id") and "a number that is none" in line for line in told)
    assert "--mend" in told[-1]
    copied = copy_database(database, postgres.url(name), mend=True)
    assert copied["ticket"].rows == len(read(database, "SELECT id FROM ticket"))
    assert read(postgres.url(name), "SELECT note FROM ticket WHERE id = 2") == ["a\ufffdb"]
    assert HEAD >= "0019"
    postgres.drop_database(name)


def test_a_hall_with_bad_text_in_its_log_is_upgraded_and_exported(small_hall: ServiceHarness, database: str) -> None:
    """The log keeps what it holds; whoever reads it gets escapes."""
    fill(small_hall)
    small_hall.close()
    engine = open_engine(database)
    run(engine, "0015", down=True)
    engine.dispose()
    line = (
        "INSERT INTO journal (centre_id, at, tick, business_day, action, actor_kind, actor, details)"
        " SELECT centre_id, at, tick, business_day, :action, 'staff', 'Hoa', :details FROM journal WHERE id = 1"
    )
    change(database, line, action="announced", details=f'{{"text": {BROKEN}}}')
    change(database, line, action="device_changed", details='{"name": "x", "screen": {"area": "abc \\ud83d"}}')
    change(database, line, action="cancelled", details='{"note": "a\\u0000b"}')
    if database.startswith("sqlite"):
        change(database, "UPDATE ticket SET note = :nul WHERE id = 1", nul="a\x00b")
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()
    again = ServiceHarness(database)
    days = again.rows(text("SELECT count(*) FROM journal WHERE action IN ('announced', 'device_changed', 'cancelled')"))
    assert days[0][0] >= 3
    exported = [_as_json(each) for each in export(again.site, again.centre_id, None, None)]
    assert all(json.loads(each.encode()) for each in exported)
    assert len(exported) == again.rows(text("SELECT count(*) FROM journal"))[0][0]
    again.close()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.text(st.characters(codec=None), max_size=30))
def test_what_the_type_takes_comes_back_from_a_database_as_it_was(small_hall: ServiceHarness, words: str) -> None:
    kept = [scrub(words)]
    for clean in (clean_line, clean_paragraph, clean_name):
        with suppress(ValueError):
            kept.append(clean(words))
    mine = tables.device.c.id == small_hall.kiosk.id
    for each in kept:
        values = {"agent": each[:120], "report": {"x": each, each: 1}}
        with small_hall.site.write_without_lock() as connection:
            connection.execute(update(tables.device).where(mine).values(values))
        (found,) = small_hall.rows(select(tables.device.c.agent, tables.device.c.report).where(mine))
        assert found._asdict() == values
