"""The virtual printer itself: executes commands, runs out of paper, and says so when asked."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from printer.virtual.interpreter import CommandInterpreter
from printer.virtual.paper_canvas import PaperCanvas
from printer.virtual.parser import Command, Parser

BUFFER = 4096
# Commands that must come in whole may be longer than the buffer, which is then taken for them alone.
LEAST_ROOM = 256
LONGEST_DOTS = 16_000
KNOWN = {"realtime_status", "automatic_status", "transmit_status"}
GARBAGE = b"\xe5\x8f\xff\x7e\x91"
NAMES = {65: "1.0", 66: "Motcua", 67: "Virtual", 68: "0"}


class SimulatedState(BaseModel):
    """What ails the printer. `paper_left_mm`: the roll ends after this much; None: no end in sight.

    `bytes_per_second`: how fast it takes data; None: at once. `unresponsive`: takes connections and is silent;
    `cut_line_after`: the connection breaks after so many more bytes. `speaks`: which of the status commands it knows:
    all; automatic (GS a, GS r); transmit (GS r); nothing; or it answers everything with garbage.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    paper: Literal["ok", "low", "out"] = "ok"
    paper_left_mm: float | None = Field(default=None, ge=0)
    cover_open: bool = False
    cutter_error: bool = False
    offline: bool = False
    unresponsive: bool = False
    bytes_per_second: int | None = Field(default=None, ge=100, le=1_000_000)
    cut_line_after: int | None = Field(default=None, ge=0)
    speaks: Literal["all", "automatic", "transmit", "nothing", "garbage"] = "all"

    @property
    def prints(self) -> bool:
        return self.paper != "out" and not (self.cover_open or self.cutter_error or self.offline)


