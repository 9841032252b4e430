"""The same hall after years: how fast tickets and calls stay, what a year's reading takes, and how big it gets.

python -m tests.benchmarks.bench_old_tickets [--old 100000 1000000] [--only sqlite|postgresql]

A hall without a past and one with it run side by side and take turns; the median of the rounds' ratios counts.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import select

from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.domain.numbering import format_number
from display_server.selftest import measure
from display_server.selftest.measure import Findings
from display_server.selftest.scratch import TemporaryServer
from display_server.services.core.actors import Actor, system_actor
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.displays.hall import hall_state
from display_server.services.displays.ratings import ratings_report
from display_server.services.reporting.audit import export
from display_server.services.reporting.dashboard import number_history, overview
from display_server.services.tickets.end_of_day import close_business_days
from tests.benchmarks.bench_server import size_of
from tests.benchmarks.old_tickets import write_old_tickets
from tests.benchmarks.results import Figures, postgres, serving

ROUNDS = 5
TICKETS_EACH = 80
CALLS_EACH = 40
LONG_AGO = 100  # days
OLD = [100_000, 1_000_000]
RATES = {"tickets": "tickets_per_second_8_clients", "calls": "calls_per_second_8_clients"}


def main(arguments: list[str] | None = None) -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", type=int, nargs="+", default=OLD)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args(arguments)
    figures = Figures("old_tickets")
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder = Path(name)
        if chosen.only != "postgresql":
            urls = (f"sqlite:///{folder}/hall{number}.db" for number in range(1 + len(chosen.old)))
            after_years(figures, "SQLite", folder, chosen.old, lambda: next(urls))
        if chosen.only != "sqlite":
            with postgres() as cluster:
                after_years(figures, "PostgreSQL", folder, chosen.old, lambda: cluster.url(cluster.make_database()))
    figures.write()


def after_years(figures: Figures, name: str, folder: Path, counts: list[int], database: Callable[[], str]) -> None:
    """Each count beside the same hall without a past."""
    with serving(folder / f"{name} 0", database()) as young:
        for count in counts:
            url = database()
            old = TemporaryServer(folder, young.folder, url)
            old.prepare()
            started = time.perf_counter()
            write_old_tickets(url, count)
            print(f"{count:,} old tickets written in {time.perf_counter() - started:.0f} s", flush=True)
            old.start()
            try:
                _beside(figures, f"{name}, {count:,} old", young, old)
            finally:
                old.stop()
            figures.add(f"{name}, {count:,} old: database", size_of(url) / 2**20, "MiB")
            _reading(figures, f"{name}, {count:,} old", url)


def _beside(figures: Figures, name: str, young: TemporaryServer, old: TemporaryServer) -> None:
    figures.add(
        f"{name}: from start to ready", old.start_seconds, "s", old.start_seconds / young.start_seconds, "0 old"
    )
    with measure.watchers(young), measure.watchers(old):
        rounds = [_round(young, old) for _ in range(ROUNDS)]
    for what in ("tickets", "calls"):
        rate = median(each[what][0] for each in rounds)
        ratio = median(each[what][0] / each[what][1] for each in rounds)
        figures.add(f"{name}: {what}, 8 clients, 100 watchers", rate, "/s", ratio, "0 old")


def _round(young: TemporaryServer, old: TemporaryServer) -> dict[str, tuple[float, float]]:
    """Of tickets and calls: the rate of the old hall and of the young one."""
    found = []
    for server in (old, young):
        findings = Findings()
        measure.issue_tickets(server, findings, 8, TICKETS_EACH)
        measure.call_visitors(server, findings, 8, CALLS_EACH)
        found.append(findings.figures)
    return {what: (found[0][key], found[1][key]) for what, key in RATES.items()}


def _reading(figures: Figures, name: str, database: str) -> None:
    """What people and the server itself read: milliseconds of each, the best of three."""
    site = create_context(load_settings(server={"database": database, "always_open": True}), create=True)
    centre_id = find_centre(site, None)
    head = Actor("staff", 0, "Lan", centre_id, role="supervisor")
    today = datetime.now(UTC).date()
    then = today - timedelta(days=LONG_AGO)
    number = _number(site, then)
    acts: dict[str, Callable[[], Any]] = {
        "the state for the screens": lambda: hall_state(site, centre_id),
        "the supervisor's overview": lambda: overview(site, head),
        "the end of days, asked every minute": lambda: close_business_days(site, system_actor(centre_id)),
        "the history of a number of 100 days ago": lambda: number_history(site, head, number, then),
        "ratings of a year": lambda: ratings_report(site, head, 366),
        "the journal of that day, exported": lambda: sum(1 for _ in export(site, centre_id, then, then)),
    }
    for what, act in acts.items():
        figures.add(f"{name}: {what}", min(_ms(act) for _ in range(3)), "ms")
    started = time.perf_counter()
    lines = sum(1 for _ in export(site, centre_id, today - timedelta(days=365), today))
    took = time.perf_counter() - started
    figures.add(f"{name}: the journal of a year ({lines:,} lines), exported", took, "s")
    site.engine.dispose()


def _number(site: ServerContext, day: date) -> str:
    """One of the numbers of that day."""
    with site.read() as connection:
        query = select(tables.ticket.c.prefix, tables.ticket.c.number).where(tables.ticket.c.business_day == day)
        row = connection.execute(query.where(tables.ticket.c.centre_id == find_centre(site, None)).limit(1)).one()
        return format_number(row.prefix, row.number)


def _ms(act: Callable[[], Any]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
