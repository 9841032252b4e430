"""USB number pads, by Linux's own event devices (linux/input.h): one pad, one counter.

The pad is grabbed, so that its keys land in no window of the PC. Unplugged, it is waited for.
"""

import fcntl
import logging
import os
import select
import struct
import threading
import time
from typing import BinaryIO

from display_server.button_agent.button_worker import ButtonWorker
from display_server.button_agent.config import Keypad

log = logging.getLogger(__name__)

EVENT = struct.Struct("@llHHi")  # struct input_event: seconds, microseconds, type, code, value
EV_KEY, DOWN, HELD = 0x01, 1, 2
EVIOCGRAB = 0x40044590
WAIT_SECONDS = 1.0
HELD_EVERY_SECONDS = 0.5  # Linux repeats a key that is held 30 times a second


def grab(file: BinaryIO) -> None:
    """Take the device for this program alone. Raises OSError: taken by another one, or no event device."""
    fcntl.ioctl(file, EVIOCGRAB, 1)


class KeypadSource:
    """Reads one pad for ever."""

    def __init__(self, keypad: Keypad, presser: ButtonWorker) -> None:
        self._keypad, self._presser = keypad, presser
        self._stopping = threading.Event()
        self._trouble = ""
        self._held_at = 0.0
        self._thread = threading.Thread(target=self._run, name=f"keypad {keypad.device}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with open(self._keypad.device, "rb", buffering=0) as file:  # noqa: PTH123 - unbuffered, as devices are
                    grab(file)
                    self._say("")
                    self._read(file)
            except OSError as error:
                self._say(error.strerror or str(error))
                self._stopping.wait(WAIT_SECONDS)

    def _read(self, file: BinaryIO) -> None:
        rest = b""
        while not self._stopping.is_set():
            if not select.select([file], [], [], WAIT_SECONDS)[0]:
                continue
            data = os.read(file.fileno(), EVENT.size * 64)
            if not data:
                raise OSError("the keypad is gone")
            rest += data
            whole = len(rest) - len(rest) % EVENT.size
            for *_, kind, code, value in EVENT.iter_unpack(rest[:whole]):
                if kind == EV_KEY:
                    self._key(code, value)
            rest = rest[whole:]

    def _key(self, code: int, value: int) -> None:
        key = self._keypad.keys.get(code)
        now = time.monotonic()
        if key is None or value not in {DOWN, HELD} or (value == HELD and now - self._held_at < HELD_EVERY_SECONDS):
            return
        self._held_at = now
        self._presser.press(key, held=value == HELD)

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            if trouble:
                log.warning("keypad %s: %s; waiting for it", self._keypad.device, trouble)
            else:
                log.info("keypad %s: there again", self._keypad.device)
