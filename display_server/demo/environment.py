"""Server, printer and kiosk of a demo: put together, watched, ended together."""

import http.client
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent

from config.centre.loader import Centre
from config.settings import Settings
from display_server.demo.errors import DemoError
from display_server.demo.http_client import ApiClient
from display_server.demo.ports import EVERYWHERE, free_port, reachable
from display_server.demo.processes import LOOK_SECONDS, ManagedProcess
from display_server.demo.seed import Access

LOOPBACK = "127.0.0.1"
WINDOW, OFF_SCREEN = "540x960", "1080x1920"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HallOptions:
    """What the demo was asked for. `folder` is absolute; the port is free; `window`: the kiosk opens in one."""

    folder: Path
    host: str
    hall_port: int
    database: str
    window: bool


def has_display() -> bool:
    """Whether a window can be seen here."""
    return os.name == "nt" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


@dataclass
class DemoEnvironment:
    """All parts, running. `say` tells a person what happens; `touched_at`: when a person last tapped the kiosk."""

    settings: Settings
    wish: HallOptions
    centre: Centre
    access: Access
    say: Callable[[str], None]
    touched_at: float = float("-inf")
    parts: dict[str, ManagedProcess] = field(default_factory=dict)
    printer_web: ApiClient = field(init=False)
    kiosk: ApiClient = field(init=False)
    server: ApiClient = field(init=False)

    def __post_init__(self) -> None:
        self.server = ApiClient(LOOPBACK if self.wish.host in EVERYWHERE else self.wish.host, self.wish.hall_port)
        self.kiosk = ApiClient(LOOPBACK, free_port(LOOPBACK, 0))

    def start(self) -> None:
        """Start the parts, one after the other. Raises `DemoError`."""
        self._start("server", ["server"], bool, self._server_variables())
        printer = ["printer", "virtual", "--port", "0", "--web-port", "0", "--directory", str(self.slips)]
        self._start("printer", printer, bool, self._variables())
        printer_url, web = self.parts["printer"].first_line.split()
        self.printer_web = ApiClient(LOOPBACK, int(web.rpartition(":")[2]))
        # Both stay what they are, should the printer have to be started again.
        printer[3], printer[5] = printer_url.rpartition(":")[2], str(self.printer_web.port)
        size = ["--windowed", "--size", WINDOW if self.wish.window else OFF_SCREEN]
        kiosk = ["kiosk", *size, "--remote-port", str(self.kiosk.port)]
        self._start("kiosk", kiosk, self._kiosk_answers, self._kiosk_variables(printer_url))

    def stop(self) -> None:
        """End every part, the kiosk first."""
        for part in reversed(self.parts.values()):
            part.stop()

    @property
    def slips(self) -> Path:
        return self.wish.folder / "slips"

    def look(self, *, restart: bool) -> None:
        """Start again what has died, and say so. Raises `DemoError` where that does not help, or is not wanted."""
        for part in self.parts.values():
            if part.is_running():
                continue
            gevent.sleep(LOOK_SECONDS)  # Ctrl-C reaches all of us: then this is no accident
            if not restart or not part.may_restart():
                raise DemoError(f"the {part.name} {part.why()}")
            self.say(f"The {part.name} {part.why()}. Starting it again.")
            part.start()

    def _start(self, name: str, command: list[str], ready: Callable[[str], bool], variables: dict[str, str]) -> None:
        log_file = self.wish.folder / f"{name}.log"
        part = self.parts[name] = ManagedProcess(name, command, log_file, ready, variables)
        part.start()

    def _kiosk_answers(self, _: str) -> bool:
        try:
            return bool(self.kiosk.get("/state").json()["targets"])
        except (OSError, http.client.HTTPException, ValueError, LookupError):
            return False

    def _variables(self, **changes: Any) -> dict[str, str]:
        """Our own environment, with the demo's settings in place of those of a real hall on this machine."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("MOTCUA_")}
        for section, values in self.settings.model_dump(mode="json").items():
            kept |= {f"MOTCUA_{section}__{key}".upper(): _spelled(value) for key, value in values.items()}
        return kept | {f"MOTCUA_{key}": str(value) for key, value in changes.items()}

    def _server_variables(self) -> dict[str, str]:
        host, port = self.wish.host, self.wish.hall_port
        seen = {"SERVER__PUBLIC_URL": f"http://{reachable(host)}:{port}"} if host in EVERYWHERE else {}
        return self._variables(
            SERVER__HOST=host, SERVER__PORT=port, SERVER__DATABASE=self.wish.database, SERVER__ALWAYS_OPEN=True, **seen
        )

    def _kiosk_variables(self, printer_url: str) -> dict[str, str]:
        off_screen = {} if self.wish.window else {"SDL_VIDEODRIVER": "offscreen"}
        variables = self._variables(
            KIOSK__SERVER_URL=self.server.url,
            KIOSK__TOKEN=self.access.kiosk,
            KIOSK__DATA_DIR=self.wish.folder / "kiosk",
            KIOSK__REFRESH_SECONDS=1,
            PRINTER__URL=printer_url,
        )
        return variables | off_screen


def _spelled(value: Any) -> str:
    """A setting as an environment variable: lists and tables are JSON."""
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
