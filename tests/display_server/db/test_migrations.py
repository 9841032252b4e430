"""The schema's versions, up and down, on both databases, with a hall's data in every table."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, column, insert, inspect, select, text, update
from sqlalchemy.sql import table as bare_table

from display_server.db.copies.database_copy import _count_on
from display_server.db.engine import DatabaseError, open_engine, read_transaction, write_transaction
from display_server.db.rechaining import rechaining
from display_server.db.rechaining.tables import centre, journal
from display_server.db.schema.migrate import HEAD, MIGRATIONS, current_revision, run, upgrade
from display_server.db.schema.schema_check import problems
from display_server.db.tables import metadata
from display_server.domain.state_machine import Action
from display_server.services.devices.displays import list_screens
from display_server.services.reporting.audit import verify
from display_server.services.staff.staff import list_staff
from tests.display_server.populated_database import fill, rows
from tests.display_server.postgres import Cluster
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import ROOT

# Columns that stood where ids stand now, and must not be empty.
OLD_NAMES = {"journal": {"actor": "Hoa"}, "reprint": {"asked_by": "Hoa"}, "announcement": {"written_by": "Hoa"}}
REVISIONS = [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def test_an_empty_database_is_brought_to_the_newest_schema(empty_database: str) -> None:
    engine = open_engine(empty_database)
    assert current_revision(engine) is None
    upgrade(engine)
    assert current_revision(engine) == HEAD
    upgrade(engine)  # a second start finds nothing to do
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(empty_database: str) -> None:
    engine = open_engine(empty_database)
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert problems(connection) == []  # a new trigger stands in store/shape.py too
    engine.dispose()


def test_down_leaves_nothing_and_up_again_works(empty_database: str) -> None:
    engine = open_engine(empty_database)
    upgrade(engine)
    run(engine, "base", down=True)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_a_newer_schema_is_refused_in_one_line(empty_database: str) -> None:
    engine = open_engine(empty_database)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="9999 is newer than this Motcua") as refused:
        upgrade(engine)
    assert "\n" not in str(refused.value)
    engine.dispose()


def test_two_servers_that_start_at_once_on_an_empty_database(empty_database: str) -> None:
    start = (
        "import sys; from config.settings import load_settings; from display_server.bootstrap import create_context;"
        "create_context(load_settings(server={'database': sys.argv[1]}), create=True)"
    )
    command = [sys.executable, "-c", start, empty_database]
    starting = [subprocess.Popen(command, stderr=subprocess.PIPE, cwd=ROOT, text=True) for _ in range(2)]
    told = [process.communicate()[1] for process in starting]
    assert [process.returncode for process in starting] == [0, 0], told
    engine = open_engine(empty_database)
    assert current_revision(engine) == HEAD
    engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["nonsense", "sqlite://", "mysql://a:secret@b/c", "oracle://a:secret@b/c", "postgresql://a:secret@127.0.0.1:1/c"],
)
def test_what_cannot_be_opened_is_told_in_one_line_without_the_password(url: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        open_engine(url)
    assert "\n" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_newest_revision_is_the_one_that_servers_want() -> None:
    assert REVISIONS[-1] == HEAD


@pytest.fixture
def another(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Callable[[], Any]:
    """Opens a further empty database of the same kind as `database`, gone afterwards."""
    numbers = count()

    @contextmanager
    def make() -> Iterator[str]:
        if database.startswith("sqlite"):
            yield f"sqlite:///{tmp_path}/{next(numbers)}.db"
            return
        cluster: Cluster = request.getfixturevalue("postgres")
        name = cluster.make_database()
        yield cluster.url(name)
        cluster.drop_database(name)

    return make


def test_a_hall_of_every_released_schema_goes_on_with_this_one(
    small_hall: ServiceHarness, another: Callable[[], Any]
) -> None:
    fill(small_hall)
    for revision in REVISIONS:
        with another() as url:
            engine = open_engine(url)
            run(engine, revision)
            columns = _columns(engine)
            kept = _without_texts(columns)
            with read_transaction(small_hall.site.engine) as source, write_transaction(engine) as target:
                was = rows(source, columns)
                _insert(target, columns, was)
            upgrade(engine)
            with read_transaction(engine) as connection:
                assert _begins(rows(connection, kept), _only(was, kept, columns)), revision
            engine.dispose()
            _goes_on(url)


def test_a_hall_goes_down_step_by_step_and_up_again_and_nothing_that_has_a_place_is_lost(
    small_hall: ServiceHarness, database: str
) -> None:
    fill(small_hall)
    engine = small_hall.site.engine
    with read_transaction(engine) as connection:
        was, all_columns = rows(connection, _columns(engine)), _columns(engine)
    for revision in REVISIONS[-2::-1]:
        run(engine, revision, down=True)
        columns = _without_texts(_columns(engine))
        with read_transaction(engine) as connection:
            assert _begins(rows(connection, columns), _only(was, columns, all_columns)), revision
    upgrade(engine)
    _goes_on(database)


def _columns(engine: Engine) -> dict[str, list[str]]:
    """The columns that each table has in the database; tables that others point to come first."""
    looked_at = inspect(engine)
    found = {}
    for table in metadata.sorted_tables:
        if looked_at.has_table(table.name):
            there = {each["name"] for each in looked_at.get_columns(table.name)}
            found[table.name] = [each.name for each in table.c if each.name in there]
    return found


def _insert(connection: Connection, columns: dict[str, list[str]], found: dict[str, Any]) -> None:
    for name, names in columns.items():
        table = metadata.tables[name]
        old = OLD_NAMES.get(name, {}) if "audit_text" not in columns else {}
        into = bare_table(name, *[column(each, table.c[each].type) for each in names], *map(column, old))
        connection.execute(insert(into), [dict(zip(names, row, strict=True)) | old for row in found[name]])
        _count_on(connection, table)
    if "audit_text" not in columns and "hash" in columns["journal"]:
        _chain_as_it_was(connection, columns["journal"])


def _chain_as_it_was(connection: Connection, names: list[str]) -> None:
    known = [journal.c[name] for name in (*names, "actor")]
    head = ""
    drops = {"sqlite": "DROP TRIGGER journal_no_update", "postgresql": "DROP TRIGGER journal_append_only ON journal"}
    connection.execute(text(drops[connection.dialect.name]))
    for row in connection.execute(select(*known).order_by(journal.c.id)).mappings().all():
        line = dict(row) | {"at": rechaining._aware(row["at"]), "address": row.get("address")}
        head = rechaining._first_hash(head, line)
        connection.execute(update(journal).where(journal.c.id == row["id"]).values(hash=head))
    connection.execute(update(centre).values(journal_hash=head))


def _without_texts(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without what 0016 moves beside the audit log: tests/display_server/db/test_rechaining.py looks at that."""
    moved = {
        "journal": {"details", "sealed", "hash", "actor_id"},
        "ticket": {"note"},
        "centre": {"journal_hash"},
        "counter": {"last_step", "staff_id"},
        "call": {"clerk_id"},
        "request": {"fingerprint", "answer"},
        "reprint": {"asked_by_id"},
        "announcement": {"written_by_id"},
    }
    return {
        name: [each for each in names if each not in moved.get(name, ())]
        for name, names in columns.items()
        if name not in {"audit_text", "privacy_run"}
    }


def _begins(found: dict[str, Any], was: dict[str, Any]) -> bool:
    """The same rows everywhere; to the audit log lines may have been added."""
    lines = len(was["journal"])
    return (found | {"journal": found["journal"][:lines]}) == was and len(found["journal"]) >= lines


def _only(found: dict[str, Any], columns: dict[str, list[str]], all_columns: dict[str, list[str]]) -> dict[str, Any]:
    """`found`, which has `all_columns`, with `columns` alone."""
    kept = {}
    for name, names in columns.items():
        places = [place for place, each in enumerate(all_columns[name]) if each in names]
        kept[name] = [tuple(row[place] for place in places) for row in found[name]]
    return kept


def _goes_on(url: str) -> None:
    """The hall of `fill`, opened by this Motcua: numbers, order and the audit trail go on."""
    hall = ServiceHarness(url)
    assert hall.take("HT").number == "A007"
    hall.step(Action.FINISH, "1")
    assert hall.next("1") is not None
    assert [screen.name for screen in list_screens(hall.site, hall.clerk).screens] in (["over 1"], [])
    assert [member.name for member in list_staff(hall.site, hall.clerk).staff] == ["Hoa"]
    assert verify(hall.site, hall.centre_id).problems == []
    hall.close()
