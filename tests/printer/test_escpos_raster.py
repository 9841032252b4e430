import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from printer.rendering.escpos_raster import MOST_ROWS, encode
from printer.rendering.image import MAX_COMPACTION_LEVEL, render_slip
from printer.rendering.profile import load_profile
from printer.rendering.sample import sample_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import layout_names, load_layout
from printer.virtual.paper_canvas import PaperCanvas
from printer.virtual.printer import VirtualPrinter
from tests.printer.conftest import make_slip, round_emblem, same

START = b"\x1b@\x1dP\xcb\xcb\x1dW\x40\x02"
CUT = b"\x1dVA\x00"


def printed(data: bytes, width: int) -> list[Image.Image]:
    """What comes out of the virtual printer, which knows nothing of how we encode."""
    kept: list[Image.Image] = []

    def keep(sheet: PaperCanvas, warnings: list[str]) -> None:
        assert warnings == []
        kept.append(sheet.cut_off())

    VirtualPrinter(width, keep).connect(lambda _answer: None).receive(data)
    return kept


def test_a_full_band_is_the_raster_of_python_escpos() -> None:
    picture = Image.effect_noise((576, MOST_ROWS), 100).point(lambda grey: 255 if grey > 128 else 0).convert("1")
    picture.paste(0, (0, 0, 8, MOST_ROWS))
    picture.paste(0, (568, 0, 576, MOST_ROWS))
    dummy = Dummy()
    dummy.image(picture)
    assert encode(picture, "full") == START + b"\x1ba\x00" + dummy.output + CUT


def test_blank_paper_is_fed_not_printed() -> None:
    assert encode(Image.new("1", (576, 600), 255), "full") == START + b"\x1bJ\xff\x1bJ\xff\x1bJ\x5a" + CUT


def test_a_small_mark_in_the_middle_is_sent_small() -> None:
    picture = Image.new("1", (576, 8), 255)
    picture.paste(0, (280, 0, 296, 8))
    plain = START + b"\x1ba\x01\x1dv0\x00\x02\x00\x08\x00" + b"\xff" * 16 + b"\x1dVB\x00"
    assert encode(picture, "partial", doubles=False) == plain
    assert encode(picture, "partial") == START + b"\x1ba\x01\x1dv0\x03\x01\x00\x04\x00" + b"\xff" * 4 + b"\x1dVB\x00"


def test_a_mark_on_the_left_is_cut_on_the_right() -> None:
    picture = Image.new("1", (576, 8), 255)
    picture.paste(0, (0, 0, 8, 8))
    assert encode(picture, "full", doubles=False) == START + b"\x1ba\x00\x1dv0\x00\x01\x00\x08\x00" + b"\xff" * 8 + CUT


def test_a_mark_on_the_right_is_cut_on_the_left() -> None:
    picture = Image.new("1", (576, 8), 255)
    picture.paste(0, (568, 0, 576, 8))
    assert encode(picture, "full", doubles=False) == START + b"\x1ba\x02\x1dv0\x00\x01\x00\x08\x00" + b"\xff" * 8 + CUT


def test_what_is_drawn_in_double_dots_takes_a_quarter_of_the_bytes() -> None:
    noise = Image.effect_noise((288, 100), 100).point(lambda grey: 255 if grey > 128 else 0).convert("1")
    picture = noise.resize((576, 200), Image.Resampling.NEAREST)
    data = encode(picture, "full")
    assert len(data) < 576 // 8 * 200 / 4 + 40
    (out,) = printed(data, 576)
    assert same(out, picture)


def test_no_picture_holds_a_command_that_is_obeyed_at_once() -> None:
    rows = b"\x10\x04\x01\x10\x05\x02\x10\x14\x01" * 8  # inverted below: 1 is ink on the line
    picture = Image.frombytes("1", (576, 8), bytes(byte ^ 0xFF for byte in rows * 8))
    data = encode(picture, "full")
    assert not any(command in data for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


def test_a_slip_for_a_narrow_head_stays_whole_on_a_wide_one() -> None:
    picture = render_slip(make_slip(), load_layout("standard_58mm"))
    (out,) = printed(encode(picture, "full"), 640)
    assert same(out.crop((0, 0, 384, out.height)), picture)


def test_without_a_knife_the_slip_is_fed_out() -> None:
    picture = Image.new("1", (576, 8), 0)
    assert encode(picture, None, doubles=False).endswith(b"\xff" * 72 + b"\x1bJ\x78")


@settings(max_examples=40)
@given(
    marks=st.lists(
        st.tuples(st.integers(0, 383), st.integers(0, 699), st.integers(1, 90), st.integers(1, 90)), max_size=6
    ),
    doubles=st.booleans(),
)
def test_whatever_is_drawn_comes_out_dot_by_dot(marks: list[tuple[int, int, int, int]], *, doubles: bool) -> None:
    picture = Image.new("1", (384, 700), 255)
    for x, y, width, height in marks:
        ImageDraw.Draw(picture).rectangle((x, y, x + width, y + height), fill=0)
    (out,) = printed(encode(picture, "full", doubles=doubles), 384)
    assert same(out, picture)


PAPERS = tuple(
    {
        "vi": f"Giấy tờ số {count}: bản sao có chứng thực căn cước",
        "en": f"Paper {count}: certified copy of the identity card",
    }
    for count in range(8)
)
EVERYTHING = {
    "department": {
        "vi": "Sở Giáo dục và Đào tạo, Sở Lao động – Thương binh và Xã hội",
        "en": "Department of Education and Training, Department of Labour, Invalids and Social Affairs",
    },
    "procedure": {
        "vi": "Đăng ký doanh nghiệp đối với công ty trách nhiệm hữu hạn hai thành viên trở lên",
        "en": "Registration of a limited liability company of two or more members",
    },
    "counters": ("12", "13", "14"),
    "papers": PAPERS,
    "copy": True,
    "offline": True,
}


@pytest.mark.parametrize("name", layout_names())
@pytest.mark.parametrize("more", [{}, {"papers": PAPERS}, EVERYTHING], ids=["usual", "papers", "everything"])
def test_every_slip_is_short_enough_for_a_slow_line(name: str, more: dict[str, object]) -> None:
    slow = load_profile("picture").model_copy(update={"slow": True})
    assert len(render_slip_bytes(sample_slip(**({"emblem": round_emblem()} | more)), name, slow)) <= 30_000


def test_what_a_full_slip_leaves_out_is_never_a_fact() -> None:
    layout = load_layout("standard_80mm")
    full = sample_slip(**EVERYTHING)
    one_language = sample_slip(**EVERYTHING, language="vi")
    bytes_sent = [
        len(encode(render_slip(full, layout, thrift), layout.cut)) for thrift in range(MAX_COMPACTION_LEVEL + 1)
    ]
    assert bytes_sent == sorted(bytes_sent, reverse=True)
    without_a_paper = sample_slip(**(EVERYTHING | {"papers": PAPERS[:-1]}))
    assert (
        render_slip(one_language, layout, MAX_COMPACTION_LEVEL).height
        > render_slip(without_a_paper, layout, MAX_COMPACTION_LEVEL).height
    )


@pytest.mark.parametrize("name", layout_names())
def test_each_layout_ends_with_its_cut(name: str) -> None:
    assert load_layout(name).cut == "full"
    assert render_slip_bytes(make_slip(), name).endswith(CUT)
