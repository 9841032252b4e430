import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from printer.encoding import encode
from printer.layout import layout_names, load_layout
from printer.paper import slip_to_bytes
from printer.virtual.machine import VirtualPrinter
from printer.virtual.sheet import Sheet
from tests.printer.conftest import make_slip, same

START = b"\x1b@\x1dP\xcb\xcb"
CUT = b"\x1dVA\x00"


def printed(data: bytes, width: int) -> list[Image.Image]:
    """What comes out of the virtual printer, which knows nothing of how we encode."""
    kept: list[Image.Image] = []

    def keep(sheet: Sheet, warnings: list[str]) -> None:
        assert warnings == []
        kept.append(sheet.cut_off())

    VirtualPrinter(width, keep).connect(lambda _answer: None).receive(data)
    return kept


def test_a_full_band_is_the_raster_of_python_escpos() -> None:
    picture = Image.effect_noise((576, 200), 100).point(lambda grey: 255 if grey > 128 else 0).convert("1")
    picture.paste(0, (0, 0, 8, 200))
    picture.paste(0, (568, 0, 576, 200))
    dummy = Dummy()
    dummy.image(picture)
    assert encode(picture, "full") == START + b"\x1ba\x01" + dummy.output + CUT


def test_blank_paper_is_fed_not_printed() -> None:
    assert encode(Image.new("1", (576, 600), 255), "full") == START + b"\x1bJ\xff\x1bJ\xff\x1bJ\x5a" + CUT


def test_a_small_mark_in_the_middle_is_sent_small() -> None:
    picture = Image.new("1", (576, 8), 255)
    picture.paste(0, (280, 0, 296, 8))
    assert encode(picture, "partial") == START + b"\x1ba\x01\x1dv0\x00\x02\x00\x08\x00" + b"\xff" * 16 + b"\x1dVB\x00"


def test_a_mark_on_the_left_is_cut_on_the_right() -> None:
    picture = Image.new("1", (576, 8), 255)
    picture.paste(0, (0, 0, 8, 8))
    assert encode(picture, "full") == START + b"\x1ba\x00\x1dv0\x00\x01\x00\x08\x00" + b"\xff" * 8 + CUT


def test_without_a_knife_the_slip_is_fed_out() -> None:
    picture = Image.new("1", (576, 8), 0)
    assert encode(picture, None).endswith(b"\xff" * 72 + b"\x1bJ\x78")


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 383), st.integers(0, 699), st.integers(1, 90), st.integers(1, 90)), max_size=6)
)
def test_whatever_is_drawn_comes_out_dot_by_dot(marks: list[tuple[int, int, int, int]]) -> None:
    picture = Image.new("1", (384, 700), 255)
    for x, y, width, height in marks:
        ImageDraw.Draw(picture).rectangle((x, y, x + width, y + height), fill=0)
    (out,) = printed(encode(picture, "full"), 384)
    assert same(out, picture)


def test_a_usual_slip_on_80_mm_is_short_enough_for_a_slow_line() -> None:
    assert len(slip_to_bytes(make_slip(note="Vui lòng giữ phiếu và chờ gọi số."), "standard_80mm")) <= 30_000


@pytest.mark.parametrize("name", layout_names())
def test_each_layout_ends_with_its_cut(name: str) -> None:
    assert load_layout(name).cut == "full"
    assert slip_to_bytes(make_slip(), name).endswith(CUT)
