from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scratch_hall import ScratchHall


@pytest.fixture
def idle_hall(tmp_path: Path) -> Iterator[ScratchHall]:
    """A hall whose server has not been started."""
    hall = ScratchHall(tmp_path, f"sqlite:///{tmp_path}/hall.db")
    yield hall
    hall.stop()
    hall.site.engine.dispose()


@pytest.fixture
def hall(idle_hall: ScratchHall) -> ScratchHall:
    """A running hall: the real server, the provincial centre, always open."""
    return idle_hall.start()
