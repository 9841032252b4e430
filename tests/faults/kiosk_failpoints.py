"""A kiosk without a window that names each step between tap and paper, and on to the server. Only tests load it."""

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import kiosk.core.core
from config.settings import Settings, load_settings
from kiosk.api.client import ServerClient, ServerUnavailable
from kiosk.api.models import HandInResult, OfflineTicket, Ticket, Wish
from kiosk.core.core import KioskCore
from kiosk.core.outbox import Outbox
from kiosk.core.ticket_flow import Result, TicketIssued
from printer.jobs.store import DONE
from tests.faults.failpoints import LONG_TIME, At

ONLINE = (
    "tapped, not on disk",
    "tap on disk",
    "the server has answered",
    "number on disk",
    "slip handed to the printer's jobs",
    "known to be with the printer",
)
OFFLINE = (
    "the server is away, no number yet",
    "own number on disk",
    "its slip handed to the printer's jobs",
    "handed in, not noted",
    "hand-in noted",
)
MANY = 1000
# Everything that a life needs is loaded before, in the process that they are forked from.
load_settings()


class _Life:
    """What the stepped parts of one life share. `mine`: the request of this life's own tap, once there is one."""

    at: At
    is_away = False
    mine = ""

    @classmethod
    def step(cls, name: str, request_id: str) -> None:
        if request_id == cls.mine:
            cls.at(name)


class SteppedJournal(Outbox):
    def record_request(self, wish: Wish, now: datetime) -> bool:
        _Life.mine = wish.request_id
        _Life.at("tapped, not on disk")
        made = super().record_request(wish, now)
        _Life.at("tap on disk")
        return made

    def issued(self, ticket: Ticket) -> bool:
        _Life.step("the server has answered", ticket.request_id)
        done = super().issued(ticket)
        _Life.step("number on disk", ticket.request_id)
        return done

    def issue_offline(self, wish: Wish, prefix: str, day: date, now: datetime, after: int = 0) -> Ticket | None:
        _Life.step("the server is away, no number yet", wish.request_id)
        ticket = super().issue_offline(wish, prefix, day, now, after)
        _Life.step("own number on disk", wish.request_id)
        return ticket

    def printed(self, request_id: str) -> None:
        its = "its slip" if _Life.is_away else "slip"
        _Life.step(f"{its} handed to the printer's jobs", request_id)
        super().printed(request_id)
        _Life.step("known to be with the printer", request_id)

    def mark_synced(self, request_id: str, how: str, today: date) -> bool:
        _Life.step("handed in, not noted", request_id)
        done = super().mark_synced(request_id, how, today)
        _Life.step("hand-in noted", request_id)
        return done


class SteppedClient(ServerClient):
    def issue(self, wish: Wish) -> Ticket:
        if _Life.is_away and wish.request_id == _Life.mine:
            raise ServerUnavailable("the cable is out")
        return super().issue(wish)

    def hand_in(self, tickets: Sequence[OfflineTicket]) -> tuple[HandInResult, ...]:
        return super().hand_in(tickets)


def live_once(at: At, settings: Settings, *, taps: bool, away: bool) -> None:
    """One life of the kiosk: finish what an earlier one left, tap once (if it `taps`), wait until all is settled."""
    _Life.at, _Life.is_away = at, away
    kiosk.core.core.Outbox = SteppedJournal  # type: ignore[misc, attr-defined]
    kiosk.core.core.ServerClient = SteppedClient  # type: ignore[misc, attr-defined]
    machine = KioskCore(settings, lambda: None)
    machine.start()
    _wait(lambda: machine.watch.centre is not None, "the centre")
    machine.flow.recover(lambda _: None)
    if taps:
        tap(machine)
    _wait(lambda: all(job.state in DONE for job in machine.jobs.latest(MANY)), "the paper")
    _wait(lambda: machine.hand_in.pending == 0, "the hand-in")
    machine.stop()


def tap(machine: KioskCore, department: str = "HT") -> TicketIssued:
    """One visitor's tap, answered."""
    answered, results = threading.Event(), []

    def done(result: Result) -> None:
        results.append(result)
        answered.set()

    _wait(lambda: machine.flow.request_ticket(department, None, None, "vi", done), "the flow to be free")
    assert answered.wait(LONG_TIME)
    machine.flow.next_visitor()
    assert isinstance(results[0], TicketIssued), results
    return results[0]


def _wait(question: Any, what: str) -> None:
    deadline = time.monotonic() + LONG_TIME
    while not question():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
