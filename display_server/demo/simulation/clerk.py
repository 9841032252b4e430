"""A clerk at one counter: calls, serves, and does with each visitor what happens at counters."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import gevent

from display_server.demo.http_client import ApiClient
from display_server.demo.simulation.event_log import EventLog
from display_server.demo.simulation.scenario import Scenario

NOBODY_SECONDS = 0.3
CALLS = frozenset({"call-next", "call", "recall"})
ENDS = frozenset({"finish", "no-show", "park", "transfer"})


class Clerk:
    """Works at counter `code` until the day is over. `api` is signed in, or holds the counter's token."""

    def __init__(self, day: Scenario, record: EventLog, api: ApiClient, code: str) -> None:
        self._day, self._record, self._api, self._code = day, record, api, code
        self._aside: list[str] = []
        self._here: dict[str, Any] | None = None
        self._deeds: dict[str, Callable[[dict[str, Any]], None]] = {
            "serve": self._serve,
            "recall": self._recall,
            "no-show": self._no_show,
            "park": self._park,
            "transfer": self._transfer,
        }

    def work(self) -> None:
        """Serves whoever comes, until the day is over."""
        while not self._day.is_over():
            try:
                self._serve_the_line()
            except OSError:  # the server is started again meanwhile
                if not self._day.has_guests:
                    raise
            gevent.sleep(NOBODY_SECONDS)

    def recall(self) -> None:
        """The visitor at the counter is called once more."""
        self._press("recall")

    def _serve_the_line(self) -> None:
        """Until nobody waits here; between two visitors the counter is not done."""
        with self._day.busy(self._code):
            while self._serve_one():
                pass

    def _serve_one(self) -> bool:
        call = self._here = self._next()
        if call is not None:
            self._day.pause_for_pictures()
            self._deeds[self._day.deal()](call)
        return call is not None

    def _next(self) -> dict[str, Any] | None:
        """Whoever was set aside and is back, now and then; else whoever is next."""
        if self._aside and self._day.takes_back():
            return self._call_again(self._aside.pop(0))
        call = self._press("call-next")
        if call is None and self._aside:
            return self._call_again(self._aside.pop(0))
        return call

    def _call_again(self, number: str) -> dict[str, Any] | None:
        self._record.steps["called_again"] += 1
        return self._press("call", number=number)

    def _serve(self, _: dict[str, Any]) -> None:
        self._day.spend(self._day.pace.coming)
        self._press("start")
        self._day.spend(self._day.pace.serving)
        self._press("finish")

    def _recall(self, call: dict[str, Any]) -> None:
        self._day.spend(self._day.pace.coming)
        self._press("recall")
        self._serve(call)

    def _no_show(self, call: dict[str, Any]) -> None:
        self._day.spend(self._day.pace.coming)
        self._press("recall")
        self._day.spend(self._day.pace.coming)
        self._press("no-show")
        if self._day.comes_late():
            self._aside.append(call["number"])

    def _park(self, call: dict[str, Any]) -> None:
        self._day.spend(self._day.pace.coming)
        self._press("start")
        self._press("park", reason="bổ sung giấy tờ")
        self._aside.append(call["number"])

    def _transfer(self, call: dict[str, Any]) -> None:
        self._day.spend(self._day.pace.coming)
        self._press("start")
        others = [code for code in self._day.departments if code != call["department"]]
        self._press("transfer", department=self._day.random.choice(others), note="đúng nơi giải quyết")
        self._day.somebody_came()

    def _press(self, step: str, **body: str) -> dict[str, Any] | None:
        """The call after the step; None where nobody waits, or somebody else works at this counter too."""
        if step in ENDS and self._here is not None:
            self._record.left(self._here)  # before it is asked for: the next counter may be quicker than the answer
        path = f"/api/v1/counters/{self._code}/{step}"
        answer = self._api.post(path, {"request_id": uuid.uuid4().hex, **body})
        if answer.status == HTTPStatus.NO_CONTENT or (answer.status == HTTPStatus.CONFLICT and self._day.has_guests):
            return None
        if answer.status != HTTPStatus.OK:
            self._record.fault("refused_steps", f"{step} at {self._code}: {answer.status} {answer.text()[:200]}")
            return None
        self._record.steps[step] += 1
        call: dict[str, Any] | None = answer.json()["call"]
        if call is not None and step in CALLS:
            self._record.called(call)
        return call
