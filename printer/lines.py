"""Lines that carry ESC/POS bytes both ways: what they share, and the two that need no library."""

import os
import select
import socket
import time
from abc import ABC, abstractmethod
from pathlib import Path

from printer.errors import DeviceError, DeviceHungError
from printer.status import PrinterStatus, from_realtime_answers, is_paper_answer, is_realtime_answer

DLE_EOT = b"\x10\x04"
GS_R_PAPER = b"\x1dr\x01"
FIRST_ANSWER_SECONDS = 1.0
ASK_THE_SILENT_AGAIN_SECONDS = 30.0


class Line(ABC):
    """A two-way line to a printer: asks for its status by DLE EOT, for its progress by GS r.

    DLE EOT is answered at once, even offline; GS r only when the printer has worked through all that came before it.
    A printer that never answered is taken as one that cannot; one that did and then falls silent hangs.
    """

    chunk: int | None = 16384

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._answers: list[int] = []
        self._has_spoken = False
        self._silent_until = 0.0
        self._asked_to_confirm = False
        self._confirmed = False

    @abstractmethod
    def _send(self, data: bytes) -> None:
        """Hand all of `data` to the system within the time-out, or raise `DeviceError`."""

    @abstractmethod
    def _receive(self, seconds: float) -> bytes:
        """What came in, waiting up to `seconds` for the first byte; nothing came: b""."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the line. Never raises."""

    def write(self, data: bytes) -> None:
        """Send bytes to the printer."""
        self._asked_to_confirm = False
        self._send(data)

    def status(self) -> PrinterStatus:
        """What DLE EOT 1 to 4 say, each asked only when the one before was answered."""
        if time.monotonic() < self._silent_until:
            return _silent()
        answers: dict[int, int] = {}
        for topic in (1, 2, 3, 4):
            answer = self._ask(topic)
            if answer is None:
                break
            answers[topic] = answer
        return from_realtime_answers(answers) if answers else self._no_answer()

    def confirm(self, seconds: float) -> bool | None:
        """Wait for the answer to GS r, which is asked once after each write."""
        if not self._asked_to_confirm:
            self._confirmed = False
            self._asked_to_confirm = True
            self._send(GS_R_PAPER)
        deadline = time.monotonic() + seconds
        while not self._confirmed and (left := deadline - time.monotonic()) > 0:
            self._sort(self._receive(left))
        return self._confirmed

    def _ask(self, topic: int) -> int | None:
        self._sort(self._receive(0))
        self._answers.clear()  # what comes late belongs to an older question
        self._send(DLE_EOT + bytes([topic]))
        deadline = time.monotonic() + (self._timeout if self._has_spoken else min(self._timeout, FIRST_ANSWER_SECONDS))
        while not self._answers and (left := deadline - time.monotonic()) > 0:
            self._sort(self._receive(left))
        self._has_spoken = self._has_spoken or bool(self._answers)
        return self._answers[0] if self._answers else None

    def _sort(self, received: bytes) -> None:
        for byte in received:
            if is_realtime_answer(byte):
                self._answers.append(byte)
            elif self._asked_to_confirm and is_paper_answer(byte):
                self._confirmed = True

    def _no_answer(self) -> PrinterStatus:
        if self._has_spoken:
            raise DeviceHungError(f"the printer answered before and is silent now (waited {self._timeout:g} s)")
        self._silent_until = time.monotonic() + ASK_THE_SILENT_AGAIN_SECONDS
        return _silent()


def _silent() -> PrinterStatus:
    return PrinterStatus(reachable=True, detail="does not answer status requests")


class TcpLine(Line):
    """A network printer, or a print server, on a raw TCP port."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        super().__init__(timeout)
        try:
            self._socket = socket.create_connection((host, port), timeout)
        except OSError as error:
            raise DeviceError(f"tcp://{host}:{port}: cannot be reached: {_reason(error)}") from error
        # Status questions are three bytes: Nagle's algorithm would hold them back for 40 ms.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(self._timeout)
            self._socket.sendall(data)
        except TimeoutError as error:
            raise DeviceHungError(f"the printer takes no bytes (waited {self._timeout:g} s)") from error
        except OSError as error:
            raise DeviceError(f"the line to the printer broke: {_reason(error)}") from error

    def _receive(self, seconds: float) -> bytes:
        try:
            if not select.select([self._socket], [], [], seconds)[0]:
                return b""
            received = self._socket.recv(256)
        except (OSError, ValueError) as error:
            raise DeviceError(f"the line to the printer broke: {error}") from error
        if not received:
            raise DeviceError("the printer closed the line")
        return received

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


class FileLine(Line):
    """A device file such as /dev/usb/lp0, or any file or pipe; bytes are appended.

    Opened without blocking: a printer without paper makes the kernel refuse bytes, and that must not hang us.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__(timeout)
        self._two_way = path.is_char_device()
        mode = os.O_RDWR if self._two_way else os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            self._file = os.open(path, mode | getattr(os, "O_NONBLOCK", 0), 0o644)
        except OSError as error:
            raise DeviceError(f"file://{path}: cannot be opened: {_reason(error)}") from error

    def status(self) -> PrinterStatus:
        """A device file is asked; a plain file has nothing to say."""
        if not self._two_way:
            return PrinterStatus(reachable=True, detail="a file does not tell")
        return super().status()

    def confirm(self, seconds: float) -> bool | None:
        """A plain file cannot tell."""
        return super().confirm(seconds) if self._two_way else None

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            if not select.select([], [self._file], [], self._timeout)[1]:
                raise DeviceHungError(f"the printer takes no bytes (waited {self._timeout:g} s)")
            try:
                left = left[os.write(self._file, left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise DeviceError(f"the line to the printer broke: {_reason(error)}") from error

    def _receive(self, seconds: float) -> bytes:
        try:
            received = os.read(self._file, 256) if select.select([self._file], [], [], seconds)[0] else b""
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceError(f"the line to the printer broke: {_reason(error)}") from error
        if not received:  # such as /dev/null, which is always ready and never has anything
            time.sleep(min(seconds, 0.02))
        return received

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
