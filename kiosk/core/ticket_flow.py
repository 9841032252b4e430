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
from config.request_id import following
from kiosk.api.client import Refused, ServerAway
from kiosk.api.models import Centre, Department, Ticket, Wish
from kiosk.core.build_slip import slip_of
from kiosk.core.opening_hours import business_day, centre_time, is_open, next_opening
from kiosk.core.outbox import Entry, Journal, JournalError, State
from kiosk.core.server_clock import Clock
from printer.slip.slip import Slip

log = logging.getLogger(__name__)

# A kiosk is back within seconds of a crash: whoever tapped longer ago has gone, or has tapped again.
VISITOR_STAYS = timedelta(minutes=2)
UNKNOWN, CONFLICT = 404, 409


class Why(StrEnum):
    """Why a visitor got no number."""

    CLOSED = "closed"
    DEPARTMENT_CLOSED = "department_closed"
    DEPARTMENT_GONE = "department_gone"
    NOT_WELCOME = "not_welcome"
    NO_SERVER = "no_server"
    FAULT = "fault"


@dataclass(frozen=True)
class Given:
    """A number that is the visitor's now. `offline`: the kiosk's own; `on_paper`: the printer has been told."""

    wish: Wish
    ticket: Ticket
    offline: bool
    on_paper: bool


@dataclass(frozen=True)
class Declined:
    """No number, and why. `opens_at`: when there will be one again, where that is known."""

    why: Why
    opens_at: datetime | None = None


Result = Given | Declined


class Issues(Protocol):
    def issue(self, wish: Wish) -> Ticket: ...


