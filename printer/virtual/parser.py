"""ESC/POS bytes → commands, however the line cuts them into pieces. Lengths by Epson's ESC/POS reference."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D


@dataclass(frozen=True)
class Command:
    """One command. `name`: see the tables below, or "text" or "unknown"; `data`: all after the command's code."""

    name: str
    data: bytes = b""


# Code → name and number of bytes that follow.
FIXED: dict[bytes, tuple[str, int]] = {
    b"\x10\x04": ("realtime_status", 1),
    b"\x10\x05": ("ignored", 1),
    b"\x1b@": ("initialise", 0),
    b"\x1b!": ("print_mode", 1),
    b"\x1b-": ("underline", 1),
    b"\x1b2": ("default_spacing", 0),
    b"\x1b3": ("line_spacing", 1),
    b"\x1b=": ("ignored", 1),
    b"\x1b ": ("letter_spacing", 1),
    b"\x1bE": ("emphasis", 1),
    b"\x1bG": ("emphasis", 1),
    b"\x1bJ": ("feed_dots", 1),
    b"\x1bM": ("font", 1),
    b"\x1bR": ("international", 1),
    b"\x1bV": ("rotation", 1),
    b"\x1ba": ("align", 1),
    b"\x1bc3": ("ignored", 1),
    b"\x1bc4": ("ignored", 1),
    b"\x1bc5": ("ignored", 1),
    b"\x1bd": ("feed_lines", 1),
    b"\x1bi": ("cut_now", 0),
    b"\x1bm": ("cut_now", 0),
    b"\x1bp": ("ignored", 3),
    b"\x1bt": ("code_page", 1),
    b"\x1b{": ("upside_down", 1),
    b"\x1c&": ("kanji", 0),
    b"\x1c.": ("ignored", 0),
    b"\x1d!": ("size", 1),
    b"\x1dB": ("inverse", 1),
    b"\x1dH": ("barcode_text", 1),
    b"\x1dI": ("identify", 1),
    b"\x1dL": ("left_margin", 2),
    b"\x1dP": ("motion_units", 2),
    b"\x1dW": ("print_width", 2),
    b"\x1da": ("automatic_status", 1),
    b"\x1df": ("ignored", 1),
    b"\x1dh": ("barcode_height", 1),
    b"\x1dr": ("transmit_status", 1),
    b"\x1dw": ("barcode_width", 1),
}
CONTROLS = {0x0A: "line_feed", 0x0D: "ignored", 0x09: "tab", 0x0C: "line_feed", 0x18: "ignored", 0x00: "ignored"}


