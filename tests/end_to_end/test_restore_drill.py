"""Restoring as docs/how-to/operations.md has it: a backup under load, a power cut, restore, go on. Both databases."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.display_server.postgres import Cluster
from tests.display_server.test_commands import motcua
from tests.faults.test_database_faults import wish
from tests.server_process import Answer, ServerProcess

BEFORE, AFTER = 30, 20


@pytest.fixture(params=["sqlite", "postgresql"])
def drill(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[ServerProcess, str]]:
    """A running hall, and the database that it is restored into."""
    if request.param == "sqlite":
        hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau").start()
        yield hall, hall.database
        hall.stop()
        hall.site.engine.dispose()
        return
    cluster = Cluster().start()
    hall = ServerProcess(tmp_path, cluster.url(cluster.make_database()), "xa_mau").start()
    yield hall, cluster.url(cluster.make_database())
    hall.stop()
    hall.site.engine.dispose()
    cluster.stop()


class Visitors(threading.Thread):
    """One after the other takes a number, and a counter calls; what was acknowledged is on paper."""

    def __init__(self, hall: ServerProcess) -> None:
        super().__init__()
        self._hall = hall
        self._over = threading.Event()
        self._tokens = hall.token("kiosk"), hall.token("counter", "1")
        self.paper: list[dict[str, str]] = []
        self.answers: list[Answer] = []

    def run(self) -> None:
        kiosk, counter = self._tokens
        while not self._over.is_set():
            try:
                answer = self._hall.ask("POST", "/api/v1/tickets", wish(), kiosk)
                self.answers.append(answer)
                if answer.status == 201:
                    self.paper.append(answer.json())
                self._hall.ask("POST", "/api/v1/counters/1/call-next", {"request_id": wish()["request_id"]}, counter)
            except Exception:  # noqa: BLE001 - the server was killed in the middle of it
                self._over.wait(0.05)

    def has(self, count: int) -> None:
        ends = time.monotonic() + 60
        while len(self.paper) < count and time.monotonic() < ends:
            time.sleep(0.02)
        assert len(self.paper) >= count, self.answers[-3:]

    def end(self) -> None:
        self._over.set()
        self.join(30)


def own_numbers(hall: ServerProcess, count: int) -> list[dict[str, object]]:
    """What a kiosk gives by itself while there is no server."""
    centre = hall.ask("GET", "/api/v1/centre", token=hall.token("kiosk")).json()
    prefix = next(each["offline_prefix"] for each in centre["departments"] if each["code"] == "HT")
    now = datetime.now(UTC).isoformat()
    return [wish() | {"number": f"{prefix}{n:03d}", "issued_at": now, "age_seconds": 3} for n in range(1, count + 1)]


def test_backup_power_cut_restore_and_on(drill: tuple[ServerProcess, str], tmp_path: Path) -> None:
    hall, target = drill
    visitors = Visitors(hall)
    visitors.start()
    visitors.has(BEFORE)
    backup = tmp_path / "motcua.backup"
    done = motcua("backup", backup, database=hall.database)
    assert done.returncode == 0, done.stderr
    kept = len(visitors.paper)
    visitors.has(kept + AFTER)
    assert hall.process is not None
    assert hall.process.poll() is None
    refused = motcua("restore", backup, "--replace", database=hall.database)
    assert refused.returncode == 1
    assert "is in use" in refused.stderr or "--replace is for SQLite" in refused.stderr
    offline = own_numbers(hall, 3)
    hall.site.engine.dispose()
    hall.kill()
    visitors.end()
    is_sqlite = target.startswith("sqlite")
    if is_sqlite:
        dirty = motcua("restore", backup, database=target)
        assert (dirty.returncode, "hall.db-wal" in dirty.stderr) == (1, True)
    restored = motcua("restore", backup, *(["--replace"] if is_sqlite else []), database=target)
    assert (restored.returncode, restored.stdout) == (0, f"{backup}: restored\n"), restored.stderr
    verified = motcua("audit", "verify", database=target)
    assert verified.returncode == 0, verified.stderr
    hall.database = target
    hall.start()
    assert hall.ask("GET", "/healthz").status == 200
    answer = hall.ask("POST", "/api/v1/tickets/offline", offline, hall.token("kiosk"))
    assert [result["status"] for result in answer.json()["results"]] == ["accepted"] * 3
    again = [hall.take("HT") for _ in range(3)]
    assert hall.call_next("1") is not None
    assert motcua("audit", "verify", database=target).returncode == 0
    numbers = [ticket["number"] for ticket in again]
    assert len(set(numbers)) == len(numbers)
    on_paper = {ticket["number"] for ticket in visitors.paper}
    assert not on_paper & {*numbers, *(one["number"] for one in offline)}
    lost = visitors.paper[-1]
    slip = "/t/" + lost["status_url"].rpartition("/")[2]
    told = hall.ask("GET", slip, headers={"Accept": "text/html"})
    assert told.status == 410
    assert "trước khi hệ thống được khôi phục" in told.body.decode()
    kept_slip = "/t/" + visitors.paper[0]["status_url"].rpartition("/")[2]
    assert visitors.paper[0]["number"] in hall.ask("GET", kept_slip, headers={"Accept": "text/html"}).body.decode()
