"""Words by language: gettext catalogues in `config/translations`, one `.po` file each.

The catalogues are read as they are, with no step in between: a further language is one more file.
"""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from config.errors import MotcuaError

FOLDER = Path(__file__).parent / "translations"


class LanguageError(MotcuaError):
    """A language without a catalogue, or a catalogue that cannot be read."""

    exit_code = 2


def languages() -> list[str]:
    """The codes of all languages that have a catalogue."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))


@cache
def translations(language: str) -> GNUTranslations:
    """The catalogue of `language` ("vi", "en", …). Raises `LanguageError`."""
    path = FOLDER / f"{language}.po"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        raise LanguageError(f"{path}: {error}") from error
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
