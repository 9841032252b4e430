from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import ScratchHall


@pytest.fixture
def idle_commune(tmp_path: Path) -> Iterator[ScratchHall]:
    """The small model centre, whose server has not been started."""
    hall = ScratchHall(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau")
    yield hall
    hall.stop()
    hall.site.engine.dispose()


@pytest.fixture
def commune(idle_commune: ScratchHall) -> ScratchHall:
    """A running hall with the small model centre."""
    return idle_commune.start()
