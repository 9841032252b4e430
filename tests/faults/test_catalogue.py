"""Each fault a few times; afterwards every number on paper is a ticket, and none is on paper twice without "copy"."""

from pathlib import Path

import pytest

from tests.faults.catalogue import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_paper_and_tickets_are_the_same_after(case: Case, tmp_path: Path) -> None:
    case.run(tmp_path, case.few)
