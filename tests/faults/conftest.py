from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scratch_hall import ScratchHall


@pytest.fixture
def commune(tmp_path: Path) -> Iterator[ScratchHall]:
    """A running hall with the small model centre."""
    hall = ScratchHall(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau").start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()
