"""Keypads on a serial line, as many Vietnamese halls have them: frames of bytes, given as data."""

import logging
import threading
from collections.abc import Callable

import serial

from display_server.button_agent.button_worker import ButtonWorker
from display_server.button_agent.client import Feedback
from display_server.button_agent.config import Key, SerialKeypad, SerialPort

log = logging.getLogger(__name__)

WAIT_SECONDS = 1.0
READ_SECONDS = 0.2
UNKNOWN = "----"


class SerialSource:
    """Reads one line for ever; `lamp(keypad)` writes to the displays on it."""

    def __init__(self, line: SerialPort) -> None:
        self._line = line
        self._keys: dict[bytes, tuple[ButtonWorker, Key]] = {}
        self._pressers: list[ButtonWorker] = []
        self._port: serial.Serial | None = None
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._trouble = ""
        self._thread = threading.Thread(target=self._run, name=f"serial {line.port}", daemon=True)

    def add(self, keypad: SerialKeypad, presser: ButtonWorker) -> None:
        """Before `start`."""
        self._pressers.append(presser)
        for frame, key in keypad.frames.items():
            self._keys[bytes.fromhex(frame)] = presser, key

    def lamp(self, keypad: SerialKeypad) -> Callable[[Feedback | None], None]:
        """What writes the counter's state to this keypad's display."""

        def tell(feedback: Feedback | None) -> None:
            port = self._port
            if port is None or not keypad.feedback:
                return
            with self._writing:
                try:
                    port.write(feedback_frame(keypad.feedback, feedback))
                except (serial.SerialException, OSError) as error:
                    log.warning("serial %s: %s", self._line.port, error)

        return tell

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with serial.Serial(self._line.port, self._line.baud, timeout=READ_SECONDS, write_timeout=1) as port:
                    self._port = port
                    self._say("")
                    for presser in self._pressers:
                        presser.again()
                    self._read(port)
            except (serial.SerialException, OSError) as error:
                self._port = None
                self._say(str(error))
                self._stopping.wait(WAIT_SECONDS)

    def _read(self, port: serial.Serial) -> None:
        came, longest = b"", max(map(len, self._keys))
        while not self._stopping.is_set():
            data = port.read(max(1, port.in_waiting))
            came = (came + data)[-4 * longest :] if data else b""  # a pause ends what was begun
            came = self._take(came)

    def _take(self, came: bytes) -> bytes:
        """Press what stands in the bytes that came, in its order; what may be the beginning of a frame is left."""
        while found := [(came.find(frame), frame) for frame in self._keys if frame in came]:
            place, frame = min(found)
            presser, key = self._keys[frame]
            presser.press(key)
            came = came[place + len(frame) :]
        return came

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            if trouble:
                log.warning("serial %s: %s; waiting for it", self._line.port, trouble)
            else:
                log.info("serial %s: there again", self._line.port)


def feedback_frame(template: str, feedback: Feedback | None) -> bytes:
    """The bytes for a display; dashes where the state is not known."""
    text = feedback.text if feedback is not None else UNKNOWN.ljust(16)
    number = ((feedback.number if feedback is not None else None) or UNKNOWN).rjust(4)
    filled = template.replace("{text}", text.encode("ascii", "replace").hex())
    return bytes.fromhex(filled.replace("{number}", number.encode("ascii", "replace").hex()))
