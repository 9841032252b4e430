"""The thread that turns print jobs into paper, so that no screen and no visitor ever waits for a printer.

Before a slip is sent the printer must be open and must not say that it is out of paper, open or offline: until then
jobs stay queued and are no attempt. Once bytes are out, the printer is asked whether it has worked through them; while
it lacks paper, takes no bytes or still works, it is waited for: it keeps what it has. An attempt that broke is made
again, marked as a copy, after the picture in which the printer may still stand has been filled up and cut off.

A slip comes out only while its visitor may be there: where the printer is not ready and the visitor leaves, or after
two minutes, the job is held (given up, reason "held: …"), so that the next visitor finds no paper of another's. What
staff asked for waits longer.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from printer.errors import DeviceError, DeviceHungError, JobError, LayoutError
from printer.jobs.devices import Device, device_factory, open_device
from printer.jobs.store import HELD, LIST_KEY, JobState, JobStore, PrintJob
from printer.rendering.escpos_raster import end_torn_picture
from printer.rendering.profile import profile_of
from printer.rendering.sample import sample_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import DOCUMENTS, Layout, load_layout
from printer.slip.slip import Slip
from printer.transports.status import PrinterStatus, unreachable

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
MAX_JOB_AGE = timedelta(minutes=30)
# Whoever took a number longer ago has gone to sit down: docs/reference/kiosk.md, "After a crash", says the same.
HOLD_AFTER = timedelta(minutes=2)
POLL_SECONDS = 3.0
CONFIRM_SECONDS = 0.25
LAST_WORD_SECONDS = 1.0
BACKOFF_SECONDS = (0.25, 0.5, 1.0, 2.0, 5.0)
JOB_RETENTION = timedelta(days=30)


class PrintWorker:
    """Prints the jobs of `store` on the printer at `url`, one after the other, in a thread of its own.

    `layout`: a name in config/tickets or a path; lists of documents are drawn as wide. `timeout_seconds`: a device that
    takes longer is abandoned and opened again. `on_change()`: called without arguments, mostly in the worker's thread,
    whenever `status` or a job changed; must not block. `attempts`: how often bytes are sent before a job is given up.
    `hold_after`: how long a visitor's job waits for a printer that is not ready before it is held; `patience`: how long
    one does that staff asked for. `poll_seconds`: how often an idle printer is asked.

    Raises `DeviceUrlError` or `LayoutError` at once, not when the first visitor stands there.
    """

    def __init__(
        self,
        store: JobStore,
        url: str,
        layout: str,
        timeout_seconds: float,
        on_change: Callable[[], None] | None = None,
        *,
        attempts: int = MAX_ATTEMPTS,
        patience: timedelta = MAX_JOB_AGE,
        hold_after: timedelta = HOLD_AFTER,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        device_factory(url)
        self._profile = profile_of(url)
        self._width = _ticket_layout(layout).width
        self._torn_end = end_torn_picture(self._width)
        self._store = store
        self._url = url
        self._layout = layout
        self._timeout = timeout_seconds
        self._on_change = on_change
        self._attempts = attempts
        self._patience = patience.total_seconds()
        self._hold_after = hold_after.total_seconds()
        self._left: set[str] = set()
        self._withdrawn: set[str] = set()
        self._asked: set[str] = set()
        self._poll_seconds = poll_seconds
        self._status = PrinterStatus(detail="not asked yet")
        self._device: Device | None = None
        self._has_responded = store.has_answered(url)
        self._torn = False  # an attempt broke: the printer may stand in the middle of a picture
        self._stalled_since: float | None = None
        self._last_chance: float | None = None  # after somebody has seen to a printer that takes no bytes
        self._can_confirm: bool | None = None
        self._troubles = 0
        self._first_seen: dict[str, float] = {}
        self._not_before: dict[str, float] = {}
        self._wake = threading.Event()
        self._retry_requested = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> PrinterStatus:
        """How the printer was when last asked."""
        return self._status

    def start(self) -> None:
        """Start printing. Jobs that were interrupted by a power cut come first, as copies."""
        self._store.delete_lists()
        for job in self._store.recover():
            log.warning("print job %s was interrupted while sending: printing it again as a copy", job.key)
        self._torn = any(job.copy for job in self._store.waiting())
        self._hold_the_old()
        self.forget_old()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="print-worker", daemon=True)
        self._thread.start()

    def forget_old(self) -> None:
        """Delete jobs that were done with long ago. Raises `JobError`."""
        self._store.purge_before(datetime.now(UTC) - JOB_RETENTION)

    def submit(self, key: str, slip: Slip, asked: str = "") -> None:
        """Queue a slip: on disk when this returns, on paper soon after. The same `key` again prints nothing more.

        `asked`: staff want it, and wait longer than a visitor; names their asking as in `reprint`.
        """
        if asked:
            self._asked.add(key)
        self._store.add(key, slip, self._layout, asked)
        self._changed()
        self._wake.set()

    def submit_list(self, name: str, slip: Slip) -> None:
        """Queue a list of documents under a `name` of its own, as `submit` does. Raises `JobError`."""
        self._store.add(LIST_KEY + name, slip, DOCUMENTS)
        self._changed()
        self._wake.set()

    def list_job(self, name: str) -> PrintJob | None:
        """How far a list of documents is, or None."""
        return self._store.get(LIST_KEY + name)

    def withdraw_list(self, name: str) -> None:
        """Its visitor has left: it comes out now or never, and is forgotten."""
        self._withdrawn.add(LIST_KEY + name)
        self.visitor_left(LIST_KEY + name)

    def reprint(self, key: str, asked: str = "") -> PrintJob:
        """Print a job once more, marked as a copy if it may be on paper already. `JobError` for an unknown key.

        The same `asked` again prints nothing more.
        """
        self._asked.add(key)
        self._left.discard(key)
        job = self._store.reprint(key, asked)
        self._changed()
        self._wake.set()
        return job

    def visitor_left(self, key: str) -> None:
        """Nobody waits for this slip any more: it comes out now, or when somebody asks for it."""
        self._left.add(key)
        self._wake.set()

    def retry_now(self) -> None:
        """Somebody has seen to the printer (paper, cover, cable): ask it at once and let no job wait any longer."""
        self._retry_requested.set()
        self._wake.set()

    def job(self, key: str) -> PrintJob | None:
        """How far a job is, or None."""
        return self._store.get(key)

    def stop(self) -> None:
        """Stop after the bytes that are going out now; what is queued stays on disk for the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2 * self._timeout + 1)

    def _run(self) -> None:
        self._warm_up()
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                pause = self._step()
            except JobError:
                log.exception("print jobs cannot be kept")
                pause = BACKOFF_SECONDS[-1]
            except Exception as error:  # the one place where nothing may get through: no thread, no paper
                log.exception("print worker")
                self._drop_device(str(error))
                pause = BACKOFF_SECONDS[-1]
            self._wake.wait(pause)
        self._close_device()

    def _warm_up(self) -> None:
        """Draw one slip for nobody: fonts and libraries are loaded before the first visitor comes."""
        try:
            render_slip_bytes(sample_slip(), self._layout, self._profile)
        except Exception:  # the first real slip will say so in its job
            log.exception("the slip for nobody")

    def _step(self) -> float:
        """Print one job, or look how the printer is; how many seconds may pass before the next step."""
        self._forget_withdrawn()
        if self._retry_requested.is_set():
            self._retry_requested.clear()
            self._not_before.clear()
            self._troubles = 0
            self._has_responded = False  # the printer may be another one, which does not answer
            self._store.forget_answered(self._url)
        if not self._is_ready():
            self._expire_stale_jobs()
            self._troubles += 1
            return BACKOFF_SECONDS[min(self._troubles, len(BACKOFF_SECONDS)) - 1]
        self._troubles = 0
        now = time.monotonic()
        jobs = self._store.waiting()
        due = next((job for job in jobs if self._not_before.get(job.key, 0) <= now), None)
        if due is None:
            self._release()
            return min([self._poll_seconds, *(self._not_before[job.key] - now for job in jobs)])
        self._print(due)
        return 0

    def _forget_withdrawn(self) -> None:
        gone = {key for key in tuple(self._withdrawn) if self._store.delete(key)}
        if gone:
            self._withdrawn -= gone
            self._left -= gone
            self._changed()

    def _is_ready(self) -> bool:
        try:
            if self._device is None:
                self._device = open_device(self._url, self._timeout)
            if self._torn:
                self._torn = self._device.write(self._torn_end) < len(self._torn_end)
            status = self._device.status()
        except DeviceError as error:
            self._drop_device(str(error))
            return False
        if self._has_responded and not (
            status.reports_status or status.invalid_response or status.busy or status.blocked
        ):
            self._drop_device("the printer answered before and is silent now")
            return False
        self._publish(status)
        if status.blocked:
            self._release()
        return not (status.blocked or status.busy)

    def _print(self, job: PrintJob) -> None:
        try:
            data = render_slip_bytes(self._slip(job), self._layout_of(job), self._profile, self._width)
        except Exception as error:  # a slip that cannot be drawn now cannot be drawn later
            log.exception("print job %s cannot be drawn", job.key)
            self._finish(job, JobState.GIVEN_UP, f"cannot be drawn: {error}")
            return
        attempt = self._store.mark_sending(job.key)
        self._changed()
        try:
            outcome = self._send(data)
        except DeviceError as error:
            self._torn = True
            self._stalled_since = self._last_chance = None
            self._drop_device(str(error))
            self._failed(attempt, str(error))
        else:
            if outcome is not None:
                self._finish(attempt, outcome)

    def _send(self, data: bytes) -> JobState | None:
        """Send, and wait for the printer's word: PRINTED or SENT; None when stopped while it cannot go on."""
        assert self._device is not None  # noqa: S101 - _is_ready was asked
        if not self._hand_over(data):
            return None
        deadline = time.monotonic() + (0 if self._can_confirm is False else self._timeout)
        while True:
            confirmed = self._device.wait_until_processed(CONFIRM_SECONDS)
            if confirmed:
                self._can_confirm = True
                return JobState.PRINTED
            status = self._device.status()
            self._publish(status)
            if status.blocked or status.busy:  # it keeps the bytes and goes on when it is ready again
                if not self._wait_on(status):
                    return None
                deadline = time.monotonic() + self._timeout
            elif confirmed is None or not status.reports_status:
                return JobState.SENT
            elif time.monotonic() >= deadline:
                # It may have been asked just now: what was busy so long was the slip before the question.
                return JobState.PRINTED if self._device.wait_until_processed(LAST_WORD_SECONDS) else self._unconfirmed()

    def _hand_over(self, data: bytes) -> bool:
        """Until the printer has taken every byte, however slow it is; False when stopped meanwhile."""
        assert self._device is not None  # noqa: S101 - _is_ready was asked
        left = data
        while left := left[self._device.write(left) :]:
            status = self._device.status()
            self._publish(status)
            if not self._wait_on(status):
                return False
        self._stalled_since = self._last_chance = None
        return True

    def _wait_on(self, status: PrinterStatus) -> bool:
        """A slip is in the printer, which cannot go on now. False: stopped. `DeviceHungError`: no use in waiting.

        The printer keeps what it took, so a second slip is made only where it takes nothing for as long as a slip may
        wait, or still takes nothing after somebody has seen to it.
        """
        self._expire_stale_jobs()
        now = time.monotonic()
        unexplained = "stalled" in status.problems
        if not unexplained:
            self._stalled_since = self._last_chance = None
        elif self._stalled_since is None:
            self._stalled_since = now
        if unexplained and self._retry_requested.is_set():
            self._last_chance = now + self._timeout
        self._retry_requested.clear()
        if self._last_chance is not None and now > self._last_chance:
            raise DeviceHungError("the printer took no byte after somebody had seen to it: opened again")
        if self._stalled_since is not None and now - self._stalled_since > self._patience:
            raise DeviceHungError(f"the printer took no byte for {self._patience / 60:.0f} minutes: opened again")
        return not self._stopping.is_set()

    def _unconfirmed(self) -> JobState:
        if self._can_confirm:
            raise DeviceError("the printer is ready, but did not say that the slip is out")
        self._can_confirm = False
        return JobState.SENT

    def _slip(self, job: PrintJob) -> Slip:
        slip = Slip.from_json(job.slip_json)
        return slip.as_copy() if job.copy else slip

    def _layout_of(self, job: PrintJob) -> str:
        if job.layout == DOCUMENTS:
            return DOCUMENTS
        with suppress(LayoutError):
            load_layout(job.layout)
            return job.layout
        return self._layout

    def _failed(self, job: PrintJob, reason: str) -> None:
        if job.attempts >= self._attempts:
            self._finish(job, JobState.GIVEN_UP, reason)
            return
        self._not_before[job.key] = time.monotonic() + BACKOFF_SECONDS[min(job.attempts, len(BACKOFF_SECONDS)) - 1]
        self._finish(job, JobState.FAILED, reason)

    def _finish(self, job: PrintJob, state: JobState, reason: str = "") -> None:
        self._store.finish(job.key, state, reason)
        if state is not JobState.FAILED:
            self._left.discard(job.key)
            self._asked.discard(job.key)
            self._first_seen.pop(job.key, None)
            self._not_before.pop(job.key, None)
        if reason:
            log.warning("print job %s: %s: %s", job.key, state, reason)
        self._changed()

    def _expire_stale_jobs(self) -> None:
        """The printer cannot print now: which jobs wait no longer. The wall clock, which may jump, has no say."""
        now = time.monotonic()
        for job in self._store.waiting():
            waited = now - self._first_seen.setdefault(job.key, now)
            not_ready = f"the printer was not ready: {self._status.message('en')}"
            if job.key in self._asked or job.reason.startswith("reprint"):
                if waited > self._patience:
                    self._finish(job, JobState.GIVEN_UP, not_ready)
            elif job.key in self._left or waited > self._hold_after:
                self._finish(job, JobState.GIVEN_UP, HELD + not_ready)

    def _hold_the_old(self) -> None:
        """What a power cut left behind: nobody stands there for it after a while."""
        now = datetime.now(UTC)
        for job in self._store.waiting():
            if abs((now - job.created_at).total_seconds()) > self._hold_after:
                self._finish(job, JobState.GIVEN_UP, HELD + "the kiosk was off")

    def _drop_device(self, reason: str) -> None:
        self._close_device()
        self._publish(unreachable(reason))

    def _release(self) -> None:
        if self._device is not None:
            try:
                self._device.release()
            except DeviceError as error:
                self._drop_device(str(error))

    def _close_device(self) -> None:
        if self._device is not None:
            self._device.close()
        self._device = None

    def _publish(self, status: PrinterStatus) -> None:
        changed = status != self._status
        self._status = status
        if status.reports_status and not self._has_responded:
            self._has_responded = True
            self._store.note_answered(self._url)
        if changed:
            log.info("printer: %s", status.message("en") or status.detail or "ready")
            self._changed()

    def _changed(self) -> None:
        if self._on_change is None:
            return
        try:
            self._on_change()
        except Exception:
            log.exception("on_change")


def _ticket_layout(name: str) -> Layout:
    """Raises `LayoutError`, also for a layout of something else."""
    layout = load_layout(name)
    if layout.purpose != "ticket":
        raise LayoutError(f"ticket layout {name}: its purpose is {layout.purpose!r}, not 'ticket'")
    return layout
