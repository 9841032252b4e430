"""Which letters can be drawn on slips and on the kiosk, and by which font: the data of config/fonts/fonts.toml.

`why_not_drawn` is for whoever takes in texts; `runs` for whoever draws them.
"""

import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.errors import MotcuaError
from config.input.files import parse_toml
from config.package_data import package_folder
from config.text.types import all_strings

FOLDER = package_folder("config") / "fonts"
LIST = "fonts.toml"
WEIGHTS = ("Regular", "SemiBold", "Bold", "ExtraBold")
MOST_NAMED = 8  # letters in one message
# Format characters and blanks have no picture; variation selectors only ask for a form of the letter before.
UNDRAWN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
SELECTORS = range(0xFE00, 0xFE10)


class FontError(MotcuaError):
    """The list of fonts, or one of its files, cannot be used. The text names the file."""

    exit_code = 2


class Font(BaseModel):
    """One entry of fonts.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    regular: str = Field(min_length=1)
    bold: str = ""
    face: int = Field(default=0, ge=0, le=63)
    names: tuple[str, ...] = ()
    package: str = ""
    needs_shaping: bool = False

    def file(self, weight: str) -> Path:
        """The file of a weight of `WEIGHTS`."""
        return FOLDER / (self.bold if self.bold and weight != "Regular" else self.regular)

    @property
    def is_there(self) -> bool:
        """Whether its files are on this machine."""
        return all(self.file(weight).is_file() for weight in WEIGHTS)

    def is_for(self, letter: str) -> bool:
        """Whether `letter` is of a script that this font was listed for."""
        return unicodedata.name(letter, "").startswith(self.names) if self.names else False


class _List(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    font: tuple[Font, ...]


class _First(Font):
    """Be Vietnam Pro, which has a file for each weight."""

    def file(self, weight: str) -> Path:
        return FOLDER / f"BeVietnamPro-{weight}.ttf"


FIRST = _First(regular="BeVietnamPro-Regular.ttf")


@cache
def fonts() -> tuple[Font, ...]:
    """Be Vietnam Pro and the fonts of fonts.toml, in the order in which they are asked. Raises `FontError`."""
    try:
        listed = _List.model_validate(parse_toml((FOLDER / LIST).read_text()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise FontError(f"{FOLDER / LIST}: {error}") from error
    return FIRST, *listed.font


@lru_cache(maxsize=4096)
def font_of(letter: str) -> Font | None:
    """The font that draws `letter`; None where none on this machine can. What is not drawn at all is the first's."""
    if unicodedata.category(letter) in UNDRAWN or ord(letter) in SELECTORS:
        return FIRST
    return next((font for font in fonts() if _may_draw(font) and ord(letter) in _letters(font)), None)


def runs(text: str) -> list[tuple[Font, str]]:
    """`text` in parts that one font draws each. Marks and blanks stay with the letters before them."""
    found: list[Font] = []
    for letter in text:
        own = font_of(letter) or FIRST
        undrawn = unicodedata.category(letter) in UNDRAWN
        stays = found and (undrawn or (unicodedata.combining(letter) and ord(letter) in _letters(found[-1])))
        found.append(found[-1] if stays else own)
    return [
        (font, "".join(letter for _, letter in part))
        for font, part in groupby(zip(found, text, strict=True), key=lambda pair: pair[0])
    ]


def missing_letters(text: str) -> list[str]:
    """The letters of `text` that no font on this machine draws, each once."""
    return [letter for letter in dict.fromkeys(unicodedata.normalize("NFC", text)) if font_of(letter) is None]


def why_not_drawn(value: Any) -> str:
    """Why a text, or the texts in what TOML, JSON or a row holds, cannot be drawn; "" where all can.

    One line for a message: 'no font draws "行" (U+884C), "政" (U+653F); install fonts-noto-cjk'.
    """
    letters = missing_letters("".join(dict.fromkeys("".join(all_strings(value)))))
    if not letters:
        return ""
    named = ", ".join(f'"{letter}" (U+{ord(letter):04X})' for letter in letters[:MOST_NAMED])
    more = f" and {len(letters) - MOST_NAMED} more letters" if len(letters) > MOST_NAMED else ""
    return f"no font draws {named}{more}; {_way_out(letters)}"


def _way_out(letters: list[str]) -> str:
    listed = {font for font in fonts() for letter in letters if font.is_for(letter)}
    if any(font.is_there and font.needs_shaping and not can_shape() for font in listed):
        return "their script needs libraqm, which this machine lacks"
    packages = sorted({font.package for font in listed if font.package and not font.is_there})
    if packages:
        return f"install {' '.join(packages)} (apt-get install {' '.join(packages)})"
    return f"write it without them, or name a font in {FOLDER / LIST}"


@cache
def can_shape() -> bool:
    """Whether scripts are drawn here whose letters change with their neighbours: Pillow with libraqm."""
    try:
        features = import_module("PIL.features")  # a server without the printer's packages draws nothing itself
    except ImportError:
        return True
    return bool(features.check("raqm"))


def _may_draw(font: Font) -> bool:
    return font.is_there and (can_shape() or not font.needs_shaping)


@cache
def _letters(font: Font) -> frozenset[int]:
    """The code points that every weight of `font` has."""
    return frozenset.intersection(*(_in_file(path, font.face) for path in {font.file(weight) for weight in WEIGHTS}))


def _in_file(path: Path, face: int) -> frozenset[int]:
    from fontTools.ttLib import TTFont, TTLibError  # noqa: PLC0415 - slow to load, and most commands draw nothing

    try:
        with TTFont(path, fontNumber=face, lazy=True) as opened:
            return frozenset(opened.getBestCmap() or ())
    except (OSError, TTLibError) as error:
        raise FontError(f"{path}: not a font that can be used: {error}") from error
