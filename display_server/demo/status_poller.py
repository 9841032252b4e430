"""What the start page shows anew every second."""

import time
from typing import Any

from gevent.lock import BoundedSemaphore

from display_server.demo.environment import DemoEnvironment

OLDEST_SECONDS = 0.4  # several open pages ask the parts as often as one
MOST_SLIPS, MOST_CALLS = 5, 6


class StatusPoller:
    """The hall's latest calls, the latest slips, the printer's conditions, and which parts run."""

    def __init__(self, hall: DemoEnvironment) -> None:
        self._hall = hall
        self._state: dict[str, Any] = {}
        self._one_looks = BoundedSemaphore()
        self._looked_at = -OLDEST_SECONDS

    def state(self) -> dict[str, Any]:
        with self._one_looks:
            if time.monotonic() - self._looked_at >= OLDEST_SECONDS:
                self._state = self._look()
                self._looked_at = time.monotonic()
            return self._state

    def _look(self) -> dict[str, Any]:
        shown = _answer_of(self._hall.server, "/api/v1/hall")
        return {
            "parts": {name: part.is_running() for name, part in self._hall.parts.items()},
            "hall": _hall(shown) if shown else None,
            "slips": (_answer_of(self._hall.printer_web, "/slips") or [])[:MOST_SLIPS],
            "printer": _answer_of(self._hall.printer_web, "/conditions"),
        }


def _hall(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "calls": shown["calls"][:MOST_CALLS],
        "waiting": sum(department["waiting"] for department in shown["departments"]),
        "counters": shown["counters"],
    }


def _answer_of(api: Any, path: str) -> Any:
    """What is there, None while it is away."""
    try:
        answer = api.get(path)
        return answer.json() if answer.status == 200 else None  # noqa: PLR2004
    except (OSError, ValueError):
        return None
