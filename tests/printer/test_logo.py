from io import BytesIO

import pytest
from PIL import Image

from printer.rendering.image import render_slip
from printer.slip.layout import layout_names, load_layout
from printer.slip.logo import MOST_DOTS, draw_emblem, small_emblem
from printer.slip.slip import Slip
from tests.printer.conftest import make_slip, round_emblem, same


def png(picture: Image.Image) -> bytes:
    kept = BytesIO()
    picture.save(kept, "png")
    return kept.getvalue()


@pytest.mark.parametrize("name", layout_names())
def test_the_emblem_stands_at_the_top_and_leaves_no_gap_where_there_is_none(name: str) -> None:
    layout = load_layout(name)
    block = layout.block[0]
    assert block.kind == "emblem"
    plain, with_emblem = render_slip(make_slip(), layout), render_slip(make_slip(emblem=round_emblem()), layout)
    grown = with_emblem.height - plain.height
    assert round(block.height_mm * layout.dots_per_mm) <= grown <= round(block.height_mm * layout.dots_per_mm) + 16
    assert same(with_emblem.crop((0, grown, layout.width, with_emblem.height)), plain)


def test_it_is_trimmed_to_its_ink_and_kept_small_with_every_job() -> None:
    kept = small_emblem(round_emblem(2000))
    assert kept is not None
    with Image.open(BytesIO(kept)) as picture:
        assert max(picture.size) == MOST_DOTS
        assert picture.getpixel((MOST_DOTS // 2, 1)) < 200  # the blank rim is gone
    assert len(kept) < 12_000
    assert small_emblem(kept) == kept


def test_a_slip_with_an_emblem_survives_the_store() -> None:
    slip = make_slip(emblem=round_emblem())
    assert Slip.from_json(slip.to_json()) == slip


@pytest.mark.parametrize(
    "broken",
    [b"", b"no picture", round_emblem()[:200], png(Image.new("L", (50, 50), 255))],
    ids=["empty", "words", "cut off", "blank"],
)
def test_a_picture_that_cannot_be_read_costs_nobody_the_number(broken: bytes) -> None:
    assert make_slip(emblem=broken) == make_slip()


def test_tones_are_dithered_and_lines_are_not() -> None:
    tones = draw_emblem(png(Image.linear_gradient("L")), 100, 500)
    assert set(tones.tobytes()) == {0, 255}
    assert 0.3 < tones.tobytes().count(0) / (tones.width * tones.height) < 0.7
    lines = Image.new("L", (80, 80), 255)
    lines.paste(0, (20, 20, 60, 60))
    assert set(draw_emblem(png(lines), 80, 80).crop((22, 22, 58, 58)).tobytes()) == {0}


def test_a_wide_emblem_stays_on_the_paper() -> None:
    assert draw_emblem(png(Image.new("L", (160, 20), 0)), 100, 120).size == (120, 15)
