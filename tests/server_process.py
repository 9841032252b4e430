"""A real hall for tests: the real server as a process of its own, on a scratch database, with a real centre."""

import http.client
import json
import os
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.centre.loader import load_centre
from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.staff.staff import Role, add_staff

ROOT = Path(__file__).parent.parent
CENTRES = ROOT / "config" / "centres"
KEY_FILE = "MOTCUA_SERVER__KEY_FILE"  # set for all tests by conftest.py: none writes one into the checkout
# Set for all tests by conftest.py: an address that phones can open, for what stands on slips.
PUBLIC_URL = "MOTCUA_SERVER__PUBLIC_URL"
PHONES = "http://motcua.test"
MOTCUA = str(Path(sys.executable).parent / "motcua")


def clean_environment(**variables: str) -> dict[str, str]:
    """The environment without anything that would set Motcua up differently."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("MOTCUA_") or key in {KEY_FILE, PUBLIC_URL}
    }
    return kept | variables


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    cookies: list[str] = field(default_factory=list)  # every Set-Cookie; `headers` has the last alone

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ServerProcess:
    """`start` and `kill` may be repeated: the database and the port stay. `site` reaches into the same database.

    `program`: what is started, `motcua` unless a test has one of its own that takes the same arguments.
    """

    folder: Path
    database: str
    centre: str = "thai_binh"
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    program: tuple[str, ...] = (MOTCUA,)
    process: subprocess.Popen[str] | None = None

    def __post_init__(self) -> None:
        self.site = self._open(create=True)
        import_centre(self.site, load_centre(CENTRES / self.centre))
        self.centre_id = find_centre(self.site, self.centre)
        self._tokens: dict[str, str] = {}

    def _open(self, *, create: bool = False) -> ServerContext:
        return create_context(load_settings(server={"database": self.database, "always_open": True}), create=create)

    def reopen(self) -> None:
        """`site` anew, after another file took the place of the database."""
        self.site.engine.dispose()
        self.site = self._open()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "ServerProcess":
        limits = {
            f"MOTCUA_SERVER__KIOSK_{each}_LIMIT": "1000000 per minute"
            for each in ("TICKET", "HAND_IN")  # one token stands for a crowd here
        }
        variables = {"MOTCUA_SERVER__ALWAYS_OPEN": "true"} | limits | self.environment
        self.log = (self.folder / "server.log").open("a", encoding="utf-8")
        self.process = subprocess.Popen(
            [*self.program, "server", "--port", str(self.port), "--database", self.database],
            env=clean_environment(**variables),
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stdout is not None
        address = self.process.stdout.readline().strip()
        assert address, f"the server did not start: {(self.folder / 'server.log').read_text()}"
        self.port = int(address.rpartition(":")[2])
        return self

    def kill(self) -> None:
        """kill -9: what a power cut does to a process."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.log.close()
            self.process = None

    def token(self, kind: str, counter: str | None = None) -> str:
        """The token of a device, enrolled when first asked for; counters and buttons belong to a counter."""
        name = f"{kind} {counter}" if counter else kind
        if name not in self._tokens:
            self._tokens[name] = add_device(self.site, self.centre_id, DeviceKind(kind), name, counter)
        return self._tokens[name]

    def add_staff(self, name: str = "Lan", role: str = "clerk", password: str = "mot cua hai cua") -> tuple[str, str]:
        """Somebody who may sign in: name and password."""
        add_staff(self.site, self.centre_id, name, Role(role), password)
        return name, password

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """One request. `body` goes as JSON; `raw` as it is."""
        sent = {"Connection": "close", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None or raw is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, raw if raw is not None else body and json.dumps(body), sent)
            response = connection.getresponse()
            cookies = response.headers.get_all("Set-Cookie", [])
            return Answer(response.status, dict(response.getheaders()), response.read(), cookies)
        finally:
            connection.close()

    def take(self, department: str = "KHDT", request_id: str | None = None, **wish: Any) -> Any:
        """A visitor takes a number at the kiosk; the ticket."""
        body = {"request_id": request_id or new_id(), "department": department, **wish}
        answer = self.ask("POST", "/api/v1/tickets", body, self.token("kiosk"))
        assert answer.status in (200, 201), answer
        return answer.json()

    def press(self, counter: str, step: str, **body: Any) -> Answer:
        """A step at a counter with that counter's own device: call-next, recall, start, finish, …"""
        body = {"request_id": new_id()} | body
        return self.ask("POST", f"/api/v1/counters/{counter}/{step}", body, self.token("counter", counter))

    def call_next(self, counter: str = "1") -> Any:
        """The call, or None when nobody waits."""
        answer = self.press(counter, "call-next")
        assert answer.status in (200, 204), answer
        return answer.json()["call"] if answer.status == 200 else None

    def hall(self) -> Any:
        return self.ask("GET", "/api/v1/hall").json()


def new_id() -> str:
    return uuid.uuid4().hex
