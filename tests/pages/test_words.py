"""Every text of the pages is there in Vietnamese, with the same fields as in English."""

import re
from pathlib import Path

import pytest

from config.i18n import translations

TEMPLATES = Path(__file__).parents[2] / "display_server" / "templates"
SAID = re.compile(r"""\b(?:_|secondary)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
FIELD = re.compile(r"\{\w+\}")


def all_words() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html")]
    return sorted({one or two for text in texts for one, two in SAID.findall(text)})


def test_words_are_found() -> None:
    assert {"Numbers called", "Choose your counter", "Please wait"} <= set(all_words())


@pytest.mark.parametrize("words", all_words(), ids=lambda words: words[:40])
def test_every_text_is_said_in_vietnamese(words: str) -> None:
    said = translations("vi").gettext(words)
    assert said not in {"", words}
    assert sorted(FIELD.findall(said)) == sorted(FIELD.findall(words))


CATALOGUE = Path(__file__).parents[2] / "config" / "translations" / "vi.po"
OTHER_VOICES = re.compile(r"\b(?:quý vị|quý khách|quý ông|bạn|các bạn|anh/chị)\b", re.IGNORECASE)


def test_every_vietnamese_text_speaks_in_one_voice() -> None:
    """Visitors and staff are "ông/bà" everywhere."""
    said = re.findall(r'^msgstr "(.*)"$', CATALOGUE.read_text(encoding="utf-8"), re.MULTILINE)
    assert any("ông/bà" in text for text in said)
    assert [text for text in said if OTHER_VOICES.search(text)] == []


def test_the_space_key_is_lower_case_within_a_sentence() -> None:
    assert translations("vi").gettext("Space") == "phím cách"
