"""The server: tickets and calls a second on SQLite and on PostgreSQL, beside yardsticks measured in the same minutes.

python -m tests.benchmarks.bench_server

The yardsticks: bare commits through the driver, and a bare gevent + Flask handler with one durable insert. Rounds of
the bare handler and of ours take turns and the median round counts: a busy machine slows both, and their ratio stays.
"""

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

import psycopg

from display_server.selftest import measure
from display_server.selftest.measure import WATCHERS, Findings
from display_server.selftest.scratch import TemporaryServer
from tests.benchmarks.results import Figures, postgres, serving

ROUNDS = 5
COMMITS = 2000
TICKETS_EACH = 100
CALLS_EACH = 60
SIZED = 4000  # visits whose bytes are counted


def main() -> None:
    """Print and keep the figures of both databases."""
    figures = Figures("server")
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder = Path(name)
        on(figures, "SQLite", folder, f"sqlite:///{folder}/hall.db", str(folder / "bare.db"))
        with postgres() as cluster:
            hall, bare = cluster.url(cluster.make_database()), cluster.url(cluster.make_database())
            on(figures, "PostgreSQL", folder, hall, bare.replace("+psycopg", ""))
    figures.write()


def on(figures: Figures, name: str, folder: Path, database: str, bare_database: str) -> None:
    """All figures of one database."""
    figures.add(f"{name}: bare commits", _bare_commits(folder, bare_database), "/s")
    with serving(folder, database) as server, bare_handler(bare_database) as bare:
        figures.add(f"{name}: from start to ready", server.start_seconds, "s")
        figures.add(f"{name}: memory at the start", server.memory_mib(), "MiB")
        with measure.watchers(server):
            for clients in (1, 8):
                _rates(figures, name, server, bare, clients)
        figures.add(f"{name}: memory after these rounds, without watchers", server.memory_mib(), "MiB")
        figures.add(f"{name}: bytes of the database for a ticket with its call", _bytes_each(server), "B")


def _rates(figures: Figures, name: str, server: TemporaryServer, bare: Any, clients: int) -> None:
    rounds = [_round(server, bare, clients) for _ in range(ROUNDS)]
    middle = {key: median(each[key] for each in rounds) for key in rounds[0]}
    plural = f"{clients} client{'s' * (clients > 1)}, {WATCHERS} watchers"
    figures.add(f"{name}: bare handler, {plural}", middle["bare"], "/s")
    figures.add(f"{name}: tickets, {plural}", middle["tickets"], "/s", middle["tickets ratio"], "the bare handler")
    figures.add(f"{name}: a ticket, p50", middle["ticket p50"], "ms")
    figures.add(f"{name}: a ticket, p99", middle["ticket p99"], "ms")
    figures.add(f"{name}: calls, {plural}", middle["calls"], "/s", middle["calls ratio"], "the bare handler")
    figures.add(f"{name}: a call, p99", middle["call p99"], "ms")


def _round(server: TemporaryServer, bare: Any, clients: int) -> dict[str, float]:
    yardstick, ours = Findings(), Findings()
    measure.issue_tickets(bare, yardstick, clients, TICKETS_EACH)
    measure.issue_tickets(server, ours, clients, TICKETS_EACH)
    measure.call_visitors(server, ours, clients, CALLS_EACH)
    bare_rate = yardstick.figures[f"tickets_per_second_{clients}_clients"]
    tickets = ours.figures[f"tickets_per_second_{clients}_clients"]
    calls = ours.figures[f"calls_per_second_{clients}_clients"]
    return {
        "bare": bare_rate,
        "tickets": tickets,
        "tickets ratio": tickets / bare_rate,
        "ticket p50": ours.figures[f"ticket_p50_ms_{clients}_clients"],
        "ticket p99": ours.figures[f"ticket_p99_ms_{clients}_clients"],
        "calls": calls,
        "calls ratio": calls / bare_rate,
        "call p99": ours.figures[f"call_p99_ms_{clients}_clients"],
    }


def _bytes_each(server: TemporaryServer) -> float:
    """What so many visits add, each with its journal and the kept answer of its press (for a week)."""
    findings = Findings()
    before = size_of(server.database)
    measure.call_visitors(server, findings, 8, SIZED // 8)  # takes a ticket for each call
    return (size_of(server.database) - before) / SIZED


def size_of(database: str) -> int:
    """Bytes of a database (SQLAlchemy URL)."""
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
            (pages,), (size,) = (
                connection.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "page_size")
            )
            return int(pages * size)
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(found[0]) if found else 0


def _bare_commits(folder: Path, database: str) -> float:
    """Durable commits per second of one row each, through the driver alone."""
    statement = "INSERT INTO line (words) VALUES ('visitor')"
    with closing(_connect(folder, database)) as connection:
        connection.execute("CREATE TABLE line (id INTEGER, words TEXT)")
        started = time.perf_counter()
        for _ in range(COMMITS):
            connection.execute(statement)  # a transaction of its own
        return COMMITS / (time.perf_counter() - started)


def _connect(folder: Path, database: str) -> Any:
    if database.startswith("postgresql:"):
        return psycopg.connect(database, autocommit=True)
    connection = sqlite3.connect(folder / "commits.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


@contextmanager
def bare_handler(database: str) -> Iterator[Any]:
    """The yardstick as a process; answers what a kiosk is told of a server."""
    command = [sys.executable, "-m", "tests.benchmarks.baseline", database]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline().rpartition(":")[2])
        yield SimpleNamespace(port=port, departments=["A"], kiosk_token="none")
    finally:
        process.terminate()
        process.communicate()


if __name__ == "__main__":
    main()
