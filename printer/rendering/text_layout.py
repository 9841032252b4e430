"""Lines of type as pictures: the fonts of config/fonts, word wrap, ink on grey paper (mode "L": 0 ink, 255 paper)."""

from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Literal

from PIL import Image, ImageDraw

from config.text.line_breaks import fitting, shortened
from printer.rendering.font_fallback import Face

FACES = {"regular": "Regular", "semibold": "SemiBold", "bold": "Bold", "extrabold": "ExtraBold"}
PAPER, INK = 255, 0
INK_BELOW = 150
THRESHOLD = [INK] * INK_BELOW + [PAPER] * (256 - INK_BELOW)

# Of the type size. Ế over ỵ needs 1.43 and gets it; most lines need less.
LINE_PITCH = 1.32
CAPITAL_HEIGHT = 0.74
DESCENT = 0.06
# Dots to the em. Type of this size in dots of a quarter of a millimetre still looks smooth at arm's length.
DOUBLE_DOTS_FROM = 44
MOST_LINES = 40


@lru_cache(maxsize=128)
def font(weight: str, size: int) -> Face:
    """Type in a weight of `FACES`, `size` dots to the em."""
    return Face(FACES[weight], size)


def wrap(text: str, face: Face, width: int) -> list[str]:
    """`text` in as few lines of at most `width` dots as it takes, and those as even as they can be."""
    if face.getlength(text) <= width:
        return [text]
    measured = [(part, face.getlength(part.lstrip(" "))) for part in fitting(text, width, face.getlength)]
    space = face.getlength(" ")
    fewest = len(_greedy(measured, space, width))
    narrow, wide = max(length for _, length in measured) - 1, float(width)
    while wide - narrow > 1:
        middle = (narrow + wide) / 2
        if len(_greedy(measured, space, middle)) > fewest:
            narrow = middle
        else:
            wide = middle
    return _greedy(measured, space, wide)


def _greedy(measured: list[tuple[str, float]], space: float, width: float) -> list[str]:
    """Parts of a text with their lengths but for the blank before, put into lines as they come."""
    lines, used = [measured[0][0]], measured[0][1]
    for part, length in measured[1:]:
        longer = used + length + (space if part.startswith(" ") else 0)
        if longer <= width:
            lines[-1] += part
            used = longer
        else:
            lines.append(part.lstrip(" "))
            used = length
    return lines


@lru_cache(maxsize=96)  # the lines of a few slips, 20 KiB each; what only one slip says must not stay for long
def render_text(
    text: str, weight: str, size: int, width: int, align: str, *, coarse: bool = False, most_lines: int = MOST_LINES
) -> Image.Image:
    """`text` wrapped to `width` dots; as high as its ink, at least from capital height to just below the baseline.

    What has no room in `most_lines` ends in "…" behind a whole word.

    `coarse`: in rows of double height, from `DOUBLE_DOTS_FROM` on also of double width, which take a half or a quarter
    of the bytes on the line. Kept for the next slip, which says mostly the same: draw from it, never on it.
    """
    if coarse:
        across = 2 if size >= DOUBLE_DOTS_FROM else 1
        return _doubled(render_text(text, weight, size, width, align, most_lines=most_lines), across)
    face = font(weight, size)
    lines = wrap(text, face, width)
    if len(lines) > most_lines:
        lines = shortened(text, width, most_lines, face.getlength)
    boxes = [face.getbbox(line) for line in lines]
    baselines = [max(ceil(size * CAPITAL_HEIGHT), ceil(-boxes[0][1]))]
    for upper, lower in pairwise(boxes):
        baselines.append(baselines[-1] + max(round(size * LINE_PITCH), ceil(upper[3] - lower[1]) + 2))
    bottom = max(ceil(size * DESCENT), ceil(boxes[-1][3]))
    picture = Image.new("L", (width, baselines[-1] + bottom), PAPER)
    pen = ImageDraw.Draw(picture)
    for baseline, line in zip(baselines, lines, strict=True):
        x = offset(round(face.getlength(line)), width, align)
        face.draw(pen, x, baseline, line, INK)
    return picture


@lru_cache(maxsize=8)
def render_number(number: str, weight: str, height: int, width: int) -> Image.Image:
    """The number `height` dots high (its digits and capitals, an even number of dots), cropped to its ink.

    One that is too wide is narrowed to 72 % at most, then made smaller. It is set in double dots, a quarter of a
    millimetre: nobody sees them at this size, and they are a quarter of the bytes. Its width is a multiple of four, so
    that it keeps to the grid of double dots in the middle of any paper.
    """
    room = width // 4 * 2
    picture = _ink(number, font(weight, round(height / 2 / CAPITAL_HEIGHT)), height // 2)
    if picture.width > room:
        smaller = min(1.0, room / (picture.width * 0.72))
        picture = picture.resize((room, round(picture.height * smaller)), Image.Resampling.LANCZOS)
    even = Image.new("L", (-(-picture.width // 2) * 2, picture.height), PAPER)
    even.paste(picture, (0, 0))
    return to_monochrome(even).resize((even.width * 2, even.height * 2), Image.Resampling.NEAREST)


def _ink(text: str, face: Face, height: int) -> Image.Image:
    left, top, right, bottom = (round(edge) for edge in face.getbbox(text))
    picture = Image.new("L", (right - left, bottom - top), PAPER)
    face.draw(ImageDraw.Draw(picture), -left, -top, text, INK)
    scale = height / picture.height
    return picture.resize((round(picture.width * scale), height), Image.Resampling.LANCZOS)


def _doubled(picture: Image.Image, across: int) -> Image.Image:
    """The picture in dots twice as high and `across` as wide."""
    even = Image.new("L", (-(-picture.width // 2) * 2, -(-picture.height // 2) * 2), PAPER)
    even.paste(picture, (0, 0))
    return to_monochrome(even.reduce((across, 2))).resize(even.size, Image.Resampling.NEAREST)


def to_monochrome(grey: Image.Image, mode: Literal["L", "1"] = "L") -> Image.Image:
    """Every dot ink or paper. A threshold, no dithering: every edge of a letter is sharp."""
    return grey.point(THRESHOLD, mode)


def offset(inner: int, outer: int, align: str) -> int:
    """Where something `inner` wide begins in a room `outer` wide: an even number, as double dots need it."""
    return {"left": 0, "center": (outer - inner) // 4 * 2, "right": (outer - inner) // 2 * 2}[align]
