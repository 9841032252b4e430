"""Each service test runs twice: on SQLite and on PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.display_server.postgres import Cluster, in_memory
from tests.display_server.sample_centre import small_centre
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id

settings.register_profile("display_server", deadline=None)  # a busy machine is not a fault
settings.load_profile("display_server")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def sqlite_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="motcua-sqlite-", dir=in_memory()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def sqlite_template(sqlite_folder: Path) -> Path:
    """A database file with the small centre in it."""
    file = sqlite_folder / "template.db"
    ServiceHarness.prepare(f"sqlite:///{file}", small_centre())
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    """The name of a database with the small centre in it."""
    name = postgres.make_database()
    ServiceHarness.prepare(postgres.url(name), small_centre())
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which nothing is yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.make_database()
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, sqlite_folder: Path) -> Iterator[str]:
    """The URL of a database with the small centre."""
    if request.param == "sqlite":
        file = sqlite_folder / f"{new_id()}.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        for each in sqlite_folder.glob(f"{file.name}*"):
            each.unlink()
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.make_database(request.getfixturevalue("postgres_template"))
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture
def second_database(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of the same kind as `database`."""
    if database.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/second.db"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = cluster.make_database()
    yield cluster.url(name)
    cluster.drop_database(name)


@pytest.fixture
def small_hall(database: str) -> Iterator[ServiceHarness]:
    """The small centre on a Monday at eight."""
    hall = ServiceHarness(database)
    yield hall
    hall.close()
