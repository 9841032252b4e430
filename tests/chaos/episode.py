"""A hall at work while things break, and what the checker says of it afterwards."""

import random
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Table, select, text

from display_server.db import tables
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.reporting.audit import verify
from tests.chaos.checker import check
from tests.chaos.clients import Client, Counter, Kiosk, Screen
from tests.chaos.faults import FAULTS, in_turn
from tests.chaos.history import OWN_NUMBER, Call, History, Line, Problems, Ticket, Truth, now
from tests.chaos.kiosk_process import StandingKiosk
from tests.chaos.patroni import PatroniCluster
from tests.display_server.postgres import Cluster
from tests.faults.proxy import Proxy
from tests.server_process import ServerProcess

KIOSKS, SCREENS, COUNTERS = 3, 2, ("1", "2", "3")
SHORTEST, LONGEST = 0.2, 1.0  # seconds that a fault lasts, SIGSTOP aside
BACK_WITHIN = 60.0  # seconds after a fault, for the next visitor's number
AT_REST_WITHIN = 15.0  # for the screens to show the last call
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Server:
    """One server process, the line to it that can be broken, and its own wall clock."""

    def __init__(self, hall: ServerProcess, clock: Path) -> None:
        self.hall, self._clock = hall, clock
        # Eleven in the morning: a jump of two hours leaves the day as it is.
        wall = datetime.now(VIETNAM)
        self._morning = (wall.replace(hour=11, minute=0) - wall).total_seconds()
        self.set_clock(0.0)
        hall.program = (sys.executable, "-m", "tests.chaos.clock_skew_server", str(clock))

    def set_clock(self, wrong_by: float) -> None:
        """`wrong_by`: seconds ahead."""
        aside = self._clock.with_suffix(".new")
        aside.write_text(f"{self._morning + wrong_by:.0f}", encoding="utf-8")
        aside.replace(self._clock)

    def start(self) -> None:
        self.hall.start()
        self.proxy = Proxy(self.hall.port)
        self.proxy.__enter__()

    @property
    def port(self) -> int:
        return int(self.proxy.address.rpartition(":")[2])

    @property
    def pid(self) -> int:
        assert self.hall.process is not None
        return self.hall.process.pid

    def signal(self, number: int) -> None:
        assert self.hall.process is not None
        self.hall.process.send_signal(number)

    def stop(self) -> None:
        self.proxy.__exit__()
        self.hall.stop()


@dataclass
class Outcome:
    """`back_after`: by fault, the seconds until the server gave the next number, after each time it was over.

    `slowest_tap`: seconds that a visitor waited before a kiosk which gives numbers of its own.
    """

    problems: Problems
    back_after: dict[str, list[float]]
    figures: dict[str, int]
    slowest_tap: float


