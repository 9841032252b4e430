"""Brings numbers that were given out without the server to the server."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol

from kiosk.api.client import Refused, ServerUnavailable
from kiosk.api.models import HandInResult, OfflineTicket, Ticket
from kiosk.core.outbox import Entry, Outbox, RequestState
from kiosk.process.periodic_thread import PeriodicThread

log = logging.getLogger(__name__)

AT_ONCE = 50
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 4.0
IDLE = 60.0
SET_BACK_SECONDS = 600.0  # a clock that was more wrong than that tells nothing of the taps before
SIGN_IN_REFUSED = frozenset({401, 403})


class TakesIn(Protocol):
    def hand_in(self, tickets: Sequence[OfflineTicket]) -> tuple[HandInResult, ...]: ...


class OfflineSync:
    """Hands offline numbers in, oldest first. Where that fails the pause grows from 1 s to 4 s.

    `is_there()`: the server was heard of; before `server_is_back` nothing is tried. `now()`: on the
    centre's clock, in its time zone. `today()`: the server's business day.
    """

    def __init__(
        self,
        client: TakesIn,
        journal: Outbox,
        is_there: Callable[[], bool],
        now: Callable[[], datetime],
        today: Callable[[], date] | None = None,
    ) -> None:
        self._client = client
        self._journal = journal
        self._is_there = is_there
        self._now = now
        self._today = today or (lambda: now().date())
        self._pause = FIRST_PAUSE
        self._issued: dict[str, float] = {}
        self._loop = PeriodicThread("hand-in", self._step)

    def start(self) -> None:
        self._loop.start()

    def stop(self) -> None:
        self._loop.stop()

    def notify_new_ticket(self, request_id: str) -> None:
        """A number was just given out. Does not shorten a pause that grew."""
        # The wall clock may be set right by the very network that comes back: the age is taken without it.
        self._issued[request_id] = time.monotonic()
        if self._pause == FIRST_PAUSE:
            self._loop.wake()

    def server_is_back(self) -> None:
        """Hand in now."""
        self._pause = FIRST_PAUSE
        self._loop.wake()

    @property
    def pending(self) -> int:
        """How many numbers the server does not know yet."""
        return self._journal.count(RequestState.OFFLINE)

    def _step(self) -> float:
        entries = self._journal.to_hand_in(AT_ONCE)
        if not entries or not self._is_there():
            return IDLE
        if self._send_batch(entries):
            self._pause = FIRST_PAUSE
            return 0.0
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        return pause

    def _send_batch(self, entries: list[Entry]) -> bool:
        """Whether any of `entries` was settled."""
        try:
            results = self._client.hand_in(self._offline_tickets(entries))
        except ServerUnavailable as away:
            log.info("hand-in: %s", away)
            return False
        except Refused as refusal:
            return self._refused(entries, refusal)
        settled = [self._apply_result(result) for result in results]
        return any(settled)

    def _refused(self, entries: list[Entry], refusal: Refused) -> bool:
        log.error("hand-in refused: %s", refusal)
        if refusal.problem.status in SIGN_IN_REFUSED:
            return False
        if len(entries) == 1:
            return self._journal.rejected(entries[0].wish.request_id, str(refusal), self._today())
        # One number that the server cannot read must not hold up the others.
        return any(self._send_batch([entry]) for entry in entries)

    def _apply_result(self, result: HandInResult) -> bool:
        self._issued.pop(result.request_id, None)
        if result.status != "rejected":
            return self._journal.mark_synced(result.request_id, result.status, self._today())
        why = (result.problem.detail or result.problem.title) if result.problem else "no reason given"
        log.error("the server will not have the number of request %s: %s", result.request_id, why)
        return self._journal.rejected(result.request_id, why, self._today())

    def _offline_tickets(self, entries: Sequence[Entry]) -> list[OfflineTicket]:
        """With their ages, oldest first though the wall clock was set back a little between two of them."""
        tickets, later = [], 0.0
        for entry in reversed(entries):
            assert entry.ticket is not None  # noqa: S101 - an offline request has its number
            age = self._age(entry.wish.request_id, entry.ticket)
            later = later if age < later <= age + SET_BACK_SECONDS else age
            tickets.append(
                OfflineTicket(
                    **entry.wish.model_dump(),
                    number=entry.ticket.number,
                    issued_at=entry.ticket.issued_at,
                    age_seconds=later,
                )
            )
        return tickets[::-1]

    def _age(self, request_id: str, ticket: Ticket) -> float:
        issued = self._issued.get(request_id)
        if issued is not None:
            return time.monotonic() - issued
        return max((self._now() - ticket.issued_at).total_seconds(), 0.0)
