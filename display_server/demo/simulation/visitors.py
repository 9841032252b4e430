"""Visitors: some tap the real kiosk, some come through the kiosk's API of the server."""

import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import gevent

from display_server.demo.http_client import ApiClient
from display_server.demo.simulation.event_log import EventLog, Taken
from display_server.demo.simulation.scenario import Scenario

PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.05


class KioskTrouble(Exception):
    """The kiosk does not do what a visitor expects."""


class KioskVisitor:
    """Taps the real kiosk. `on_screen(name)` is told of each screen that the visitor stands before."""

    def __init__(self, day: Scenario, record: EventLog, kiosk: ApiClient, on_screen: Callable[[str], None]) -> None:
        self._day, self._record, self._kiosk, self._on_screen = day, record, kiosk, on_screen

    def take(self, department: str, priority: str | None, language: str | None = None) -> Taken:
        """From the start screen to the number and its paper, and back. Raises `KioskTrouble`."""
        self._stand_before("start")
        if language is not None:
            self._tap(f"language:{language}")
        self._tap("begin")
        self._stand_before("departments")
        if priority is not None:
            self._ask_priority(priority)
        self._choose(f"department:{department}")
        self._until(lambda state: state["screen"] in ("procedures", "number"), "procedures or a number")
        if self._state()["screen"] == "procedures":
            self._stand_before("procedures")
            self._choose_procedure(department)
        return self._number(department, priority)

    def _ask_priority(self, reason: str) -> None:
        self._tap("ask_priority")
        self._stand_before("priority")
        self._choose(f"priority:{reason}")
        self._until(lambda state: state["screen"] == "departments", "departments")

    def _choose_procedure(self, department: str) -> None:
        offered = [name for name in self._state()["targets"] if name.startswith(f"procedure:{department}")]
        chosen = self._day.random.choice(["number_now", *offered])
        self._tap(chosen)
        if chosen != "number_now":
            self._stand_before("checklist")
            self._tap("take")

    def _number(self, department: str, priority: str | None) -> Taken:
        self._until(lambda state: state["screen"] == "number", "a number")
        state = self._until(lambda state: state["slip"] == "out", "the paper of the number")
        self._stand_before("number")
        taken = Taken(state["number"], department, priority, at_kiosk=True)
        if state["offline"]:
            self._record.fault("numbers_without_the_server", taken.number)
        self._record.taken.append(taken)
        self._tap("done")
        return taken

    def _choose(self, name: str) -> None:
        """Tap it, turning pages until it is there."""
        for _ in range(self._state()["pages"]):
            state = self._until(lambda state: state["accepts_touch"], "a screen that can be touched")
            if name in state["targets"]:
                self._tap(name)
                return
            self._tap("next")
            self._until(lambda now, page=state["page"]: now["page"] != page, "the next page")  # type: ignore[misc]
        raise KioskTrouble(f"no {name} on the kiosk")

    def _stand_before(self, screen: str) -> None:
        self._until(lambda state: state["screen"] == screen and state["accepts_touch"], f"screen {screen}")
        self._on_screen(screen)
        self._day.spend(self._day.pace.tapping)

    def _tap(self, name: str) -> None:
        state = self._until(lambda state: state["accepts_touch"] and name in state["targets"], f"{name} to touch")
        place = state["targets"][name]
        answer = self._kiosk.post("/tap", {"x": place["x"], "y": place["y"]})
        if answer.status != HTTPStatus.OK:
            raise KioskTrouble(f"a tap on {name} was answered with {answer.status}")

    def _until(self, fits: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not fits(state := self._state()):
            if time.monotonic() > deadline:
                raise KioskTrouble(f"never came on the kiosk: {what} (it shows {state['screen']})")
            gevent.sleep(LOOK_SECONDS)
        return state

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._kiosk.get("/state").json()
        return state


class ApiVisitor:
    """Takes numbers as a further kiosk would, without a window. `api` holds a kiosk's token."""

    def __init__(self, record: EventLog, api: ApiClient) -> None:
        self._record, self._api = record, api

    def take(self, department: str, priority: str | None) -> dict[str, Any] | None:
        """The ticket, or None where it was refused."""
        wish = {"request_id": uuid.uuid4().hex, "department": department, "priority": priority, "language": "vi"}
        answer = self._api.post("/api/v1/tickets", wish)
        if answer.status != HTTPStatus.CREATED:
            self._record.fault("refused_tickets", f"{department}: {answer.status} {answer.text()[:200]}")
            return None
        ticket: dict[str, Any] = answer.json()
        self._record.taken.append(Taken(ticket["number"], department, priority, at_kiosk=False))
        return ticket