class Prints(Protocol):
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
        client: Issues,
        journal: Journal,
        printer: Prints,
        answer_seconds: float,
        centre: Callable[[], Centre | None],
        on_away: Callable[[str], None],
        is_away: Callable[[], bool] = lambda: False,
        emblem: Callable[[], bytes | None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._journal = journal
        self._printer = printer
        self._answer_seconds = answer_seconds
        self._centre = centre
        self._on_away = on_away
        self._is_away = is_away
        self._emblem = emblem
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._visit = _Visit.OPEN
        self._worker = ThreadPoolExecutor(1, "ticket-flow")
        self._askers = ThreadPoolExecutor(4, "ask-server")

    def tap(
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
        server too it is `Declined(Why.FAULT)`.
        """
        wish = Wish(
            request_id=str(uuid.uuid4()),
            department=department,
            procedure=procedure,
            priority=priority,
            language=language,
        )
        try:
            with following(wish.request_id):
                self._journal.tap(wish, datetime.now(UTC))
                return self._resolve(wish)
        except JournalError:
            log.exception("the journal cannot be written")
            return self._without_journal(wish)

    def recover(self, on_given: Callable[[Given], None]) -> None:
        """Finish what a crash interrupted (docs/reference/kiosk.md); numbers go to `on_given`, in the flow's thread."""
        self._worker.submit(self._recover, on_given)

    def stop(self) -> None:
        """Finish the number that is being taken; start no other."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        self._askers.shutdown(wait=False, cancel_futures=True)

    def _serve(
        self,
        department: str,
        procedure: str | None,
        priority: str | None,
        language: str,
        done: Callable[[Result], None],
    ) -> None:
        result: Result = Declined(Why.FAULT)
        try:
            result = self.take_ticket(department, procedure, priority, language)
        except Exception:  # a visitor stands there: whatever it was, the screen must not stick
            log.exception("no number could be given")
        with self._lock:
            self._visit = _Visit.SERVED if isinstance(result, Given) else _Visit.OPEN
        done(result)

    def _resolve(self, wish: Wish) -> Result:
        """A tapped wish becomes a number or a refusal, on disk before anybody sees it."""
        try:
            ticket = self._ask(wish)
        except Refused as refusal:
            self._journal.refused(wish.request_id, str(refusal))
            return self._declined(refusal)
        except ServerAway as away:
            log.warning("no answer, so the kiosk gives a number of its own: %s", away)
            return self._own_number(wish)
        self._journal.issued(ticket)
        return self._given(wish, ticket, offline=False)

    def _without_journal(self, wish: Wish) -> Result:
        """Asked again, the server answers with the same ticket; it remembers what this disk cannot."""
        try:
            ticket = self._ask(wish)
        except Refused as refusal:
            return self._declined(refusal)
        except ServerAway as away:
            log.warning("neither a disk nor a server, so no number: %s", away)
            return Declined(Why.FAULT)
        return self._given(wish, ticket, offline=False)

    def _ask(self, wish: Wish) -> Ticket:
        if self._is_away():
            raise ServerAway("the server is known to be away")
        # In a thread of its own: looking up a name in a dead network blocks beyond any time-out.
        answer = self._askers.submit(self._client.issue, wish)
        try:
            return answer.result(self._answer_seconds)
        except TimeoutError as error:
            answer.cancel()
            raise ServerAway(f"no answer within {self._answer_seconds:g} s") from error

    def _own_number(self, wish: Wish) -> Result:
        now, centre = self._clock.now(), self._centre()
        department = centre.department(wish.department) if centre else None
        declined = _why_not(centre, department, now)
        if declined or centre is None or department is None:
            declined = declined or Declined(Why.NO_SERVER)
            self._journal.void(wish.request_id, f"no server, {declined.why}")
            return declined
        moment = centre_time(centre, now).astimezone(UTC)
        # The day is the server's word, not the clock's: no clock can make a series begin again.
        day = centre.business_day or business_day(centre, centre.now)
        prefix, last = department.offline_prefix, department.offline_last
        ticket = self._journal.go_offline(wish, prefix, day, moment, last)
        if ticket is None:
            return Declined(Why.FAULT)
        self._on_away(wish.request_id)
        return self._given(wish, ticket, offline=True)

    def _given(self, wish: Wish, ticket: Ticket, *, offline: bool) -> Given:
        log.info("number %s%s", ticket.number, " of the kiosk's own" if offline else "")
        return Given(wish, ticket, offline, on_paper=self._print(wish, ticket, offline=offline))

    def _print(self, wish: Wish, ticket: Ticket, *, offline: bool) -> bool:
        """Whether the printer's durable jobs hold the slip. Safe to repeat: the request is the job's key."""
        try:
            slip = slip_of(self._centre(), wish, ticket, offline=offline, emblem=self._emblem())
            self._printer.submit(wish.request_id, slip)
            self._journal.printed(wish.request_id)
        except (MotcuaError, ValueError, OSError):
            log.exception("number %s did not reach the printer", ticket.number)
            return False
        return True

    def _declined(self, refusal: Refused) -> Declined:
        problem = refusal.problem
        if problem.status == UNKNOWN:
            return Declined(Why.DEPARTMENT_GONE)
        if problem.status != CONFLICT:
            log.error("the server refuses a number: %s", refusal)
            return Declined(Why.NOT_WELCOME)
        centre = self._centre()
        shut = centre is None or problem.opens_at is not None or not is_open(centre, self._clock.now())
        return Declined(Why.CLOSED if shut else Why.DEPARTMENT_CLOSED, problem.opens_at)

    def _recover(self, on_given: Callable[[Given], None]) -> None:
        try:
            self._finish_interrupted(on_given)
        except Exception:  # nobody looks at what a task of the pool raises
            log.exception("what a crash interrupted could not be finished")

    def _finish_interrupted(self, on_given: Callable[[Given], None]) -> None:
        for entry in self._journal.unprinted():
            if still_there(entry) and entry.ticket is not None:
                offline = entry.state is not State.ISSUED
                on_given(self._given(entry.wish, entry.ticket, offline=offline))
        for entry in self._journal.unanswered():
            if not still_there(entry):
                self._journal.void(entry.wish.request_id, "the visitor left without a number")
                continue
            with following(entry.wish.request_id):
                result = self._resolve(entry.wish)
            if isinstance(result, Given):
                on_given(result)


def still_there(entry: Entry) -> bool:
    """Whether the visitor may still stand at the kiosk after a crash."""
    return abs(datetime.now(UTC) - entry.tapped_at) <= VISITOR_STAYS


def _why_not(centre: Centre | None, department: Department | None, now: datetime) -> Declined | None:
    if centre is None:
        return Declined(Why.NO_SERVER)
    if not is_open(centre, now):
        return Declined(Why.CLOSED, next_opening(centre, now))
    if department is None:
        return Declined(Why.DEPARTMENT_GONE)
    if not department.open:
        return Declined(Why.DEPARTMENT_CLOSED)
    return None if department.offline_prefix else Declined(Why.NO_SERVER)
