"""From a tap to a number in the hand: journal, then server, then the kiosk's own number, then paper.

The paper never decides whether a ticket exists, and a ticket never waits for the paper. A visit gets one number,
however many fingers ask for it.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum, auto
from typing import Protocol

from config.errors import MotcuaError
from config.request_id import bind_request_id
from kiosk.api.client import Refused, ServerUnavailable
from kiosk.api.models import Centre, Department, Ticket, Wish
from kiosk.core.build_slip import build_slip
from kiosk.core.opening_hours import business_day, centre_time, is_open, next_opening
from kiosk.core.outbox import Entry, JournalError, Outbox, RequestState
from kiosk.core.server_clock import ServerClock
from printer.slip.slip import Slip

log = logging.getLogger(__name__)

# A kiosk is back within seconds of a crash: whoever tapped longer ago has gone, or has tapped again.
RECOVERY_WINDOW = timedelta(minutes=2)
UNKNOWN, CONFLICT = 404, 409


class RejectionReason(StrEnum):
    """Why a visitor got no number."""

    CLOSED = "closed"
    DEPARTMENT_CLOSED = "department_closed"
    DEPARTMENT_GONE = "department_gone"
    NOT_WELCOME = "not_welcome"
    NO_SERVER = "no_server"
    FAULT = "fault"


@dataclass(frozen=True)
class TicketIssued:
    """A number that is the visitor's now. `offline`: the kiosk's own; `on_paper`: the printer has been told."""

    wish: Wish
    ticket: Ticket
    offline: bool
    on_paper: bool


@dataclass(frozen=True)
class TicketRejected:
    """No number, and why. `opens_at`: when there will be one again, where that is known."""

    why: RejectionReason
    opens_at: datetime | None = None


Result = TicketIssued | TicketRejected


class TicketApi(Protocol):
    def issue(self, wish: Wish) -> Ticket: ...


class SlipPrinter(Protocol):
    def submit(self, key: str, slip: Slip) -> None: ...


class _Visit(Enum):
    OPEN = auto()
    TAKING = auto()
    SERVED = auto()


class TicketFlow:
    """Gives numbers. `answer_seconds`: how long the server may take before the kiosk gives a number of its own.

    `centre()`: the last known picture of the centre. `on_away(request_id)`: called when a number was given out
    without the server. `is_away()`: the server is known to be away, so that nobody need wait for it. `emblem()`: the
    PNG for the slips, None without one. `clock`: tells the centre's time.
    """

    def __init__(
        self,
        client: TicketApi,
        journal: Outbox,
        printer: SlipPrinter,
        answer_seconds: float,
        centre: Callable[[], Centre | None],
        on_away: Callable[[str], None],
        is_away: Callable[[], bool] = lambda: False,
        emblem: Callable[[], bytes | None] = lambda: None,
        clock: ServerClock | None = None,
    ) -> None:
        self._client = client
        self._journal = journal
        self._printer = printer
        self._answer_seconds = answer_seconds
        self._centre = centre
        self._on_away = on_away
        self._is_away = is_away
        self._emblem = emblem
        self._clock = clock or ServerClock()
        self._lock = threading.Lock()
        self._visit = _Visit.OPEN
        self._worker = ThreadPoolExecutor(1, "ticket-flow")
        self._request_pool = ThreadPoolExecutor(4, "ask-server")

    def request_ticket(
        self,
        department: str,
        procedure: str | None,
        priority: str | None,
        language: str,
        done: Callable[[Result], None],
    ) -> bool:
        """Take a number off the caller's thread; `done` is called there with the result.

        False, and nothing happens, while this visit is being served or has its number already.
        """
        with self._lock:
            if self._visit is not _Visit.OPEN:
                return False
            self._visit = _Visit.TAKING
        self._worker.submit(self._serve, department, procedure, priority, language, done)
        return True

    def next_visitor(self) -> None:
        """The visit is over. Ignored while its number is still being taken."""
        with self._lock:
            if self._visit is _Visit.SERVED:
                self._visit = _Visit.OPEN

    def take_ticket(self, department: str, procedure: str | None, priority: str | None, language: str) -> Result:
        """One number for one wish, whatever the server does; blocks for `answer_seconds` and a little.

        Never raises. With a full or broken disk the server's number is still given, on the screen alone; without the
        server too it is `TicketRejected(Why.FAULT)`.
        """
        wish = Wish(
            request_id=str(uuid.uuid4()),
            department=department,
            procedure=procedure,
            priority=priority,
            language=language,
        )
        try:
            with bind_request_id(wish.request_id):
                self._journal.record_request(wish, datetime.now(UTC))
                return self._resolve(wish)
        except JournalError:
            log.exception("the journal cannot be written")
            return self._without_journal(wish)

    def recover(self, on_given: Callable[[TicketIssued], None]) -> None:
        """Finish what a crash interrupted (docs/reference/kiosk.md); numbers go to `on_given`, in the flow's thread."""
        self._worker.submit(self._recover, on_given)

    def stop(self) -> None:
        """Finish the number that is being taken; start no other."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._request_pool.shutdown(wait=False, cancel_futures=True)

    def _serve(
        self,
        department: str,
        procedure: str | None,
        priority: str | None,
        language: str,
        done: Callable[[Result], None],
    ) -> None:
        result: Result = TicketRejected(RejectionReason.FAULT)
        try:
            result = self.take_ticket(department, procedure, priority, language)
        except Exception:  # a visitor stands there: whatever it was, the screen must not stick
            log.exception("no number could be given")
        with self._lock:
            self._visit = _Visit.SERVED if isinstance(result, TicketIssued) else _Visit.OPEN
        done(result)

    def _resolve(self, wish: Wish) -> Result:
        """A tapped wish becomes a number or a refusal, on disk before anybody sees it."""
        try:
            ticket = self._ask(wish)
        except Refused as refusal:
            self._journal.refused(wish.request_id, str(refusal))
            return self._declined(refusal)
        except ServerUnavailable as away:
            log.warning("no answer, so the kiosk gives a number of its own: %s", away)
            return self._issue_offline(wish)
        self._journal.issued(ticket)
        return self._given(wish, ticket, offline=False)

    def _without_journal(self, wish: Wish) -> Result:
        """Asked again, the server answers with the same ticket; it remembers what this disk cannot."""
        try:
            ticket = self._ask(wish)
        except Refused as refusal:
            return self._declined(refusal)
        except ServerUnavailable as away:
            log.warning("neither a disk nor a server, so no number: %s", away)
            return TicketRejected(RejectionReason.FAULT)
        return self._given(wish, ticket, offline=False)

    def _ask(self, wish: Wish) -> Ticket:
        if self._is_away():
            raise ServerUnavailable("the server is known to be away")
        # In a thread of its own: looking up a name in a dead network blocks beyond any time-out.
        answer = self._request_pool.submit(self._client.issue, wish)
        try:
            return answer.result(self._answer_seconds)
        except TimeoutError as error:
            answer.cancel()
            raise ServerUnavailable(f"no answer within {self._answer_seconds:g} s") from error

    def _issue_offline(self, wish: Wish) -> Result:
        now, centre = self._clock.now(), self._centre()
        department = centre.department(wish.department) if centre else None
        declined = _why_not(centre, department, now)
        if declined or centre is None or department is None:
            declined = declined or TicketRejected(RejectionReason.NO_SERVER)
            self._journal.void(wish.request_id, f"no server, {declined.why}")
            return declined
        moment = centre_time(centre, now).astimezone(UTC)
        # The day is the server's word, not the clock's: no clock can make a series begin again.
        day = centre.business_day or business_day(centre, centre.now)
        prefix, last = department.offline_prefix, department.offline_last
        ticket = self._journal.issue_offline(wish, prefix, day, moment, last)
        if ticket is None:
            return TicketRejected(RejectionReason.FAULT)
        self._on_away(wish.request_id)
        return self._given(wish, ticket, offline=True)

    def _given(self, wish: Wish, ticket: Ticket, *, offline: bool) -> TicketIssued:
        log.info("number %s%s", ticket.number, " of the kiosk's own" if offline else "")
        return TicketIssued(wish, ticket, offline, on_paper=self._print(wish, ticket, offline=offline))

    def _print(self, wish: Wish, ticket: Ticket, *, offline: bool) -> bool:
        """Whether the printer's durable jobs hold the slip. Safe to repeat: the request is the job's key."""
        try:
            slip = build_slip(self._centre(), wish, ticket, offline=offline, emblem=self._emblem())
            self._printer.submit(wish.request_id, slip)
            self._journal.printed(wish.request_id)
        except (MotcuaError, ValueError, OSError):
            log.exception("number %s did not reach the printer", ticket.number)
            return False
        return True

    def _declined(self, refusal: Refused) -> TicketRejected:
        problem = refusal.problem
        if problem.status == UNKNOWN:
            return TicketRejected(RejectionReason.DEPARTMENT_GONE)
        if problem.status != CONFLICT:
            log.error("the server refuses a number: %s", refusal)
            return TicketRejected(RejectionReason.NOT_WELCOME)
        centre = self._centre()
        shut = centre is None or problem.opens_at is not None or not is_open(centre, self._clock.now())
        return TicketRejected(RejectionReason.CLOSED if shut else RejectionReason.DEPARTMENT_CLOSED, problem.opens_at)

    def _recover(self, on_given: Callable[[TicketIssued], None]) -> None:
        try:
            self._finish_interrupted(on_given)
        except Exception:  # nobody looks at what a task of the pool raises
            log.exception("what a crash interrupted could not be finished")

    def _finish_interrupted(self, on_given: Callable[[TicketIssued], None]) -> None:
        for entry in self._journal.unprinted():
            if within_recovery_window(entry) and entry.ticket is not None:
                offline = entry.state is not RequestState.ISSUED
                on_given(self._given(entry.wish, entry.ticket, offline=offline))
        for entry in self._journal.unanswered():
            if not within_recovery_window(entry):
                self._journal.void(entry.wish.request_id, "the visitor left without a number")
                continue
            with bind_request_id(entry.wish.request_id):
                result = self._resolve(entry.wish)
            if isinstance(result, TicketIssued):
                on_given(result)


def within_recovery_window(entry: Entry) -> bool:
    """Whether the visitor may still stand at the kiosk after a crash."""
    return abs(datetime.now(UTC) - entry.tapped_at) <= RECOVERY_WINDOW


def _why_not(centre: Centre | None, department: Department | None, now: datetime) -> TicketRejected | None:
    if centre is None:
        return TicketRejected(RejectionReason.NO_SERVER)
    if not is_open(centre, now):
        return TicketRejected(RejectionReason.CLOSED, next_opening(centre, now))
    if department is None:
        return TicketRejected(RejectionReason.DEPARTMENT_GONE)
    if not department.open:
        return TicketRejected(RejectionReason.DEPARTMENT_CLOSED)
    return None if department.offline_prefix else TicketRejected(RejectionReason.NO_SERVER)
