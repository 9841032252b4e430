"""What the benchmarks share: figures beside their yardsticks, as a table and as JSON in var/bench; scratch servers."""

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from display_server.selftest.command import CENTRES
from display_server.selftest.scratch import TemporaryServer
from tests.display_server.postgres import Cluster

RESULTS = Path("var/bench")


@dataclass(frozen=True)
class Figure:
    """`ratio`: to the yardstick `of`, measured in the same run."""

    what: str
    figure: float
    unit: str
    ratio: float | None = None
    of: str = ""


@dataclass
class Figures:
    """The rows of one benchmark; each is printed when it is known."""

    name: str
    rows: list[Figure] = field(default_factory=list)

    def add(self, what: str, figure: float, unit: str, ratio: float | None = None, of: str = "") -> None:
        row = Figure(what, round(figure, 3), unit, None if ratio is None else round(ratio, 3), of)
        self.rows.append(row)
        beside = "" if ratio is None else f"{ratio:>9.2f} of {of}"
        print(f"{self.name:<12}{what:<64}{figure:>11.1f} {unit:<8}{beside}", flush=True)

    def write(self) -> None:
        """Keep the rows in var/bench/NAME.json, with when and on what they were measured."""
        RESULTS.mkdir(parents=True, exist_ok=True)
        kept = {
            "name": self.name,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"processors": os.cpu_count(), "load": os.getloadavg(), "python": platform.python_version()},
            "figures": [asdict(row) for row in self.rows],
        }
        (RESULTS / f"{self.name}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def processor_seconds(pid: int) -> float:
    """So far, of a process and of its children, those that have ended too."""
    with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()  # from the third field on
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ticks = sum(int(each) for each in fields[11:15])
        return ticks / os.sysconf("SC_CLK_TCK") + sum(processor_seconds(int(child)) for child in children)
    return 0.0


@contextmanager
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL that waits for the disk at every commit, as a hall's does."""
    cluster = Cluster("-c max_connections=60 -c max_wal_size=4GB", on_disk=True).start()
    try:
        yield cluster
    finally:
        cluster.stop()


@contextmanager
def serving(folder: Path, database: str, *, prepare: bool = True) -> Iterator[TemporaryServer]:
    """The real server with the provincial centre (23 counters, 22 queues) on `database`."""
    folder.mkdir(exist_ok=True)
    server = TemporaryServer(folder, CENTRES / "thai_binh", database)
    if prepare:
        server.prepare()
    server.start()
    try:
        yield server
    finally:
        server.stop()
