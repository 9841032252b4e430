"""The picture of a slip → ESC/POS bytes that every cheap printer knows: raster bands, feeds, a cut.

Short on a slow line, and dot for dot the same picture: blank bands become feeds; a band is cut to its ink and printed
left, centred or right (ESC a holds for GS v 0); one whose dots come in twos is sent once and doubled by the printer
(m of GS v 0), which quarters a large number or a QR code. Commands and limits by Epson's ESC/POS reference.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Literal

from PIL import Image, ImageChops

INITIALISE = b"\x1b@"
ONE_DOT_UNITS = b"\x1dP\xcb\xcb"  # GS P 203 203: ESC J then counts dots of a 203 dpi head
AREA_WIDTH = b"\x1dW"
ALIGN = b"\x1ba"
LEFT, CENTRED, RIGHT = 0, 1, 2
RASTER = b"\x1dv0"
TWICE_AS_WIDE, TWICE_AS_HIGH = 1, 2
FEED_DOTS = b"\x1bJ"
CUT = {"full": b"\x1dVA", "partial": b"\x1dVB"}  # GS V 65/66 n: feed to the knife and n further, then cut

MOST_FEED = 255
# A printer that was left in the middle of a band prints nothing until that is filled up: a low band is filled quickly.
MOST_ROWS = 64
# A shorter gap is cheaper printed than fed: the motor does not stop.
LEAST_BLANK_ROWS = 4
# A band of its own for fewer rows is not worth its head.
LEAST_DOUBLED_ROWS = 8
# Bytes whose dots come in twos; and the four dots that each then holds, as the left or the right half of a byte.
PAIRED = bytes(byte for byte in range(256) if byte >> 1 & 0x55 == byte & 0x55)
HALF_SECOND = bytes(byte >> 4 & 8 | byte >> 3 & 4 | byte >> 2 & 2 | byte >> 1 & 1 for byte in range(256))
HALF_FIRST = bytes(half << 4 for half in HALF_SECOND)
# Real-time commands (DLE EOT, DLE ENQ, DLE DC4) are obeyed wherever they stand, also in a picture.
REALTIME = re.compile(rb"\x10(?=[\x04\x05\x14])")


@dataclass(frozen=True)
class _Band:
    """Rows `top` to `bottom` of the picture: blank, or ink that is the same in each pair of rows, or any."""

    top: int
    bottom: int
    kind: Literal["blank", "pairs", "rows"]


def encode(
    picture: Image.Image, cut: Literal["full", "partial"] | None, tail_dots: int = 0, *, doubles: bool = True
) -> bytes:
    """The bytes that print `picture` (mode "1", 0 is ink), feed `tail_dots` and cut; None: no cut, room to tear off.

    `doubles`: the printer knows the double sizes of GS v 0.
    """
    bands = encode_raster_bands(picture, doubles=doubles)
    return start(picture.width) + bands + _feed(tail_dots) + end(cut)


def start(width: int) -> bytes:
    """A fresh printer, units of one dot, and a printing area `width` dots wide, that left, centre and right refer to.

    Without the last a head wider than the layout would spread the slip's parts over its own width.
    """
    return INITIALISE + ONE_DOT_UNITS + AREA_WIDTH + width.to_bytes(2, "little")


def end(cut: Literal["full", "partial"] | None) -> bytes:
    """The knife, or paper enough to tear off."""
    return _feed(120) if cut is None else CUT[cut] + b"\x00"


def end_torn_picture(width: int) -> bytes:
    """Bytes that bring a printer out of a picture of `width` dots that broke off, and cut that piece off.

    A printer that stands in a picture takes whatever comes as dots: blank ones, as many as the highest band has. One
    that does not stand in a picture ignores them (NUL).
    """
    blank = bytes(MOST_ROWS * ((width + 7) // 8))
    return blank + b"\n" + INITIALISE + CUT["partial"] + b"\x00"


def encode_raster_bands(picture: Image.Image, *, doubles: bool) -> bytes:
    """The bytes of a picture alone, as wide as the print head; feeds count in dots (`ONE_DOT_UNITS`)."""
    ink = ImageChops.invert(picture.convert("1"))
    across = (ink.width + 7) // 8
    data = ink.tobytes()
    rows = [data[start : start + across] for start in range(0, len(data), across)]
    may_centre = ink.width % 8 == 0
    return b"".join(
        _feed(band.bottom - band.top)
        if band.kind == "blank"
        else _encode_band(rows[band.top : band.bottom], pairs=band.kind == "pairs", doubles=doubles, centre=may_centre)
        for band in _bands(rows, doubles=doubles)
    )


def _bands(rows: list[bytes], *, doubles: bool) -> Iterator[_Band]:
    """The picture from top to bottom, without a gap."""
    nothing = bytes(len(rows[0])) if rows else b""
    y = 0
    for blank, run in groupby(_without_short_gaps([row == nothing for row in rows])):
        bottom = y + sum(1 for _ in run)
        if blank:
            yield _Band(y, bottom, "blank")
        elif doubles:
            yield from _pairs_and_rows(rows, y, bottom)
        else:
            yield from _in_pieces(y, bottom, "rows")
        y = bottom


def _without_short_gaps(blank_rows: list[bool]) -> list[bool]:
    kept: list[bool] = []
    for blank, run in groupby(blank_rows):
        length = sum(1 for _ in run)
        kept += [blank and length >= LEAST_BLANK_ROWS] * length
    return kept


def _pairs_and_rows(rows: list[bytes], top: int, bottom: int) -> Iterator[_Band]:
    """Split an inked stretch into parts whose rows come in equal pairs and parts whose rows do not."""
    y = plain_from = top
    while y < bottom:
        end_of_pairs = y
        while end_of_pairs + 1 < bottom and rows[end_of_pairs] == rows[end_of_pairs + 1]:
            end_of_pairs += 2
        if end_of_pairs - y < min(LEAST_DOUBLED_ROWS, bottom - top):
            y += 1
            continue
        yield from _in_pieces(plain_from, y, "rows")
        yield from _in_pieces(y, end_of_pairs, "pairs")
        y = plain_from = end_of_pairs
    yield from _in_pieces(plain_from, bottom, "rows")


def _in_pieces(top: int, bottom: int, kind: Literal["pairs", "rows"]) -> Iterator[_Band]:
    most = 2 * MOST_ROWS if kind == "pairs" else MOST_ROWS
    for start in range(top, bottom, most):
        yield _Band(start, min(start + most, bottom), kind)


def _encode_band(rows: list[bytes], *, pairs: bool, doubles: bool, centre: bool) -> bytes:
    wide = doubles and len(rows[0]) % 2 == 0 and not any(row.translate(None, PAIRED) for row in rows)
    align, left, right = _trimmed(rows, 2 if wide else 1, centre=centre)
    if pairs:
        rows = rows[::2]
    data = b"".join(row[left:right] for row in rows)
    if wide:
        data = _halved(data)
    mode = (TWICE_AS_WIDE if wide else 0) | (TWICE_AS_HIGH if pairs else 0)
    size = ((right - left) // (2 if wide else 1)).to_bytes(2, "little") + len(rows).to_bytes(2, "little")
    # One dot more on the paper, which nobody sees, instead of an answer that nobody asked for, or a drawer that opens.
    return ALIGN + bytes([align]) + RASTER + bytes([mode]) + size + REALTIME.sub(b"\x30", data)


def _halved(data: bytes) -> bytes:
    """One dot for each two; all bytes at once, as one long number."""
    firsts, seconds = data[::2].translate(HALF_FIRST), data[1::2].translate(HALF_SECOND)
    return (int.from_bytes(firsts) | int.from_bytes(seconds)).to_bytes(len(firsts))


def _trimmed(rows: list[bytes], step: int, *, centre: bool) -> tuple[int, int, int]:
    """How to place the ink with the fewest bytes: alignment and the edges in bytes, which are `step` bytes apart."""
    width = len(rows[0])
    ink = reduce(or_, map(int.from_bytes, rows)).to_bytes(width)  # all rows above each other
    left, right = width - len(ink.lstrip(b"\0")), len(ink.rstrip(b"\0"))
    spare = min(left, width - right)
    edges = [(LEFT, 0, min(width, -(-max(right, 1) // step) * step))]
    if centre and width % step == 0:
        edges += [(CENTRED, spare, width - spare), (RIGHT, min(left, width - 1) // step * step, width)]
    return min((one for one in edges if one[2] > one[1]), key=lambda one: one[2] - one[1])


def _feed(dots: int) -> bytes:
    full, rest = divmod(dots, MOST_FEED)
    return (FEED_DOTS + bytes([MOST_FEED])) * full + (FEED_DOTS + bytes([rest]) if rest else b"")
