"""kill -9 at every step between `submit` and paper, twenty times each; the paper is counted afterwards.

docs/reference/printing.md has the table; this is what makes it.
"""

from collections import Counter
from pathlib import Path

import pytest

from printer.jobs.store import JobState, JobStore
from printer.rendering.image import render_slip
from printer.slip.layout import load_layout
from tests.faults.failpoints import live, load_before
from tests.printer.conftest import Hall, make_slip
from tests.printer.failpoints import LAYOUT, STEPS, life

KILLS = 20
# Step → how many slips without and with "copy" each number then has on paper.
# After bytes went out, what the printer had in its buffer when the line died may or may not come out: at most one.
PAPER: dict[str, tuple[set[int], set[int]]] = {
    "not on disk yet": ({0}, {0}),  # `submit` never came back: the caller's own journal knows
    "queued on disk": ({1}, {0}),
    "chosen and drawn": ({1}, {0}),
    "sending on disk, no byte out": ({0}, {1}),
    "half the bytes out": ({0}, {1}),
    "all bytes out": ({0, 1}, {1}),
    "the printer has said that it is out": ({1}, {1}),
    "printed on disk": ({1}, {0}),
}

load_before("tests.printer.failpoints")


def test_every_step_is_named_in_the_table() -> None:
    assert tuple(PAPER) == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_killed_there_no_slip_is_lost_and_none_comes_twice_without_saying_copy(
    tmp_path: Path, paper_hall: Hall, step: str
) -> None:
    file, numbers = tmp_path / "jobs.db", [f"A{count:03d}" for count in range(KILLS)]
    for number in numbers:
        live(life, file, paper_hall.url, number, until=step)
    live(life, file, paper_hall.url, None)

    originals, copies = count_paper(paper_hall, numbers)
    allowed, allowed_copies = PAPER[step]
    for number in numbers:
        assert originals[number] in allowed, f"{number}: {originals[number]} without copy"
        assert copies[number] in allowed_copies, f"{number}: {copies[number]} copies"
    states = Counter(job.state for job in JobStore(file).latest(1000))
    assert states == ({} if step == "not on disk yet" else {JobState.PRINTED: KILLS})


def count_paper(hall: Hall, numbers: list[str]) -> tuple[Counter[str], Counter[str]]:
    """How often each number is on paper, without and with the mark; half slips are held against nothing."""
    layout = load_layout(LAYOUT)
    known = {
        render_slip(make_slip(number=n, copy=copy), layout).tobytes(): (n, copy) for n in numbers for copy in (0, 1)
    }
    pictures = hall.pictures(0)
    found = [known.get(picture.tobytes()) for picture in pictures]
    least = min(render_slip(make_slip(number=number), layout).height for number in numbers)
    torn = [picture.height < least for picture in pictures]
    assert all(read or piece for read, piece in zip(found, torn, strict=True)), "a slip that nobody knows"
    whole = [read for read in found if read]
    return Counter(n for n, copy in whole if not copy), Counter(n for n, copy in whole if copy)