class VirtualPrinter:
    """A printer `width` dots wide, with the buffer of a cheap one. `keep(picture, warnings)` gets each slip once cut.

    Commands that come while it cannot print stay in the buffer and are carried out when it can again. The real-time
    status is answered at once, as long as the buffer has room for the question. All connections share the buffer, the
    parser and the print head, so a picture that broke off swallows what the next connection sends. Safe to use from
    several threads.
    """

    def __init__(self, width: int, keep: Callable[[PaperCanvas, list[str]], None]) -> None:
        self.width = width
        self.conditions = SimulatedState()
        self.lock = threading.RLock()
        self._keep = keep
        self._parser = Parser()
        self._waiting: deque[tuple[Command, Connection]] = deque()  # with whose answer it is
        self._waiting_bytes = 0
        self._warnings: list[str] = []
        self._head = CommandInterpreter(width, self.use_paper, self._warn)
        self._sessions: list[Connection] = []

    def connect(self, answer: Callable[[bytes], None]) -> "Connection":
        """A new line to the printer; `answer` carries bytes back and must not block."""
        with self.lock:
            session = Connection(self, answer)
            self._sessions.append(session)
            return session

    @property
    def room(self) -> int:
        """How many bytes the buffer still takes; 0: the line should not be read."""
        with self.lock:
            least = 0 if self._waiting else LEAST_ROOM
            return max(BUFFER - self._waiting_bytes - len(self._parser.unfinished), least)

    def take(self, session: "Connection", data: bytes) -> int:
        """Take as many bytes as there is room for, and carry out what can be carried out; how many were taken."""
        with self.lock:
            taken = 0
            while taken < len(data) and (room := self.room):
                piece = data[taken : taken + room]
                taken += len(piece)
                for command in self._parser.feed(piece):
                    if command.name == "realtime_status":
                        session.tell(command.name, bytes([self.realtime(command.data[0])]))
                    else:
                        self._waiting.append((command, session))
                        self._waiting_bytes += _size(command)
                self._work()
            return taken

    def switch_off(self) -> None:
        """The buffer is lost; what was printed and not cut is torn off and kept."""
        with self.lock:
            if self._parser.in_command:
                self._warn("switched off in the middle of a command")
            if self._head.sheet.has_ink:
                self._warn("switched off before a cut")
                self._slip_is_done()
            self._parser = Parser()
            self._waiting.clear()
            self._waiting_bytes, self._warnings = 0, []

    def set_conditions(self, changes: Mapping[str, object]) -> SimulatedState:
        """Change some conditions while running. Raises ValueError (pydantic's where it can) and changes nothing."""
        if not isinstance(changes, Mapping):
            raise ValueError("conditions must be an object of names and values")  # noqa: TRY004 - one kind of refusal
        with self.lock:
            self.conditions = SimulatedState.model_validate(self.conditions.model_dump() | dict(changes))
            self._tell_change()
            self._work()
            return self.conditions

    def realtime(self, topic: int) -> int:
        """The answer to DLE EOT `topic` (1 to 4), bit by bit as in Epson's reference."""
        now = self.conditions
        bits = {
            1: 0 if now.prints else 0x08,
            2: now.cover_open << 2 | (now.paper == "out") << 5 | now.cutter_error << 6,
            3: now.cutter_error << 3,
            4: {"ok": 0, "low": 0x0C, "out": 0x6C}[now.paper],
        }
        return 0x12 | bits.get(topic, 0)

    def paper_sensors(self) -> int:
        """The answer to GS r 1."""
        return {"ok": 0, "low": 0x03, "out": 0x0F}[self.conditions.paper]

    def automatic(self) -> bytes:
        """The four bytes of an automatic status message (GS a)."""
        now = self.conditions
        first = 0x10 | (not now.prints) << 3 | now.cover_open << 5
        return bytes([first, now.cutter_error << 3, {"ok": 0, "low": 0x03, "out": 0x0F}[now.paper], 0])

    def use_paper(self, dots: int) -> int:
        """How many of `dots` the roll still gives; at its end the paper is out."""
        left = self.conditions.paper_left_mm
        if left is None:
            return dots
        given = min(dots, round(left * 8))
        self.conditions.paper_left_mm = left - given / 8
        if given < dots:
            self.conditions.paper, self.conditions.paper_left_mm = "out", None
        return given

    def say(self, command: str, answer: bytes) -> bytes:
        """What of `answer` to the status command of that name goes out."""
        if self.conditions.speaks == "garbage":
            return GARBAGE[: len(answer) + 1]
        known = {"all": KNOWN, "automatic": KNOWN - {"realtime_status"}, "transmit": {"transmit_status"}}
        return answer if command in known.get(self.conditions.speaks, ()) else b""

    def bytes_before_disconnect(self, data: bytes) -> bytes:
        """The part of `data` that still comes through; all of it while no line is to be cut."""
        with self.lock:
            left = self.conditions.cut_line_after
            if left is None:
                return data
            self.conditions.cut_line_after = left - len(data) if left >= len(data) else None
            return data[:left]

    def forget(self, session: "Connection") -> None:
        """The line is closed. What is in the buffer stays and is printed."""
        with self.lock:
            self._sessions = [other for other in self._sessions if other is not session]

    def _work(self) -> None:
        before = self.conditions.prints
        while self._waiting and self.conditions.prints:
            command, session = self._waiting.popleft()
            self._waiting_bytes -= _size(command)
            rest = self._carry_out(command, session)
            self._waiting.extendleft((left, session) for left in reversed(rest))
            self._waiting_bytes += sum(map(_size, rest))
        if before and not self.conditions.prints:
            self._tell_change()

    def _tell_change(self) -> None:
        for session in self._sessions:
            if session.automatic_status:
                session.tell("automatic_status", self.automatic())

    def _carry_out(self, command: Command, session: "Connection") -> list[Command]:
        """Carry out a command; what is left to do where the paper ended in the middle."""
        if command.name in {"transmit_status", "identify", "automatic_status"}:
            self._reply(command, session)
            return []
        if command.name not in {"cut", "cut_now"}:
            rest = self._head.execute(command)
            if self._head.sheet.y > LONGEST_DOTS:
                self._warn("two metres without a cut: cut by itself")
                self._slip_is_done()
            return [rest] if rest else []
        rest = self._head.feed_to_cutter(command)
        if rest is not None:
            return [rest, Command("cut_now")]
        self._slip_is_done()
        return []

    def _reply(self, command: Command, session: "Connection") -> None:
        topic = command.data[0]
        if command.name == "automatic_status":
            session.automatic_status = topic != 0
            if session.automatic_status:
                session.tell(command.name, self.automatic())
        elif command.name == "identify":
            session.answer(f"_{NAMES[topic]}\0".encode() if topic in NAMES else bytes([0x02]))
        else:
            session.tell(command.name, bytes([self.paper_sensors() if topic in {1, 49} else 0]))

    def _slip_is_done(self) -> None:
        self._keep(self._head.sheet, self._warnings)
        self._warnings = []

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)


class Connection:
    """One connection to the printer; `answer` carries bytes back."""

    def __init__(self, printer: VirtualPrinter, answer: Callable[[bytes], None]) -> None:
        self._printer = printer
        self.answer = answer
        self.automatic_status = False

    def receive(self, data: bytes) -> int:
        """Bytes come in; how many the printer's buffer took."""
        return self._printer.take(self, data)

    def close(self) -> None:
        """The connection is gone."""
        self._printer.forget(self)

    def tell(self, command: str, answer: bytes) -> None:
        """Answer a status command, as far as the printer knows it."""
        if said := self._printer.say(command, answer):
            self.answer(said)


def _size(command: Command) -> int:
    return 2 + len(command.data)
