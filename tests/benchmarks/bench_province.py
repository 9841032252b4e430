"""A day of a province in some minutes: 104 centres in one PostgreSQL, 60,000 visitors, everything over HTTP.

Visitors come as on a working day (two peaks), one kiosk a centre takes their taps; every counter of every centre calls
the next one, serves for a while and calls again; a screen a centre watches. Then the checker of `make chaos` holds
what everybody was told against the database, centre by centre: nothing lost, nothing twice, the order exact.

python -m tests.benchmarks.bench_province [--centres 104] [--tickets 60000] [--minutes 6] [--servers 2] [--json FILE]
"""

from gevent import monkey

monkey.patch_all()

import argparse
import json
import random
import socket
import sys
import tempfile
import time
from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event

from config.centre.loader import Centre, load_centre
from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.selftest.scratch import percentile
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceKind, add_device
from tests.benchmarks.results import processor_seconds
from tests.chaos.checker import check
from tests.chaos.episode import read_truth
from tests.chaos.history import Asked, History, Shown, counted, now
from tests.display_server.postgres import Cluster
from tests.server_process import CENTRES, ServerProcess, new_id

DAY_HOURS = 8.0
PEAKS = ((1.2, 0.7, 0.7), (6.5, 0.8, 0.3))  # hours after opening, spread in hours, share of the visitors
BUSY = 0.85  # of the counters' day that service takes
PROVINCIAL_SHARE = 0.035  # of all visitors, who come to the provincial centre
ONE_STATE_IN = 10  # that a screen got is kept for the checker, and the last one
LONGEST_SERVICE = 3  # times the mean
AGAIN_SECONDS = 0.2
IDLE_SECONDS = 1.0  # a clerk without visitors presses when one has come, or after so long
DRAIN_SECONDS = 300.0  # for those who still wait when the doors close


class Door:
    """One kept connection. A lean client: the figures are the server's, as far as one machine allows."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token
        self._socket: socket.socket | None = None
        self._rest = b""

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port))
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: hall\r\nAuthorization: Bearer {self._token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self._socket.sendall(head.encode() + content)
        header = self._until(b"\r\n\r\n").lower()
        status = int(header[9:12])
        length = int(header.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        while len(self._rest) < length:
            self._more()
        answer, self._rest = self._rest[:length], self._rest[length:]
        if answer[:1] not in {b"", b"{"}:
            raise ConnectionError(f"{status} and {answer[:200]!r}")
        return status, json.loads(answer) if answer else {}

    def events(self) -> Iterator[bytes]:
        """The states of the hall's stream, each as JSON."""
        with socket.create_connection(("127.0.0.1", self._port)) as self._socket:
            asks = f"GET /api/v1/hall/stream HTTP/1.0\r\nHost: hall\r\nAuthorization: Bearer {self._token}\r\n\r\n"
            self._socket.sendall(asks.encode())
            self._until(b"\r\n\r\n")
            while True:
                event = self._until(b"\n\n")
                if event.startswith(b"event: hall"):
                    yield event.partition(b"data: ")[2]

    def hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._rest = None, b""

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._more()
        found, _, self._rest = self._rest.partition(mark)
        return found

    def _more(self) -> None:
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server hung up")
        self._rest += data


