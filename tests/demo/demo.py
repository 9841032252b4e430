"""`motcua demo` as a process of its own."""

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tests.kiosk.driver import until
from tests.server_process import MOTCUA, clean_environment


class Demo:
    """Running from `with` on, with any free ports unless `arguments` name some."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder / "demo"
        self._said_file, self._talk_file = folder / "stdout", folder / "stderr"
        ports = [] if "--port" in arguments else ["--port", "0", "--hall-port", "0"]
        self._command = [MOTCUA, "demo", "--directory", str(self.folder), *ports, *arguments]

    def __enter__(self) -> Self:
        return self.start().wait_for("Ctrl-C ends it.")

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def start(self) -> Self:
        with self._said_file.open("w") as said, self._talk_file.open("w") as talk:
            environment = {key: value for key, value in clean_environment().items() if "DISPLAY" not in key}
            self.process = subprocess.Popen(self._command, stdout=said, stderr=talk, env=environment)
        return self

    def wait_for(self, words: str, patience: float = 60) -> Self:
        """Until it has said this, on stdout or stderr."""

        def has_said() -> bool:
            assert self.process.poll() is None or words in self.said() + self.talk(), self.talk()
            return words in self.said() + self.talk()

        until(has_said, words, patience)
        return self

    def said(self) -> str:
        return self._said_file.read_text()

    def talk(self) -> str:
        return self._talk_file.read_text()

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(30)

    @property
    def url(self) -> str:
        """Of the start page."""
        found = re.search(r"START HERE\s+(\S+)", self.said())
        assert found, self.said()
        return found[1]

    @property
    def hall_url(self) -> str:
        found = re.search(r"hall\s+(\S+)/hall$", self.said(), re.MULTILINE)
        assert found, self.said()
        return found[1]

    def children(self) -> dict[str, int]:
        """Process ids of server, printer and kiosk, by the command of each."""
        of_ours = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in of_ours}
        return {words[3]: int(pid) for pid, words in commands.items() if len(words) > 3}

    def get(self, path: str) -> Any:
        return json.loads(self.bytes(path))

    def bytes(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return bytes(answer.read())

    def post(self, path: str, body: Any, origin: str | None = None) -> int:
        """The status."""
        headers = {"Content-Type": "application/json", **({"Origin": origin} if origin else {})}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def tap(self, name: str) -> None:
        """A click on the kiosk's picture, where `name` can be touched."""
        shows = until(
            lambda: (state := self.get("/kiosk/state"))["accepts_touch"] and name in state["targets"] and state, name
        )
        place = shows["targets"][name]
        assert self.post("/kiosk/tap", {"x": place["x"], "y": place["y"]}, self.url) == 200


def is_gone(pid: int) -> bool:
    """Ended; a zombie that nobody has waited for yet counts as well."""
    status = Path(f"/proc/{pid}/status")
    try:
        return "\nState:\tZ" in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def all_gone(pids: Callable[[], list[int]] | list[int]) -> bool:
    return all(is_gone(pid) for pid in (pids() if callable(pids) else pids))
