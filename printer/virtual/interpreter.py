"""The print head: what the printing commands of ESC/POS do to the paper."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from printer.rendering.code_pages import tcvn3_tables
from printer.virtual.barcodes import barcode
from printer.virtual.paper_canvas import PaperCanvas, from_columns, from_raster, letters, qr_code
from printer.virtual.parser import Command

DOTS_AN_INCH = 203
# Code page numbers of ESC t (Epson) that Python can read, and the two of TCVN-3 (`printer.rendering.code_pages`).
CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252", 17: "cp866", 18: "cp852"}
CODE_PAGES |= {27: "cp1258"}  # Zjiang's and Netum's number
CODE_PAGES |= {19: "cp858", 45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254", 51: "cp1257", 52: "cp1258"}
TCVN3_PAGES = {30: 0, 31: 1}
FONTS = {0: (12, 24), 1: (9, 17)}


@dataclass
class Settings:
    """What ESC @ puts back: type, place, units."""

    font: int = 0
    scale: tuple[int, int] = (1, 1)
    bold: bool = False
    underline: bool = False
    inverse: bool = False
    align: int = 0
    code_page: int = 0
    spacing: int = 30
    left: int = 0
    area: int | None = None
    units: tuple[int, int] = (DOTS_AN_INCH, DOTS_AN_INCH)
    qr: dict[str, int] = field(default_factory=lambda: {"dots": 3, "correction": 0})
    qr_data: bytes = b""
    barcode: dict[str, int] = field(default_factory=lambda: {"height": 162, "width": 3, "text": 0})
    graphics: Image.Image | None = None


class CommandInterpreter:
    """Prints commands on its `sheet`. `use_paper(dots)` says how far the paper still goes; `warn` gets what is odd."""

    def __init__(self, width: int, use_paper: Callable[[int], int], warn: Callable[[str], None]) -> None:
        self.sheet = PaperCanvas(width)
        self._use_paper = use_paper
        self._warn = warn
        self._set = Settings()
        self._line: list[Image.Image] = []
        self._words = ""

    def execute(self, command: Command) -> Command | None:
        """Do it; what is left where the paper ended in the middle."""
        try:
            rest: Command | None = getattr(self, f"_{command.name}")(command.data)
        except Exception as error:  # noqa: BLE001 - whatever a client sends, the next one's slip must come out
            self._warn(f"{command.name} {command.data[:16].hex(' ')}: cannot be printed: {error}")
            return None
        return rest

    def feed_to_cutter(self, cut: Command) -> Command | None:
        """Print what is left of the line and feed as the cut asks; what is left of that."""
        # The knife of this printer sits at the head: a slip's picture is what was printed and no more.
        return self._print_line() or self._feed(self._units(cut.data[1]) if len(cut.data) > 1 else 0)

    def _initialise(self, _data: bytes) -> None:
        self._line, self._words = [], ""
        self._set = Settings()

    def _ignored(self, _data: bytes) -> None:
        pass

    def _unknown(self, data: bytes) -> None:
        self._warn(f"unknown command {data.hex(' ')}")

    def _broken_off(self, data: bytes) -> None:
        self._warn(f"the line was closed in the middle of a command ({data[:8].hex(' ')} …, {len(data)} bytes)")

    def _text(self, data: bytes) -> None:
        room = self._room() // (FONTS[self._set.font][0] * self._set.scale[0])
        for letter in self._read(data):
            if len(self._line) >= max(1, room):
                self._print_line()
            self._line.append(self._letter(letter))
            self._words += letter

    def _read(self, data: bytes) -> str:
        """The letters of text in the code page of now; a mark that follows its letter is set over it."""
        page = self._set.code_page
        if page in TCVN3_PAGES:
            letters = {code: letter for letter, code in tcvn3_tables()[TCVN3_PAGES[page]].items()}
            return "".join(chr(code) if code < 0x80 else letters.get(code, "\ufffd") for code in data)  # noqa: PLR2004
        encoding = CODE_PAGES.get(page)
        if encoding is None:
            self._warn(f"code page {page} is not known here; text is shown as ASCII")
        return unicodedata.normalize("NFC", data.decode(encoding or "ascii", "replace"))

    def _letter(self, letter: str) -> Image.Image:
        now = self._set
        picture = letters(letter, cell=FONTS[now.font], scale=now.scale, bold=now.bold, underline=now.underline)
        return picture.point(lambda ink: 255 - ink) if now.inverse else picture

    def _line_feed(self, _data: bytes) -> Command | None:
        if self._line:
            return self._print_line()
        return self._feed(self._set.spacing)

    def _tab(self, _data: bytes) -> None:
        self._text(b" " * (8 - len(self._line) % 8))

    def _print_line(self) -> Command | None:
        if not self._line:
            return None
        height = max(picture.height for picture in self._line)
        joined = Image.new("1", (sum(picture.width for picture in self._line), height), 255)
        x = 0
        for picture in self._line:
            joined.paste(picture, (x, height - picture.height))
            x += picture.width
        if self._words:
            self.sheet.text.append(self._words)
        self._line, self._words = [], ""
        rest = self._put(joined)
        return rest or self._feed(max(0, self._set.spacing - height))

    def _put(self, picture: Image.Image) -> Command | None:
        """Print a picture where ESC a and GS L say; a rest goes on as raster when there is paper again."""
        room = self._room()
        if picture.width > room:
            self._warn(f"{picture.width} dots do not fit on {room}")
        x = self._set.left + max(0, (0, (room - picture.width) // 2, room - picture.width)[self._set.align])
        given = self._use_paper(picture.height)
        if given:
            self.sheet.put(picture.crop((0, 0, picture.width, given)), x)
        return None if given == picture.height else _as_raster(picture.crop((0, given, picture.width, picture.height)))

    def _feed(self, dots: int) -> Command | None:
        given = self._use_paper(dots)
        self.sheet.feed(given)
        return None if given == dots else Command("feed_exact", (dots - given).to_bytes(4, "little"))

    def _feed_exact(self, data: bytes) -> Command | None:
        return self._feed(int.from_bytes(data, "little"))

    def _units(self, count: int) -> int:
        return round(count * DOTS_AN_INCH / self._set.units[1])

    def _feed_dots(self, data: bytes) -> Command | None:
        return self._print_line() or self._feed(self._units(data[0]))

    def _feed_lines(self, data: bytes) -> Command | None:
        return self._print_line() or self._feed(data[0] * self._set.spacing)

    def _raster(self, data: bytes) -> Command | None:
        width_bytes, height = int.from_bytes(data[1:3], "little"), int.from_bytes(data[3:5], "little")
        if self._line:
            self._warn("a raster picture in the middle of a line of text")
            self._print_line()
        if not width_bytes or not height:
            return None
        picture = from_raster(data[5:], width_bytes, height)
        wide, tall = 1 + (data[0] & 1), 1 + (data[0] >> 1 & 1)
        return self._put(picture.resize((picture.width * wide, picture.height * tall), Image.Resampling.NEAREST))

    def _column_picture(self, data: bytes) -> None:
        deep = data[0] in {32, 33}
        if len(data) == 3:  # noqa: PLR2004 - m and a width of nothing
            return
        picture = from_columns(data[3:], 3 if deep else 1)
        wide, tall = 1 if data[0] in {1, 33} else 2, 1 if deep else 3
        self._line.append(picture.resize((picture.width * wide, picture.height * tall), Image.Resampling.NEAREST))

    def _graphics(self, data: bytes) -> Command | None:
        """GS ( L: function 112 stores a picture, 2 or 50 prints it."""
        function = data[1] if len(data) > 1 else None
        if function == 112 and len(data) >= 10:  # noqa: PLR2004
            width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
            picture = from_raster(data[10:], (width + 7) // 8, height)
            wide, tall = (min(max(1, times), 2) for times in data[3:5])
            self._set.graphics = picture.resize((picture.width * wide, picture.height * tall))
        elif function in {2, 50} and self._set.graphics is not None:
            return self._put(self._set.graphics)
        else:
            self._warn(f"GS ( L function {function} is not known here")
        return None

    def _code_2d(self, data: bytes) -> Command | None:
        """GS ( k for QR codes: 65 model, 67 size, 69 correction, 80 store, 81 print."""
        if len(data) < 3 or data[0] != 49:  # noqa: PLR2004
            self._warn(f"2D code {data[:2].hex(' ')} is not known here")
            return None
        if data[1] == 67:  # noqa: PLR2004
            self._set.qr["dots"] = min(max(1, data[2]), 16)
        elif data[1] == 69:  # noqa: PLR2004
            self._set.qr["correction"] = (data[2] - 48) % 4
        elif data[1] == 80:  # noqa: PLR2004
            self._set.qr_data = data[3:]
        elif data[1] == 81:  # noqa: PLR2004
            return self._put(qr_code(self._set.qr_data.decode("utf-8", "replace"), **self._set.qr))
        return None

    def _barcode(self, data: bytes) -> Command | None:
        try:
            picture = barcode(data[0], data[1:], self._set.barcode["width"], self._set.barcode["height"])
        except ValueError as error:
            self._warn(str(error))
            return None
        return self._print_line() or self._put(_with_words(picture, data[1:], self._set.barcode["text"] % 48))

    def _barcode_height(self, data: bytes) -> None:
        self._set.barcode["height"] = max(1, data[0])

    def _barcode_width(self, data: bytes) -> None:
        self._set.barcode["width"] = min(max(1, data[0]), 6)

    def _barcode_text(self, data: bytes) -> None:
        self._set.barcode["text"] = data[0]

    def _print_mode(self, data: bytes) -> None:
        mode = data[0]
        self._set.font, self._set.bold, self._set.underline = mode & 1, bool(mode & 0x08), bool(mode & 0x80)
        self._set.scale = (1 + (mode >> 5 & 1), 1 + (mode >> 4 & 1))

    def _size(self, data: bytes) -> None:
        self._set.scale = (1 + (data[0] >> 4 & 7), 1 + (data[0] & 7))

    def _font(self, data: bytes) -> None:
        self._set.font = 1 if data[0] in {1, 49} else 0

    def _emphasis(self, data: bytes) -> None:
        self._set.bold = bool(data[0] & 1)

    def _underline(self, data: bytes) -> None:
        self._set.underline = data[0] % 48 != 0

    def _inverse(self, data: bytes) -> None:
        self._set.inverse = bool(data[0] & 1)

    def _align(self, data: bytes) -> None:
        self._set.align = data[0] % 48 if data[0] % 48 in {0, 1, 2} else 0

    def _code_page(self, data: bytes) -> None:
        self._set.code_page = data[0]

    def _line_spacing(self, data: bytes) -> None:
        self._set.spacing = self._units(data[0])

    def _default_spacing(self, _data: bytes) -> None:
        self._set.spacing = Settings().spacing

    def _letter_spacing(self, data: bytes) -> None:
        if data[0]:
            self._warn("not shown: letter spacing (ESC SP)")

    def _international(self, data: bytes) -> None:
        self._not_shown(data, "an international character set (ESC R)")

    def _rotation(self, data: bytes) -> None:
        self._not_shown(data, "turned text (ESC V)")

    def _upside_down(self, data: bytes) -> None:
        self._not_shown(data, "upside-down text (ESC {)")

    def _kanji(self, _data: bytes) -> None:
        self._not_shown(b"\x01", "Chinese and Japanese text (FS &)")

    def _tab_stops(self, data: bytes) -> None:
        self._not_shown(data, "tab stops other than every eight letters (ESC D)")

    def _not_shown(self, data: bytes, words: str) -> None:
        """Known, but not imitated: said, so that nobody takes this paper for the real one. A zero switches it off."""
        if any(data):
            self._warn(f"not shown: {words}")

    def _left_margin(self, data: bytes) -> None:
        self._set.left = round(int.from_bytes(data, "little") * DOTS_AN_INCH / self._set.units[0])

    def _print_width(self, data: bytes) -> None:
        self._set.area = round(int.from_bytes(data, "little") * DOTS_AN_INCH / self._set.units[0])

    def _room(self) -> int:
        """How wide the printing area is (GS L, GS W)."""
        most = self.sheet.width - self._set.left
        return most if self._set.area is None else min(most, self._set.area)

    def _motion_units(self, data: bytes) -> None:
        self._set.units = (data[0] or DOTS_AN_INCH, data[1] or DOTS_AN_INCH)


def _with_words(code: Image.Image, data: bytes, where: int) -> Image.Image:
    """GS H: the barcode's text above it (1), below it (2) or both (3)."""
    text = data.decode("ascii", "replace").removeprefix("{A").removeprefix("{B").removeprefix("{C")
    words = letters(text, cell=FONTS[0], scale=(1, 1), bold=False, underline=False)
    parts = [words] * (where & 1) + [code] + [words] * (where >> 1 & 1)
    paper = Image.new("1", (max(part.width for part in parts), sum(part.height for part in parts)), 255)
    y = 0
    for part in parts:
        paper.paste(part, ((paper.width - part.width) // 2, y))
        y += part.height
    return paper


def _as_raster(picture: Image.Image) -> Command:
    inverted = picture.convert("L").point(lambda grey: 255 - grey).convert("1")
    size = ((picture.width + 7) // 8).to_bytes(2, "little") + picture.height.to_bytes(2, "little")
    return Command("raster", b"\x00" + size + inverted.tobytes())
