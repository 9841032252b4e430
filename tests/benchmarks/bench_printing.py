"""How long paper takes: on the line, drawn and encoded, and from `submit` to the first byte and the cut on TCP.

python -m tests.benchmarks.bench_printing
"""

import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from printer.jobs.store import JobState, JobStore
from printer.jobs.worker import PrintWorker
from printer.rendering.profile import Profile, load_profile
from printer.rendering.sample import sample_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import layout_names
from printer.virtual.printer import VirtualPrinter
from tests.printer.conftest import make_slip, round_emblem
from tests.printer.test_escpos_raster import EVERYTHING

ROUNDS = 60
BAUDS, BITS_A_BYTE = (9_600, 38_400, 115_200), 10
STATUS_REQUEST = b"\x10\x04"


class StopWatch:
    """A virtual printer on TCP that notes when each job's first byte came and when its knife fell."""

    def __init__(self) -> None:
        self.first_byte = 0.0
        self.cut = threading.Event()
        self.last_byte = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        line, _ = self._listener.accept()
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = VirtualPrinter(576, lambda sheet, _warnings: self._done(sheet.cut_off())).connect(line.sendall)
        while data := line.recv(65536):
            if not data.startswith(STATUS_REQUEST) and not self.first_byte:
                self.first_byte = time.perf_counter()
            session.receive(data)

    def _done(self, _slip: object) -> None:
        self.last_byte = time.perf_counter()
        self.cut.set()


def cold(layout: str) -> float:
    """Seconds of the very first slip in a process that has drawn nothing yet; the worker pays them at its start."""
    code = (
        "import time; from printer.rendering.slip_bytes import render_slip_bytes; "
        "from printer.rendering.sample import sample_slip;"
        f"start = time.perf_counter(); render_slip_bytes(sample_slip(), {layout!r}); print(time.perf_counter() - start)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def drawing(layout: str, profile: Profile, **more: Any) -> tuple[float, float, float]:
    """Seconds of the first visitor's slip after the warm-up, median of the next ones, and of processor time for those.

    The last is what it costs on a machine that others keep busy.
    """
    render_slip_bytes(sample_slip(), layout, profile)  # as the worker does at its start
    times, processor = [], []
    for count in range(ROUNDS):
        slip = sample_slip(number=f"A{count:03d}", status_url=f"https://example.vn/t/{count:022d}", **more)
        start, begun = time.perf_counter(), time.thread_time()
        render_slip_bytes(slip, layout, profile)
        times.append(time.perf_counter() - start)
        processor.append(time.thread_time() - begun)
    return times[0], median(times[1:]), median(processor[1:])


def lengths(layout: str, profile: Profile) -> Iterator[tuple[str, int]]:
    """Bytes of a usual slip, one with everything on it, and one with eight papers and long names besides."""
    emblem = round_emblem()
    yield "usual", len(render_slip_bytes(make_slip(emblem=emblem), layout, profile))
    yield "everything", len(render_slip_bytes(sample_slip(emblem=emblem), layout, profile))
    yield "the longest", len(render_slip_bytes(sample_slip(emblem=emblem, **EVERYTHING), layout, profile))


def printing() -> list[tuple[float, float, float]]:
    """Seconds of `submit`, to the first byte and to the cut, for each round."""
    watch = StopWatch()
    times = []
    with tempfile.TemporaryDirectory() as folder:
        store = JobStore(Path(folder) / "jobs.db")
        idle = threading.Event()
        worker = PrintWorker(store, watch.url, "standard_80mm", 5.0, idle.set)
        worker.start()
        for count in range(ROUNDS):
            while not worker.status.reports_status or (count and not _is_printed(worker, str(count - 1))):
                idle.wait(0.01)
            watch.first_byte = 0.0
            watch.cut.clear()
            slip = make_slip(number=f"A{count:03d}", status_url=f"https://example.vn/t/{count:022d}")
            start = time.perf_counter()
            worker.submit(str(count), slip)
            submitted = time.perf_counter()
            watch.cut.wait(10)
            times.append((submitted - start, watch.first_byte - start, watch.last_byte - start))
        worker.stop()
        store.close()
    return times


def _is_printed(worker: PrintWorker, key: str) -> bool:
    job = worker.job(key)
    return job is not None and job.state is JobState.PRINTED


def main() -> None:
    """Print the figures."""
    layouts, names = layout_names(), ("picture", "text_tcvn3")
    print(f"{'':14} {'':11} {'':10} {'bytes':>9}  " + "  ".join(f"{baud:>7}" for baud in BAUDS) + " baud, seconds")
    for layout, name in product(layouts, names):
        for words, size in lengths(layout, load_profile(name)):
            seconds = "  ".join(f"{size * BITS_A_BYTE / baud:7.1f}" for baud in BAUDS)
            print(f"{layout:14} {words:11} {name:10} {size:9}  {seconds}")
    for layout in layouts:
        print(f"{layout:14} very first slip of a process, drawn for nobody at the start: {cold(layout) * 1e3:.0f} ms")
    for layout, name, (words, more) in product(layouts, names, (("everything", {}), ("the longest", EVERYTHING))):
        first, usual, busy = (f"{seconds * 1e3:5.1f} ms" for seconds in drawing(layout, load_profile(name), **more))
        print(f"{layout:14} {words:11} {name:10} drawn: first visitor {first}, then {usual}, processor {busy}")
    for name, column in zip(("submit returns", "first byte", "cut"), zip(*printing(), strict=True), strict=True):
        ordered = sorted(column)
        p95 = ordered[int(len(ordered) * 0.95)]
        print(f"{name:14} median {median(ordered) * 1e3:6.2f} ms, p95 {p95 * 1e3:6.2f}, worst {ordered[-1] * 1e3:6.2f}")


if __name__ == "__main__":
    main()
