"""The paper under the print head: grows as it is printed on; what is cut off is a picture."""

import qrcode
from PIL import Image, ImageDraw, ImageOps

from printer.rendering.text_layout import font

INK, BLANK = 0, 255


class PaperCanvas:
    """Paper `width` dots wide. `y` is how far it has been fed; pictures are mode "1", 0 is ink.

    `text`: the lines that were printed as text; what stands in pictures is not among them.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.y = 0
        self.has_ink = False
        self.text: list[str] = []
        self._paper = Image.new("1", (width, 1024), 255)

    def feed(self, dots: int) -> None:
        """Move the paper on."""
        self.y += dots
        self._grow(self.y)

    def put(self, picture: Image.Image, x: int) -> None:
        """Print a picture at `x` and feed past it; what falls beside the paper is lost, as on the real one."""
        self._grow(self.y + picture.height)
        self._paper.paste(picture, (x, self.y))
        self.has_ink = self.has_ink or ImageOps.invert(picture.convert("L")).getbbox() is not None
        self.y += picture.height

    def cut_off(self) -> Image.Image:
        """The paper so far; the next one begins blank."""
        slip = self._paper.crop((0, 0, self.width, max(1, self.y)))
        self.__init__(self.width)  # type: ignore[misc]  # a new sheet in every respect
        return slip

    def _grow(self, height: int) -> None:
        if height <= self._paper.height:
            return
        longer = Image.new("1", (self.width, max(height, 2 * self._paper.height)), 255)
        longer.paste(self._paper, (0, 0))
        self._paper = longer


def from_raster(data: bytes, width_bytes: int, height: int) -> Image.Image:
    """Raster bytes (1 is ink) as a picture (0 is ink)."""
    if not width_bytes or not height:
        return Image.new("1", (1, 1), 255)
    return Image.frombytes("1", (width_bytes * 8, height), bytes(byte ^ 0xFF for byte in data))


def from_columns(data: bytes, bytes_a_column: int) -> Image.Image:
    """ESC * data, column by column, top bit first, as a picture."""
    columns = len(data) // bytes_a_column
    lying = from_raster(data, bytes_a_column, columns)
    return lying.transpose(Image.Transpose.TRANSPOSE)


def letters(text: str, *, cell: tuple[int, int], scale: tuple[int, int], bold: bool, underline: bool) -> Image.Image:
    """One line of device text: each letter in a cell of its own, as a print head does it."""
    width, height = cell
    line = Image.new("L", (max(1, width * len(text)), height), BLANK)
    face = font("bold" if bold else "regular", round(height * 0.72))
    for place, letter in enumerate(text):
        box = Image.new("L", cell, BLANK)
        face.draw(ImageDraw.Draw(box), (width - face.getlength(letter)) / 2, height * 0.76, letter, INK)
        line.paste(box, (place * width, 0))
    if underline:
        ImageDraw.Draw(line).line((0, height - 2, line.width, height - 2), fill=INK)
    scaled = line.resize((line.width * scale[0], height * scale[1]), Image.Resampling.NEAREST)
    return scaled.point(lambda grey: BLANK if grey >= 150 else INK).convert("1")  # noqa: PLR2004


def qr_code(text: str, dots: int, correction: int) -> Image.Image:
    """A QR code with `dots` dots a module; `correction` 0 to 3 for L, M, Q, H."""
    level = (qrcode.ERROR_CORRECT_L, qrcode.ERROR_CORRECT_M, qrcode.ERROR_CORRECT_Q, qrcode.ERROR_CORRECT_H)[correction]
    code = qrcode.QRCode(error_correction=level, border=0)
    code.add_data(text)
    code.make(fit=True)
    return bars([[not dark for dark in row] for row in code.modules], dots, dots)


def bars(rows: list[list[bool]], dots: int, height: int) -> Image.Image:
    """Modules (True is paper) enlarged to whole dots."""
    small = Image.new("1", (len(rows[0]), len(rows)))
    small.putdata([255 if paper else 0 for row in rows for paper in row])
    return small.resize((small.width * dots, small.height * height), Image.Resampling.NEAREST)
