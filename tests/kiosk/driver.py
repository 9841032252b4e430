"""The real kiosk in a process of its own, seen and touched through its remote door."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self, TypeVar

Value = TypeVar("Value")

PATIENCE = 20.0


def until(question: Callable[[], Value], what: str, patience: float = PATIENCE) -> Value:
    """The first true answer. Fails after `patience` seconds, which is no measure but a way out."""
    deadline = time.monotonic() + patience
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"never came: {what}; last answer {answer!r}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Kivy reads the environment while it is imported, so this module is touched only once that is prepared.
WARNS = """
import kiosk.process.kivy_environment
prepare = kiosk.process.kivy_environment.prepare
def prepare_and_warn(**window):
    prepare(**window)
    import kiosk.ui.controllers.idle_timer
    kiosk.ui.controllers.idle_timer.WARN_SECONDS = {seconds}
kiosk.process.kivy_environment.prepare = prepare_and_warn
"""


class Kiosk:
    """`size` in pixels; `watched`: with the watchdog as its parent; `before`: code that runs in it first;
    `fullscreen`: the whole screen of DISPLAY; `warn_seconds`: before a screen goes back, for tests that cannot wait;
    other settings by their environment names without the prefix, e.g. KIOSK__IDLE_SECONDS.
    """

    def __init__(
        self,
        server_url: str,
        folder: Path,
        size: tuple[int, int] = (540, 960),
        *,
        watched: bool = False,
        before: str = "",
        fullscreen: bool = False,
        warn_seconds: float | None = None,
        **settings: Any,
    ) -> None:
        self.folder = folder
        self.paper = folder / "paper"
        self._port = free_port()
        self._arguments = ["--remote-port", str(self._port)]
        self._arguments += [] if fullscreen else ["--size", f"{size[0]}x{size[1]}"]
        self._arguments += ["--watched"] if watched else []
        if warn_seconds is not None:
            before += WARNS.format(seconds=warn_seconds)
        self._code = f"{before}\nfrom config.cli import main; main()"
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("MOTCUA_")} | {
            "SDL_VIDEODRIVER": "x11" if fullscreen else "offscreen",
            "MOTCUA_KIOSK__WIDTH": str(size[0]),
            "MOTCUA_KIOSK__HEIGHT": str(size[1]),
            "MOTCUA_KIOSK__SERVER_URL": server_url,
            "MOTCUA_KIOSK__TOKEN": "kiosk-token",
            "MOTCUA_KIOSK__DATA_DIR": str(folder / "data"),
            "MOTCUA_KIOSK__REFRESH_SECONDS": "0.3",
            "MOTCUA_KIOSK__START_QUEUES": "0",  # the longer way; test_start_queues.py takes the short one
            "MOTCUA_KIOSK__RESULT_SECONDS": "600",
            "MOTCUA_KIOSK__IDLE_SECONDS": "600",
            "MOTCUA_PRINTER__URL": f"virtual:///{self.paper}".replace("////", "///"),
        }
        self._environment |= {f"MOTCUA_{key}": str(value) for key, value in settings.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-c", self._code, "kiosk", *self._arguments]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        until(self._answers, f"the kiosk; its log says {self.log()}")
        return self

    def kill(self) -> None:
        """The power goes."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def end(self) -> int:
        """Told to end, as a service manager does; its exit code."""
        assert self._process
        self._process.terminate()
        return self._process.wait(PATIENCE)

    @property
    def window_pid(self) -> int:
        """The process that draws; the watchdog's child, where there is one."""
        assert self._process
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if "--watched" in self._arguments else pid

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def state(self) -> dict[str, Any]:
        return json.loads(self._open("/state"))

    def picture(self, path: Path) -> Path:
        path.write_bytes(self._open("/frame.png"))
        return path

    def shows(self, screen: str) -> dict[str, Any]:
        """Wait until `screen` stands and takes touches; the state then."""
        return until(
            lambda: (state := self.state())["screen"] == screen and state["accepts_touch"] and state,
            f"screen {screen}, {self.log()}",
        )

    def touch(self, *names: str) -> None:
        """Touch the named places, all at once."""
        targets = until(
            lambda: (
                (state := self.state())["accepts_touch"] and set(names) <= set(state["targets"]) and state["targets"]
            ),
            f"places {names}; there are {list(self.state()['targets'])}",
        )
        self.tap(*((targets[name]["x"], targets[name]["y"]) for name in names))

    def tap(self, *points: tuple[float, float]) -> None:
        self._open("/tap", json.dumps([{"x": x, "y": y} for x, y in points]).encode())

    def press(self, *keys: str) -> None:
        """Keys of a keyboard, by Kivy's names."""
        self._open("/keys", json.dumps(keys).encode())

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log()
        try:
            return bool(self.state()["targets"])
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError):
            return False

    def _open(self, path: str, body: bytes | None = None) -> bytes:
        """On a machine busy with other work the window may be late (503): what only asks is asked again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", data=body, timeout=10) as answer:
                    return bytes(answer.read())
            except urllib.error.HTTPError as error:
                if body is not None or error.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    raise
