"""How long paper takes: a slip drawn and encoded, and from `submit` to the first and last byte at a printer on TCP.

python -m tests.benchmarks.bench_printing
"""

import socket
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

from printer.jobs import JobStore, State
from printer.layout import layout_names
from printer.paper import slip_to_bytes
from printer.virtual.machine import VirtualPrinter
from printer.worker import PrintWorker
from tests.printer.conftest import make_slip

ROUNDS = 60
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


def drawing(layout: str) -> tuple[float, float, int]:
    """Seconds for the first slip, median of the next ones, bytes."""
    times = []
    for count in range(ROUNDS):
        slip = make_slip(number=f"A{count:03d}", status_url=f"https://example.vn/t/{count:022d}")
        start = time.perf_counter()
        data = slip_to_bytes(slip, layout)
        times.append(time.perf_counter() - start)
    return times[0], median(times[1:]), len(data)


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
            while not worker.status.speaks or (count and not _is_printed(worker, str(count - 1))):
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
    return job is not None and job.state is State.PRINTED


def main() -> None:
    """Print the figures."""
    for layout in layout_names():
        first, usual, size = drawing(layout)
        print(f"{layout:14} drawn and encoded: first {first * 1e3:5.1f} ms, then {usual * 1e3:5.1f} ms, {size} bytes")
    for name, column in zip(("submit returns", "first byte", "cut"), zip(*printing(), strict=True), strict=True):
        ordered = sorted(column)
        p95 = ordered[int(len(ordered) * 0.95)]
        print(f"{name:14} median {median(ordered) * 1e3:6.2f} ms, p95 {p95 * 1e3:6.2f}, worst {ordered[-1] * 1e3:6.2f}")


if __name__ == "__main__":
    main()
