"""The picture of a slip → ESC/POS bytes that every cheap printer knows: raster bands, feeds, a cut.

Blank bands become feeds and each raster band is cut to its ink, which keeps a slip short on a slow line: evenly left
and right and printed centred (ESC a 1 holds for GS v 0), or on the right alone where that is shorter, as in a list.
Commands and their limits by Epson's ESC/POS reference.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Literal

from PIL import Image, ImageChops

INITIALISE = b"\x1b@"
ONE_DOT_UNITS = b"\x1dP\xcb\xcb"  # GS P 203 203: ESC J then counts dots of a 203 dpi head
LEFT, CENTRED = b"\x1ba\x00", b"\x1ba\x01"
RASTER = b"\x1dv0\x00"
FEED_DOTS = b"\x1bJ"
CUT = {"full": b"\x1dVA", "partial": b"\x1dVB"}  # GS V 65/66 n: feed to the knife and n further, then cut

MOST_FEED = 255
# Printers with little memory take a band of this height at most.
MOST_ROWS = 256
# A shorter gap is cheaper printed than fed: the motor does not stop.
LEAST_BLANK_ROWS = 6


def encode(picture: Image.Image, cut: Literal["full", "partial"] | None, tail_dots: int = 0) -> bytes:
    """The bytes that print `picture` (mode "1", 0 is ink), feed `tail_dots` and cut; None: no cut, room to tear off."""
    ink = ImageChops.invert(picture.convert("1"))
    bands = b"".join(_encode_band(ink, top, bottom, blank=blank) for top, bottom, blank in _bands(ink))
    return INITIALISE + ONE_DOT_UNITS + bands + _feed(tail_dots) + _end(cut)


def _end(cut: Literal["full", "partial"] | None) -> bytes:
    return _feed(120) if cut is None else CUT[cut] + b"\x00"


def _bands(ink: Image.Image) -> Iterator[tuple[int, int, bool]]:
    """(top, bottom, blank) from top to bottom; together they are the whole picture."""
    width_bytes = (ink.width + 7) // 8
    data = ink.tobytes()
    nothing = bytes(width_bytes)
    rows = [data[y * width_bytes : (y + 1) * width_bytes] == nothing for y in range(ink.height)]
    y = 0
    for blank, run in groupby(_without_short_gaps(rows)):
        bottom = y + sum(1 for _ in run)
        step = ink.height if blank else MOST_ROWS
        for top in range(y, bottom, step):
            yield top, min(top + step, bottom), blank
        y = bottom


def _without_short_gaps(blank_rows: list[bool]) -> list[bool]:
    kept: list[bool] = []
    for blank, run in groupby(blank_rows):
        length = sum(1 for _ in run)
        kept += [blank and length >= LEAST_BLANK_ROWS] * length
    return kept


def _encode_band(ink: Image.Image, top: int, bottom: int, *, blank: bool) -> bytes:
    if blank:
        return _feed(bottom - top)
    band = ink.crop((0, top, ink.width, bottom))
    box = band.getbbox() or (0, 0, ink.width, bottom - top)
    spare = min(box[0], ink.width - box[2]) // 8 * 8
    centred = ink.width - 2 * spare
    if centred <= box[2]:
        return CENTRED + _raster(band.crop((spare, 0, spare + centred, band.height)))
    return LEFT + _raster(band.crop((0, 0, box[2], band.height)))


def _raster(band: Image.Image) -> bytes:
    size = ((band.width + 7) // 8).to_bytes(2, "little") + band.height.to_bytes(2, "little")
    return RASTER + size + band.tobytes()


def _feed(dots: int) -> bytes:
    full, rest = divmod(dots, MOST_FEED)
    return (FEED_DOTS + bytes([MOST_FEED])) * full + (FEED_DOTS + bytes([rest]) if rest else b"")
