"""Says every few seconds how this kiosk is, and prints again what staff ask for at the server."""

import logging
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Protocol

from config.errors import MotcuaError
from kiosk.api.client import Refused, ServerUnavailable
from kiosk.api.models import KioskOrders, KioskReport, OrderedTicket, Rejection, ReprintCommand, Reprinted
from kiosk.core.offline_sync import OfflineSync
from kiosk.core.outbox import JournalError, Outbox, RequestState
from kiosk.devices.scanner_presence import ScannerPresence
from kiosk.process.periodic_thread import PeriodicThread
from printer.jobs.store import DONE, JobStore, PrintJob
from printer.jobs.store import JobState as Printing
from printer.slip.slip import Slip
from printer.transports.status import PrinterStatus

log = logging.getLogger(__name__)

MOST_TOLD = 10  # rejected numbers, and slips that were held, that staff see
HELD_FOR = timedelta(hours=2)  # who has not asked for their slip by then has been served
ON_PAPER = frozenset({Printing.PRINTED, Printing.SENT})


class TakesReports(Protocol):
    def report(self, report: KioskReport) -> KioskOrders: ...


class Prints(Protocol):
    @property
    def status(self) -> PrinterStatus: ...

    def reprint(self, key: str, asked: str = "") -> PrintJob: ...

    def submit(self, key: str, slip: Slip, asked: str = "") -> None: ...


class Heartbeat:
    """Reports every `seconds`, and at once when `printer_changed` finds another problem than was told.

    `twin`: the server hears another kiosk with the same token. `make_slip`: of a ticket that staff have printed here.
    """

    def __init__(
        self,
        client: TakesReports,
        printer: Prints,
        jobs: JobStore,
        journal: Outbox,
        hand_in: OfflineSync,
        scanner: ScannerPresence,
        seconds: float,
        make_slip: Callable[[OrderedTicket], Slip],
    ) -> None:
        self._client = client
        self._printer = printer
        self._jobs = jobs
        self._journal = journal
        self._hand_in = hand_in
        self._scanner = scanner
        self._seconds = seconds
        self._make_slip = make_slip
        self._started = time.monotonic()
        self._problem = ""
        self._problem_since: datetime | None = None
        self._outcomes: list[Reprinted] = []
        self._instance = uuid.uuid4().hex
        self.twin = False
        self._loop = PeriodicThread("heartbeat", self._step)

    def start(self) -> None:
        self._loop.start()

    def stop(self) -> None:
        self._loop.stop()

    def printer_changed(self) -> None:
        """From any thread: the printer or a slip is not as it was."""
        if _worst(self._printer.status) != self._problem:
            self._loop.wake()

    def _step(self) -> float:
        report = self._report()
        try:
            orders = self._client.report(report)
        except (ServerUnavailable, Refused) as error:  # the centre watch says so to the visitors
            log.debug("heartbeat: %s", error)
            return self._seconds
        if orders.twin and not self.twin:
            log.error("another kiosk is at work with this one's token: end one of them (docs/how-to/operations.md)")
        self.twin = orders.twin
        self._outcomes = [outcome for order in orders.reprints if (outcome := self._reprint(order))]
        return 0.0 if self._outcomes else self._seconds

    def _report(self) -> KioskReport:
        status = self._printer.status
        if _worst(status) != self._problem:
            self._problem = _worst(status)
            self._problem_since = datetime.now(UTC) if self._problem else None
        return KioskReport(
            version=version("motcua"),
            problems=_problems(status),
            problem_since=self._problem_since,
            slips_waiting=len(self._jobs.waiting()),
            held=self._held(),
            to_hand_in=self._hand_in.pending,
            rejected=self._rejected(),
            rejections=self._rejections(),
            scanner_missing=self._scanner.look() == "missing",
            up_seconds=round(time.monotonic() - self._started, 1),
            reprinted=tuple(self._outcomes),
            instance=self._instance,
            journal=self._journal.name,
        )

    def _held(self) -> tuple[str, ...]:
        """Visitors' numbers alone: test slips and trial numbers are in no journal."""
        jobs = self._jobs.held(datetime.now(UTC) - HELD_FOR, MOST_TOLD)
        try:
            entries = [self._journal.get(job.key) for job in jobs]
        except JournalError:
            return ()
        return tuple(entry.ticket.number for entry in entries if entry is not None and entry.ticket is not None)

    def _rejected(self) -> int:
        try:
            return self._journal.count(RequestState.REJECTED)
        except JournalError:
            return 0

    def _rejections(self) -> tuple[Rejection, ...]:
        try:
            found = self._journal.rejections(MOST_TOLD)
        except JournalError:
            return ()
        return tuple(Rejection(number=number, reason=reason[:200]) for number, reason in found)

    def _reprint(self, order: ReprintCommand) -> Reprinted | None:
        """What became of it; None while it is on its way. Asked again and again until the server knows."""
        try:
            self._take_in(order)
            job = self._printer.reprint(order.request_id, asked=str(order.id))
        except (MotcuaError, ValueError) as error:
            log.warning("what staff asked for is not printed: %s", error)
            return Reprinted(id=order.id, done=False, reason=(str(error) or type(error).__name__)[:200])
        if job.state not in DONE:
            return None
        return Reprinted(id=order.id, done=job.state in ON_PAPER, reason=job.reason[:200])

    def _take_in(self, order: ReprintCommand) -> None:
        """A ticket that was not taken here becomes a job of this kiosk, once. Raises `JobError`, ValueError."""
        if order.ticket is None or self._jobs.get(order.request_id) is not None:
            return
        slip = self._make_slip(order.ticket)
        self._printer.submit(order.request_id, slip.as_copy() if order.is_copy else slip, asked=str(order.id))


def _problems(status: PrinterStatus) -> Sequence[str]:
    if status.reachable is None:
        return ()  # not asked yet
    if status.problems:
        return status.problems
    silent = status.online is None and status.paper == "unknown"
    return ("unknown",) if silent else ()


def _worst(status: PrinterStatus) -> str:
    problems = _problems(status)
    return problems[0] if problems else ""
