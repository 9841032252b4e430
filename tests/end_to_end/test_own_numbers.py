"""The kiosk's real journal and flow against the real server: whatever happens, no own number twice."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import load_settings
from display_server.db import tables
from display_server.services.core.actors import system_actor
from display_server.services.kiosks.status import list_kiosks
from display_server.services.recovery.epoch import begin_epoch
from display_server.services.tickets.tickets import all_ticket_numbers
from kiosk.api.models import Centre
from kiosk.core.core import KioskCore
from kiosk.core.outbox import Outbox
from kiosk.core.ticket_flow import RejectionReason, Result, TicketIssued, TicketRejected
from tests.display_server.postgres import Cluster
from tests.end_to_end.printed_slips import Printer
from tests.kiosk.fake_server import small_centre
from tests.server_process import ServerProcess

PATIENCE = 60.0


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    cluster = Cluster()
    try:
        yield cluster.start()
    finally:
        cluster.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    database = f"sqlite:///{tmp_path}/hall.db"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        database = cluster.url(cluster.make_database())
    running = ServerProcess(tmp_path, database, "xa_mau").start()
    yield running
    running.stop()
    running.site.engine.dispose()


@contextmanager
def kiosk(hall: ServerProcess, folder: Path) -> Iterator[KioskCore]:
    with Printer(folder.with_suffix(".slips")) as printer:
        settings = load_settings(
            kiosk={
                "server_url": hall.url,
                "token": hall.token("kiosk"),
                "data_dir": str(folder),
                "answer_seconds": 3,
                "refresh_seconds": 1,
            },
            printer={"url": f"{printer.url}?profile=text"},
        )
        machine = KioskCore(settings, lambda: None)
        machine.start()
        try:
            yield machine
        finally:
            machine.stop()


def tap(machine: KioskCore) -> Result:
    answered, results = threading.Event(), []

    def done(result: Result) -> None:
        results.append(result)
        answered.set()

    centre = machine.watch.centre
    department = centre.departments[0].code if centre else "TP"
    wait(lambda: machine.flow.request_ticket(department, None, None, "vi", done), "the flow to be free")
    assert answered.wait(PATIENCE)
    machine.flow.next_visitor()
    result: Result = results[0]
    return result


def number(machine: KioskCore) -> str:
    given = tap(machine)
    assert isinstance(given, TicketIssued), given
    return given.ticket.number


def wait(question: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def heard(machine: KioskCore) -> None:
    wait(lambda: machine.watch.online, "the server")


def test_a_new_disk_never_prints_what_the_old_one_printed(hall: ServerProcess, tmp_path: Path) -> None:
    with kiosk(hall, tmp_path / "old") as old:
        heard(old)
        hall.stop()
        printed = [number(old), number(old)]
        hall.start()
        wait(lambda: old.hand_in.pending == 0, "the hand-in")
        hall.stop()
    with kiosk(hall, tmp_path / "new") as new:
        assert tap(new) == TicketRejected(RejectionReason.NO_SERVER)  # it has not heard the server yet
        hall.start()
        heard(new)
        hall.stop()
        again = [number(new), number(new)]
        assert not set(printed) & set(again)
        hall.start()
        wait(lambda: new.hand_in.pending == 0, "the hand-in")
    assert set(printed + again) <= set(all_ticket_numbers(hall.site))


def test_an_older_copy_of_the_same_disk_goes_on_after_what_the_server_knows(
    hall: ServerProcess, tmp_path: Path
) -> None:
    with kiosk(hall, tmp_path / "disk") as machine:
        heard(machine)
    shutil.copytree(tmp_path / "disk", tmp_path / "image")
    with kiosk(hall, tmp_path / "disk") as machine:
        heard(machine)
        hall.stop()
        printed = [number(machine) for _ in range(3)]
        hall.start()
        wait(lambda: machine.hand_in.pending == 0, "the hand-in")
    with kiosk(hall, tmp_path / "image") as machine:
        heard(machine)
        hall.stop()
        assert number(machine)[-3:] == "004"
        hall.start()
        wait(lambda: machine.hand_in.pending == 0, "the hand-in")
    assert len(set(printed)) == 3


def test_a_card_in_other_hardware_gives_no_own_number_before_it_has_heard_the_server(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "journal.db", hardware="board-1")
    name = first.name
    first.cache_centre(Centre.model_validate(small_centre(now="2026-11-16T08:00:00+07:00")))
    first.close()
    same = Outbox(tmp_path / "journal.db", hardware="board-1")
    known = same.centre()
    assert (same.name, known and known.own_letter()) == (name, "K")
    same.close()
    moved = Outbox(tmp_path / "journal.db", hardware="board-2")
    assert moved.name != name
    known = moved.centre()
    assert known is not None
    assert [each.offline_prefix for each in known.departments] == ["", ""]
    moved.close()


def test_two_kiosks_with_one_token_print_different_numbers_and_are_told(hall: ServerProcess, tmp_path: Path) -> None:
    with kiosk(hall, tmp_path / "one") as one, kiosk(hall, tmp_path / "two") as two:
        heard(one)
        heard(two)
        wait(lambda: one.heartbeat.twin and two.heartbeat.twin, "both to be told")
        shown = list_kiosks(hall.site, system_actor(hall.centre_id)).kiosks
        assert [each.trouble[-1:] for each in shown] == [["two_kiosks"]]
        hall.stop()
        given = [tap(one), tap(two), tap(one), tap(two)]
        numbers = [each.ticket.number for each in given if isinstance(each, TicketIssued)]
        assert len(set(numbers)) == len(numbers)
        hall.start()


def test_after_a_restore_paper_gets_its_place_back(hall: ServerProcess, tmp_path: Path, request: Any) -> None:
    with kiosk(hall, tmp_path / "kiosk") as machine:
        heard(machine)
        kept = number(machine)
        hall.stop()
        backup = _copy(hall, tmp_path, request)
        hall.start()
        wait(lambda: machine.watch.online, "the server")
        lost = [number(machine) for _ in range(3)]
        hall.stop()
        restored = ServerProcess(tmp_path, backup, "xa_mau", port=hall.port)
        begin_epoch(restored.site.engine, datetime.now(UTC))
        restored.start()
        try:
            wait(lambda: {kept, *lost} <= set(all_ticket_numbers(restored.site)), "the lost numbers")
            new = number(machine)
            assert new not in {kept, *lost}
            with restored.site.read() as connection:
                rows = connection.execute(select(tables.ticket).order_by(tables.ticket.c.place)).all()
            assert [f"{row.prefix}{row.number:03d}" for row in rows] == [kept, *lost, new]
        finally:
            restored.stop()
            restored.site.engine.dispose()
        hall.start()


def _copy(hall: ServerProcess, folder: Path, request: Any) -> str:
    if hall.database.startswith("sqlite"):
        hall.site.engine.dispose()
        shutil.copyfile(folder / "hall.db", folder / "backup.db")
        return f"sqlite:///{folder}/backup.db"
    hall.site.engine.dispose()
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.url(cluster.make_database(str(hall.site.engine.url.database)))
