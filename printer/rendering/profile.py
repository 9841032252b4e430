"""What a printer can do, as data: a file of config/printers or a profile of python-escpos; `?profile=NAME` chooses."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.input.files import read_toml_file
from config.input.validation_messages import plain_reason
from config.package_data import package_folder
from printer.errors import DeviceUrlError, LayoutError

FOLDER = package_folder("config") / "printers"
DEFAULT = "picture"
FAST_BAUD = 115_200
LEAST_COLUMNS = 16  # fewer stand in the database by mistake


class Profile(BaseModel):
    """`mode`: slips go as pictures or as text in the printer's own type.

    `doubles`: it knows the double sizes of GS v 0 (pictures). For text: `letters` is the code of the Vietnamese
    letters, "folded" for none; `code_pages` the numbers that ESC t takes for it (tcvn3: small letters, capitals);
    `qr`: by the printer's own command, as a picture, or not at all. `width`: dots of the print head, a layout that is
    wider is drawn as wide as that; `columns`: letters of font A on a line; None: as the layout says. `slow`: the line
    is so slow that a slip is kept short (`most_bytes` of the layout).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: Literal["picture", "text"]
    doubles: bool = True
    letters: Literal["folded", "tcvn3", "cp1258"] = "folded"
    code_pages: tuple[int, ...] = Field(default=(), max_length=2)
    qr: Literal["native", "picture", "none"] = "picture"
    width: int | None = Field(default=None, ge=256, le=832)
    columns: int | None = Field(default=None, ge=16, le=80)
    slow: bool = False

    @model_validator(mode="after")
    def _code_pages_for_the_letters(self) -> Self:
        wanted = {"folded": 0, "tcvn3": 2, "cp1258": 1}[self.letters]
        if len(self.code_pages) != wanted:
            raise ValueError(f"code_pages: letters = {self.letters!r} needs {wanted} of them")
        return self


def profile_of(url: str) -> Profile:
    """The profile that a printer URL asks for, with the options of the URL that change it.

    Raises `DeviceUrlError` for a profile that there is not, or an option that cannot be.
    """
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    try:
        profile = load_profile(options.get("profile", DEFAULT))
        changes: dict[str, Any] = {"slow": _is_slow(parts.scheme, options)}
        if "width" in options:
            changes["width"] = _number(options, "width") // 8 * 8
        if "code_page" in options:
            changes["code_pages"] = (_number(options, "code_page"),)
        return Profile.model_validate(profile.model_dump() | changes)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise DeviceUrlError(f"printer URL {url!r}: {where}: {plain_reason(problem)}".replace(": : ", ": ")) from error
    except LookupError as error:
        raise DeviceUrlError(f"printer URL {url!r}: {error.args[0]}") from error


def _number(options: dict[str, str], name: str) -> int:
    if not options[name].isdecimal():
        raise LookupError(f"{name} must be a number")
    return int(options[name])


def _is_slow(scheme: str, options: dict[str, str]) -> bool:
    """A serial line is, unless its speed says otherwise; any other where the URL says so (a converter behind it)."""
    if "slow" in options:
        if options["slow"] not in {"yes", "no"}:
            raise LookupError("slow must be yes or no")
        return options["slow"] == "yes"
    baud = options.get("baud", "115200")
    return scheme == "serial" and baud.isdecimal() and int(baud) < FAST_BAUD


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
        return _from_escpos(name, CAPABILITIES["profiles"][name])
    known = ", ".join(profile_names())
    raise LookupError(f"no profile {name!r}; there are {known}, and those of python-escpos such as TM-T20II")


def _from_file(path: Path) -> Profile:
    try:
        return Profile.model_validate(read_toml_file(path))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        reason = plain_reason(error.errors()[0]) if isinstance(error, ValidationError) else error
        raise LayoutError(f"{path}: {reason}") from error


def _from_escpos(name: str, known: dict[str, Any]) -> Profile:
    """Text, as far as the library's database knows the printer: width, code pages, QR command.

    LookupError for a device of the database that does not speak ESC/POS, or is no printer of slips.
    """
    features = known["features"]
    if features.get("starCommands"):
        raise LookupError(
            f"{name} speaks Star's own language in its usual mode: switch it to ESC/POS (its manual: emulation), then"
            " leave the profile out"
        )
    if not (features.get("bitImageRaster") or features.get("bitImageColumn")):
        raise LookupError(f"{name} prints no pictures (a customer display?): not a printer for slips")
    pages = {page: int(number) for number, page in sorted(known["codePages"].items(), key=_by_number, reverse=True)}
    qr = "native" if features.get("qrCode") else "picture" if features.get("bitImageRaster") else "none"
    pixels = known.get("media", {}).get("width", {}).get("pixels")
    width = pixels // 8 * 8 if isinstance(pixels, int) else None
    columns = known["fonts"].get("0", {}).get("columns")
    usual = {
        "mode": "text",
        "qr": qr,
        "width": width,
        "columns": columns if columns and columns >= LEAST_COLUMNS else None,
    }
    if "TCVN-3-1" in pages and "TCVN-3-2" in pages:
        return Profile(**usual, letters="tcvn3", code_pages=(pages["TCVN-3-1"], pages["TCVN-3-2"]))
    return Profile(**usual)


def _by_number(page: tuple[str, str]) -> int:
    return int(page[0])
