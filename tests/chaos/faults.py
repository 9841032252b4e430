"""What breaks: each fault is begun, lasts a while, and is over. Real processes, real signals, real files."""

import random
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.chaos.patroni import PatroniCluster
from tests.display_server.postgres import Cluster

if TYPE_CHECKING:
    from tests.chaos.episode import Episode, Server

Fault = Callable[["Episode", "Server", float], None]
"""Hits one of the servers (or the database) for so many seconds."""

LEFT_ON_DISK = 20_000  # bytes that the write-ahead log may still grow on a "full" disk
FARTHEST_JUMP = 2 * 3600  # seconds: the business day stays the same


def killed(_: "Episode", server: "Server", seconds: float) -> None:
    """Kill -9, and started again."""
    server.hall.kill()
    time.sleep(seconds)
    server.hall.start()


def stopped(episode: "Episode", server: "Server", _: float) -> None:
    """SIGSTOP: it answers nobody, holds its connections, and then goes on with what is old."""
    server.signal(signal.SIGSTOP)
    time.sleep(episode.stop_seconds)
    server.signal(signal.SIGCONT)


def disk_full(_: "Episode", server: "Server", seconds: float) -> None:
    """No file of the server may grow any more."""
    log = Path(server.hall.database.removeprefix("sqlite:///") + "-wal")
    size = log.stat().st_size if log.exists() else 0
    _, most = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size + LEFT_ON_DISK, most))
    time.sleep(seconds)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, most))


def clock_jumps(episode: "Episode", server: "Server", seconds: float) -> None:
    """The server's wall clock is put ahead or back by up to two hours, and stays there."""
    server.set_clock(episode.chance.uniform(-FARTHEST_JUMP, FARTHEST_JUMP))
    time.sleep(seconds)


def _line(mood: str) -> Fault:
    def broken(_: "Episode", server: "Server", seconds: float) -> None:
        server.proxy.mood = mood  # type: ignore[assignment]
        time.sleep(seconds)
        server.proxy.mood = "well"

    return broken


def database_crashes(episode: "Episode", _: "Server", seconds: float) -> None:
    """PostgreSQL ends at once, as in a crash, and is started again: it recovers from its log."""
    assert isinstance(episode.cluster, Cluster)
    episode.cluster.stop_serving("immediate")
    time.sleep(seconds)
    episode.cluster.serve()


def primary_crashes(episode: "Episode", _: "Server", __: float) -> None:
    """Kill -9 of the primary's PostgreSQL, once all nodes are well."""
    assert isinstance(episode.cluster, PatroniCluster)
    episode.cluster.mend()
    episode.cluster.kill_postgres()


def primary_dies(episode: "Episode", _: "Server", __: float) -> None:
    """Kill -9 of all that runs on the primary's machine, once all nodes are well."""
    assert isinstance(episode.cluster, PatroniCluster)
    episode.cluster.mend()
    episode.cluster.kill_node()


OF_EVERY_SERVER: dict[str, Fault] = {
    "server: kill -9": killed,
    "server: SIGSTOP": stopped,
    "server: clock jumps": clock_jumps,
    "line: connections reset": _line("reset"),
    "line: answers lost": _line("lost"),
    "line: nothing arrives": _line("cut"),
}
FAULTS: dict[str, dict[str, Fault]] = {
    "sqlite": OF_EVERY_SERVER | {"server: disk full": disk_full},
    "postgresql": OF_EVERY_SERVER | {"database: crash and restart": database_crashes},
    "patroni": {"primary: PostgreSQL killed": primary_crashes, "primary: whole machine dead": primary_dies},
}


def in_turn(kind: str, rounds: int, chance: random.Random) -> list[str]:
    """So many faults, each as often as the others, in an order that nobody chose."""
    names = list(FAULTS[kind])
    order: list[str] = []
    while len(order) < rounds:
        order += chance.sample(names, len(names))
    return order[:rounds]
