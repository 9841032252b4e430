"""Words by language: gettext catalogues in `config/translations`, one `.po` file each.

The catalogues are read as they are, with no step in between. What a further language needs beside its catalogue is
listed in docs/how-to/development.md.
"""

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from config import typefaces
from config.errors import MotcuaError
from config.package_data import package_folder

FOLDER = package_folder("config") / "translations"
FALLBACKS = ("en", "vi")  # whoever reads neither is likelier to know some English


class LanguageError(MotcuaError):
    """A language without a catalogue, or a catalogue that cannot be read."""

    exit_code = 2


def available_languages() -> list[str]:
    """The codes of all languages that have a catalogue."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))


def in_language(text: Mapping[str, str], language: str) -> str:
    """`text` in `language`; where it lacks that, in English; where it lacks both, in Vietnamese, else in any."""
    return next((text[code] for code in (language, *FALLBACKS) if text.get(code)), next(iter(text.values()), ""))


@cache
def translations(language: str) -> GNUTranslations:
    """The catalogue of `language` ("vi", "en", …). Raises `LanguageError`."""
    compiled = BytesIO()
    write_mo(compiled, _catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def why_not_drawn(language: str) -> str:
    """Why the words of `language` cannot be drawn here, with the letters and what to install; "" where they can."""
    return typefaces.why_not_drawn([message.string for message in _catalogue(language)])


def drawable_languages() -> list[str]:
    """The codes of those languages whose words can be drawn here."""
    return [code for code in available_languages() if not why_not_drawn(code)]


def _catalogue(language: str) -> Catalog:
    path = FOLDER / f"{language}.po"
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        raise LanguageError(f"{path}: {error}") from error
