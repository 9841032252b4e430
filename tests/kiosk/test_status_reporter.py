"""What a kiosk says of itself, and slips that staff ask for at the server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.api.client import ServerUnavailable
from kiosk.api.models import KioskOrders, KioskReport, OrderedTicket, ReprintCommand
from kiosk.core.build_slip import build_slip
from kiosk.core.offline_sync import OfflineSync
from kiosk.core.outbox import Outbox
from kiosk.core.status_reporter import Heartbeat
from kiosk.devices.scanner_presence import ScannerPresence
from printer.jobs.store import JobState, JobStore
from printer.jobs.worker import PrintWorker
from printer.rendering.sample import sample_slip
from printer.slip.slip import Slip
from printer.transports.status import PaperState, PrinterStatus
from tests.kiosk.driver import until


class Server:
    def __init__(self) -> None:
        self.reports: list[KioskReport] = []
        self.orders: dict[int, str] = {}
        self.tickets: dict[str, OrderedTicket] = {}
        self.copies: set[int] = set()
        self.away = False

    def report(self, report: KioskReport) -> KioskOrders:
        if self.away:
            raise ServerUnavailable("away")
        self.reports.append(report)
        for told in report.reprinted:
            self.orders.pop(told.id, None)
        orders = [
            ReprintCommand(id=n, request_id=key, ticket=self.tickets.get(key), is_copy=n in self.copies)
            for n, key in self.orders.items()
        ]
        return KioskOrders(reprints=tuple(orders))

    def hand_in(self, tickets: object) -> tuple[()]:
        return ()


class Hall:
    """A kiosk's printing half with a virtual printer, and a server of one's own."""

    def __init__(self, folder: Path) -> None:
        self.server = Server()
        self.paper = folder / "paper"
        self.jobs = JobStore(folder / "jobs.db")
        self.journal = Outbox(folder / "journal.db")
        self.worker = PrintWorker(self.jobs, f"virtual://{self.paper}", "standard_80mm", 5.0, poll_seconds=0.05)
        self.hand_in = OfflineSync(self.server, self.journal, lambda: True, lambda: datetime.now(UTC))
        self.scanner = ScannerPresence("0c2e:0200", lambda: None)
        self.heartbeat = self.new_heartbeat(0.05)
        self.worker.start()
        self.heartbeat.start()

    def new_heartbeat(self, seconds: float) -> Heartbeat:
        parts = (self.worker, self.jobs, self.journal, self.hand_in, self.scanner)
        return Heartbeat(
            self.server, *parts, seconds, lambda ticket: build_slip(None, ticket.wish(), ticket, offline=False)
        )

    def slips(self) -> int:
        return len(list(self.paper.glob("**/*.png")))

    def stop(self) -> None:
        self.heartbeat.stop()
        self.worker.stop()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    one = Hall(tmp_path)
    yield one
    one.stop()


def test_it_says_how_printer_and_numbers_are(hall: Hall) -> None:
    report = until(lambda: hall.server.reports and hall.server.reports[-1], "a report")
    assert (report.problems, report.slips_waiting, report.to_hand_in, report.rejected) == ((), 0, 0, 0)
    assert report.version


def test_a_server_that_is_away_is_told_later(hall: Hall) -> None:
    hall.server.away = True
    until(lambda: hall.server.away, "the server's absence")
    hall.server.reports.clear()
    hall.server.away = False
    until(lambda: hall.server.reports, "a report")


def test_an_asking_is_printed_once_and_settled(hall: Hall) -> None:
    hall.worker.submit("tap-1", sample_slip())
    until(lambda: hall.jobs.get("tap-1").state in {JobState.PRINTED, JobState.SENT}, "the slip")
    hall.server.orders[7] = "tap-1"
    until(lambda: not hall.server.orders, "the asking settled")
    until(lambda: hall.slips() == 2, "the copy")
    told = [each for report in hall.server.reports for each in report.reprinted]
    assert {(each.id, each.done) for each in told} == {(7, True)}
    hall.server.orders[7] = "tap-1"  # the server forgot that it was told
    until(lambda: not hall.server.orders, "the same asking settled again")
    assert hall.slips() == 2
    hall.server.orders[8] = "tap-1"
    until(lambda: hall.slips() == 3, "another asking")


def test_a_slip_that_is_not_here(hall: Hall) -> None:
    hall.server.orders[7] = "tap-unknown"
    until(lambda: not hall.server.orders, "the asking settled")
    told = next(each for report in hall.server.reports for each in report.reprinted)
    assert not told.done
    assert "tap-unknown" in told.reason


def given(key: str, **changes: object) -> OrderedTicket:
    told = {"request_id": key, "number": "A007", "department": "KHDT", "issued_at": datetime.now(UTC)} | changes
    return OrderedTicket.model_validate(told)


def test_a_number_that_staff_gave_is_printed_once_and_is_no_copy(hall: Hall) -> None:
    hall.server.tickets["staff-1"] = given("staff-1", status_url="http://192.0.2.1/t/x", wait={"low": 5, "high": 15})
    hall.server.orders[7] = "staff-1"
    until(lambda: not hall.server.orders, "the order settled")
    assert hall.slips() == 1
    slip = Slip.from_json(hall.jobs.get("staff-1").slip_json)
    assert (slip.number, slip.copy, slip.status_url, slip.wait_high) == ("A007", False, "http://192.0.2.1/t/x", 15)
    hall.server.orders[7] = "staff-1"  # the server forgot that it was told
    until(lambda: not hall.server.orders, "the same order settled again")
    assert hall.slips() == 1
    hall.server.orders[8] = "staff-1"  # once more, by staff's own wish
    until(lambda: hall.slips() == 2, "the copy")
    assert hall.jobs.get("staff-1").copy


def test_another_kiosks_slip_is_a_copy_from_the_start(hall: Hall) -> None:
    hall.server.tickets["staff-2"], hall.server.copies = given("staff-2"), {9}
    hall.server.orders[9] = "staff-2"
    until(lambda: not hall.server.orders, "the order settled")
    assert Slip.from_json(hall.jobs.get("staff-2").slip_json).copy
    assert hall.slips() == 1


def test_a_ticket_that_makes_no_slip_is_told_and_harms_no_other(hall: Hall) -> None:
    hall.server.tickets["staff-3"] = given("staff-3", language="nonsense")
    hall.server.tickets["staff-4"] = given("staff-4")
    hall.server.orders |= {10: "staff-3", 11: "staff-4"}
    until(lambda: not hall.server.orders, "both settled")
    told = {each.id: each for report in hall.server.reports for each in report.reprinted}
    assert (told[10].done, told[11].done) == (False, True)
    assert told[10].reason


def test_a_problem_is_told_at_once_and_since_when(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall(tmp_path)
    hall.heartbeat.stop()
    patient = hall.new_heartbeat(600)
    patient.start()
    until(lambda: hall.server.reports, "the first report")
    hall.server.reports.clear()
    fine = hall.worker.status
    out = replace(fine, reachable=True, paper=PaperState.OUT)
    monkeypatch.setattr(PrintWorker, "status", property(lambda _: out))
    patient.printer_changed()
    report = until(lambda: next((told for told in hall.server.reports if told.problems), None), "the problem")
    assert report.problems[0] == "paper_out"
    assert report.problem_since is not None
    monkeypatch.setattr(PrintWorker, "status", property(lambda _: fine))
    patient.printer_changed()
    until(lambda: hall.server.reports[-1].problems == (), "its end")
    patient.stop()
    hall.stop()


def test_a_printer_that_says_nothing_is_honestly_unknown(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = PrinterStatus(reachable=True)
    monkeypatch.setattr(PrintWorker, "status", property(lambda _: silent))
    until(lambda: hall.server.reports and hall.server.reports[-1].problems == ("unknown",), "unknown")
