"""The pictograms that a centre may give to its departments: glyphs of one font, by name."""

import tomllib
from functools import cache

from config.package_data import package_folder

FONT = package_folder("config") / "fonts" / "TablerIcons.ttf"
NAMES = package_folder("config") / "pictograms.toml"


@cache
def pictograms() -> dict[str, str]:
    """The character of `FONT` that shows each pictogram, by name."""
    return {name: chr(code) for name, code in tomllib.loads(NAMES.read_text(encoding="utf-8")).items()}
