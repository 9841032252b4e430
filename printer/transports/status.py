"""How a printer is: what it said itself, or an honest "unknown"."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum


class PaperState(StrEnum):
    OK = "ok"
    LOW = "low"
    OUT = "out"
    UNKNOWN = "unknown"


class CoverState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    UNKNOWN = "unknown"


class CutterState(StrEnum):
    OK = "ok"
    ERROR = "error"
    UNKNOWN = "unknown"


# Problem code → words for the kiosk's service screen, worst first. Only `paper_low` still prints.
PROBLEMS = {
    "unreachable": {"vi": "Không kết nối được máy in", "en": "Printer cannot be reached"},
    "stalled": {
        "vi": "Máy in không nhận thêm dữ liệu: xem giấy, nắp máy và dây",
        "en": "Printer takes no more data: look at paper, cover and cable",
    },
    "paper_out": {"vi": "Hết giấy", "en": "Paper out"},
    "cover_open": {"vi": "Nắp máy in đang mở", "en": "Cover open"},
    "cutter_error": {"vi": "Lỗi dao cắt", "en": "Cutter error"},
    "error": {"vi": "Máy in báo lỗi", "en": "Printer error"},
    "offline": {"vi": "Máy in ngoại tuyến", "en": "Printer offline"},
    "paper_low": {"vi": "Sắp hết giấy", "en": "Paper low"},
}


@dataclass(frozen=True, kw_only=True)
class PrinterStatus:
    """The state of a printer at `checked_at` (aware, UTC). None and UNKNOWN mean: it did not say.

    `reachable`: the device could be opened and takes bytes. `online`, `error`: what it says of itself.
    `invalid_response`: it answers, but with bytes that mean nothing. `busy`: it still works on what was sent, so
    it need not answer yet. `stalled`: it has taken none of the bytes that wait for it for the whole time-out,
    as printers do whose buffer is full because there is no paper. `detail`: one line for the technician.
    """

    reachable: bool | None = None
    online: bool | None = None
    paper: PaperState = PaperState.UNKNOWN
    cover: CoverState = CoverState.UNKNOWN
    cutter: CutterState = CutterState.UNKNOWN
    error: bool | None = None
    invalid_response: bool = False
    busy: bool = False
    stalled: bool = False
    detail: str = ""
    checked_at: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)

    @property
    def problems(self) -> tuple[str, ...]:
        """Codes of `PROBLEMS` that hold, worst first. "offline" alone only where no cause was given."""
        found = {
            "unreachable": self.reachable is False,
            # A printer that said why it takes nothing has said it better.
            "stalled": self.stalled and self.paper is not PaperState.OUT and self.cover is not CoverState.OPEN,
            "paper_out": self.paper is PaperState.OUT,
            "cover_open": self.cover is CoverState.OPEN,
            "cutter_error": self.cutter is CutterState.ERROR,
            "error": self.error is True and self.cutter is not CutterState.ERROR,
            "paper_low": self.paper is PaperState.LOW,
        }
        if self.online is False and not any(found[code] for code in found if code != "paper_low"):
            found["offline"] = True
        return tuple(code for code in PROBLEMS if found.get(code))

    @property
    def blocked(self) -> bool:
        """True where a slip sent now would not come out."""
        return any(code != "paper_low" for code in self.problems)

    @property
    def reports_status(self) -> bool:
        """True where the printer said anything of itself."""
        return self.online is not None or self.paper is not PaperState.UNKNOWN

    def message(self, language: str) -> str:
        """The problems as one line in `language` (vi or en); empty when there is none."""
        return " · ".join(PROBLEMS[code].get(language, PROBLEMS[code]["en"]) for code in self.problems)


FIXED_BITS = 0b1001_0011
REALTIME_BITS, AUTOMATIC_BITS = 0b0001_0010, 0b0001_0000
AUTOMATIC_LENGTH = 4


def unreachable(detail: str) -> PrinterStatus:
    """The status of a printer that cannot be opened."""
    return PrinterStatus(reachable=False, detail=detail)


def is_realtime_answer(byte: int) -> bool:
    """Whether a byte can be an answer to DLE EOT (fixed bits by Epson's ESC/POS reference)."""
    return byte & FIXED_BITS == REALTIME_BITS


def is_auto_status_back_start(byte: int) -> bool:
    """Whether a byte can be the first of the four of an automatic status message, GS a (Epson's reference)."""
    return byte & FIXED_BITS == AUTOMATIC_BITS


def is_paper_answer(byte: int) -> bool:
    """Whether a byte can be the answer to GS r 1: each sensor has two bits, which agree (Epson's reference)."""
    return byte & 0b1001_1111 in {0b0000, 0b0011, 0b1100, 0b1111}


def from_realtime_answers(answers: dict[int, int]) -> PrinterStatus:
    """The status that the answers to DLE EOT 1 to 4 spell; a missing answer leaves its part unknown.

    The bits stand in Epson's ESC/POS reference under DLE EOT: 1 printer, 2 causes of offline, 3 errors, 4 roll paper.
    """
    status = PrinterStatus(reachable=True)
    if (printer := answers.get(1)) is not None:
        status = replace(status, online=not printer & 0x08)
    if (cause := answers.get(2)) is not None:
        status = replace(status, cover=CoverState.OPEN if cause & 0x04 else CoverState.CLOSED, error=bool(cause & 0x40))
        if cause & 0x20:
            status = replace(status, paper=PaperState.OUT)
    if (error := answers.get(3)) is not None:
        status = replace(status, cutter=CutterState.ERROR if error & 0x08 else CutterState.OK)
        status = replace(status, error=bool(status.error) or bool(error & 0x20))
    if (paper := answers.get(4)) is not None and status.paper is not PaperState.OUT:
        status = replace(status, paper=_paper(paper))
    return status


def parse_auto_status_back(message: bytes) -> PrinterStatus:
    """The status in the four bytes of an automatic message (GS a): printer, errors, roll paper, and nothing of use."""
    printer, errors, _, _ = message
    status = replace(from_paper_answer(message[2] & 0x0F), online=not printer & 0x08)
    cover = CoverState.OPEN if printer & 0x20 else CoverState.CLOSED
    cutter = CutterState.ERROR if errors & 0x08 else CutterState.OK
    return replace(status, cover=cover, cutter=cutter, error=bool(errors & 0x24))


def from_paper_answer(answer: int) -> PrinterStatus:
    """The status in the answer to GS r 1, the two paper sensors: all else stays unknown."""
    paper = PaperState.OUT if answer & 0x0C else PaperState.LOW if answer & 0x03 else PaperState.OK
    return PrinterStatus(reachable=True, paper=paper)


def _paper(answer: int) -> PaperState:
    if answer & 0x60:
        return PaperState.OUT
    return PaperState.LOW if answer & 0x0C else PaperState.OK
