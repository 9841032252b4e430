"""Server processes on one PostgreSQL wake each other."""

import queue
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from display_server.db.engine import open_engine
from display_server.db.pg_notify import CHANNEL, ChangeNotifier
from tests.display_server.postgres import Cluster

News = queue.Queue[tuple[int, bool]]
SOON = 20.0


@pytest.fixture
def engines(postgres: Cluster) -> Iterator[list[Engine]]:
    name = postgres.make_database()
    opened = [open_engine(postgres.url(name)) for _ in range(2)]
    yield opened
    for engine in opened:
        engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def opened() -> Iterator[list[ChangeNotifier]]:
    wakeups: list[ChangeNotifier] = []
    yield wakeups
    for each in wakeups:
        each.stop()


def listening(engine: Engine, opened: list[ChangeNotifier]) -> tuple[ChangeNotifier, News]:
    heard: News = queue.Queue()
    wakeups = ChangeNotifier(engine)
    opened.append(wakeups)
    wakeups.start(lambda centre_id, urgent: heard.put((centre_id, urgent)))
    return wakeups, heard


def until_heard(wakeups: ChangeNotifier, heard: News, centre_id: int) -> None:
    """Both ends begin to listen in their own time: said again until it is heard."""
    for _ in range(int(SOON / 0.1)):
        wakeups.publish(centre_id, urgent=False)
        try:
            while heard.get(timeout=0.1)[0] != centre_id:
                pass
        except queue.Empty:
            continue
        else:
            return
    raise AssertionError("nothing was heard")


def test_the_other_process_hears_of_a_commit_and_the_one_that_says_it_does_not(
    engines: list[Engine], opened: list[ChangeNotifier]
) -> None:
    (one, heard_by_one), (other, heard_by_other) = listening(engines[0], opened), listening(engines[1], opened)
    until_heard(one, heard_by_other, 1)
    until_heard(other, heard_by_one, 2)
    one.publish(7, urgent=True)
    while (found := heard_by_other.get(timeout=SOON))[0] != 7:
        pass
    assert found == (7, True)
    while not heard_by_one.empty():
        assert heard_by_one.get() == (2, False)


def test_a_database_that_went_away_is_listened_to_again(
    engines: list[Engine], postgres: Cluster, opened: list[ChangeNotifier]
) -> None:
    (one, _), (_, heard) = listening(engines[0], opened), listening(engines[1], opened)
    until_heard(one, heard, 1)
    postgres.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{engines[0].url.database}'"
    )
    until_heard(one, heard, 2)


def test_news_of_another_program_on_the_channel_harms_nothing(
    engines: list[Engine], postgres: Cluster, opened: list[ChangeNotifier]
) -> None:
    (one, _), (_, heard) = listening(engines[0], opened), listening(engines[1], opened)
    until_heard(one, heard, 1)
    with engines[0].connect() as connection:
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}, 'what is this'")
        connection.commit()
    until_heard(one, heard, 2)


def test_on_sqlite_nothing_is_said(tmp_path: object, opened: list[ChangeNotifier]) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/hall.db")
    wakeups, heard = listening(engine, opened)
    wakeups.publish(1, urgent=True)
    assert heard.empty()
    engine.dispose()
