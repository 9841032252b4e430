"""A short while of the monkey; `python -m tests.kiosk.monkey` is the long one."""

from pathlib import Path

from tests.kiosk.monkey import run

SEED = 20261123


def test_a_monkey_gets_no_number_twice_and_the_kiosk_stands(tmp_path: Path) -> None:
    found, screens, tickets = run(tmp_path, 600, SEED)
    assert found == []
    assert tickets > 0
    assert len(screens) > 3
