"""A QR code on the screen: a visitor's way to take a number along when there is no paper."""

from typing import Any

import qrcode
from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import StringProperty
from kivy.uix.widget import Widget
from qrcode.constants import ERROR_CORRECT_M

from kiosk.ui.widgets.basic import ThemedWidget

QUIET_MODULES = 4  # ISO/IEC 18004 asks for a margin of so many


class QrCode(ThemedWidget, Widget):
    """The code of `address`, as large as fits, in whole pixels a module so that a phone reads it; nothing for ""."""

    address = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.canvas:
            Color(1, 1, 1, 1)
            self._rectangle = Rectangle(size=(0, 0))
        self._modules = 0
        self.bind(address=self._draw, size=self._place, pos=self._place)
        self._draw()

    def _draw(self, *_: Any) -> None:
        self._modules = 0
        if self.address:
            texture = _texture(self.address)
            self._rectangle.texture, self._modules = texture, texture.width
        self._place()

    def _place(self, *_: Any) -> None:
        side = int(min(self.size)) // self._modules * self._modules if self._modules else 0
        self._rectangle.size = side, side
        self._rectangle.pos = int(self.center_x - side / 2), int(self.center_y - side / 2)


def _texture(address: str) -> Texture:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(address)
    code.make(fit=True)
    rows = code.get_matrix()
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="rgb", mipmap=False)
    texture.mag_filter = texture.min_filter = "nearest"
    pixels = b"".join(b"\x00\x00\x00" if dark else b"\xff\xff\xff" for row in reversed(rows) for dark in row)
    texture.blit_buffer(pixels, colorfmt="rgb", bufferfmt="ubyte")
    return texture
