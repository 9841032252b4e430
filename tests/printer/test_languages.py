"""Slips with letters that Be Vietnam Pro lacks: drawn by another font, replaced by another language, or named."""

import logging

import pytest
from PIL import Image, ImageDraw, ImageOps

from config import typefaces
from config.typefaces import FIRST, runs
from printer.rendering import missing_glyphs as lost_letters
from printer.rendering.code_pages import lost_letters as lost_in
from printer.rendering.code_pages import strip_diacritics
from printer.rendering.font_fallback import opened
from printer.rendering.image import render_slip
from printer.rendering.profile import load_profile
from printer.rendering.slip_bytes import render_slip_bytes
from printer.rendering.text_layout import font, render_text, wrap
from printer.slip.layout import LayoutError, load_layout, parse_layout
from printer.slip.template import TemplateContext
from tests.printer.conftest import make_slip
from tests.printer.test_text_mode import printed

SYMBOLS = "№☎✓★→←↑↓●■□▪►①②√∞ŋ₫☐⚠"
CHINESE = "公共行政服务中心第一窗口（受理、发证）请在大厅等候叫号。"
KHMER = "ការិយាល័យ"


def ink(picture: Image.Image) -> int:
    return ImageOps.invert(picture.convert("L")).histogram()[255]


def only_ink(picture: Image.Image) -> bytes:
    return picture.crop(ImageOps.invert(picture.convert("L")).getbbox()).tobytes()


@pytest.fixture(autouse=True)
def nothing_told_yet(monkeypatch):
    monkeypatch.setattr(lost_letters, "_told", set())


@pytest.mark.parametrize("weight", ["regular", "semibold", "bold", "extrabold"])
def test_every_symbol_leaves_ink_of_its_own(weight):
    pictures = {letter: only_ink(render_text(letter, weight, 40, 80, "left")) for letter in SYMBOLS}
    assert all(pictures.values())
    assert len(set(pictures.values())) == len(SYMBOLS)


@pytest.mark.parametrize("letter", [*"行政", *"행정", *"ກຂ", *"กข"])
def test_letters_of_neighbours_leave_ink(letter):
    assert ink(render_text(letter, "bold", 40, 80, "left")) > 20


def test_khmer_is_shaped_and_not_set_letter_by_letter():
    (khmer, text), *others = runs(KHMER)
    assert others == []
    assert khmer is not FIRST
    apart = sum(opened(khmer, "Regular", 40).getlength(letter) for letter in text)
    assert font("regular", 40).getlength(KHMER) < apart * 0.95
    naive = Image.new("L", (400, 80), 255)
    x = 0.0
    for letter in text:
        ImageDraw.Draw(naive).text((x, 60), letter, fill=0, font=opened(khmer, "Regular", 40), anchor="ls")
        x += opened(khmer, "Regular", 40).getlength(letter)
    assert only_ink(naive) != only_ink(render_text(KHMER, "regular", 40, 400, "left"))


@pytest.mark.parametrize("width", [60, 133, 250, 480])
def test_chinese_wraps_without_blanks_and_no_line_begins_with_a_closing_mark(width):
    lines = wrap(CHINESE, font("regular", 28), width)
    assert "".join(lines) == CHINESE
    assert all(font("regular", 28).getlength(line) <= width for line in lines)
    if width > 60:
        assert not any(line[0] in "、）。" or line[-1] == "（" for line in lines)


def test_a_visitor_who_reads_neither_gets_own_names_then_english_then_vietnamese():
    slip = make_slip(language="zh", department={"vi": "Sở Tư pháp", "en": "Justice", "zh": "司法厅"})
    filling = TemplateContext(slip, load_layout("standard_80mm"))
    assert filling.lines({"vi": "{department}", "en": "{department}"}) == ("司法厅", "Sở Tư pháp")
    assert filling.pair({"vi": "Tờ khai", "en": "Form"}) == ("Form", "Tờ khai")
    assert filling.lines({"vi": "{weekday}", "en": "{weekday}"})[0].startswith("星期")


def test_names_that_no_font_draws_give_way_and_only_what_is_lost_is_told(caplog):
    caplog.set_level(logging.WARNING)
    slip = make_slip(language="ar", department={"vi": "Sở Tư pháp", "en": "Justice", "ar": "وزارة"})
    layout = load_layout("standard_80mm")
    english = make_slip(language="ar", department={"vi": "Sở Tư pháp", "en": "Justice"})
    assert render_slip(slip, layout).tobytes() == render_slip(english, layout).tobytes()
    assert "no font draws" not in caplog.text
    for _ in range(2):
        render_slip(make_slip(note="Xin chờ 👍"), layout)
    assert caplog.text.count('no font draws "👍" (U+1F44D)') == 1


def test_a_layout_with_letters_that_no_font_draws_is_refused_with_them():
    text = '[[block]]\nkind = "text"\ntext = { vi = "Số 👍" }\nsize = 30\n'
    with pytest.raises(LayoutError, match=r'mine\.toml: no font draws "👍" \(U\+1F44D\)'):
        parse_layout("width = 576\n" + text, "mine.toml")


def test_printers_with_type_of_their_own_have_words_for_symbols(caplog):
    caplog.set_level(logging.WARNING)
    assert strip_diacritics("1.000₫ №1 → ☎ ✓ ① ½") == "1.000d No1 -> Tel v 1 1/2"
    slip = make_slip(department={"vi": "Quầy №1 ☎ 731", "en": "Counter 1"}, note={"vi": "Mời 👍 chờ"})
    for name in ("text", "text_1258", "text_tcvn3"):
        _, lines = printed(render_slip_bytes(slip, "standard_80mm", load_profile(name)))
        assert any("No1 Tel 731" in line for line in lines), name
    assert caplog.text.count("""the printer's own type lacks "👍" (U+1F44D)""") == 1


def test_printers_with_type_of_their_own_print_another_language_instead_of_question_marks():
    slip = make_slip(language="zh", department={"vi": "Sở Tư pháp", "en": "Justice", "zh": "司法厅"})
    _, lines = printed(render_slip_bytes(slip, "standard_80mm", load_profile("text")))
    assert not any("?" in line for line in lines)
    assert any("Justice" in line for line in lines)
    assert lost_in("司法 Sở", load_profile("text_tcvn3")) == ["司", "法"]


def test_without_shaping_khmer_is_not_drawn_wrong(monkeypatch):
    monkeypatch.setattr(typefaces, "can_shape", lambda: False)
    typefaces.font_of.cache_clear()
    try:
        slip = make_slip(language="km", department={"vi": "Sở Tư pháp", "en": "Justice", "km": KHMER})
        filling = TemplateContext(slip, load_layout("standard_80mm"), typefaces.missing_letters)
        assert filling.lines({"vi": "{department}", "en": "{department}"})[0] == "Justice"
    finally:
        typefaces.font_of.cache_clear()
