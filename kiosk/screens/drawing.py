"""How the window is drawn without holding more memory than it needs. Where there is no graphics card, all that a card
would hold lies in the process itself.
"""

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kivy.core.text import Label
from kivy.graphics import opengl


class Letters(Label):
    """Kivy's text, without a second copy of its picture beside the texture."""

    def _render_end(self) -> Any:
        picture = super()._render_end()
        self._surface = None
        return picture


def spare(window: Any) -> None:
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
