from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core.outbox import Outbox
from tests.kiosk.fake_server import FakeServer


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as fake:
        yield fake


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Outbox]:
    kept = Outbox(tmp_path / "journal.db")
    yield kept
    kept.close()
