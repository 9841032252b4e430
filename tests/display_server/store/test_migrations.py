"""The schema's versions, up and down, on both databases."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from display_server.store.engine import DatabaseError, open_engine
from display_server.store.migrate import HEAD, current_revision, run, upgrade
from display_server.store.tables import metadata
from tests.scratch_hall import ROOT


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
        "import sys; from config.settings import load_settings; from display_server.services.start import open_site;"
        "open_site(load_settings(server={'database': sys.argv[1]}))"
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
