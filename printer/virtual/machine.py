"""The virtual printer itself: executes commands, runs out of paper, and says so when asked."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from printer.virtual.head import Head
from printer.virtual.parser import Command, Parser
from printer.virtual.sheet import Sheet

KEEPS_AT_MOST = 1 << 20
LONGEST_DOTS = 16_000
KNOWN = {"realtime_status", "automatic_status", "transmit_status"}
GARBAGE = b"\xe5\x8f\xff\x7e\x91"
NAMES = {65: "1.0", 66: "Motcua", 67: "Virtual", 68: "0"}


class Conditions(BaseModel):
    """What ails the printer. `paper_left_mm`: the roll ends after this much; None: no end in sight.

    `slow_seconds`: pause before each piece of data; `dead`: takes connections, but reads and says nothing;
    `cut_line_after`: the connection breaks after so many more bytes. `speaks`: which of the status commands it knows:
    all; automatic (GS a, GS r); transmit (GS r); nothing; or it answers everything with garbage.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    paper: Literal["ok", "low", "out"] = "ok"
    paper_left_mm: float | None = Field(default=None, ge=0)
    cover_open: bool = False
    cutter_error: bool = False
    offline: bool = False
    dead: bool = False
    slow_seconds: float = Field(default=0, ge=0, le=60)
    cut_line_after: int | None = Field(default=None, ge=0)
    speaks: Literal["all", "automatic", "transmit", "nothing", "garbage"] = "all"

    @property
    def prints(self) -> bool:
        return self.paper != "out" and not (self.cover_open or self.cutter_error or self.offline)


class VirtualPrinter:
    """A printer `width` dots wide. `keep(picture, warnings)` gets each slip when it is cut off.

    Commands that come while it cannot print are kept and carried out when it can again; the real-time status is
    answered at once. Safe to use from several threads; each connection has a `Session` of its own.
    """

    def __init__(self, width: int, keep: Callable[[Sheet, list[str]], None]) -> None:
        self.width = width
        self.conditions = Conditions()
        self.lock = threading.RLock()
        self._keep = keep
        self._sessions: list[Session] = []

    def connect(self, answer: Callable[[bytes], None]) -> "Session":
        """A new line to the printer; `answer` carries bytes back and must not block."""
        with self.lock:
            session = Session(self, answer)
            self._sessions.append(session)
            return session

    def set_conditions(self, changes: Mapping[str, object]) -> Conditions:
        """Change some conditions while running. Raises ValueError (pydantic's where it can) and changes nothing."""
        if not isinstance(changes, Mapping):
            raise ValueError("conditions must be an object of names and values")  # noqa: TRY004 - one kind of refusal
        with self.lock:
            self.conditions = Conditions.model_validate(self.conditions.model_dump() | dict(changes))
            for session in list(self._sessions):
                session.condition_changed()
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

    def before_the_break(self, data: bytes) -> bytes:
        """The part of `data` that still comes through; all of it while no line is to be cut."""
        with self.lock:
            left = self.conditions.cut_line_after
            if left is None:
                return data
            self.conditions.cut_line_after = left - len(data) if left >= len(data) else None
            return data[:left]

    def kept(self, sheet: Sheet, warnings: list[str]) -> None:
        """Hand a finished slip over."""
        self._keep(sheet, warnings)

    def forget(self, session: "Session") -> None:
        """The line is closed and all its commands are carried out."""
        self._sessions = [other for other in self._sessions if other is not session]


class Session:
    """One line to the printer: its unfinished bytes, its waiting commands, its print head's settings."""

    def __init__(self, printer: VirtualPrinter, answer: Callable[[bytes], None]) -> None:
        self._printer = printer
        self._answer = answer
        self._parser = Parser()
        self._waiting: deque[Command] = deque()
        self._waiting_bytes = 0
        self._automatic_status = False
        self._closed = False
        self._warnings: list[str] = []
        self._head = Head(printer.width, printer.use_paper, self._warn)

    @property
    def full(self) -> bool:
        """The buffer holds no more; the line should not be read."""
        return self._waiting_bytes > KEEPS_AT_MOST

    def receive(self, data: bytes) -> None:
        """Take bytes; carry out what can be carried out."""
        with self._printer.lock:
            for command in self._parser.feed(data):
                if command.name == "realtime_status":
                    self._tell(command.name, bytes([self._printer.realtime(command.data[0])]))
                else:
                    self._waiting.append(command)
                    self._waiting_bytes += len(command.data)
            self._work()

    def close(self) -> None:
        """The line is gone. What is in the buffer is still printed, now or when there is paper again."""
        with self._printer.lock:
            self._closed = True
            if self._parser.unfinished:
                self._waiting.append(Command("broken_off", self._parser.unfinished))
            self._work()

    def condition_changed(self) -> None:
        """Paper in, cover closed, or the other way round."""
        if self._automatic_status and not self._closed:
            self._tell("automatic_status", self._printer.automatic())
        self._work()

    def _work(self) -> None:
        before = self._printer.conditions.prints
        while self._waiting and self._printer.conditions.prints:
            command = self._waiting.popleft()
            self._waiting_bytes -= len(command.data)
            rest = self._carry_out(command)
            self._waiting.extendleft(reversed(rest))
            self._waiting_bytes += sum(len(left.data) for left in rest)
        if before and not self._printer.conditions.prints and self._automatic_status:
            self._tell("automatic_status", self._printer.automatic())
        if self._closed and not self._waiting:
            self._last_paper()

    def _carry_out(self, command: Command) -> list[Command]:
        """Carry out a command; what is left to do where the paper ended in the middle."""
        if command.name in {"transmit_status", "identify", "automatic_status"}:
            self._reply(command)
            return []
        if command.name not in {"cut", "cut_now"}:
            rest = self._head.carry_out(command)
            if self._head.sheet.y > LONGEST_DOTS:
                self._warn("two metres without a cut: cut by itself")
                self._slip_is_done()
            return [rest] if rest else []
        rest = self._head.feed_to_knife(command)
        if rest is not None:
            return [rest, Command("cut_now")]
        self._slip_is_done()
        return []

    def _reply(self, command: Command) -> None:
        topic = command.data[0]
        if command.name == "automatic_status":
            self._automatic_status = topic != 0
            if self._automatic_status:
                self._tell(command.name, self._printer.automatic())
        elif command.name == "identify":
            self._answer(f"_{NAMES[topic]}\0".encode() if topic in NAMES else bytes([0x02]))
        else:
            self._tell(command.name, bytes([self._printer.paper_sensors() if topic in {1, 49} else 0]))

    def _tell(self, command: str, answer: bytes) -> None:
        if said := self._printer.say(command, answer):
            self._answer(said)

    def _slip_is_done(self) -> None:
        self._printer.kept(self._head.sheet, self._warnings)
        self._warnings = []

    def _last_paper(self) -> None:
        if self._head.sheet.has_ink:
            self._warn("the line was closed before a cut")
            self._slip_is_done()
        self._printer.forget(self)

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)
