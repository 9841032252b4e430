"""config/typefaces.py: which letters slips and kiosks can show, and what import says of the others."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from config import i18n as languages
from config import typefaces
from config.centre.loader import CentreDataError, load_centre
from config.typefaces import FIRST, FOLDER, font_of, fonts, missing_letters, runs, why_not_drawn

SYMBOLS = "№ ☎ ✓ ★ → ← ↑ ↓ ● ■ □ ▪ ► ① ② √ ∞ ŋ ₫ ☐ ⚠ ♿ ½ α Ж"


@pytest.fixture
def without_noto(monkeypatch):
    """A machine on which none of Debian's fonts is installed."""
    monkeypatch.setattr(typefaces.Font, "is_there", property(lambda font: font.file("Bold").parent == FOLDER))
    for cached in (typefaces.font_of, languages.why_not_drawn):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (typefaces.font_of, languages.why_not_drawn):
        cached.cache_clear()


def test_symbols_have_a_font_that_comes_with_us(without_noto):
    assert why_not_drawn(SYMBOLS) == ""


@pytest.mark.parametrize("text", ["行政服务中心", "행정 서비스 센터", "ការិយាល័យ", "ວຽງຈັນ", "ภาษาไทย", "ꨀꨇꩉ ꨌꩌ"])
def test_scripts_of_neighbours_have_a_font_of_debian(text):
    assert why_not_drawn(text) == ""


def test_letters_of_a_font_that_is_not_installed_are_named_with_its_package(without_noto):
    assert why_not_drawn({"vi": "Trung tâm", "zh": "行政"}) == (
        'no font draws "行" (U+884C), "政" (U+653F); install fonts-noto-cjk (apt-get install fonts-noto-cjk)'
    )
    assert "install fonts-noto-core (" in why_not_drawn("ខ")


def test_letters_that_no_listed_font_has_are_named_and_not_too_many():
    assert missing_letters("ab ع👍 ع") == ["ع", "👍"]
    assert "write it without them, or name a font in" in why_not_drawn("👍")
    assert "and 8 more letters" in why_not_drawn("ابتثجحخدذرزسشصضط")


def test_a_script_whose_letters_change_is_refused_without_shaping(monkeypatch):
    monkeypatch.setattr(typefaces, "can_shape", lambda: False)
    font_of.cache_clear()
    try:
        assert why_not_drawn("行政 №") == ""
        assert why_not_drawn("ខ") == 'no font draws "ខ" (U+1781); their script needs libraqm, which this machine lacks'
    finally:
        font_of.cache_clear()


def test_runs_keep_blanks_and_marks_with_their_letters():
    parts = [(font is FIRST, text) for font, text in runs("Quầy №1 ☎ 行政 中心, a\u0301b\u200d\ufe0f")]
    assert parts == [
        (True, "Quầy "),
        (False, "№"),
        (True, "1 "),
        (False, "☎ "),
        (False, "行政 中心"),
        (True, ", a\u0301b\u200d\ufe0f"),
    ]
    assert runs("") == []


def test_every_listed_file_is_there_in_the_tests_and_opens():
    assert all(font.is_there for font in fonts())
    assert all(typefaces._letters(font) for font in fonts())


def test_a_broken_list_is_one_line(monkeypatch, tmp_path):
    (tmp_path / "fonts.toml").write_text('[[font]]\nregular = "x.ttf"\ncolour = 1\n')
    monkeypatch.setattr(typefaces, "FOLDER", tmp_path)
    with pytest.raises(typefaces.FontError, match=r"fonts\.toml: 1 validation error"):
        fonts.__wrapped__()


def test_import_names_row_and_letters(folder):
    folder.change("departments.toml", 'en = "Land"', 'en = "Land \U0001f44d"')
    folder.append("procedures.csv", "DD-2,DD,Hỏi đáp \U0001f3e0,,,,,5,,\n")
    with pytest.raises(CentreDataError) as caught:
        load_centre(folder.path)
    told = str(caught.value)
    assert 'departments.toml:department 2: name: no font draws "\U0001f44d" (U+1F44D); write it without them' in told
    assert 'name_vi: no font draws "\U0001f3e0" (U+1F3E0)' in told


def test_import_takes_symbols_and_chinese_names(folder):
    folder.change("departments.toml", 'en = "Land"', 'en = "Land №1 ☎ →", zh = "土地"')
    assert load_centre(folder.path).departments[1].name["zh"] == "土地"


def test_import_refuses_a_language_whose_words_cannot_be_drawn(folder, monkeypatch, tmp_path):
    catalogue(tmp_path, "xx", "\U00012000")  # cuneiform
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    folder.change("centre.toml", '"vi", "en"', '"vi", "xx"')
    with pytest.raises(CentreDataError, match=r'languages: the translation "xx": no font draws ".*" \(U\+12000\)'):
        load_centre(folder.path)


def catalogue(folder: Path, code: str, words: str) -> None:
    """A catalogue of one message, beside ours."""
    for known in languages.FOLDER.glob("*.po"):
        (folder / known.name).write_bytes(known.read_bytes())
    made = Catalog(locale="en")
    made.add("Take a number", words)
    with (folder / f"{code}.po").open("wb") as file:
        write_po(file, made)
