"""So many screens and phones on one server: the last one's delay, each one's memory, and tickets meanwhile.

python -m tests.benchmarks.bench_watchers [--watchers 100 1000 4000 8000]

The watchers run in processes of their own (the system's limit of open files holds for each).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from display_server.selftest import measure
from display_server.selftest.measure import Findings
from display_server.selftest.scratch import TemporaryServer
from tests.benchmarks.bench_screens import Hall, publications
from tests.benchmarks.bench_server import bare_handler
from tests.benchmarks.results import Figures, serving

WATCHED_CALLS = 15
TICKETS_EACH = 100
COUNTS = [100, 1000, 4000, 8000]
PROCESS_HOLDS = 2000  # watchers of one process


def main(arguments: list[str] | None = None) -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, nargs="+", default=COUNTS)
    chosen = parser.parse_args(arguments)
    figures = Figures("watchers")
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder = Path(name)
        with bare_handler(str(folder / "bare.db")) as bare:
            for count in chosen.watchers:
                with serving(folder / str(count), f"sqlite:///{folder}/{count}.db") as server:
                    with_watchers(figures, server, bare, count)
    figures.write()


def with_watchers(figures: Figures, server: TemporaryServer, bare: Any, count: int) -> None:
    """Calls among so many watchers, then taps of 8 clients beside the bare handler, which nobody watches."""
    hall = Hall(server)
    for _ in range(30):
        hall.call(hall.visitor())
    before = server.memory_mib()
    with watching(server.port, count) as processes:
        figures.add(
            f"{count} watchers: memory of the server for each", (server.memory_mib() - before) * 1024 / count, "KiB"
        )
        encoded, pressed = publications(server), _calls(hall)
        encoded = publications(server) - encoded
        seen = reports(processes)
        yardstick, ours = Findings(), Findings()
        measure.issue_tickets(bare, yardstick, 8, TICKETS_EACH)
        measure.issue_tickets(server, ours, 8, TICKETS_EACH)
    delays = [(seen[seq][0] - at) * 1000 for seq, at in pressed.items()]
    figures.add(f"{count} watchers: press → the last of them, median", median(delays), "ms")
    figures.add(f"{count} watchers: press → the last of them, worst", max(delays), "ms")
    figures.add(f"{count} watchers: calls that one did not see", sum(count - seen[seq][1] for seq in pressed), "")
    figures.add(f"{count} watchers: states encoded for {WATCHED_CALLS * 2} changes", encoded, "")
    rate, of = (each.figures["tickets_per_second_8_clients"] for each in (ours, yardstick))
    figures.add(f"{count} watchers: tickets, 8 clients", rate, "/s", rate / of, "the bare handler")
    figures.add(f"{count} watchers: a ticket, p99", ours.figures["ticket_p99_ms_8_clients"], "ms")


def _calls(hall: Hall) -> dict[int, float]:
    """When each call was pressed, by its number."""
    pressed = {}
    for _ in range(WATCHED_CALLS):
        code = hall.visitor()
        time.sleep(0.4)
        at, call = hall.call(code)
        pressed[call["seq"]] = at
        time.sleep(0.6)
    return pressed


@contextmanager
def watching(port: int, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """So many plain watchers, all with their first state."""
    processes = []
    try:
        for start in range(0, count, PROCESS_HOLDS):
            command = [sys.executable, "-m", "display_server.selftest.watchers", str(port)]
            processes.append(
                subprocess.Popen(
                    [*command, str(min(PROCESS_HOLDS, count - start))],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            assert processes[-1].stdout is not None
            assert processes[-1].stdout.readline().strip() == "ready"
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def reports(processes: list[subprocess.Popen[str]]) -> dict[int, tuple[float, int]]:
    """Of each call: when the last of all watchers had it, and how many had it."""
    found: dict[int, tuple[float, int]] = {}
    for process in processes:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("report\n")
        process.stdin.flush()
        for seq, last, count in json.loads(process.stdout.readline())["calls"]:
            so_far = found.get(int(seq), (0.0, 0))
            found[int(seq)] = (max(so_far[0], last), so_far[1] + int(count))
    return found


if __name__ == "__main__":
    main()
