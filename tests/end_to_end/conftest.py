from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.browser import Eyes
from tests.end_to_end.printed_slips import Printer


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Printer]:
    """A running virtual printer."""
    with Printer(tmp_path / "slips") as found:
        yield found


@pytest.fixture(scope="module")
def eyes() -> Iterator[Eyes]:
    """A browser."""
    with Eyes() as found:
        yield found
