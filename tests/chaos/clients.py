"""Kiosks, counters and screens that go on whatever happens, and write down every attempt and every state they see."""

import http.client
import json
import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from tests.chaos.history import Asked, History, Shown, now
from tests.server_process import new_id

PATIENCE = 1.5  # seconds for an answer, as a kiosk has
ATTEMPTS = 10  # of one tap or press, all with the same request_id; then the visitor has gone
PAUSE = 0.02
SCREEN_SILENCE = 12.0  # two signs of life missed
QUEUES = ("HT", "HT", "DD", "VHXH")


class Client(threading.Thread):
    """`ports`: of the servers it may ask; it goes to the next one where one fails, as a proxy would lead it."""

    def __init__(self, name: str, history: History, ports: Sequence[int], token: str, chance: random.Random) -> None:
        super().__init__(name=name, daemon=True)
        self.history, self.ports, self.chance = history, list(ports), chance
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.stopping = threading.Event()
        self.line: http.client.HTTPConnection | None = None

    def run(self) -> None:
        while not self.stopping.is_set():
            self.turn()
            self.stopping.wait(PAUSE * self.chance.random())
        self.hang_up()

    def turn(self) -> None:
        """One visit."""
        raise NotImplementedError

    def insist(self, what: str, where: str, path: str, body: dict[str, Any]) -> Asked:
        """The same request until it is answered, or until the visitor has gone; the last attempt."""
        asked = Asked(self.name, what, where, new_id(), now())
        for _ in range(ATTEMPTS):
            asked = self.attempt(replace(asked, asked_at=now()), path, body | {"request_id": asked.request_id})
            self.history.add(asked)
            if asked.status is not None and asked.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
            if self.stopping.wait(PAUSE):
                break
        return asked

    def attempt(self, asked: Asked, path: str, body: dict[str, Any]) -> Asked:
        try:
            status, answer = self.post(path, body)
        except (OSError, http.client.HTTPException, ValueError):
            self.hang_up()
            self.ports.append(self.ports.pop(0))
            return asked
        told = (answer.get("call") if asked.what != "tap" else answer) or {}
        return replace(
            asked,
            answered_at=now(),
            status=status,
            ticket_id=told.get("ticket_id") if asked.what != "tap" else told.get("id"),
            number=told.get("number"),
            seq=told.get("seq"),
        )

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=PATIENCE)
        self.line.request("POST", path, json.dumps(body), self.headers)
        response = self.line.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else {}

    def hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


class Kiosk(Client):
    def turn(self) -> None:
        queue = self.chance.choice(QUEUES)
        self.insist("tap", queue, "/api/v1/tickets", {"department": queue})


class Counter(Client):
    """`code`: of its counter."""

    code = ""

    def turn(self) -> None:
        called = self.step("call-next")
        if not called.done or called.ticket_id is None:
            return
        if self.chance.random() < 0.7:
            self.step("start")
        after = self.chance.choice(("", "", "finish", "finish", "no-show", "recall", "transfer", "park"))
        if after:
            self.step(after, {"department": self.chance.choice(QUEUES)} if after == "transfer" else {})

    def step(self, what: str, body: dict[str, Any] | None = None) -> Asked:
        return self.insist(what, self.code, f"/api/v1/counters/{self.code}/{what}", body or {})


class Screen(Client):
    """Stays with one server; `last`: the newest state it got."""

    last: Shown | None = None

    def turn(self) -> None:
        try:
            self.watch()
        except (OSError, http.client.HTTPException, ValueError):
            self.hang_up()

    def watch(self) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=SCREEN_SILENCE)
        self.line.request("GET", "/api/v1/hall/stream")
        response = self.line.getresponse()
        name = ""
        while not self.stopping.is_set():
            line = response.readline()
            if not line:
                raise ConnectionError("the stream ended")
            if not line.endswith(b"\n"):
                raise ConnectionError("the stream broke off within a line")
            key, _, value = line.decode().rstrip("\n").partition(": ")
            name = value if key == "event" else name
            if key == "data" and name == "hall":
                self.see(json.loads(value))

    def see(self, state: dict[str, Any]) -> None:
        calls = tuple((call["seq"], call["number"], call["counter"]) for call in state.get("calls", []))
        self.last = Shown(self.name, state["version"], state.get("seq", 0), calls)
        self.history.add(self.last)
