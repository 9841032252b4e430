import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import KEY_FILE, PHONES, PUBLIC_URL, ROOT, ServerProcess

LONG_RUNS = frozenset(
    line for line in (ROOT / "tests" / "long_runs.txt").read_text(encoding="utf-8").splitlines() if line[:1] != "#"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the files in long_runs.txt are marked: `make test` leaves them to `make test-all`."""
    for item in items:
        if str(item.path.relative_to(ROOT)) in LONG_RUNS:
            item.add_marker(pytest.mark.long)


@pytest.fixture(autouse=True, scope="session")
def key_file_of_tests() -> Iterator[Path]:
    """One key file for the databases of all tests that bring none of their own, apart from the checkout's var/."""
    with tempfile.TemporaryDirectory(prefix="motcua-keys-") as folder:
        path = Path(folder) / "motcua.key"
        os.environ[KEY_FILE] = str(path)
        yield path
        del os.environ[KEY_FILE]


@pytest.fixture(autouse=True, scope="session")
def address_for_phones() -> Iterator[None]:
    """Slips have codes: the tests' servers listen on 127.0.0.1, which no phone opens."""
    os.environ[PUBLIC_URL] = PHONES
    yield
    del os.environ[PUBLIC_URL]


@pytest.fixture
def idle_hall(tmp_path: Path) -> Iterator[ServerProcess]:
    """A hall whose server has not been started."""
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db")
    yield hall
    hall.stop()
    hall.site.engine.dispose()


@pytest.fixture
def hall(idle_hall: ServerProcess) -> ServerProcess:
    """A running hall: the real server, the provincial centre, always open."""
    return idle_hall.start()
