"""Lines that carry ESC/POS bytes both ways: what they share, and the two that need no library."""

import errno
import os
import select
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from printer.errors import DeviceError, DeviceHungError
from printer.status import (
    AUTOMATIC_LENGTH,
    PrinterStatus,
    begins_automatic,
    from_automatic,
    from_paper_answer,
    from_realtime_answers,
    is_paper_answer,
    is_realtime_answer,
)

DLE_EOT = b"\x10\x04"
GS_R_PAPER = b"\x1dr\x01"
GS_A_ALL = b"\x1da\xff"
FIRST_ANSWER_SECONDS = 1.0
ASK_THE_SILENT_AGAIN_SECONDS = 30.0


class Line(ABC):
    """A two-way line to a printer: asks how it is in the first way that it answers, and for its progress by GS r.

    1. DLE EOT, answered at once, even offline. 2. GS a: the printer tells each change by itself. 3. GS r: the paper
    sensors, told when the printer has worked through all that came before. A printer that answers none is taken as one
    that cannot; one that did answer DLE EOT and falls silent hangs. Bytes that are no answer at all make it garbled.
    """

    chunk: int | None = 16384

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._way: Callable[[], PrinterStatus] | None = None
        self._answers: list[int] = []
        self._message = bytearray()
        self._automatic: PrinterStatus | None = None
        self._paper: PrinterStatus | None = None
        self._junk = 0
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
        """What the printer says of itself; where it says nothing, that."""
        if time.monotonic() < self._silent_until:
            return _silent()
        status = self._way() if self._way else self._find_way()
        if status is None:
            self._silent_until = time.monotonic() + ASK_THE_SILENT_AGAIN_SECONDS
        return status or _silent()

    def confirm(self, seconds: float) -> bool | None:
        """Wait for the answer to GS r, which is asked once after each write."""
        if not self._asked_to_confirm:
            self._confirmed = False
            self._asked_to_confirm = True
            self._junk = 0
            self._send(GS_R_PAPER)
        deadline = time.monotonic() + seconds
        while not self._confirmed and (left := deadline - time.monotonic()) > 0:
            self._sort(self._receive(left))
        return self._confirmed and not self._junk

    def _find_way(self) -> PrinterStatus | None:
        wait = min(self._timeout / 2, FIRST_ANSWER_SECONDS)  # two ways are tried within one call
        if (status := self._by_realtime(wait)) is not None:
            self._way = None if status.garbled else self._realtime_or_hung
            return status
        self._send(GS_A_ALL)
        if (status := self._by_paper(wait)) is not None:
            self._way = self._paper_or_waiting
        if self._automatic is not None:  # also where it has no paper and GS r must wait
            self._way = self._by_itself
        return self._automatic or status

    def _realtime_or_hung(self) -> PrinterStatus:
        status = self._by_realtime(self._timeout)
        if status is None:
            raise DeviceHungError(f"the printer answered before and is silent now (waited {self._timeout:g} s)")
        return status

    def _by_realtime(self, wait: float) -> PrinterStatus | None:
        """What DLE EOT 1 to 4 say, each asked only when the one before was answered."""
        answers: dict[int, int] = {}
        for topic in (1, 2, 3, 4):
            answer = self._ask(topic, wait)
            if self._junk:
                return _garbled()
            if answer is None:
                break
            answers[topic] = answer
        return from_realtime_answers(answers) if answers else None

    def _by_itself(self) -> PrinterStatus:
        self._sort(self._receive(0))
        return self._automatic or _silent()

    def _paper_or_waiting(self) -> PrinterStatus:
        waiting = PrinterStatus(reachable=True, online=False, detail="does not answer: no paper, cover open, or busy")
        return self._by_paper(min(self._timeout, FIRST_ANSWER_SECONDS)) or waiting

    def _by_paper(self, wait: float) -> PrinterStatus | None:
        self._sort(self._receive(0))
        self._paper = None
        self._send(GS_R_PAPER)
        deadline = time.monotonic() + wait
        while self._paper is None and (left := deadline - time.monotonic()) > 0:
            self._sort(self._receive(left))
        return self._paper

    def _ask(self, topic: int, wait: float) -> int | None:
        self._sort(self._receive(0))
        self._answers.clear()  # what comes late belongs to an older question
        self._junk = 0
        self._send(DLE_EOT + bytes([topic]))
        deadline = time.monotonic() + wait
        while not (self._answers or self._junk) and (left := deadline - time.monotonic()) > 0:
            self._sort(self._receive(left))
        return self._answers[0] if self._answers else None

    def _sort(self, received: bytes) -> None:
        for byte in received:
            if self._message:
                self._message.append(byte)
                if len(self._message) == AUTOMATIC_LENGTH:
                    self._automatic = from_automatic(bytes(self._message))
                    self._message.clear()
            elif is_realtime_answer(byte):
                self._answers.append(byte)
            elif begins_automatic(byte):
                self._message.append(byte)
            elif is_paper_answer(byte):
                self._paper = from_paper_answer(byte)
                self._confirmed = self._confirmed or self._asked_to_confirm
            else:
                self._junk += 1


def _silent() -> PrinterStatus:
    return PrinterStatus(reachable=True, detail="does not answer status requests")


def _garbled() -> PrinterStatus:
    return PrinterStatus(
        reachable=True,
        garbled=True,
        detail="answers with bytes that mean nothing; on a serial line: is the speed right?",
    )


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
            raise DeviceError(
                f"file://{path}: cannot be opened: {_reason(error)}{if_not_permitted(error, 'lp')}"
            ) from error

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


def if_not_permitted(error: Exception, group: str) -> str:
    """What to do where the user lacks a right to a device; nothing for any other error."""
    if getattr(error, "errno", None) != errno.EACCES:
        return ""
    return f": add the user to the group {group} (usermod -aG {group} USER) and sign in again"


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