@dataclass
class Hall:
    """One centre: its tokens, what its devices and screens were told, and who is still to come."""

    code: str
    id: int
    port: int
    kiosk: str
    screen: str
    counters: dict[str, str]
    departments: list[str]
    visitors: int
    history: History = field(default_factory=History)
    came: Event = field(default_factory=Event)
    is_over: bool = False
    last: Shown | None = None
    states: int = 0
    latest_tap: float = 0.0  # worst seconds between a visitor's coming and the tap being sent

    def take_numbers(self, began: float, seconds: float, chance: random.Random) -> None:
        door = Door(self.port, self.kiosk)
        for hours in arrivals(self.visitors, chance):
            due = began + hours / DAY_HOURS * seconds
            gevent.sleep(max(0.0, due - now()))
            department = chance.choice(self.departments)
            self.latest_tap = max(self.latest_tap, now() - due)
            asked = Asked("kiosk", "tap", department, new_id(), now())
            self.insist(door, asked, "/api/v1/tickets", {"department": department})
            self.came.set()
        self.is_over = True
        self.came.set()

    def serve(self, code: str, seconds: float, chance: random.Random) -> None:
        door = Door(self.port, self.counters[code])
        mean = BUSY * seconds * len(self.counters) / self.visitors
        gevent.sleep(chance.uniform(0.0, mean))
        while True:
            asked = Asked(code, "call-next", code, new_id(), now())
            self.came.clear()
            if self.insist(door, asked, f"/api/v1/counters/{code}/call-next", {}) == 200:
                gevent.sleep(0.0 if self.is_over else min(chance.expovariate(1 / mean), LONGEST_SERVICE * mean))
            elif self.is_over:
                return
            else:
                self.came.wait(max(mean, IDLE_SECONDS))

    def insist(self, door: Door, asked: Asked, path: str, body: dict[str, Any]) -> int:
        """As a kiosk and a clerk's page do: a request that the server cannot take now is sent again. The status."""
        while True:
            try:
                status, answer = door.post(path, body | {"request_id": asked.request_id})
            except OSError:  # a connection that was silent for a minute is closed by the server
                self.history.add(asked)
                door.hang_up()
                continue
            told = (answer if asked.what == "tap" else answer.get("call")) or {}
            found = {"ticket_id": told.get("id" if asked.what == "tap" else "ticket_id"), "number": told.get("number")}
            self.history.add(replace(asked, answered_at=now(), status=status, seq=told.get("seq"), **found))
            if status < 500:
                return status
            gevent.sleep(AGAIN_SECONDS)
            asked = replace(asked, asked_at=now())

    def watch(self) -> None:
        while True:
            with suppress(OSError):
                self._watch()

    def _watch(self) -> None:
        for state in Door(self.port, self.screen).events():
            self.states += 1
            found = json.loads(state)
            calls = tuple((call["seq"], call["number"], call["counter"]) for call in found.get("calls", []))
            self.last = Shown(self.code, found["version"], found.get("seq", 0), calls)
            if self.states % ONE_STATE_IN == 0:
                self.history.add(self.last)


def arrivals(visitors: int, chance: random.Random) -> list[float]:
    """When they come, in hours after opening."""
    found = []
    for _ in range(visitors):
        middle, spread = chance.choices([(peak[0], peak[1]) for peak in PEAKS], [peak[2] for peak in PEAKS])[0]
        found.append(min(max(chance.gauss(middle, spread), 0.0), DAY_HOURS))
    return sorted(found)


def open_halls(site: ServerContext, ports: list[int], centres: int, tickets: int) -> list[Hall]:
    """The provincial centre and so many communes, each with its devices. Servers share them evenly."""
    provincial, commune = load_centre(CENTRES / "thai_binh"), load_centre(CENTRES / "xa_mau")
    halls = []
    for number in range(centres):
        centre = commune.model_copy(update={"code": f"xa_{number:03d}"}) if number else provincial
        first = round(tickets * PROVINCIAL_SHARE) if centres > 1 else tickets
        share, rest = divmod(tickets - first, max(1, centres - 1))
        visitors = first if not number else share + (number <= rest)
        halls.append(_open(site, centre, ports[number % len(ports)], visitors))
    return halls


def _open(site: ServerContext, centre: Centre, port: int, visitors: int) -> Hall:
    import_centre(site, centre)
    centre_id = find_centre(site, centre.code)

    def token(kind: DeviceKind, counter: str | None = None) -> str:
        return add_device(site, centre_id, kind, f"{kind} {counter or ''}".strip(), counter)

    counters = {each.code: token(DeviceKind.COUNTER, each.code) for each in centre.counters}
    served = {department for each in centre.counters for department in each.departments}
    departments = [each.code for each in centre.departments if each.code in served]
    kiosk, screen = token(DeviceKind.KIOSK), token(DeviceKind.DISPLAY)
    return Hall(centre.code, centre_id, port, kiosk, screen, counters, departments, visitors)


def play(halls: list[Hall], seconds: float, seed: int) -> None:
    """The day; it ends when everybody has been called and every screen shows it."""
    screens = [gevent.spawn(hall.watch) for hall in halls]
    began = now() + 1.0
    at_work = []
    for hall in halls:
        chance = random.Random(f"{seed} {hall.code}")
        at_work.append(gevent.spawn(hall.take_numbers, began, seconds, chance))
        at_work += [gevent.spawn(hall.serve, code, seconds, chance) for code in hall.counters]
    gevent.joinall(at_work, timeout=seconds + DRAIN_SECONDS, raise_error=True)
    assert all(each.ready() for each in at_work), "not everybody was called in time"
    until = now() + 10
    while now() < until and any(hall.last is None or hall.last.seq < hall.visitors for hall in halls):
        gevent.sleep(0.05)
    gevent.killall(screens)
    for hall in halls:
        if hall.last is not None:
            hall.history.add(replace(hall.last, is_last=True))


