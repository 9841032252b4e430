"""Lines that carry ESC/POS bytes both ways: what they share."""

import errno
import select
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from printer.errors import DeviceError, DeviceHungError
from printer.transports.status import (
    AUTOMATIC_LENGTH,
    PrinterStatus,
    from_paper_answer,
    from_realtime_answers,
    is_auto_status_back_start,
    is_paper_answer,
    is_realtime_answer,
    parse_auto_status_back,
)

DLE_EOT = b"\x10\x04"
GS_R_PAPER = b"\x1dr\x01"
GS_A_ALL = b"\x1da\xff"
FIRST_ANSWER_SECONDS = 1.0
REPROBE_SECONDS = 30.0
# 9,600 baud, the slowest line of a printer: for so long what was sent may stand before the answer to a question.
SLOWEST_BYTES_A_SECOND = 900
PIECE = 4096
LOOK_AGAIN_SECONDS = 0.02


class Transport(ABC):
    """A two-way line to a printer: asks how it is in the first way that it answers, and for its progress by GS r.

    1. DLE EOT, answered at once, even offline. 2. GS a: the printer tells each change by itself. 3. GS r: the paper
    sensors, told when the printer has worked through all that came before. A printer that answers none is taken as one
    that cannot; one that did answer DLE EOT and falls silent hangs, unless it still works on what was sent. Bytes that
    are no answer at all make it garbled. `timeout`, in seconds: the longest that a call may take.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._refuses = False  # it took less than it was given at the last write
        self._taking = False  # what was written may still wait in the system
        self._left = 0  # bytes that waited in the system when last looked at
        self._moved_at = time.monotonic()  # when it last took a byte
        self._works_until = 0.0
        self._owed: int | None = None  # the topic of a question that was given up and may still be answered
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
    def _push(self, data: bytes, seconds: float) -> int:
        """Hand `data` to the system; how many bytes it took within `seconds`. `DeviceError` where the line broke."""

    @abstractmethod
    def _receive(self, seconds: float) -> bytes:
        """What came in, waiting up to `seconds` for the first byte; nothing came: b""."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the line. Never raises."""

    def unsent(self) -> int:
        """Bytes that the system took and the printer has not, as far as the system tells; 0 where it cannot."""
        return 0

    def release(self) -> None:  # noqa: B027 - most lines have one owner
        """Let others use the printer until the next call, where its kind of line can be shared. Here it cannot."""

    def write(self, data: bytes) -> int:
        """Send bytes to the printer; how many were taken within the time-out. The rest may be sent again later."""
        self._asked_to_confirm = False
        taken = self._push(data, self._timeout)
        now = time.monotonic()
        if taken:
            self._moved_at = now
        self._refuses, self._taking = taken < len(data), True
        self._left = self.unsent()
        self._works_until = max(self._works_until, now) + taken / SLOWEST_BYTES_A_SECOND
        return taken

    def status(self) -> PrinterStatus:
        """What the printer says of itself; where it says nothing, that."""
        if (taking := self._still_taking()) is not None:
            return taking
        if time.monotonic() < self._silent_until:
            return _no_response_status()
        status = self._way() if self._way else self._negotiate_status_protocol()
        if status is None:
            self._silent_until = time.monotonic() + REPROBE_SECONDS
        return status or _no_response_status()

    def wait_until_processed(self, seconds: float) -> bool | None:
        """Wait for the answer to GS r, which is asked once after each write."""
        deadline = time.monotonic() + seconds
        while self._still_taking() is not None:
            if (left := deadline - time.monotonic()) <= 0:
                return False
            self._dispatch_bytes(self._receive(min(left, LOOK_AGAIN_SECONDS)))
        if not self._asked_to_confirm:
            self._confirmed = False
            self._junk = 0
            self._ask_for(GS_R_PAPER)
            self._asked_to_confirm = True
        while not self._confirmed and (left := deadline - time.monotonic()) > 0:
            self._dispatch_bytes(self._receive(left))
        if self._junk:
            self._asked_to_confirm = False  # what came may have been the answer: it is asked for anew
            return False
        if self._confirmed:
            self._works_until = 0.0
        return self._confirmed

    def _still_taking(self) -> PrinterStatus | None:
        """The status while bytes still wait for the printer: a question would stand behind them."""
        if not self._taking:
            return None
        left, now = self.unsent(), time.monotonic()
        if left != self._left:
            self._left, self._moved_at = left, now
        if not (left or self._refuses):
            self._taking = False
            return None
        self._dispatch_bytes(self._receive(0))
        said = self._automatic or PrinterStatus(reachable=True)
        if now - self._moved_at < self._timeout:
            return replace(said, busy=True, detail="still takes the slip")
        return replace(said, stalled=True, detail=f"has taken no byte for {now - self._moved_at:.0f} s")

    def _ask_for(self, question: bytes) -> None:
        if self._push(question, self._timeout) < len(question):
            raise DeviceHungError(f"the printer takes no bytes (waited {self._timeout:g} s)")

    def _negotiate_status_protocol(self) -> PrinterStatus | None:
        wait = min(self._timeout / 2, FIRST_ANSWER_SECONDS)  # two ways are tried within one call
        if (status := self._poll_realtime_status(wait)) is not None:
            self._way = None if status.invalid_response else self._realtime_or_hung
            if self._way:
                self._ask_for(GS_A_ALL)  # a full buffer hides the next question: changes are then told without one
            return status
        self._ask_for(GS_A_ALL)
        if (status := self._poll_paper_sensor(wait)) is not None:
            self._way = self._paper_sensor_or_busy
        if self._automatic is not None:  # also where it has no paper and GS r must wait
            self._way = self._read_auto_status_back
        return self._automatic or status

    def _realtime_or_hung(self) -> PrinterStatus:
        status = self._poll_realtime_status(self._timeout)
        return self._silence() if status is None else status

    def _silence(self) -> PrinterStatus:
        """What it means that a printer says nothing that answered before. `DeviceHungError`: it hangs."""
        if self._automatic is not None and self._automatic.blocked:
            return self._automatic  # it said by itself why, before its buffer was full
        if time.monotonic() < self._works_until:
            return PrinterStatus(reachable=True, busy=True, detail="still works on the slip")
        raise DeviceHungError(f"the printer answered before and is silent now (waited {self._timeout:g} s)")

    def _poll_realtime_status(self, wait: float) -> PrinterStatus | None:
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

    def _read_auto_status_back(self) -> PrinterStatus:
        self._dispatch_bytes(self._receive(0))
        return self._automatic or _no_response_status()

    def _paper_sensor_or_busy(self) -> PrinterStatus:
        waiting = PrinterStatus(reachable=True, online=False, detail="does not answer: no paper, cover open, or busy")
        return self._poll_paper_sensor(min(self._timeout, FIRST_ANSWER_SECONDS)) or waiting

    def _poll_paper_sensor(self, wait: float) -> PrinterStatus | None:
        self._dispatch_bytes(self._receive(0))
        self._paper = None
        self._ask_for(GS_R_PAPER)
        deadline = time.monotonic() + wait
        while self._paper is None and (left := deadline - time.monotonic()) > 0:
            self._dispatch_bytes(self._receive(left))
        return self._paper

    def _ask(self, topic: int, wait: float) -> int | None:
        """The answer to DLE EOT `topic`; None where none came in time.

        A question that was given up is answered late by a printer that answers in the order of its bytes: that answer
        comes first, and is not taken for another topic's.
        """
        deadline = time.monotonic() + wait
        if self._owed is None:
            self._dispatch_bytes(self._receive(0))
            self._answers.clear()
            self._junk = 0
        owed, self._owed = self._owed, topic
        if owed is not None and owed != topic and self._await_answer(deadline) is None:
            self._owed = owed
            return None
        if owed != topic:
            self._ask_for(DLE_EOT + bytes([topic]))
        answer = self._await_answer(deadline)
        if answer is not None or self._junk:
            self._owed = None
        return answer

    def _await_answer(self, deadline: float) -> int | None:
        while not (self._answers or self._junk) and (left := deadline - time.monotonic()) > 0:
            self._dispatch_bytes(self._receive(left))
        return self._answers.pop(0) if self._answers else None

    def _dispatch_bytes(self, received: bytes) -> None:
        for byte in received:
            if self._message:
                self._message.append(byte)
                if len(self._message) == AUTOMATIC_LENGTH:
                    self._automatic = parse_auto_status_back(bytes(self._message))
                    self._message.clear()
            elif is_realtime_answer(byte):
                self._answers.append(byte)
            elif is_auto_status_back_start(byte):
                self._message.append(byte)
            elif is_paper_answer(byte):
                self._paper = from_paper_answer(byte)
                self._confirmed = self._confirmed or self._asked_to_confirm
            else:
                self._junk += 1


