"""The parts of the hall as child processes: started, watched, started again, ended."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import gevent

from display_server.demo.errors import DemoError

START_SECONDS = 40.0
END_SECONDS = 5.0
LOOK_SECONDS = 0.2
MOST_RESTARTS, WITHIN_SECONDS = 3, 60.0
LAST_LINES = 600

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_demo = os.getpid()

log = logging.getLogger(__name__)

# Where the commands live: `python -c` finds them also where no script was installed.
MOTCUA = [sys.executable, "-c", "from config.cli import main; main()"]


@dataclass
class ManagedProcess:
    """One child, with `variables` as its whole environment.

    `ready(line)` says whether the part can be used; `line` is the first that it printed, empty so far.
    """

    name: str
    command: list[str]
    log_file: Path
    ready: Callable[[str], bool]
    variables: dict[str, str]
    first_line: str = ""
    restarts: list[float] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready. Raises `DemoError`, which ends with what it said last."""
        self.first_line = ""
        with self.log_file.open("a", encoding="utf-8") as log_file:
            self._process = subprocess.Popen(
                [*MOTCUA, *self.command],
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log_file,
                text=True,
                preexec_fn=die_with_the_demo if on_linux() else None,  # noqa: PLW1509 - sets one flag, allocates nothing
            )
        reader = gevent.spawn(self._read_first_line, self._process)
        try:
            self._wait_until_ready()
        finally:
            reader.kill(block=False)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ask it to end; after a few seconds it is not asked any more."""
        if self._process is None:
            return
        if self.is_running():
            self._process.terminate()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def why(self) -> str:
        """How it ended and what it said last."""
        code = self._process.poll() if self._process else None
        how = f"was killed ({signal.Signals(-code).name})" if code is not None and code < 0 else f"ended with {code}"
        said = self.log_file.read_text(encoding="utf-8", errors="replace")[-LAST_LINES:].strip()
        return f"{how}; {self.log_file}: {said.splitlines()[-1] if said else 'nothing said'}"

    def may_restart(self) -> bool:
        """Not when it keeps on dying."""
        now = time.monotonic()
        self.restarts = [moment for moment in self.restarts if now - moment < WITHIN_SECONDS] + [now]
        return len(self.restarts) <= MOST_RESTARTS

    def _read_first_line(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for above
        self.first_line = process.stdout.readline().strip()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.ready(self.first_line):
            if not self.is_running():
                raise DemoError(f"the {self.name} did not start: it {self.why()}")
            if time.monotonic() > deadline:
                raise DemoError(f"the {self.name} is not ready after {START_SECONDS:.0f} s; see {self.log_file}")
            gevent.sleep(0.02)


def on_linux() -> bool:
    return _libc is not None


def die_with_the_demo() -> None:
    """In the child: end when the demo ends, however it ends. Linux only."""
    assert _libc is not None  # noqa: S101 - the caller looked
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != _demo:
        os._exit(1)
