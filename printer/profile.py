"""What a printer can do, as data: a file of config/printers or a profile of python-escpos; `?profile=NAME` chooses."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.files import read_toml_file
from printer.errors import DeviceUrlError, LayoutError

FOLDER = Path(__file__).parent.parent / "config" / "printers"
DEFAULT = "picture"


class Profile(BaseModel):
    """`mode`: slips go as pictures or as text in the printer's own type.

    `doubles`: it knows the double sizes of GS v 0 (pictures). For text: `letters` is the code of the Vietnamese
    letters, "folded" for none; `code_pages` the numbers that ESC t takes for it (tcvn3: small letters, capitals);
    `qr`: by the printer's own command, as a picture, or not at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["picture", "text"]
    doubles: bool = True
    letters: Literal["folded", "tcvn3", "cp1258"] = "folded"
    code_pages: tuple[int, ...] = Field(default=(), max_length=2)
    qr: Literal["native", "picture", "none"] = "picture"

    @model_validator(mode="after")
    def _code_pages_for_the_letters(self) -> Self:
        wanted = {"folded": 0, "tcvn3": 2, "cp1258": 1}[self.letters]
        if len(self.code_pages) != wanted:
            raise ValueError(f"code_pages: letters = {self.letters!r} needs {wanted} of them")
        return self


def profile_of(url: str) -> Profile:
    """The profile that a printer URL asks for. Raises `DeviceUrlError` for one that there is not."""
    name = parse_qs(urlsplit(url).query).get("profile", [DEFAULT])[-1]
    try:
        return load_profile(name)
    except LookupError as error:
        raise DeviceUrlError(f"printer URL {url!r}: {error.args[0]}") from error


def profile_names() -> list[str]:
    """The profiles that come with Motcua."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load_profile(name: str) -> Profile:
    """The profile `name`. LookupError for an unknown one, `LayoutError` for a file with a mistake."""
    if name in profile_names():
        return _from_file(FOLDER / f"{name}.toml")
    from escpos.capabilities import CAPABILITIES  # noqa: PLC0415 - slow to load

    if name in CAPABILITIES["profiles"]:
        return _from_escpos(CAPABILITIES["profiles"][name])
    known = ", ".join(profile_names())
    raise LookupError(f"no profile {name!r}; there are {known}, and those of python-escpos such as TM-T20II")


def _from_file(path: Path) -> Profile:
    try:
        return Profile.model_validate(read_toml_file(path))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise LayoutError(f"{path}: {reason}") from error


def _from_escpos(known: dict[str, dict[str, str]]) -> Profile:
    """Text, as far as the library's database knows the printer: its TCVN-3 pages and its QR command."""
    pages = {name: int(number) for number, name in known["codePages"].items()}
    features = known["features"]
    qr = "native" if features.get("qrCode") else "picture" if features.get("bitImageRaster") else "none"
    if "TCVN-3-1" in pages and "TCVN-3-2" in pages:
        both = (pages["TCVN-3-1"], pages["TCVN-3-2"])
        return Profile(mode="text", letters="tcvn3", code_pages=both, qr=qr)
    return Profile(mode="text", qr=qr)
