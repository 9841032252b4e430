"""A plain reader of the hall's stream, as a screen is one."""

import http.client
import json
from dataclasses import dataclass
from typing import Any, Self

from tests.server_process import ServerProcess


@dataclass
class Event:
    name: str
    id: str | None
    data: Any


class Watching:
    """An open stream; `next` waits for the next event of that name."""

    def __init__(
        self,
        hall: ServerProcess,
        token: str | None = None,
        query: str = "",
        path: str = "/api/v1/hall/stream",
        cookies: dict[str, str] | None = None,
    ) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", hall.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._connection.request("GET", path + query, headers=headers)
        self.response = self._connection.getresponse()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def next(self, name: str = "hall") -> Event:
        while (event := self._read()).name != name:
            pass
        return event

    def until(self, condition: Any) -> Any:
        """The first state for which `condition` holds."""
        while not condition(state := self.next().data):
            pass
        return state

    def ends(self) -> bool:
        """Whether the server ends the stream before it has given ten more signs of life."""
        signs = 0
        try:
            while line := self.response.readline():
                signs += line == b"event: ping\n"
                if signs > 10:
                    return False
        except (http.client.IncompleteRead, ConnectionError):
            pass
        return True

    def _read(self) -> Event:
        fields: dict[str, str] = {}
        while line := self.response.readline().decode().rstrip("\n"):
            key, _, value = line.partition(": ")
            fields[key] = value
        assert fields, "the stream ended"
        data = fields.get("data", "")
        return Event(fields["event"], fields.get("id"), json.loads(data) if data.startswith("{") else data)