class Parser:
    """Collects bytes and gives out whole commands; of a raster picture as many rows as have come in.

    As in a printer, whose buffer is smaller than a picture: one that breaks off goes on with whatever bytes come next.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._picture: _Picture | None = None

    def feed(self, data: bytes) -> Iterator[Command]:
        """The commands that are complete now that `data` has come in."""
        self._buffer += data
        while self._buffer:
            self._picture = self._picture or _begun_picture(self._buffer)
            if self._picture is not None:
                rows = self._picture.take(self._buffer)
                if not self._picture.rows_left:
                    self._picture = None
                if rows is None:
                    return
                yield rows
                continue
            found = _next(self._buffer)
            if found is None:
                return
            command, length = found
            del self._buffer[:length]
            yield command

    @property
    def unfinished(self) -> bytes:
        """Bytes of a command that has not fully come in."""
        return bytes(self._buffer)

    @property
    def in_command(self) -> bool:
        """The last command has not fully come in."""
        return bool(self._buffer) or self._picture is not None


def _next(buffer: bytearray) -> tuple[Command, int] | None:
    first = buffer[0]
    if first not in {DLE, ESC, FS, GS}:
        return _plain(buffer)
    if len(buffer) < 2:  # noqa: PLR2004 - a code has two bytes at least
        return None
    for length in (3, 2):
        code = bytes(buffer[:length])
        if code in FIXED:
            name, more = FIXED[code]
            return _whole(buffer, name, len(code), more)
    variable = _VARIABLE.get(bytes(buffer[:2]))
    if variable is not None:
        return variable(buffer)
    if _begins_longer_code(bytes(buffer)):
        return None
    return Command("unknown", bytes(buffer[:2])), 2


def _begins_longer_code(begun: bytes) -> bool:
    return any(len(code) > len(begun) and code.startswith(begun) for code in FIXED)


def _plain(buffer: bytearray) -> tuple[Command, int]:
    if buffer[0] in CONTROLS:
        return Command(CONTROLS[buffer[0]], bytes(buffer[:1])), 1
    if buffer[0] < 0x20:  # noqa: PLR2004 - the control characters
        return Command("unknown", bytes(buffer[:1])), 1
    length = next((i for i, byte in enumerate(buffer) if byte < 0x20), len(buffer))  # noqa: PLR2004
    return Command("text", bytes(buffer[:length])), length


def _whole(buffer: bytearray, name: str, start: int, more: int) -> tuple[Command, int] | None:
    if len(buffer) < start + more:
        return None
    return Command(name, bytes(buffer[start : start + more])), start + more


@dataclass
class _Picture:
    """A picture of GS v 0 m xL xH yL yH d… that is coming in."""

    mode: int
    width_bytes: int
    rows_left: int

    def take(self, buffer: bytearray) -> Command | None:
        """The rows that are whole, off the buffer, as a picture of their own; None where there is none."""
        rows = min(self.rows_left, len(buffer) // self.width_bytes) if self.width_bytes else self.rows_left
        self.rows_left -= rows
        if not rows:
            return None
        data = bytes(buffer[: rows * self.width_bytes])
        del buffer[: len(data)]
        size = self.width_bytes.to_bytes(2, "little") + rows.to_bytes(2, "little")
        return Command("raster", bytes([self.mode]) + size + data)


def _begun_picture(buffer: bytearray) -> _Picture | None:
    """The picture that begins with the buffer; its head is taken off."""
    if len(buffer) < 8 or buffer[:2] != b"\x1dv" or buffer[2] not in b"0\x00":  # noqa: PLR2004
        return None
    width_bytes, rows = int.from_bytes(buffer[4:6], "little"), int.from_bytes(buffer[6:8], "little")
    picture = _Picture(buffer[3], width_bytes, rows)
    del buffer[:8]
    return picture


def _raster(buffer: bytearray) -> tuple[Command, int] | None:
    """GS v with another letter than 0; a head that is not whole yet."""
    if len(buffer) < 8 and (len(buffer) < 3 or buffer[2] in b"0\x00"):  # noqa: PLR2004
        return None
    return Command("unknown", bytes(buffer[:3])), 3


def _column_picture(buffer: bytearray) -> tuple[Command, int] | None:
    """ESC * m nL nH d…"""
    if len(buffer) < 5:  # noqa: PLR2004
        return None
    bytes_a_column = 3 if buffer[2] in {32, 33} else 1
    return _whole(buffer, "column_picture", 2, 3 + int.from_bytes(buffer[3:5], "little") * bytes_a_column)


def _parenthesis(buffer: bytearray) -> tuple[Command, int] | None:
    """GS ( X pL pH …, of which L (graphics) and k (2D codes) are known; the others are reported, not guessed at."""
    if len(buffer) < 5:  # noqa: PLR2004
        return None
    length = int.from_bytes(buffer[3:5], "little")
    name = {ord("L"): "graphics", ord("k"): "code_2d"}.get(buffer[2])
    whole = _whole(buffer, name or "unknown", 5, length)
    return (Command("unknown", bytes(buffer[:5])), whole[1]) if whole and name is None else whole


def _large_graphics(buffer: bytearray) -> tuple[Command, int] | None:
    """GS 8 L p1 p2 p3 p4 …"""
    if len(buffer) < 7:  # noqa: PLR2004
        return None
    if buffer[2] != ord("L"):
        return Command("unknown", bytes(buffer[:3])), 3
    return _whole(buffer, "graphics", 7, int.from_bytes(buffer[3:7], "little"))


def _barcode(buffer: bytearray) -> tuple[Command, int] | None:
    """GS k m d… NUL for m 0 to 6, GS k m n d… for m 65 to 79."""
    if len(buffer) < 4:  # noqa: PLR2004
        return None
    if buffer[2] <= 6:  # noqa: PLR2004
        end = buffer.find(b"\x00", 3)
        return None if end < 0 else (Command("barcode", bytes(buffer[2:end])), end + 1)
    whole = _whole(buffer, "barcode", 4, buffer[3])
    return (Command("barcode", bytes([buffer[2]]) + whole[0].data), whole[1]) if whole else None


def _cut(buffer: bytearray) -> tuple[Command, int] | None:
    """GS V m, or GS V m n for m 65 and above (feed n, then cut)."""
    if len(buffer) < 3:  # noqa: PLR2004
        return None
    return _whole(buffer, "cut", 2, 1 if buffer[2] in b"\x00\x0101" else 2)


def _pulse(buffer: bytearray) -> tuple[Command, int] | None:
    """DLE DC4 fn …: drawer, power off, clear; none of it moves paper."""
    if len(buffer) < 3:  # noqa: PLR2004
        return None
    return _whole(buffer, "ignored", 2, {1: 3, 2: 3, 8: 8}.get(buffer[2], 1))


def _tab_stops(buffer: bytearray) -> tuple[Command, int] | None:
    """ESC D n… NUL"""
    end = buffer.find(b"\x00", 2)
    return None if end < 0 else (Command("tab_stops", bytes(buffer[2:end])), end + 1)


_VARIABLE: dict[bytes, Callable[[bytearray], tuple[Command, int] | None]] = {
    b"\x1dv": _raster,
    b"\x1b*": _column_picture,
    b"\x1d(": _parenthesis,
    b"\x1d8": _large_graphics,
    b"\x1dk": _barcode,
    b"\x1dV": _cut,
    b"\x10\x14": _pulse,
    b"\x1bD": _tab_stops,
}
