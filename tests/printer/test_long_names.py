"""Names of 500 letters, 23 counters, numbers of every form: the slip stays a slip."""

from typing import Any

import pytest

from printer.rendering.escpos_raster import encode
from printer.rendering.image import render_slip
from printer.rendering.profile import DEFAULT, load_profile
from printer.rendering.slip_bytes import as_picture, render_slip_bytes
from printer.rendering.text_layout import offset, render_number, render_text, to_monochrome
from printer.slip.layout import NumberBlock, TextBlock, layout_names, load_layout
from printer.slip.slip import Slip
from printer.slip.template import TemplateContext, counter_ranges
from tests.long_names import COUNTERS, USUAL, unbroken, words
from tests.printer.conftest import make_slip, round_emblem
from tests.printer.test_image import ink_box

MANY = tuple(str(number) for number in range(1, COUNTERS + 1))
SLOW = load_profile(DEFAULT).model_copy(update={"slow": True})
NUMBERS = ("A001", "AK001", "AQK901", "Z2A0001", "ABCDEFGHIJ12")
LONGEST_MM = 260


def two(text: str) -> dict[str, str]:
    return {"vi": text, "en": f"The {text[4:]}"}


def long_slip(text: str, **changes: Any) -> Slip:
    named = dict.fromkeys(("department", "procedure", "centre", "note"), two(text))
    facts = named | {"counters": MANY, "priority": two("Người " + words(110)), "emblem": round_emblem()}
    return make_slip(**(facts | changes))


@pytest.mark.parametrize("text", [words(500), words(USUAL), unbroken(500)], ids=["500", "190", "unbroken"])
@pytest.mark.parametrize("name", layout_names())
def test_a_slip_with_the_longest_names_is_whole_and_keeps_its_bound(name: str, text: str) -> None:
    layout = load_layout(name)
    picture, data = as_picture(long_slip(text), layout, SLOW)
    assert len(data) <= layout.most_bytes
    left, _, right, _ = ink_box(picture)
    assert left >= layout.margin
    assert right <= layout.width - layout.margin
    assert picture.height / layout.dots_per_mm <= LONGEST_MM


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", layout_names())
def test_the_number_is_whole_whatever_stands_around_it(name: str, number: str) -> None:
    """Dot for dot the number that a slip with nothing else on it has."""
    layout = load_layout(name)
    block = next(each for each in layout.block if isinstance(each, NumberBlock))
    height = round(block.height_mm * layout.dots_per_mm)
    drawn = to_monochrome(render_number(number, block.weight, height, layout.width - 2 * layout.margin), "1")
    assert drawn.width <= layout.width - 2 * layout.margin
    crowded, _ = as_picture(long_slip(words(500), number=number), layout, SLOW)
    left = layout.margin + offset(drawn.width, layout.width - 2 * layout.margin, "center")
    strip = crowded.crop((left, 0, left + drawn.width, crowded.height))
    found = [
        y
        for y in range(strip.height - drawn.height)
        if strip.crop((0, y, strip.width, y + drawn.height)).tobytes() == drawn.tobytes()
    ]
    assert len(found) == 1


@pytest.mark.parametrize("name", layout_names())
def test_one_long_name_is_printed_in_full(name: str) -> None:
    layout = load_layout(name)
    block = next(each for each in layout.block if isinstance(each, TextBlock) and "{department}" in each.text.values())
    slip = make_slip(department=words(500), procedure="Cấp giấy phép xây dựng nhà ở riêng lẻ")
    picture, data = as_picture(slip, layout, SLOW)
    assert len(data) <= layout.most_bytes
    whole = render_text(
        words(500), block.weight, block.long_size or 0, layout.width - 2 * layout.margin, "center", coarse=True
    )
    strip = picture.crop((layout.margin, 0, layout.margin + whole.width, picture.height))
    wanted = to_monochrome(whole, "1").tobytes()
    assert any(
        strip.crop((0, y, strip.width, y + whole.height)).tobytes() == wanted
        for y in range(strip.height - whole.height)
    )


@pytest.mark.parametrize(
    ("counters", "shown"),
    [
        (MANY, "1–23"),
        (("7",), "7"),
        (("1", "2"), "1, 2"),
        (("1", "2", "3", "5", "8", "9", "10", "11"), "1–3, 5, 8–11"),
        (("9", "10", "11"), "9–11"),
        (("A1", "A2", "A3"), "A1, A2, A3"),
        (("01", "02", "03"), "01, 02, 03"),
        (("1", "3", "2"), "1, 3, 2"),
        (tuple(f"CUA-SO-{number}" for number in range(23)), "CUA-SO-0, CUA-SO-1, CUA-SO-2, …"),
        ((), ""),
    ],
)
def test_counters_are_ranges(counters: tuple[str, ...], shown: str) -> None:
    assert counter_ranges(counters) == shown


@pytest.mark.parametrize("name", layout_names())
def test_many_counters_take_no_more_paper_than_one(name: str) -> None:
    layout = load_layout(name)
    assert (
        render_slip(make_slip(counters=MANY), layout).height <= render_slip(make_slip(counters=("1",)), layout).height
    )


@pytest.mark.parametrize("profile", ["text", "text_1258", "text_tcvn3"])
@pytest.mark.parametrize("name", layout_names())
def test_a_printer_that_sets_type_itself_gets_few_lines_and_the_whole_number(name: str, profile: str) -> None:
    data = render_slip_bytes(long_slip(words(500), number="AQK901"), name, load_profile(profile))
    assert b"AQK901" in data
    assert "1–23" in TemplateContext(long_slip(words(500)), load_layout(name)).lines({"vi": "{counters}"})[0]
    lines = data.split(b"\n")
    assert len(lines) < 100
    assert len(data) < 30_000


def test_a_long_name_ends_behind_a_word_and_a_short_one_is_left_alone() -> None:
    layout = load_layout("standard_80mm")
    shown = render_text(words(500), "bold", 36, 560, "center", most_lines=2)
    assert shown.height < render_text(words(500), "bold", 36, 560, "center").height
    usual = make_slip()
    assert encode(render_slip(usual, layout), layout.cut) == encode(render_slip(usual, layout, thrift=0), layout.cut)
