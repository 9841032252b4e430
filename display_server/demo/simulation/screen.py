"""A screen in the hall: receives the stream and remembers which calls it was shown."""

import http.client
import json

import gevent

from display_server.demo.http_client import ApiClient
from display_server.demo.simulation.event_log import EventLog

AGAIN_SECONDS = 0.3


class Screen:
    """Watches until its greenlet is killed; connects again by itself, as the hall page does."""

    def __init__(self, api: ApiClient, record: EventLog) -> None:
        self._api = api
        self._record = record

    def watch(self) -> None:
        while True:
            try:
                self._read()
            except (OSError, http.client.HTTPException, ValueError):
                gevent.sleep(AGAIN_SECONDS)

    def _read(self) -> None:
        connection = http.client.HTTPConnection(self._api.host, self._api.port, timeout=30)
        try:
            connection.request("GET", "/api/v1/hall/stream")
            stream = connection.getresponse()
            for line in stream:
                if line.startswith(b"data: {"):
                    self._see(json.loads(line[6:]))
        finally:
            connection.close()

    def _see(self, state: dict[str, object]) -> None:
        calls = state.get("calls")
        if isinstance(calls, list):
            self._record.shown |= {call["seq"] for call in calls}