@contextmanager
def servers(folder: Path, database: str, count: int) -> Iterator[list[ServerProcess]]:
    first = ServerProcess(folder, database, "thai_binh")
    running = [each.start() for each in [first, *(replace(first) for _ in range(count - 1))]]
    try:
        yield running
    finally:
        for each in running:
            each.stop()
        first.site.engine.dispose()


def memory_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def run(asked: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="motcua-province-") as name:
        cluster = Cluster("-c max_connections=200", on_disk=True).start()
        try:
            database = cluster.url(cluster.make_database())
            with servers(Path(name), database, asked.servers) as running:
                return _measure(asked, cluster, running, database)
        finally:
            cluster.stop()


def _measure(
    asked: argparse.Namespace, cluster: Cluster, running: list[ServerProcess], database: str
) -> dict[str, Any]:
    site = create_context(load_settings(server={"database": database, "always_open": True}), create=True)
    halls = open_halls(site, [each.port for each in running], asked.centres, asked.tickets)
    pids = {f"server {number}": each.process.pid for number, each in enumerate(running, 1) if each.process}
    before = {who: processor_seconds(pid) for who, pid in (pids | {"PostgreSQL": cluster.pid}).items()}
    began, own = now(), time.process_time()
    play(halls, asked.minutes * 60, asked.seed)
    took = now() - began
    cpu = {who: processor_seconds(pid) - before[who] for who, pid in (pids | {"PostgreSQL": cluster.pid}).items()}
    cpu["the visitors and clerks"] = time.process_time() - own
    memory = {who: memory_mib(pid) for who, pid in pids.items()}
    problems: Tally[str] = Tally()
    for hall in halls:
        found = check(hall.history, read_truth(site, hall.id))
        problems.update(counted(found))
        for name, each in found.items():
            for problem in each[:2]:
                print(f"FAULT {hall.code}: {name}: {problem}", file=sys.stderr)
    site.engine.dispose()
    return _figures(halls, took, cpu, memory, dict(problems))


def _figures(
    halls: list[Hall], took: float, cpu: dict[str, float], memory: dict[str, float], problems: dict[str, int]
) -> dict[str, Any]:
    asked = [each for hall in halls for each in hall.history.asked]
    figures: dict[str, Any] = {"centres": len(halls), "seconds": took, "requests": len(asked)}
    for what in ("tap", "call-next"):
        seconds = [each.answered_at - each.asked_at for each in asked if each.what == what and each.answered_at]
        figures[f"{what}: times"] = len(seconds)
        for share in (0.5, 0.99, 1.0):
            figures[f"{what}: p{share * 100:.0f} ms"] = percentile(seconds, share) * 1000
    figures["without an answer"] = sum(each.status is None for each in asked)
    figures["refused for the moment (5xx)"] = sum((each.status or 0) >= 500 for each in asked)
    figures["calls made"] = sum(each.seq is not None for each in asked)
    figures["most taps in one second"] = max(Tally(int(e.asked_at) for e in asked if e.what == "tap").values())
    figures["latest tap behind its time, ms"] = max(hall.latest_tap for hall in halls) * 1000
    figures["states that screens got"] = sum(hall.states for hall in halls)
    figures |= {f"CPU seconds of {who}": each for who, each in cpu.items()}
    figures |= {f"MiB of {who}": each for who, each in memory.items()}
    return {"figures": figures, "problems": problems}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--centres", type=int, default=104)
    parser.add_argument("--tickets", type=int, default=60_000)
    parser.add_argument("--minutes", type=float, default=6.0, help="how long the eight hours take")
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = run(asked)
    for name, count in found["problems"].items():
        print(f"{name:<40}{count:>12}   {'ok' if count == 0 else 'FAULT'}")
    for name, figure in found["figures"].items():
        print(f"{name:<40}{figure:>12.1f}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    sys.exit(any(found["problems"].values()))


if __name__ == "__main__":
    main()