def _no_response_status() -> PrinterStatus:
    return PrinterStatus(reachable=True, detail="does not answer status requests")


def _garbled() -> PrinterStatus:
    return PrinterStatus(
        reachable=True,
        invalid_response=True,
        detail="answers with bytes that mean nothing; on a serial line: is the speed right?",
    )


def push(file: Any, data: bytes, seconds: float, write: Callable[[memoryview], int]) -> int:
    """Write `data` to a non-blocking `file` for `seconds` at most; how many bytes it took."""
    taken, deadline = 0, time.monotonic() + seconds
    while taken < len(data):
        if not select.select([], [file], [], max(0.0, deadline - time.monotonic()))[1]:
            break
        try:
            taken += write(memoryview(data)[taken : taken + PIECE])
        except BlockingIOError:
            time.sleep(LOOK_AGAIN_SECONDS)  # some drivers call themselves ready and take nothing
        except OSError as error:
            raise DeviceError(f"the line to the printer broke: {reason_of(error)}") from error
        if time.monotonic() >= deadline:
            break
    return taken


def if_not_permitted(error: Exception, group: str) -> str:
    """What to do where the user lacks a right to a device; nothing for any other error."""
    if getattr(error, "errno", None) != errno.EACCES:
        return ""
    return f": add the user to the group {group} (usermod -aG {group} USER) and sign in again"


def reason_of(error: OSError) -> str:
    """What the system says of an error, without its number."""
    return error.strerror or str(error)
