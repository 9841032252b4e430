"""A short one of `make chaos`: each fault once, on both databases, and the checker finds nothing."""

from pathlib import Path

import pytest

from tests.chaos.episode import Episode
from tests.chaos.faults import FAULTS


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_breaks_no_promise_is_broken(kind: str, tmp_path: Path) -> None:
    with Episode(tmp_path, kind, seed=7, stop_seconds=2.0) as episode:
        outcome = episode.run(rounds=len(FAULTS[kind]))
    episode.history.write(tmp_path / "history.jsonl")
    assert {name: found for name, found in outcome.problems.items() if found} == {}, tmp_path
    assert outcome.figures["acknowledged"] > 100
    assert set(outcome.back_after) == set(FAULTS[kind])
