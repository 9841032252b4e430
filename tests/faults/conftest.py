from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import ServerProcess


@pytest.fixture
def idle_commune(tmp_path: Path) -> Iterator[ServerProcess]:
    """The small model centre, whose server has not been started."""
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau")
    yield hall
    hall.stop()
    hall.site.engine.dispose()


@pytest.fixture
def commune(idle_commune: ServerProcess) -> ServerProcess:
    """A running hall with the small model centre."""
    return idle_commune.start()
