"""The centre's emblem: any PNG, made small once, and drawn in ink and paper alone."""

import logging
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageOps

log = logging.getLogger(__name__)

# Kept with every print job, so no larger than any slip needs: 20 mm on the paper.
MOST_DOTS = 160
# A larger picture is a mistake, or malice.
MOST_PIXELS = 40_000_000
# From so many dots out of a hundred that are nearly black or nearly white, a picture is a drawing and not a photograph.
LINE_ART_PERCENT = 75


@lru_cache(maxsize=8)
def small_emblem(png: bytes | None) -> bytes | None:
    """A PNG in grey of at most `MOST_DOTS` a side, trimmed to its ink; None without one that can be read."""
    if png is None:
        return None
    try:
        with Image.open(BytesIO(png), formats=["PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(f"{picture.width}x{picture.height} pixels")  # noqa: TRY301 - told as all others are
            grey = _trimmed(_on_white(picture))
            if picture.mode == "L" and max(picture.size) <= MOST_DOTS:  # made here: no need to make it again
                return png if grey else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        log.warning("the emblem is left out: %s", error)
        return None
    if grey is None:
        return None
    grey.thumbnail((MOST_DOTS, MOST_DOTS), Image.Resampling.LANCZOS)
    kept = BytesIO()
    grey.save(kept, "png", optimize=True)
    return kept.getvalue()


@lru_cache(maxsize=8)
def draw_emblem(png: bytes, height: int, width: int) -> Image.Image:
    """The emblem `height` dots high, no wider than `width`, in mode "L" with ink and paper alone.

    A line drawing is cut at a threshold, which keeps its edges; anything with tones is dithered.
    """
    with Image.open(BytesIO(png), formats=["PNG"]) as picture:
        grey = ImageOps.contain(picture.convert("L"), (width, height), Image.Resampling.LANCZOS)
    tones = grey.histogram()
    clear = sum(tones[:64]) + sum(tones[192:])
    dither = Image.Dither.NONE if clear * 100 >= LINE_ART_PERCENT * sum(tones) else Image.Dither.FLOYDSTEINBERG
    return grey.convert("1", dither=dither).convert("L")


def _on_white(picture: Image.Image) -> Image.Image:
    coloured = picture.convert("RGBA")
    white = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(white, coloured).convert("L")


def _trimmed(grey: Image.Image) -> Image.Image | None:
    """Cut to its ink; None for blank paper."""
    box = grey.point(lambda tone: 255 if tone < 240 else 0).getbbox()  # noqa: PLR2004 - nearly white is white
    return grey.crop(box) if box else None
