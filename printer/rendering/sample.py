"""Slips to try a printer and a layout with."""

from datetime import UTC, datetime
from typing import Any

from PIL import Image, ImageDraw

from printer.rendering.escpos_raster import encode
from printer.rendering.image import render_slip
from printer.rendering.profile import Profile
from printer.rendering.text_layout import render_text, to_monochrome
from printer.rendering.text_mode import slip_to_text
from printer.slip.layout import Layout, parse_layout
from printer.slip.slip import Slip

TEST_NUMBER = "TEST"  # on slips that nobody may take for a number
# Every Vietnamese vowel with every tone, and đ: what a printer's own code page cannot do.
DIACRITICS = (
    "aàáảãạ ăằắẳẵặ âầấẩẫậ eèéẻẽẹ êềếểễệ iìíỉĩị oòóỏõọ ôồốổỗộ ơờớởỡợ uùúủũụ ưừứửữự yỳýỷỹỵ đ "
    "AÀÁẢÃẠ ĂẰẮẲẴẶ ÂẦẤẨẪẬ EÈÉẺẼẸ ÊỀẾỂỄỆ OÒÓỎÕỌ ÔỒỐỔỖỘ ƠỜỚỞỠỢ UÙÚỦŨỤ ƯỪỨỬỮỰ Đ"
)
TEST_URL = "https://motcua.example.vn/may-in/kiem-tra"
TEST_LAYOUT = """
width = {width}
margin = 4
[[block]]
kind = "text"
text = {{ vi = "Kiểm tra máy in", en = "Printer test" }}
size = 34
second_size = 22
weight = "bold"
[[block]]
kind = "number"
above = 18
height_mm = 12
[[block]]
kind = "text"
above = 18
text = {{ vi = "{{note}}" }}
size = 20
align = "left"
[[block]]
kind = "qr"
above = 16
size_mm = 24
[[block]]
kind = "text"
above = 10
text = {{ vi = "{{time}} · {{date}}" }}
size = 22
"""
CUT = """
[[block]]
kind = "cut"
"""


def sample_slip(**changes: Any) -> Slip:
    """A slip with everything on it, issued now."""
    facts: dict[str, Any] = {
        "number": "A001",
        "department": {
            "vi": "Sở Nông nghiệp và Phát triển nông thôn",
            "en": "Department of Agriculture and Rural Development",
        },
        "centre": {
            "vi": "Trung tâm Phục vụ hành chính công tỉnh Thái Bình",
            "en": "Thái Bình Provincial Public Administration Service Centre",
        },
        "issued_at": datetime.now(UTC),
        "ahead": 3,
        "wait_low": 5,
        "wait_high": 15,
        "counters": ("1", "2"),
        "priority": {"vi": "Người cao tuổi", "en": "Elderly person"},
        "procedure": {"vi": "Cấp giấy chứng nhận đăng ký kinh doanh", "en": "Business registration certificate"},
        "papers": (
            {"vi": "Giấy đề nghị (theo mẫu)", "en": "Application form"},
            {"vi": "Bản sao căn cước công dân", "en": "Copy of the citizen identity card"},
        ),
        "status_url": "https://motcua.example.vn/t/Jf8dK2mQx7Zt0aPqW3sLrg",
        "note": {"vi": "Vui lòng giữ phiếu và chờ gọi số.", "en": "Please keep this slip and wait for your number."},
    }
    return Slip(**(facts | changes))


def encode_test(width: int, profile: Profile) -> bytes:
    """The bytes of the test slip for a print head of `width` dots."""
    if profile.mode == "picture":
        return encode(draw_test(width), "full", doubles=profile.doubles)
    return slip_to_text(_test_slip(), parse_layout(TEST_LAYOUT.format(width=width) + CUT, "test slip"), profile)


def _test_slip() -> Slip:
    return sample_slip(number="Ế0Ợ8", note={"vi": DIACRITICS}, status_url=TEST_URL)


def draw_test(width: int) -> Image.Image:
    """The test slip for a print head of `width` dots: its edges, its density, all Vietnamese letters, a QR code."""
    layout = parse_layout(TEST_LAYOUT.format(width=width), "test slip")
    body = render_slip(_test_slip(), layout)
    parts = [_ruler(layout), body, _density(layout)]
    paper = Image.new("1", (width, sum(part.height + 24 for part in parts)), 255)
    y = 0
    for part in parts:
        paper.paste(part, (0, y))
        y += part.height + 24
    return paper


# Weight, size, words, blank dots above.
GUIDE = (
    ("extrabold", 44, "Chưa cài máy in", 24),
    ("semibold", 26, "No printer is set up yet", 14),
    ("regular", 24, "Phiếu này chỉ là hình trên đĩa, chưa ra giấy.", 30),
    ("regular", 20, "This slip is a picture on disk, not on paper.", 10),
    ("bold", 30, "1. Cắm máy in, bật nguồn", 34),
    ("regular", 20, "Plug the printer in and switch it on.", 10),
    ("bold", 30, "2. motcua printer list", 34),
    ("regular", 24, "Chép địa chỉ tìm được vào printer.url.", 12),
    ("regular", 20, "Copy the address that it finds into printer.url.", 10),
    ("bold", 30, "3. motcua printer test", 34),
    ("regular", 24, "In phiếu thử, rồi khởi động lại kiosk.", 12),
    ("regular", 20, "Prints a test slip; then start the kiosk again.", 10),
)


def render_setup_guide(width: int) -> Image.Image:
    """What a kiosk without a printer "prints" first: how to get one."""
    lines = [(above, render_text(words, weight, size, width - 32, "left")) for weight, size, words, above in GUIDE]
    paper = Image.new("L", (width, sum(above + line.height for above, line in lines) + 30), 255)
    y = 0
    for above, line in lines:
        y += above
        paper.paste(line, (16, y))
        y += line.height
    return to_monochrome(paper, "1")


def _ruler(layout: Layout) -> Image.Image:
    """A frame that touches both edges: a side that is missing shows a wrong width. Ticks every 5 mm."""
    ruler = Image.new("1", (layout.width, 56), 255)
    pen = ImageDraw.Draw(ruler)
    pen.rectangle((0, 0, layout.width - 1, 55), outline=0, width=2)
    for tick in range(0, layout.width, round(5 * layout.dots_per_mm)):
        pen.line((tick, 0, tick, 14), fill=0, width=2)
    millimetres = layout.width / layout.dots_per_mm
    label = render_text(
        f"|<  {layout.width} dots = {millimetres:g} mm  >|", "semibold", 22, layout.width - 20, "center"
    )
    ruler.paste(label.point(lambda grey: 255 if grey >= 150 else 0).convert("1"), (10, 24))  # noqa: PLR2004
    return ruler


def _density(layout: Layout) -> Image.Image:
    """Fields of 12, 25, 50, 75 and 100 % ink: the last ones must not run together or leave stripes."""
    field = layout.width // 5
    bar = Image.new("1", (layout.width, 64), 255)
    for place, pattern in enumerate((0x8800_2200, 0x8822_8822, 0xAA55_AA55, 0x77DD_77DD, 0xFFFF_FFFF)):
        rows = pattern.to_bytes(4, "big")
        data = b"".join(bytes([rows[y % 4] ^ 0xFF]) * ((field + 7) // 8) for y in range(64))
        bar.paste(Image.frombytes("1", (field, 64), data), (place * field, 0))
    return bar
