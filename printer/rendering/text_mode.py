"""Slip + layout → ESC/POS text in the printer's own type: the same blocks, a hundredth of the bytes."""

from collections.abc import Iterator

from config.text.line_breaks import clusters, shortened, wrapped
from printer.rendering.code_pages import encode_text, lost_letters
from printer.rendering.escpos_raster import ALIGN, FEED_DOTS, encode_raster_bands, end, start
from printer.rendering.image import FEW_LINES, OTHER_LINES, qr_picture
from printer.rendering.missing_glyphs import tell_lost
from printer.rendering.profile import Profile
from printer.rendering.text_layout import MOST_LINES
from printer.slip.layout import (
    Block,
    ColumnsBlock,
    Layout,
    ListBlock,
    NumberBlock,
    QrBlock,
    SeparatorBlock,
    SpaceBlock,
    TextBlock,
)
from printer.slip.slip import Slip
from printer.slip.template import TemplateContext

DOTS_A_LETTER = 12  # font A
LETTER_MM = 3
BOLD, INVERSE, SIZE = b"\x1bE", b"\x1dB", b"\x1d!"
ALIGNMENTS = {"left": b"\x00", "center": b"\x01", "right": b"\x02"}
# From this size of the drawn slip on, type is set of double height; and from this one of double width too.
TALL_FROM, LARGE_FROM = 30, 44
USUAL_MODULES = 37  # of a visitor's page, with its margin


def slip_to_text(slip: Slip, layout: Layout, profile: Profile) -> bytes:
    """The bytes of `slip` for a printer that sets type itself."""
    filling = TemplateContext(slip, layout, lambda words: lost_letters(words, profile))
    text = _TextEncoder(filling, layout, profile)
    body = b"".join(text.block(block) for block in layout.block)
    tell_lost(filling.lost, "the printer's own type lacks")
    return start(layout.width) + body + end(layout.cut)


class _TextEncoder:
    def __init__(self, filling: TemplateContext, layout: Layout, profile: Profile) -> None:
        self._filling = filling
        self._layout = layout
        self._profile = profile
        self._columns = min(layout.width // DOTS_A_LETTER, profile.columns or layout.width)

    def block(self, block: Block) -> bytes:
        """The bytes of one block; nothing where it has nothing to show. Emblems are for pictures."""
        if not self._filling.shows(block):
            return b""
        return _feed(block.above // 2) + b"".join(self._set(block))

    def _set(self, block: Block) -> Iterator[bytes]:
        match block:
            case TextBlock():
                yield from self._text(block)
            case NumberBlock():
                yield self._number(block)
            case SeparatorBlock():
                yield self._line(("=" if block.style == "solid" else "-") * self._columns)
            case SpaceBlock():
                yield _feed(block.height)
            case QrBlock():
                yield self._qr(block)
            case ListBlock():
                for words, is_ready in self._filling.documents(block):
                    yield from self._document(words, is_ready, block)
            case ColumnsBlock():
                for column in block.column:
                    yield from self._column(column.block)

    def _text(self, block: TextBlock) -> Iterator[bytes]:
        leading, other = self._filling.lines(block.text) or ("", None)
        if block.style == "boxed":
            leading = f"*** {leading} ***"
        bold, inverse = block.weight != "regular", block.style == "inverse"
        scale = self._scale_of(leading, block)
        yield from self._lines(leading, scale, block.align, bold=bold, inverse=inverse, most=block.most_lines)
        if block.second_size is not None and other is not None:
            yield from self._lines(other, (1, 1), block.align, most=OTHER_LINES)

    def _scale_of(self, text: str, block: TextBlock) -> tuple[int, int]:
        """Large type for large blocks, but not for a name of many lines."""
        scale = _scale(block.size)
        is_long = len(wrapped(text, max(1, self._columns // scale[0]), _letters)) > FEW_LINES
        return (1, 1) if is_long and block.long_size is not None else scale

    def _number(self, block: NumberBlock) -> bytes:
        number = self._filling.slip.number
        times = max(1, min(8, self._columns // len(number), round(block.height_mm / LETTER_MM)))
        return self._line(number, (times, times), block.align, bold=True)

    def _qr(self, block: QrBlock) -> bytes:
        url = self._filling.slip.status_url or ""
        if self._profile.qr == "native":
            room = round(block.size_mm * self._layout.dots_per_mm)
            return ALIGN + ALIGNMENTS[block.align] + _native_qr(url, min(room // USUAL_MODULES, 16)) + _feed(8)
        if self._profile.qr == "none":
            return b"".join(self._lines(url, (1, 1), block.align))
        room = round(block.size_mm * self._layout.dots_per_mm)
        return encode_raster_bands(
            qr_picture(url, room, self._layout.width, block.align), doubles=self._profile.doubles
        )

    def _document(self, words: dict[str, str], is_ready: bool, block: ListBlock) -> Iterator[bytes]:
        box = "[x] " if is_ready else "[ ] "
        leading, other = self._filling.pair(words)
        for place, line in enumerate(shortened(leading, self._columns - 4, block.most_lines, _letters)):
            yield self._line(("    " if place else box) + line, align="left")
        if block.second_size is not None and other is not None:
            for line in shortened(other, self._columns - 4, OTHER_LINES, _letters):
                yield self._line("    " + line, align="left")

    def _column(self, blocks: tuple[Block, ...]) -> Iterator[bytes]:
        """A label and its value, which stand below each other when drawn, on one line."""
        parts = []
        for block in blocks:
            if isinstance(block, TextBlock) and self._filling.shows(block):
                leading, other = self._filling.lines(block.text) or ("", None)
                parts.append(f"{leading} - {other}" if other and block.second_size else leading)
        if parts:
            yield from self._lines(": ".join(parts), (1, 1), "center", bold=True)

    def _lines(
        self,
        text: str,
        scale: tuple[int, int],
        align: str,
        *,
        bold: bool = False,
        inverse: bool = False,
        most: int = MOST_LINES,
    ) -> Iterator[bytes]:
        columns = max(1, self._columns // scale[0])
        for line in shortened(text, columns - 2 if inverse else columns, most, _letters):
            yield self._line(f" {line} " if inverse else line, scale, align, bold=bold, inverse=inverse)

    def _line(
        self,
        text: str,
        scale: tuple[int, int] = (1, 1),
        align: str = "center",
        *,
        bold: bool = False,
        inverse: bool = False,
    ) -> bytes:
        size = bytes([(scale[0] - 1) << 4 | (scale[1] - 1)])
        style = ALIGN + ALIGNMENTS[align] + SIZE + size + BOLD + bytes([bold]) + INVERSE + bytes([inverse])
        return style + encode_text(text, self._profile) + b"\n"


def _letters(text: str) -> float:
    return len(clusters(text))


def _native_qr(text: str, dots: int) -> bytes:
    """GS ( k: model 2, `dots` a module, correction M, store, print (Epson's reference)."""
    data = text.encode()
    parts = (b"\x41\x32\x00", bytes([0x43, dots]), b"\x45\x31", b"\x50\x30" + data, b"\x51\x30")
    return b"".join(b"\x1d(k" + (len(part) + 1).to_bytes(2, "little") + b"\x31" + part for part in parts)


def _scale(size: int) -> tuple[int, int]:
    return (2, 2) if size >= LARGE_FROM else (1, 2) if size >= TALL_FROM else (1, 1)


def _feed(dots: int) -> bytes:
    return FEED_DOTS + bytes([min(dots, 255)]) if dots else b""
