"""How the window is drawn without holding more memory than it needs. Where there is no graphics card, all that a card
would hold lies in the process itself.
"""

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from math import ceil
from typing import Any

from kivy.core.image import ImageData
from kivy.core.text import Label
from kivy.graphics import opengl
from PIL import Image, ImageDraw

from config.typefaces import FIRST, runs
from printer.rendering.font_fallback import Face

FAMILY = "BeVietnamPro-"  # the names under which the weights are registered


class LowMemoryLabel(Label):
    """Kivy's text, without a second copy of its picture beside the texture.

    A line with letters that Be Vietnam Pro lacks is set by Pillow out of several fonts, as on a slip; it shapes Khmer.
    """

    _set_apart: list[tuple[str, int, int]]

    def get_extents(self, text: str) -> tuple[int, int]:
        """Width and height of one line."""
        if self._is_mixed(text):
            return ceil(self._face().getlength(text)), self._pitch()
        width, height = super().get_extents(text)
        return width, height

    def _render_begin(self) -> None:
        self._set_apart = []
        super()._render_begin()

    def _render_text(self, text: str, x: int, y: int) -> None:
        if self._is_mixed(text):
            self._set_apart.append((text, x, y))
        else:
            super()._render_text(text, x, y)

    def _render_end(self) -> Any:
        picture = super()._render_end()
        self._surface = None
        return self._with_lines(picture) if self._set_apart else picture

    def _with_lines(self, picture: Any) -> ImageData:
        size = (picture.width, picture.height)
        mask = Image.new("L", size, 0)
        pen, ascent = ImageDraw.Draw(mask), self.get_ascent()
        for text, x, y in self._set_apart:
            self._face().draw(pen, x, y + ascent, text, 255)
        red, green, blue, alpha = (round(part * 255) for part in self.options["color"])
        lines = Image.new("RGBA", size, (red, green, blue, 0))
        lines.putalpha(mask.point(lambda shade: shade * alpha // 255))
        whole = Image.alpha_composite(Image.frombytes("RGBA", size, bytes(picture.data)), lines)
        return ImageData(*size, "rgba", whole.tobytes())

    def _is_mixed(self, text: str) -> bool:
        return not text.isascii() and self.options["font_name"].startswith(FAMILY) and is_mixed(text)

    def _face(self) -> Face:
        return Face(self.options["font_name"].removeprefix(FAMILY), int(self.options["font_size"]))

    def _pitch(self) -> int:
        return int(super().get_extents("Ặg")[1])


@lru_cache(maxsize=1024)
def is_mixed(text: str) -> bool:
    """Whether Be Vietnam Pro lacks a letter of `text`."""
    return any(font is not FIRST for font, _ in runs(text))


def enable_low_memory_rendering(window: Any) -> None:
    """Draw in `window` one frame at a time, and only the colours of it."""
    finish = _finish()
    # Mesa's llvmpipe begins the next frame while it still draws the last one, and keeps the triangles of all the frames
    # that once waited: 50 MiB after the first visitor.
    window.bind(on_flip=lambda _: finish() and None)
    window.clear = lambda: _clear(window.clearcolor)


def _clear(colour: tuple[float, float, float, float]) -> None:
    """Nothing here measures depth, and the stencils clear themselves: a buffer never written to takes no memory."""
    opengl.glClearColor(*colour)
    opengl.glClear(opengl.GL_COLOR_BUFFER_BIT)


def _finish() -> Callable[[], Any]:
    """glFinish, by way of ctypes where that is possible: there the other threads of the kiosk go on meanwhile."""
    finish: Callable[[], Any] = opengl.glFinish
    with suppress(OSError, AttributeError):
        finish = ctypes.CDLL("libGL.so.1", os.RTLD_NOLOAD | os.RTLD_NOW).glFinish
    return finish
