"""Everything of a kiosk but its face: journal, server, printer and the flow between them."""

import logging
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from config.settings import Settings
from kiosk.api.client import ServerClient
from kiosk.api.models import Procedure, TrialNumber
from kiosk.core.build_slip import build_slip, documents_slip_of, trial_slip_of
from kiosk.core.centre_poller import CentrePoller
from kiosk.core.logo_cache import Emblem
from kiosk.core.offline_sync import OfflineSync
from kiosk.core.opening_hours import centre_time
from kiosk.core.outbox import Outbox
from kiosk.core.outbox import RequestState as Action
from kiosk.core.scan_decoder import TicketLookup
from kiosk.core.server_clock import ServerClock
from kiosk.core.status_reporter import Heartbeat
from kiosk.core.ticket_flow import TicketFlow, TicketIssued, within_recovery_window
from kiosk.devices.scanner_presence import ScannerPresence
from kiosk.process.periodic_thread import PeriodicThread
from printer.jobs.store import JobState, JobStore
from printer.jobs.worker import PrintWorker

log = logging.getLogger(__name__)

# What goes on soon after the server is back: a question that still hangs on the dead line is given up after this.
BACKGROUND_SECONDS = 3.0
KEEP_DAYS = 60
TRIAL_KEY = "trial-"
# A kiosk may run for a year without a start.
FORGET_EVERY_SECONDS = 24 * 3600.0


class KioskCore:
    """The parts of one kiosk, wired. `on_change()`: something worth drawing changed; called in any thread.

    Raises `JournalError`, and the printer's errors, one clear line each.
    """

    def __init__(self, settings: Settings, on_change: Callable[[], None]) -> None:
        kiosk = settings.kiosk
        folder = Path(kiosk.data_dir)
        self.journal = Outbox(folder / "journal.db")
        self.clock = ServerClock()
        self.jobs = JobStore(folder / "print-jobs.db")
        self._on_change = on_change
        self.printer = PrintWorker(
            self.jobs,
            settings.printer.url,
            settings.printer.layout,
            settings.printer.timeout_seconds,
            self._printer_changed,
        )
        where, told = (kiosk.server_url, kiosk.token), {"ca_file": str(kiosk.ca_file), "journal": self.journal.name}
        self._asking = ServerClient(*where, kiosk.answer_seconds, **told)
        self._background = ServerClient(*where, BACKGROUND_SECONDS, **told)
        self.look_up = TicketLookup(self._asking, lambda: self.now().date())
        self.hand_in = OfflineSync(
            self._background, self.journal, lambda: bool(self.watch.online), self.now, self.today
        )
        self._emblem = emblem = Emblem(self._background, folder, self.journal.centre())
        self.scanner = ScannerPresence(kiosk.scanner, on_change)
        self.heartbeat = Heartbeat(
            self._background,
            self.printer,
            self.jobs,
            self.journal,
            self.hand_in,
            self.scanner,
            kiosk.refresh_seconds,
            lambda ticket: build_slip(self.watch.centre, ticket.wish(), ticket, offline=False, emblem=emblem.png()),
        )
        self.watch = CentrePoller(
            self._background,
            self.journal,
            self.clock,
            emblem,
            kiosk.refresh_seconds,
            on_change,
            self.hand_in.server_is_back,
        )
        self.flow = TicketFlow(
            self._asking,
            self.journal,
            self.printer,
            kiosk.answer_seconds,
            lambda: self.watch.centre,
            self._given_without_server,
            lambda: self.watch.online is False,
            emblem.png,
            self.clock,
        )

        self._forgetting = PeriodicThread("forgetting", self.forget)

    def now(self) -> datetime:
        """The time on the centre's clock, in its time zone."""
        return centre_time(self.watch.centre, self.clock.now())

    def today(self) -> date:
        """The server's business day, as far as it was heard of."""
        centre = self.watch.centre
        return max(self.now().date(), centre.business_day) if centre and centre.business_day else self.now().date()

    def print_trial_number(self) -> TrialNumber:
        """A trial number from the server; its slip is with the printer. Raises `ServerAway`, `Refused`, `JobError`."""
        request_id = TRIAL_KEY + str(uuid.uuid4())
        trial = self._asking.trial_number(request_id)
        self.printer.submit(request_id, trial_slip_of(self.watch.centre, trial, self.now()))
        return trial

    def print_list(self, name: str, procedure: Procedure, ready: tuple[bool, ...], language: str, limit: str) -> None:
        """The documents that `procedure` needs, with the printer under `name`. Raises `JobError`, ValueError."""
        emblem = self._emblem.png()
        self.printer.submit_list(
            name, documents_slip_of(self.watch.centre, procedure, ready, language, limit, self.now(), emblem)
        )

    def start(self) -> None:
        self._forgetting.start()
        self.printer.start()
        self.hand_in.start()
        self.watch.start()
        self.heartbeat.start()

    def forget(self) -> float:
        """Delete old requests and print jobs; after how many seconds again. Raises `JournalError`, `JobError`."""
        forgotten = self.journal.purge_before(datetime.now(UTC), KEEP_DAYS)
        log.info("journal: %d old requests forgotten, %d numbers to hand in", forgotten, self.hand_in.pending)
        self.printer.forget_old()
        return FORGET_EVERY_SECONDS

    def last_unprinted_ticket(self) -> TicketIssued | None:
        """The latest number, where its visitor may still stand there and its slip is not out: only a screen has it.

        Asked before `start`, which lets the printer go on. Raises `JobError` and `JournalError`.
        """
        for job in self.jobs.latest(1):
            entry = self.journal.get(job.key)
            if (
                job.state not in {JobState.PRINTED, JobState.SENT}
                and entry
                and entry.ticket
                and within_recovery_window(entry)
            ):
                return TicketIssued(entry.wish, entry.ticket, offline=entry.state is not Action.ISSUED, on_paper=True)
        return None

    def stop(self) -> None:
        """End every thread; what is under way is on disk."""
        self.flow.stop()
        self._forgetting.stop()
        self.heartbeat.stop()
        self.look_up.stop()
        self.watch.stop()
        self.hand_in.stop()
        self.printer.stop()
        self._asking.close()
        self._background.close()
        self.journal.close()
        self.jobs.close()

    def _given_without_server(self, request_id: str) -> None:
        self.hand_in.notify_new_ticket(request_id)
        self.watch.mark_offline()

    def _printer_changed(self) -> None:
        self.heartbeat.printer_changed()
        self._on_change()
