import pytest
import qrcode
import zxingcpp
from PIL import Image, ImageOps

from printer.rendering.image import render_slip
from printer.slip.layout import Layout, NumberBlock, QrBlock, layout_names, load_layout, parse_layout
from tests.printer.conftest import make_slip, same

WHITE = 255


def ink_box(picture: Image.Image) -> tuple[int, int, int, int]:
    box = ImageOps.invert(picture.convert("L")).getbbox()
    assert box is not None
    return box


def only(layout: Layout, kind: type) -> Layout:
    """The layout with its number and the blocks of one kind alone."""
    kept = tuple(block for block in layout.block if isinstance(block, (kind, NumberBlock)))
    return layout.model_copy(update={"block": kept})


@pytest.mark.parametrize("name", layout_names())
def test_a_slip_is_one_bit_and_as_wide_as_the_head(name: str) -> None:
    layout = load_layout(name)
    picture = render_slip(make_slip(), layout)
    assert picture.mode == "1"
    assert picture.width == layout.width
    left, _, right, _ = ink_box(picture)
    assert left >= layout.margin
    assert right <= layout.width - layout.margin


@pytest.mark.parametrize(("name", "least"), [("standard_80mm", 18), ("standard_58mm", 15), ("large_80mm", 25)])
def test_the_number_is_high_enough_to_be_read_across_the_hall(name: str, least: float) -> None:
    layout = load_layout(name)
    _, top, _, bottom = ink_box(render_slip(make_slip(), only(layout, NumberBlock)))
    assert (bottom - top) / layout.dots_per_mm >= least


@pytest.mark.parametrize("name", layout_names())
def test_the_number_is_the_largest_thing_by_far(name: str) -> None:
    layout = load_layout(name)
    picture = render_slip(make_slip(), layout)
    blank = [
        picture.crop((0, y, picture.width, y + 1)).convert("L").getextrema()[0] == WHITE for y in range(picture.height)
    ]
    runs = sorted(len(run) for run in "".join(" " if empty else "x" for empty in blank).split())
    number = next(block.height_mm for block in layout.block if isinstance(block, NumberBlock)) * layout.dots_per_mm
    ink = sum(runs)
    assert ink / 5 <= number <= ink / 2
    assert runs[-1] >= number - 1


@pytest.mark.parametrize("name", layout_names())
def test_the_qr_code_is_the_visitors_page_module_by_module(name: str) -> None:
    """Read back from the paper: the grid of dots is sampled and must be the code that the library makes of the URL."""
    layout = load_layout(name)
    slip = make_slip(status_url="https://xep-hang.thaibinh.gov.vn/t/Jf8dK2mQx7Zt0aPqW3sLrg")
    number, with_code = only(layout, NumberBlock), only(layout, QrBlock)
    above = render_slip(slip, number).height
    drawn = render_slip(slip, with_code)
    code = drawn.crop((0, above, drawn.width, drawn.height))
    left, top, right, bottom = ink_box(code)
    expected = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0)
    expected.add_data(slip.status_url)
    expected.make(fit=True)
    count = len(expected.modules)
    dots = (right - left) // count
    assert (right - left, bottom - top) == (count * dots, count * dots)
    assert dots >= 4
    read = [
        [code.getpixel((left + x * dots + dots // 2, top + y * dots + dots // 2)) == 0 for x in range(count)]
        for y in range(count)
    ]
    assert read == [[bool(dark) for dark in row] for row in expected.modules]


def test_without_a_page_there_is_no_code_and_no_call_to_scan() -> None:
    layout = load_layout("standard_80mm")
    assert render_slip(make_slip(status_url=None), layout).height < render_slip(make_slip(), layout).height - 100
    assert not zxingcpp.read_barcodes(render_slip(make_slip(status_url=None), layout).convert("L"))


@pytest.mark.parametrize(
    "more",
    [
        {"copy": True},
        {"offline": True},
        {"priority": {"vi": "Người cao tuổi", "en": "Elderly person"}},
        {"procedure": {"vi": "Cấp giấy khai sinh", "en": "Birth certificate"}},
        {"note": {"vi": "Xin cảm ơn"}},
        {"papers": [{"vi": f"Giấy số {count}", "en": f"Paper {count}"} for count in range(8)]},
    ],
)
@pytest.mark.parametrize("name", layout_names())
def test_what_is_special_about_a_slip_shows_on_it(name: str, more: dict[str, object]) -> None:
    layout = load_layout(name)
    plain, special = render_slip(make_slip(), layout), render_slip(make_slip(**more), layout)
    assert special.height >= plain.height + 20


def test_english_first_for_an_english_speaking_visitor() -> None:
    layout = parse_layout(
        'width = 576\n[[block]]\nkind = "number"\nheight_mm = 10\n'
        '[[block]]\nkind = "text"\nsize = 40\nsecond_size = 20\n'
        'text = { vi = "{department}", en = "{department}" }\n',
        "x",
    )
    vietnamese, english = make_slip(), make_slip(language="en")
    swapped = make_slip(department={"vi": english.department["en"], "en": english.department["vi"]})
    assert same(render_slip(english, layout), render_slip(swapped, layout))
    assert not same(render_slip(english, layout), render_slip(vietnamese, layout))


def test_drawing_twice_gives_the_same_picture() -> None:
    layout = load_layout("standard_80mm")
    slip = make_slip(priority="Người khuyết tật", copy=True)
    assert same(render_slip(slip, layout), render_slip(slip, layout))


def test_an_inverse_text_is_white_on_black() -> None:
    layout = parse_layout(
        'width = 576\n[[block]]\nkind = "number"\nheight_mm = 5\n[[block]]\nkind = "text"\nabove = 40\nsize = 40\n'
        'text = { vi = "ƯU TIÊN" }\nstyle = "inverse"\n',
        "x",
    )
    picture = render_slip(make_slip(), layout)
    box = picture.crop((0, 80, 576, picture.height))
    left, top, right, bottom = ink_box(box)
    inside = box.crop((left, top, right, bottom)).convert("L")
    assert inside.getpixel((0, 0)) == inside.getpixel((inside.width - 1, inside.height - 1)) == 0
    assert inside.getextrema()[1] == WHITE
