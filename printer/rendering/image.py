"""Slip + layout → the picture of the paper: 1 bit a dot, as wide as the print head."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import qrcode
from PIL import Image, ImageDraw, ImageOps
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M

from config.typefaces import missing_letters
from printer.rendering.missing_glyphs import tell_lost
from printer.rendering.text_layout import INK, PAPER, font, offset, render_number, render_text, to_monochrome, wrap
from printer.slip.layout import (
    Block,
    ColumnsBlock,
    EmblemBlock,
    Layout,
    ListBlock,
    NumberBlock,
    QrBlock,
    SeparatorBlock,
    SpaceBlock,
    TextBlock,
)
from printer.slip.logo import draw_emblem
from printer.slip.slip import Slip
from printer.slip.template import TemplateContext

QUIET_MODULES = 2


# How a slip that is too long is made shorter, one step after the other; see `render_slip`.
NO_EMBLEM, MAX_COMPACTION_LEVEL = 3, 4
# Lines of a name: more of them are set in the smaller type; and how many of that are left, by thrift.
FEW_LINES = 3
LINES_LEFT = {3: 12, 4: 3}
OTHER_LINES = 4  # of a text in the second language


def render_slip(slip: Slip, layout: Layout, thrift: int = 0) -> Image.Image:
    """The slip as a picture in mode "1" (0 is ink), `layout.width` dots wide, as high as it needs.

    `thrift` leaves out, for slow lines: from 1 the second language of the papers to bring, from 2 every second
    language, from 3 the emblem, and what is set in the regular weight takes the smaller size of its block; very long
    names lose their end from 3, more of it from 4. No fact is ever left out.
    """
    filling = TemplateContext(slip, layout, missing_letters)
    body = _SlipRenderer(filling, layout, thrift).stack(layout.block, layout.width - 2 * layout.margin)
    tell_lost(filling.lost, "no font draws")
    paper = Image.new("L", (layout.width, body.height), PAPER)
    paper.paste(body, (layout.margin, 0))
    return to_monochrome(paper, "1")


class _SlipRenderer:
    """Draws blocks, each as a picture as wide as the room it was given."""

    def __init__(self, filling: TemplateContext, layout: Layout, thrift: int) -> None:
        self._filling = filling
        self._layout = layout
        self._thrift = thrift
        self._drawers: dict[type, Callable[[Any, int], Image.Image]] = {
            TextBlock: self._text,
            NumberBlock: self._number,
            SeparatorBlock: self._rule,
            SpaceBlock: lambda block, width: Image.new("L", (width, block.height), PAPER),
            QrBlock: self._qr,
            EmblemBlock: self._emblem,
            ListBlock: self._list,
            ColumnsBlock: self._columns,
        }

    def stack(self, blocks: tuple[Block, ...], width: int) -> Image.Image:
        """The blocks one below the other."""
        placed, y = [], 0
        for block in blocks:
            if self._shows(block):
                y += block.above + (block.above + y) % 2  # even, so that double rows in columns side by side agree
                placed.append((y, self._draw(block, width)))
                y += placed[-1][1].height
        paper = Image.new("L", (width, max(1, y)), PAPER)
        for top, picture in placed:
            paper.paste(picture, (0, top))
        return paper

    def _draw(self, block: Block, width: int) -> Image.Image:
        return self._drawers[type(block)](block, width)

    def _shows(self, block: Block) -> bool:
        if isinstance(block, EmblemBlock) and self._thrift >= NO_EMBLEM:
            return False
        return self._filling.shows(block)

    def _text(self, block: TextBlock, width: int) -> Image.Image:
        lines = self._filling.lines(block.text) or ("", None)
        if block.style != "plain":
            text = self._two_languages(lines, block, block.align, width - 2 * FRAME_SIDES)
            return _fit_width(_framed(text, block.style), width, block.align)
        return self._two_languages(lines, block, block.align, width)

    def _two_languages(
        self, lines: tuple[str, str | None], block: TextBlock | ListBlock, align: str, width: int
    ) -> Image.Image:
        leading = self._leading(lines[0], block, align, width)
        spared = self._thrift >= (1 if isinstance(block, ListBlock) else 2)
        if block.second_size is None or lines[1] is None or spared:
            return leading
        thin_would_clog = isinstance(block, TextBlock) and block.style == "inverse"
        weight = "semibold" if thin_would_clog else "regular"
        other = render_text(lines[1], weight, block.second_size, width, align, most_lines=OTHER_LINES)
        return _above(leading, other, round(block.size / 4))

    def _leading(self, text: str, block: TextBlock | ListBlock, align: str, width: int) -> Image.Image:
        shrinks = self._thrift >= NO_EMBLEM and block.weight == "regular"
        size = min(block.size, block.second_size or block.size) if shrinks else block.size
        most = min(block.most_lines, LINES_LEFT.get(self._thrift, block.most_lines))
        long_size = block.long_size if isinstance(block, TextBlock) else None
        if long_size is None or len(wrap(text, font(block.weight, size), width)) <= FEW_LINES:
            coarse = block.coarse or self._thrift == MAX_COMPACTION_LEVEL
            return render_text(text, block.weight, size, width, align, coarse=coarse, most_lines=most)
        return render_text(text, block.weight, min(size, long_size), width, align, coarse=True, most_lines=most)

    def _number(self, block: NumberBlock, width: int) -> Image.Image:
        height = round(block.height_mm * self._layout.dots_per_mm)
        number = render_number(self._filling.slip.number, block.weight, height, width)
        return _fit_width(number, width, block.align)

    def _rule(self, block: SeparatorBlock, width: int) -> Image.Image:
        rule = Image.new("L", (width, block.thickness), PAPER)
        dash = width if block.style == "solid" else 8
        for x in range(0, width, 2 * dash):
            rule.paste(INK, (x, 0, min(x + dash, width), block.thickness))
        return rule

    def _qr(self, block: QrBlock, width: int) -> Image.Image:
        room = min(width, round(block.size_mm * self._layout.dots_per_mm))
        return _fit_width(_qr_code(self._filling.slip.status_url or "", room), width, block.align)

    def _emblem(self, block: EmblemBlock, width: int) -> Image.Image:
        height = round(block.height_mm * self._layout.dots_per_mm)
        return _fit_width(draw_emblem(self._filling.slip.emblem or b"", height, width), width, block.align)

    def _list(self, block: ListBlock, width: int) -> Image.Image:
        return self._joined([self._item(*document, block, width) for document in self._filling.documents(block)], block)

    def _item(self, words: dict[str, str], is_ready: bool, block: ListBlock, width: int) -> Image.Image:
        indent = round(block.size * 1.3) // 2 * 2
        text = self._two_languages(self._filling.pair(words), block, "left", width - indent)
        item = Image.new("L", (width, text.height), PAPER)
        item.paste(text, (indent, 0))
        _tick_box(item, block.size, is_ticked=is_ready)
        return item

    def _joined(self, items: list[Image.Image], block: ListBlock) -> Image.Image:
        joined = items[0]
        for item in items[1:]:
            joined = _above(joined, item, round(block.size * 0.55))
        return joined

    def _columns(self, block: ColumnsBlock, width: int) -> Image.Image:
        shown = [column for column in block.column if any(self._shows(inner) for inner in column.block)]
        room = width - block.gap * (len(shown) - 1)
        total = sum(column.share for column in shown)
        pictures = [self.stack(column.block, room * column.share // total) for column in shown]
        paper = Image.new("L", (width, max(picture.height for picture in pictures)), PAPER)
        x = 0
        for picture in pictures:
            # By an even number of dots: double rows beside each other stay double rows.
            paper.paste(picture, (x, 0 if block.align == "top" else (paper.height - picture.height) // 4 * 2))
            x += picture.width + block.gap
        return paper


FRAME, FRAME_SIDES, FRAME_TOP = 3, 22, 14


def _framed(inner: Image.Image, style: str) -> Image.Image:
    """A frame, or black paper, around the ink of `inner`."""
    left, _, right, _ = ImageOps.invert(inner).getbbox() or (0, 0, inner.width, inner.height)
    width, height = right - left + 2 * FRAME_SIDES, inner.height + 2 * FRAME_TOP
    framed = Image.new("L", (width, height), PAPER)
    framed.paste(inner.crop((left, 0, right, inner.height)), (FRAME_SIDES, FRAME_TOP))
    if style == "inverse":
        return framed.point(lambda grey: PAPER - grey)
    ImageDraw.Draw(framed).rectangle((0, 0, width - 1, height - 1), outline=INK, width=FRAME)
    return framed


def _tick_box(item: Image.Image, size: int, *, is_ticked: bool) -> None:
    side = round(size * 0.74)
    pen = ImageDraw.Draw(item)
    pen.rectangle((1, 0, side, side - 1), outline=INK, width=2)
    if is_ticked:
        tick = ((side * 0.24, side * 0.5), (side * 0.45, side * 0.72), (side * 0.82, side * 0.24))
        pen.line(tick, fill=INK, width=max(2, side // 6), joint="curve")


def _above(upper: Image.Image, lower: Image.Image, gap: int) -> Image.Image:
    paper = Image.new("L", (upper.width, upper.height + gap + lower.height), PAPER)
    paper.paste(upper, (0, 0))
    paper.paste(lower, (0, upper.height + gap))
    return paper


def _fit_width(picture: Image.Image, width: int, align: str) -> Image.Image:
    room = Image.new("L", (width, picture.height), PAPER)
    room.paste(picture, (offset(picture.width, width, align), 0))
    return room


def qr_picture(url: str, room: int, width: int, align: str) -> Image.Image:
    """The QR code alone on paper `width` dots wide, itself at most `room` wide, in mode "1"."""
    return _fit_width(_qr_code(url, min(width, room)), width, align).convert("1", dither=Image.Dither.NONE)


@lru_cache(maxsize=4)  # a slip that is drawn anew with more thrift has the same code
def _qr_code(url: str, room: int) -> Image.Image:
    """The code in whole dots a module, so that none is blurred; less error correction where it would be too fine."""
    modules = _modules(url, ERROR_CORRECT_M)
    if room // (len(modules) + 2 * QUIET_MODULES) < 4:  # noqa: PLR2004 - half a millimetre, which old phones still read
        modules = _modules(url, ERROR_CORRECT_L)
    dots = max(1, room // (len(modules) + 2 * QUIET_MODULES))
    dots -= dots % 2 if dots > 4 else 0  # noqa: PLR2004 - in double dots the code takes a quarter of the bytes
    small = Image.new("L", (len(modules), len(modules)), PAPER)
    small.putdata([INK if dark else PAPER for row in modules for dark in row])
    code = small.resize((len(modules) * dots, len(modules) * dots), Image.Resampling.NEAREST)
    framed = Image.new("L", (code.width + 2 * QUIET_MODULES * dots,) * 2, PAPER)
    framed.paste(code, (QUIET_MODULES * dots, QUIET_MODULES * dots))
    return framed


def _modules(url: str, correction: int) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=correction, border=0)
    code.add_data(url)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.modules]
