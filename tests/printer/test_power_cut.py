"""The kiosk's process is killed at a step between tap and paper; the paper is counted afterwards."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from printer.jobs.store import JobState, JobStore
from printer.jobs.worker import PrintWorker
from printer.rendering.image import render_slip
from printer.slip.layout import load_layout
from tests.printer.conftest import Hall, make_slip, same

# Prints the step (a job's state on disk, or the printer's problem) when it is reached, and waits there for the axe.
KIOSK = """
import sys
from pathlib import Path
from printer.jobs.store import JobStore
from printer.jobs.worker import PrintWorker
from tests.printer.conftest import make_slip
file, url, axe = sys.argv[1:]
store = JobStore(Path(file))
worker = PrintWorker(store, url, "standard_80mm", 5.0, lambda: state())
def state():
    job = store.get("k")
    if job and axe in (job.state, *worker.status.problems):
        print(axe, flush=True)
        sys.stdin.read()
if axe != "queued":
    worker.start()
worker.submit("k", make_slip())
sys.stdin.read()
"""


@contextmanager
def kiosk_until(file: Path, url: str, step: str) -> Iterator[None]:
    """A kiosk that has come to `step`; killed in the end, as by a power cut."""
    kiosk = subprocess.Popen(
        [sys.executable, "-c", KIOSK, str(file), url, step], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert kiosk.stdout is not None
    assert kiosk.stdout.readline().strip() == step
    yield
    kiosk.send_signal(signal.SIGKILL)
    kiosk.communicate()


def start_again(file: Path, url: str) -> PrintWorker:
    worker = PrintWorker(JobStore(file), url, "standard_80mm", 5.0)
    worker.start()
    return worker


@pytest.mark.parametrize("step", ["queued", "sending"])
def test_killed_before_a_byte_went_out_the_slip_still_comes(tmp_path: Path, paper_hall: Hall, step: str) -> None:
    with kiosk_until(tmp_path / "jobs.db", paper_hall.url, step):
        pass
    worker = start_again(tmp_path / "jobs.db", paper_hall.url)
    # The kiosk cannot know whether a byte was out when it died in `sending`, so it says "copy".
    expected = render_slip(make_slip(copy=step == "sending"), load_layout("standard_80mm"))
    assert same(paper_hall.pictures(1)[0], expected)
    worker.stop()


def test_killed_with_the_slip_half_out_a_copy_follows(tmp_path: Path, paper_hall: Hall) -> None:
    paper_hall.set(paper_left_mm=40)
    file = tmp_path / "jobs.db"
    with kiosk_until(file, paper_hall.url, "paper_out"):
        pass
    paper_hall.set(paper="ok")
    worker = start_again(file, paper_hall.url)
    first, second = paper_hall.pictures(2)
    layout = load_layout("standard_80mm")
    assert first.height < render_slip(make_slip(), layout).height  # what the printer had taken before the cut
    assert same(second, render_slip(make_slip(copy=True), layout))
    worker.stop()


def test_killed_after_the_paper_nothing_more_comes(tmp_path: Path, paper_hall: Hall) -> None:
    file = tmp_path / "jobs.db"
    with kiosk_until(file, paper_hall.url, "printed"):
        pass
    store = JobStore(file)
    assert store.recover() == []
    assert store.waiting() == []
    job = store.get("k")
    assert job is not None
    assert job.state is JobState.PRINTED
    assert len(paper_hall.pictures(1)) == 1
