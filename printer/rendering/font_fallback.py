"""Type of one weight and size out of several fonts: each letter from the first font that has it."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from PIL import ImageDraw, ImageFont

from config.typefaces import FIRST, Font, can_shape, runs

Box = tuple[float, float, float, float]


@lru_cache(maxsize=128)
def opened(font: Font, weight: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of config/fonts/fonts.toml in a weight of `config.typefaces.WEIGHTS`, `size` dots to the em."""
    return ImageFont.truetype(font.file(weight), size, font.face)


class Face:
    """Measures and draws single lines. Lengths in dots; y grows downwards, 0 is the baseline."""

    def __init__(self, weight: str, size: int) -> None:
        self.weight = weight
        self.size = size

    def getlength(self, text: str) -> float:
        """The advance of `text`."""
        return sum(font.getlength(part) for font, part in self._runs(text))

    def getbbox(self, text: str) -> Box:
        """Left, top, right and bottom of the ink of `text`."""
        boxes, x = [], 0.0
        for font, part in self._runs(text):
            left, top, right, bottom = font.getbbox(part, anchor="ls")
            boxes.append((x + left, top, x + right, bottom))
            x += font.getlength(part)
        lefts, tops, rights, bottoms = zip(*boxes, strict=True) if boxes else ((0.0,),) * 4
        return min(lefts), min(tops), max(rights), max(bottoms)

    def draw(self, pen: ImageDraw.ImageDraw, x: float, baseline: float, text: str, fill: object) -> None:
        """Draw `text` from `x` on."""
        for font, part in self._runs(text):
            pen.text((x, baseline), part, fill=fill, font=font, anchor="ls")  # type: ignore[arg-type]
            x += font.getlength(part)

    def _runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        if text.isascii():
            yield opened(FIRST, self.weight, self.size), text
            return
        for font, part in runs(text if can_shape() else unicodedata.normalize("NFC", text)):
            yield opened(font, self.weight, self.size), part
