"""A hall moves to another database: every row, and it goes on there as if nothing had been."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from display_server.rules.states import Step
from display_server.store import moving, tables
from display_server.store.engine import DatabaseError, open_engine, writing
from display_server.store.migrate import run
from tests.display_server.full_hall import fill, rows
from tests.display_server.postgres import Cluster
from tests.display_server.small_hall import SmallHall


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database; each kind is moved to each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/target.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.make_database()
    yield cluster.url(name)
    cluster.drop_database(name)


def morning(hall: SmallHall) -> None:
    for _ in range(3):
        hall.take("HT")
    hall.next("1")


def test_every_row_of_every_table_arrives_and_the_hall_goes_on(
    small_hall: SmallHall, database: str, target: str
) -> None:
    fill(small_hall)
    copied = moving.copy_database(database, target)
    there = SmallHall(target)
    columns = {table.name: list(table.c.keys()) for table in tables.metadata.sorted_tables}
    with small_hall.site.read() as here, there.site.read() as arrived:
        was = rows(here, columns)
        assert rows(arrived, columns) == was
    assert {name: contents.rows for name, contents in copied.items()} == {name: len(each) for name, each in was.items()}
    assert there.take("HT").number == "A007"
    there.step(Step.FINISH, "1")
    assert there.next("1") is not None
    there.close()


def test_nothing_is_written_over_something(small_hall: SmallHall, database: str, target: str) -> None:
    moving.copy_database(database, target)
    with pytest.raises(DatabaseError, match="not empty"):
        moving.copy_database(database, target)


def test_a_row_that_changes_on_its_way_stops_everything(
    small_hall: SmallHall, database: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning(small_hall)
    count_on = moving._count_on

    def and_spoil(connection: moving.Connection, table: moving.Table) -> None:
        count_on(connection, table)
        if table is tables.ticket:
            connection.execute(text("UPDATE ticket SET number = 77 WHERE number = 3"))

    monkeypatch.setattr(moving, "_count_on", and_spoil)
    with pytest.raises(DatabaseError, match="ticket is not what it was"):
        moving.copy_database(database, target)
    engine = open_engine(target)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ticket")).scalar() == 0
    engine.dispose()


def test_an_older_schema_is_not_moved(database: str, target: str) -> None:
    engine = open_engine(database)
    run(engine, "0001", down=True)
    engine.dispose()
    with pytest.raises(DatabaseError, match="start this Motcua's server"):
        moving.copy_database(database, target)


def test_more_rows_than_go_at_once(small_hall: SmallHall, database: str, target: str) -> None:
    with writing(small_hall.site.engine) as connection:
        connection.execute(
            insert(tables.server_state),
            [{"name": f"n{number}", "value": "Đỗ"} for number in range(moving.ROWS_AT_ONCE + 1)],
        )
    assert moving.copy_database(database, target)["server_state"].rows > moving.ROWS_AT_ONCE
