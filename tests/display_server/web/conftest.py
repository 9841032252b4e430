from collections.abc import Iterator

import pytest

from tests.display_server.postgres import Cluster
from tests.server_process import ServerProcess


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def open_hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One running server on each database for all tests that do not disturb each other: the provincial centre, always
    open.

    A test that counts visitors takes a department and counters of its own.
    """
    folder = tmp_path_factory.mktemp("open_hall")
    database = f"sqlite:///{folder}/hall.db"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        database = cluster.url(cluster.make_database())
    hall = ServerProcess(folder, database).start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()
