"""A scratch server: the real `motcua server` as a process of its own, on a database made for it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.centre.loader import load_centre
from config.errors import MotcuaError
from config.settings import Settings, load_settings
from display_server.bootstrap import create_context
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.centres import find_centre
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.tickets.tickets import all_ticket_numbers

START_SECONDS = 30.0
UNUSED_SECONDS = 20.0  # the server ends a connection that is silent for a minute; an older one is opened anew


class ScratchError(MotcuaError):
    """The scratch server did not start or answered with an error."""


@dataclass
class TemporaryServer:
    """A centre from its data `folder`, in a database that belongs to nobody else; may be killed and started again."""

    work: Path
    folder: Path
    database: str
    port: int = 0
    kiosk_token: str = ""
    counter_tokens: dict[str, str] = field(default_factory=dict)
    departments: list[str] = field(default_factory=list)
    start_seconds: float = 0.0
    _process: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        """Import the centre and enrol a kiosk and every counter."""
        centre = load_centre(self.folder)
        site = create_context(self._settings(), create=True)
        import_centre(site, centre)
        centre_id = find_centre(site, centre.code)
        self.kiosk_token = add_device(site, centre_id, DeviceKind.KIOSK, "kiosk", None)
        for counter in centre.counters:
            token = add_device(site, centre_id, DeviceKind.COUNTER, f"counter {counter.code}", counter.code)
            self.counter_tokens[counter.code] = token
        self.departments = [department.code for department in centre.departments]
        site.engine.dispose()

    def _settings(self) -> Settings:
        return load_settings(server={"database": self.database, "key_file": str((self.work / "motcua.key").absolute())})

    def start(self) -> None:
        started = time.monotonic()
        command = [Path(sys.executable).parent / "motcua", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.work / "server.log").open("a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [*map(str, command), "--database", self.database],
                env=os.environ
                | {
                    "MOTCUA_SERVER__ALWAYS_OPEN": "true",
                    "MOTCUA_SERVER__KIOSK_TICKET_LIMIT": "1000000 per minute",
                    "MOTCUA_SERVER__KIOSK_HAND_IN_LIMIT": "1000000 per minute",
                    "MOTCUA_SERVER__KEY_FILE": str(self._settings().server.key_file),
                },
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        address = self._process.stdout.readline().strip()
        if not address:
            raise ScratchError(f"the scratch server did not start: {(self.work / 'server.log').read_text()[-500:]}")
        self.port = int(address.rpartition(":")[2])
        self.start_seconds = time.monotonic() - started

    def all_numbers(self) -> list[str]:
        """Every number in the database, straight from its table."""
        site = create_context(self._settings())
        try:
            return all_ticket_numbers(site)
        finally:
            site.engine.dispose()

    @property
    def pid(self) -> int:
        """Of the running server; 0 when there is none."""
        return self._process.pid if self._process else 0

    def memory_mib(self) -> float:
        """Resident memory of the server now; nan where the system does not tell."""
        status = Path(f"/proc/{self.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), float("nan"))

    def kill(self) -> None:
        """Kill -9, as a power cut would."""
        self._end(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None


class Client:
    """One connection that stays open, as a kiosk's or a clerk's does. Any trouble on it is an `OSError`."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._used_at = time.monotonic()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        return self._ask("POST", path, json.dumps(body))

    def get(self, path: str) -> tuple[int, Any]:
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, Any]:
        if time.monotonic() - self._used_at > UNUSED_SECONDS:
            self._connection.close()  # the next request opens it
        self._used_at = time.monotonic()
        try:
            self._connection.request(method, path, body, self._headers)
            response = self._connection.getresponse()
            content = response.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        return response.status, json.loads(content) if content else None

    def close(self) -> None:
        self._connection.close()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0…1) of the values lie; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