@dataclass
class Episode:
    """`kind`: sqlite (one server process), postgresql (two) or patroni (two, on three nodes). Use it with `with`."""

    folder: Path
    kind: str
    seed: int
    stop_seconds: float = 10.0
    cluster: Cluster | PatroniCluster | None = None
    history: History = field(default_factory=History)

    def __enter__(self) -> Self:
        self.chance = random.Random(self.seed)
        self._closing = ExitStack()
        database = f"sqlite:///{self.folder}/hall.db"
        if self.kind != "sqlite":
            # As safe as it comes: commits are on disk.
            self.cluster = (PatroniCluster() if self.kind == "patroni" else Cluster(options="")).start()
            self._closing.callback(self.cluster.stop)
            database = self.cluster.url(self.cluster.make_database())
        first = ServerProcess(self.folder, database, "xa_mau")
        self._closing.callback(first.site.engine.dispose)
        halls = [first, replace(first)] if self.cluster else [first]
        self.servers = [Server(hall, self.folder / f"clock-{number}") for number, hall in enumerate(halls)]
        for server in self.servers:
            server.start()
            self._closing.callback(server.stop)
        self.site = first.site
        self.standing = self._standing_kiosk(first)
        self._closing.callback(self.standing.close)
        self.clients = self._clients(first)
        return self

    def __exit__(self, *_: object) -> None:
        self._end_clients()
        self._closing.close()

    def _clients(self, hall: ServerProcess) -> list[Client]:
        def made(kind: type[Client], name: str, token: str) -> Client:
            ports = [server.port for server in self.servers]
            self.chance.shuffle(ports)
            return kind(name, self.history, ports, token, random.Random(self.chance.random()))

        found = []
        for number in range(KIOSKS):
            token = add_device(hall.site, hall.centre_id, DeviceKind.KIOSK, f"kiosk {number}", None)
            found.append(made(Kiosk, f"kiosk {number}", token))
        for code in COUNTERS:
            counter = made(Counter, f"counter {code}", hall.token("counter", code))
            counter.code = code  # type: ignore[attr-defined]
            found.append(counter)
        for number in range(SCREENS):
            screen = made(Screen, f"screen {number}", "")
            screen.ports = [self.servers[number % len(self.servers)].port]
            found.append(screen)
        return [*found, self.standing]

    def _standing_kiosk(self, hall: ServerProcess) -> StandingKiosk:
        name = "kiosk with paper"
        token = add_device(hall.site, hall.centre_id, DeviceKind.KIOSK, name, None)
        url = self.servers[0].proxy.url
        return StandingKiosk(name, self.history, url, token, random.Random(self.chance.random()), self.folder / "kiosk")

    def run(self, rounds: int) -> Outcome:
        """`rounds` faults while everybody goes on; then all comes to rest, and the history is checked."""
        for client in self.clients:
            client.start()
        back_after: dict[str, list[float]] = {}
        late = []
        for name in in_turn(self.kind, rounds, self.chance):
            time.sleep(self.chance.uniform(SHORTEST, LONGEST))
            seconds = self.chance.uniform(SHORTEST, LONGEST)
            FAULTS[self.kind][name](self, self.chance.choice(self.servers), seconds)
            waited = self._until_next_number()
            back_after.setdefault(name, []).append(waited)
            if waited > BACK_WITHIN:
                late.append(f"after {name}: {waited:.0f} s")
                if isinstance(self.cluster, PatroniCluster):
                    print(self.cluster.said(), file=sys.stderr)
        if isinstance(self.cluster, PatroniCluster):
            self.cluster.mend()
        self._come_to_rest()
        truth = read_truth(self.site, self.servers[0].hall.centre_id)
        problems = check(self.history, truth) | {"comes_back": late} | self._kept() | self.standing.problems()
        return Outcome(problems, back_after, self._figures(truth), self.standing.slowest)

    def _until_next_number(self) -> float:
        """Until somebody has got a number that they asked for after now."""
        began, seen = now(), len(self.history.asked)
        while now() - began <= BACK_WITHIN:
            fresh = self.history.asked[seen:]
            if any(each.what == "tap" and each.done and each.asked_at > began for each in fresh):
                return now() - began
            time.sleep(0.01)
        return now() - began

    def _come_to_rest(self) -> None:
        screens = [client for client in self.clients if isinstance(client, Screen)]
        for client in self.clients:
            if client not in screens:
                client.stopping.set()
        for client in self.clients:
            if client not in screens:
                client.join()
        self.standing.settle()
        last = len(read_truth(self.site, self.servers[0].hall.centre_id).calls)
        until = now() + AT_REST_WITHIN
        while now() < until and any(screen.last is None or screen.last.seq < last for screen in screens):
            time.sleep(0.05)
        self._end_clients()
        for screen in screens:
            if screen.last is not None:
                self.history.add(replace(screen.last, is_last=True))

    def _end_clients(self) -> None:
        for client in self.clients:
            client.stopping.set()
        for server in self.servers:
            server.proxy.mood = "well"

    def _kept(self) -> Problems:
        """The audit trail's chain holds; SQLite finds its file whole."""
        centre_id = self.servers[0].hall.centre_id
        found = {"audit_trail": verify(self.site, centre_id).problems}
        if self.kind == "sqlite":
            with self.site.read() as connection:
                said = connection.execute(text("PRAGMA integrity_check")).scalars().all()
            found["file_is_whole"] = [each for each in said if each != "ok"]
        return found

    def _figures(self, truth: Truth) -> dict[str, int]:
        asked = self.history.asked
        return {
            "attempts": len(asked),
            "without an answer": sum(each.status is None for each in asked),
            "refused for the moment (5xx)": sum((each.status or 0) >= 500 for each in asked),
            "acknowledged": len({each.request_id for each in asked if each.done}),
            "tickets": len(truth.tickets),
            "of the kiosk with paper": sum(each.client == self.standing.name for each in asked),
            "of these its own numbers": sum(each.what == OWN_NUMBER for each in asked),
            "calls": len(truth.calls),
            "states shown": len(self.history.shown),
        }


def read_truth(site: ServerContext, centre_id: int) -> Truth:
    """Everything of a centre that the checker holds a history against, from the database itself."""
    with site.read() as connection:

        def rows(table: Table, order: str = "id") -> list[Row[Any]]:
            query = select(table).where(table.c.centre_id == centre_id).order_by(table.c[order])
            return list(connection.execute(query))

        departments = {row.id: row for row in rows(tables.department)}
        counters = {row.id: row.code for row in rows(tables.counter)}
        letters = {row.offline_letter for row in rows(tables.device) if row.offline_letter}
        tickets, calls, journal = rows(tables.ticket), rows(tables.call, "seq"), rows(tables.journal)
    of_prefix = {row.prefix: row.code for row in departments.values()}
    of_prefix |= {prefix + letter: code for prefix, code in of_prefix.items() for letter in letters}
    return Truth(
        [
            Ticket(
                row.id,
                row.request_id,
                row.business_day.isoformat(),
                row.prefix,
                row.number,
                of_prefix[row.prefix],
                row.place,
            )
            for row in tickets
        ],
        [Call(row.seq, row.ticket_id, row.number, counters[row.counter_id]) for row in calls],
        [_line(row, counters, {key: each.code for key, each in departments.items()}) for row in journal],
        site.settings.hall.latest_calls,
    )


def _line(row: Row[Any], counters: dict[int, str], departments: dict[int, str]) -> Line:
    details = row.details or {}
    return Line(
        row.action,
        row.ticket_id,
        row.number,
        counters.get(row.counter_id),
        details.get("seq"),
        departments.get(details.get("department_id", 0)),
        details.get("reason") == "chosen",
    )
