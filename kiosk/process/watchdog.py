"""A kiosk that hangs is started anew, whatever hangs in it: `motcua kiosk --watched`.

The window says "I am alive" from its own loop, in the words of sd_notify(3). A small parent process listens; when the
window is silent, or gone, it is killed and started again. What matters is on disk (journal, print jobs), so the new
window goes on where the old one stopped. The parent passes the word on to systemd, which watches the parent.
"""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

log = logging.getLogger(__name__)

ALIVE = "WATCHDOG=1"
BEAT_SECONDS = 0.5
# Silence and a fresh start (2.5 s, cold) together stay below ten seconds.
SILENT_SECONDS = 5.0
START_SECONDS = 60.0
END_SECONDS = 10.0
# A kiosk that dies at once, again and again, must not eat the machine.
PAUSES = (0.0, 1.0, 2.0, 5.0, 15.0)
LIVED_SECONDS = 60.0
WRONG_USE = 2
PR_SET_PDEATHSIG = 1


def notify(message: str) -> None:
    """Tell whoever watches this process, if anybody does. Never waits."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as messenger:
        messenger.setblocking(False)
        messenger.sendto(message.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)


def is_watched() -> bool:
    """Whether somebody starts this process again when it ends."""
    return "NOTIFY_SOCKET" in os.environ


class Watchdog:
    """Keeps `command` running until told to end (SIGTERM, SIGINT), or until it ends for wrong use."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        # In Linux' abstract namespace: no file is left behind, whatever ends us.
        self._address = f"@motcua-watchdog-{os.getpid()}"
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.bind(self._address.replace("@", "\0", 1))
        self._ear.settimeout(BEAT_SECONDS)

    def run(self) -> int:
        """Until told to end; the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        short_lives = 0
        while True:
            started = time.monotonic()
            code = self._supervise_child()
            if self._stopping.is_set():
                return 0
            if code == WRONG_USE:
                return code
            short_lives = short_lives + 1 if time.monotonic() - started < LIVED_SECONDS else 0
            pause = PAUSES[min(short_lives, len(PAUSES)) - 1] if short_lives else 0
            log.error("the kiosk ended with %d, it is started again in %g s", code, pause)
            if self._stopping.wait(pause):
                return 0

    def _supervise_child(self) -> int:
        environment = os.environ | {"NOTIFY_SOCKET": self._address}
        self._child = child = subprocess.Popen(
            self._command,
            env=environment,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has no threads
        )
        if self._stopping.is_set():  # told to end while it was being started: nobody tells it a second time
            self._end(child)
        deadline = time.monotonic() + START_SECONDS
        while child.poll() is None:
            if self._receive_heartbeat():
                deadline = time.monotonic() + SILENT_SECONDS
            elif time.monotonic() > deadline:
                log.error("the kiosk's window hangs: it is killed")
                child.kill()
                child.wait()
        return child.returncode

    def _receive_heartbeat(self) -> bool:
        try:
            said = self._ear.recv(4096).decode(errors="replace")
        except TimeoutError:
            return False
        notify(said)
        return ALIVE in said.splitlines()

    def _stop(self, *_: object) -> None:
        self._stopping.set()
        if self._child is not None:
            self._end(self._child)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        if child.poll() is not None:
            return
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(END_SECONDS)
            return
        child.kill()


def _die_with_parent() -> None:
    # Two kiosks on one screen and one journal would be worse than none.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
