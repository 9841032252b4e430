"""Text in the printer's own type, read back letter by letter from the virtual printer, which renders it."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from printer.errors import DeviceUrlError
from printer.jobs.devices import open_device
from printer.rendering.code_pages import encode_text, strip_diacritics, tcvn3_tables
from printer.rendering.profile import Profile, load_profile, profile_names
from printer.rendering.sample import DIACRITICS, sample_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import layout_names, load_layout
from printer.virtual.paper_canvas import PaperCanvas
from printer.virtual.printer import VirtualPrinter
from tests.printer.conftest import Hall, Work, make_slip

EVERY_LETTER = "".join(sorted(set(DIACRITICS.replace(" ", ""))))
TEXT_PROFILES = [name for name in profile_names() if load_profile(name).mode == "text"]


def printed(data: bytes, width: int = 576) -> tuple[Image.Image, list[str]]:
    kept: list[tuple[Image.Image, list[str]]] = []

    def keep(sheet: PaperCanvas, warnings: list[str]) -> None:
        assert warnings == []
        text = sheet.text
        kept.append((sheet.cut_off(), text))

    VirtualPrinter(width, keep).connect(lambda _answer: None).receive(data)
    ((picture, text),) = kept
    return picture, text


def read(name: str, width: int = 576, **changes: Any) -> list[str]:
    layout = "standard_80mm" if width == 576 else "standard_58mm"
    return printed(render_slip_bytes(make_slip(**changes), layout, load_profile(name)), width)[1]


@pytest.mark.parametrize("name", ["text_tcvn3", "text_1258", "TM-T20II"])
def test_every_vietnamese_letter_comes_through(name: str) -> None:
    _, lines = printed(b"\x1b@" + encode_text(EVERY_LETTER, load_profile(name)) + b"\n\x1dVA\x00", 832 * 2)
    assert "".join(lines) == EVERY_LETTER


def test_without_a_code_page_the_diacritics_are_folded() -> None:
    assert strip_diacritics("Sở Kế hoạch và Đầu tư · 5–15 phút… “đ”") == 'So Ke hoach va Dau tu - 5-15 phut... "d"'
    assert all(letter.isascii() and letter.isalpha() for letter in strip_diacritics(EVERY_LETTER))
    assert "So Ke hoach va Dau tu" in "\n".join(read("text"))


def test_what_a_code_page_lacks_is_folded_and_not_lost() -> None:
    for name in ("text_tcvn3", "text_1258"):
        _, lines = printed(b"\x1b@" + encode_text("ấ · ☃ – b", load_profile(name)) + b"\n\x1dVA\x00")
        assert lines in (["ấ - ? - b"], ["ấ · ? – b"])


@pytest.mark.parametrize("width", [576, 384])
def test_the_whole_slip_is_there_as_text(width: int) -> None:
    lines = [line.strip() for line in read("text_tcvn3", width, priority="Người cao tuổi", copy=True)]
    words = " ".join(lines)
    assert "A001" in lines
    for part in (
        "Sở Kế hoạch và Đầu tư",
        "*** BẢN SAO - COPY ***",
        "ƯU TIÊN - Người cao tuổi",
        "Quầy - Counter: 1, 2",
        "Trước ông/bà - Ahead of you: 3 người",
        "5-15 phút",
        "08:32 - Thứ Hai, 23/11/2026",
    ):
        assert part in words
    assert all(len(line) <= width // 12 for line in lines)


def test_the_number_is_the_largest_type_that_fits() -> None:
    for number in ("A001", "AK0001", "ƯT12345"):
        data = render_slip_bytes(make_slip(number=number), "large_80mm", load_profile("text_tcvn3"))
        sizes = [data[place + 2] & 7 for place in range(len(data)) if data[place : place + 2] == b"\x1d!"]
        assert max(sizes) + 1 == min(8, 48 // len(number))
        assert number in [line.strip() for line in printed(data)[1]]


def test_papers_have_boxes_and_long_ones_hang_under_their_first_word() -> None:
    long = "Bản sao có chứng thực quyết định thành lập của cơ quan có thẩm quyền"
    lines = read("text_tcvn3", papers=[{"vi": long, "en": "Decision"}, {"vi": "Căn cước"}])
    at = next(place for place, line in enumerate(lines) if line.startswith("[ ] Bản sao"))
    assert lines[at + 1].startswith("    ")
    assert "    Decision" in lines
    assert "[ ] Căn cước" in lines


@pytest.mark.parametrize("name", [*TEXT_PROFILES, "TM-T20II"])
def test_the_qr_code_is_read_by_a_phone(name: str) -> None:
    picture, _ = printed(render_slip_bytes(make_slip(), "standard_80mm", load_profile(name)))
    (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert code.text == "https://example.vn/t/abc"


@pytest.mark.parametrize("layout", layout_names())
def test_a_slip_without_a_page_says_to_watch_the_screens(layout: str) -> None:
    texts = [
        block.text["vi"] for block in load_layout(layout).block if getattr(block, "when", None) == "not status_url"
    ]
    assert texts == ["Xin theo dõi màn hình gọi số"]
    without, with_page = (" ".join(read("text", status_url=url)) for url in (None, "https://example.vn/t/abc"))
    assert "theo doi man hinh" in without
    assert "theo doi man hinh" not in with_page


def test_a_printer_without_any_graphics_prints_the_address() -> None:
    profile = Profile(mode="text", qr="none")
    lines = printed(render_slip_bytes(make_slip(), "standard_80mm", profile))[1]
    assert "https://example.vn/t/abc" in [line.strip() for line in lines]


@pytest.mark.parametrize("layout", layout_names())
def test_a_full_slip_as_text_is_a_second_on_the_slowest_line(layout: str) -> None:
    papers = [{"vi": "Bản sao căn cước công dân", "en": "Copy of the identity card"}] * 8
    slip = sample_slip(papers=papers, copy=True, offline=True)
    assert len(render_slip_bytes(slip, layout, load_profile("text_tcvn3"))) < 3_000


def test_the_tables_hold_both_cases_of_every_letter() -> None:
    small, capital = tcvn3_tables()
    letters = {letter for letter in EVERY_LETTER if not letter.isascii()}
    assert {letter for letter in letters if letter.islower()} <= set(small)
    assert {letter for letter in letters if letter.isupper()} <= set(capital)
    assert all(unicodedata.is_normalized("NFC", letter) for letter in (*small, *capital))


def test_the_url_chooses_the_profile(paper_hall: Hall, work: Any) -> None:
    one: Work = work(f"{paper_hall.url}?profile=text_tcvn3")
    one.worker.submit("k", make_slip())
    assert one.until_state("k", "printed")
    paper_hall.pictures(1)
    assert "A001" in [line.strip() for line in paper_hall.folder.slips()[0]["text"]]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("?profile=nope", "no profile 'nope'"),
        ("?profil=text", "no option 'profil'"),
        ("?baud=9600", "no option 'baud'"),
    ],
)
def test_a_wrong_profile_or_option_is_named_with_those_there_are(query: str, reason: str) -> None:
    with pytest.raises(DeviceUrlError, match=reason):
        open_device("tcp://127.0.0.1:9" + query)


def test_a_profile_goes_with_other_options(tmp_path: Path) -> None:
    device = open_device(f"virtual://{tmp_path}?width=384&profile=text")
    device.close()
