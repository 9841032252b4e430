"""The server: every figure beside a yardstick measured in the same run.

python -m tests.benchmarks.bench_server [--json]

The yardsticks: bare SQLite commits through the driver, and a bare gevent + Flask handler with one durable insert.
Timings of a busy machine are noise; their ratio to a yardstick of the same minute says more.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from display_server.selftest import measure
from display_server.selftest.command import CENTRES
from display_server.selftest.measure import Findings
from display_server.selftest.scratch import ScratchServer

COMMITS = 3000
TICKETS_EACH = 400
CALLS_EACH = 100


def bare_commits(folder: Path) -> float:
    """Durable commits per second of one row each, through the driver alone."""
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, words TEXT)")
        started = time.perf_counter()
        for number in range(COMMITS):
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO row (words) VALUES (?)", (f"visitor {number}",))
            database.execute("COMMIT")
        return COMMITS / (time.perf_counter() - started)


@contextmanager
def bare_handler(folder: Path) -> Iterator[Any]:
    command = [sys.executable, "-m", "tests.benchmarks.yardstick", str(folder / "yardstick.db")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline().rpartition(":")[2])
        yield SimpleNamespace(port=port, departments=["A"], kiosk_token="none")
    finally:
        process.terminate()
        process.communicate()


def run(folder: Path) -> dict[str, dict[str, float]]:
    """The table's rows: what, its figure, and its ratio to the yardstick where one fits."""
    yardstick, ours = Findings(), Findings()
    server = ScratchServer(folder, CENTRES / "thai_binh", f"sqlite:///{folder}/scratch.db")
    server.prepare()
    server.start()
    try:
        with bare_handler(folder) as bare, measure.watchers(server):
            for clients in (1, 8):
                measure.issue_tickets(bare, yardstick, clients, TICKETS_EACH)
                measure.issue_tickets(server, ours, clients, TICKETS_EACH)
            measure.call_visitors(server, ours, 8, CALLS_EACH)
        measure.calls_to_screens(server, ours, 50)
        ours.figures["memory_mib"] = server.memory_mib()
    finally:
        server.stop()
    ours.figures["start_seconds"] = server.start_seconds
    return _table(bare_commits(folder), yardstick.figures, ours.figures)


def _table(commits: float, yardstick: dict[str, float], ours: dict[str, float]) -> dict[str, dict[str, float]]:
    rows: dict[str, dict[str, float]] = {"yardstick: bare commits per second": {"figure": commits}}
    for name, figure in yardstick.items():
        rows[f"yardstick: bare handler: {name}"] = {"figure": figure}
    for name, figure in ours.items():
        rows[name] = {"figure": figure}
        if "per_second" in name:
            bare = yardstick[name.replace("calls", "tickets")]
            rows[name]["of the bare handler"] = figure / bare
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments, _ = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder:
        rows = run(Path(folder))
    if arguments.json:
        print(json.dumps(rows, indent=1))
        return
    for name, row in rows.items():
        ratio = f"{row['of the bare handler']:>8.2f} of the bare handler" if "of the bare handler" in row else ""
        print(f"{name:<56}{row['figure']:>10.1f}{ratio}")


if __name__ == "__main__":
    main()
