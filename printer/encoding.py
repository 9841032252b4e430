"""The picture of a slip → ESC/POS bytes that every cheap printer knows: raster bands, feeds, a cut.

Short on a slow line, and dot for dot the same picture: blank bands become feeds; a band is cut to its ink and printed
left, centred or right (ESC a holds for GS v 0); one whose dots come in twos is sent once and doubled by the printer
(m of GS v 0), which quarters a large number or a QR code. Commands and limits by Epson's ESC/POS reference.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
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
# Printers with little memory take a band of this height at most.
MOST_ROWS = 256
# A shorter gap is cheaper printed than fed: the motor does not stop.
LEAST_BLANK_ROWS = 4
# A band of its own for fewer rows is not worth its head.
LEAST_DOUBLED_ROWS = 8
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
    bands = encode_bands(picture, doubles=doubles)
    return start(picture.width) + bands + _feed(tail_dots) + end(cut)


def start(width: int) -> bytes:
    """A fresh printer, units of one dot, and a printing area `width` dots wide, that left, centre and right refer to.

    Without the last a head wider than the layout would spread the slip's parts over its own width.
    """
    return INITIALISE + ONE_DOT_UNITS + AREA_WIDTH + width.to_bytes(2, "little")


def encode_bands(picture: Image.Image, *, doubles: bool) -> bytes:
    """The bytes of a picture alone, as wide as the print head; feeds count in dots (`ONE_DOT_UNITS`)."""
    ink = ImageChops.invert(picture.convert("1"))
    return b"".join(_encode_band(ink, band, doubles=doubles) for band in _bands(ink, doubles=doubles))


def end(cut: Literal["full", "partial"] | None) -> bytes:
    """The knife, or paper enough to tear off."""
    return _feed(120) if cut is None else CUT[cut] + b"\x00"


def _bands(ink: Image.Image, *, doubles: bool) -> Iterator[_Band]:
    """The picture from top to bottom, without a gap."""
    width_bytes = (ink.width + 7) // 8
    data = ink.tobytes()
    rows = [data[start : start + width_bytes] for start in range(0, len(data), width_bytes)]
    nothing = bytes(width_bytes)
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
    for start in range(top, bottom, MOST_ROWS):
        yield _Band(start, min(start + MOST_ROWS, bottom), kind)


def _encode_band(ink: Image.Image, band: _Band, *, doubles: bool) -> bytes:
    height = band.bottom - band.top
    if band.kind == "blank":
        return _feed(height)
    picture = ink.crop((0, band.top, ink.width, band.bottom))
    mode = TWICE_AS_HIGH if band.kind == "pairs" else 0
    if doubles and _columns_are_pairs(picture):
        mode |= TWICE_AS_WIDE
    align, left, right = _trimmed(picture, 16 if mode & TWICE_AS_WIDE else 8)
    picture = picture.crop((left, 0, right, height))
    across, down = (2 if mode & TWICE_AS_WIDE else 1), (2 if mode & TWICE_AS_HIGH else 1)
    small = picture.resize((picture.width // across, height // down), Image.Resampling.NEAREST)
    return ALIGN + bytes([align]) + _raster(small, mode)


def _columns_are_pairs(picture: Image.Image) -> bool:
    if picture.width % 16:
        return False
    small = picture.resize((picture.width // 2, picture.height), Image.Resampling.NEAREST)
    return small.resize(picture.size, Image.Resampling.NEAREST).tobytes() == picture.tobytes()


def _trimmed(picture: Image.Image, step: int) -> tuple[int, int, int]:
    """How to place the ink with the fewest bytes: alignment and the edges, which are `step` dots apart."""
    width = picture.width
    left, _, right, _ = picture.getbbox() or (0, 0, step, 0)
    spare = min(left, width - right) // 8 * 8
    edges = [
        (LEFT, 0, min(width, -(-right // step) * step)),
        (CENTRED, spare, width - spare),
        (RIGHT, width - min(width, -(-(width - left) // step) * step), width),
    ]
    whole = [one for one in edges if (one[2] - one[1]) % step == 0] or edges[:1]
    return min(whole, key=lambda one: one[2] - one[1])


def _raster(picture: Image.Image, mode: int) -> bytes:
    size = ((picture.width + 7) // 8).to_bytes(2, "little") + picture.height.to_bytes(2, "little")
    # One dot more on the paper, which nobody sees, instead of an answer that nobody asked for, or a drawer that opens.
    return RASTER + bytes([mode]) + size + REALTIME.sub(b"\x30", picture.tobytes())


def _feed(dots: int) -> bytes:
    full, rest = divmod(dots, MOST_FEED)
    return (FEED_DOTS + bytes([MOST_FEED])) * full + (FEED_DOTS + bytes([rest]) if rest else b"")
