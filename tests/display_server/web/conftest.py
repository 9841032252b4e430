from collections.abc import Iterator

import pytest

from tests.scratch_hall import ScratchHall


@pytest.fixture(scope="session")
def open_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchHall]:
    """One running server for all tests that do not disturb each other: the provincial centre, always open.

    A test that counts visitors takes a department and counters of its own.
    """
    folder = tmp_path_factory.mktemp("open_hall")
    hall = ScratchHall(folder, f"sqlite:///{folder}/hall.db").start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()
