"""The pictograms that a centre may give to its departments: glyphs of one font, by name."""

import tomllib
from functools import cache
from pathlib import Path

FONT = Path(__file__).parent / "fonts" / "TablerIcons.ttf"
NAMES = Path(__file__).parent / "pictograms.toml"


@cache
def pictograms() -> dict[str, str]:
    """The character of `FONT` that shows each pictogram, by name."""
    return {name: chr(code) for name, code in tomllib.loads(NAMES.read_text(encoding="utf-8")).items()}
