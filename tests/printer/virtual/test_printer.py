import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from printer.rendering.escpos_raster import encode, end_torn_picture
from printer.virtual.paper_canvas import PaperCanvas
from printer.virtual.printer import BUFFER, Connection, VirtualPrinter
from tests.printer.conftest import same

BLACK_HALF_CM = encode(Image.new("1", (576, 40), 0), "full", doubles=False)
BLACK_CM = encode(Image.new("1", (576, 80), 0), "full", doubles=False)


class Bench:
    """A virtual printer with one line, its paper and its answers."""

    def __init__(self, width: int = 576) -> None:
        self.slips: list[Image.Image] = []
        self.warnings: list[list[str]] = []
        self.answers = bytearray()
        self.printer = VirtualPrinter(width, self._keep)
        self.session: Connection = self.printer.connect(self.answers.extend)

    def _keep(self, sheet: PaperCanvas, warnings: list[str]) -> None:
        self.slips.append(sheet.cut_off())
        self.warnings.append(warnings)

    def ask(self, data: bytes) -> bytes:
        self.answers.clear()
        self.session.receive(data)
        return bytes(self.answers)

    def set(self, **changes: object) -> None:
        self.printer.set_conditions(changes)


def ink(picture: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageOps.invert(picture.convert("L")).getbbox()


@pytest.mark.parametrize(
    ("condition", "answers"),
    [
        ({}, [0x12, 0x12, 0x12, 0x12]),
        ({"paper": "low"}, [0x12, 0x12, 0x12, 0x1E]),
        ({"paper": "out"}, [0x1A, 0x32, 0x12, 0x7E]),
        ({"cover_open": True}, [0x1A, 0x16, 0x12, 0x12]),
        ({"cutter_error": True}, [0x1A, 0x52, 0x1A, 0x12]),
        ({"offline": True}, [0x1A, 0x12, 0x12, 0x12]),
    ],
)
def test_dle_eot_tells_each_condition(condition: dict[str, object], answers: list[int]) -> None:
    bench = Bench()
    bench.set(**condition)
    assert list(bench.ask(b"".join(b"\x10\x04" + bytes([topic]) for topic in (1, 2, 3, 4)))) == answers


def test_gs_r_waits_its_turn_behind_a_job_that_lacks_paper() -> None:
    bench = Bench()
    bench.set(paper="out")
    assert bench.ask(BLACK_HALF_CM + b"\x1dr\x01") == b""
    bench.answers.clear()
    bench.set(paper="ok")
    assert bytes(bench.answers) == b"\x00"
    assert len(bench.slips) == 1


def test_paper_that_ends_in_the_middle_loses_no_row() -> None:
    bench = Bench()
    bench.set(paper_left_mm=5)
    bench.ask(BLACK_CM)
    assert bench.printer.conditions.paper == "out"
    assert bench.slips == []
    bench.set(paper="ok")
    assert same(bench.slips[0], Image.new("1", (576, 80), 0))


def test_automatic_status_speaks_up_when_the_cover_opens() -> None:
    bench = Bench()
    assert bench.ask(b"\x1da\xff") == b"\x10\x00\x00\x00"
    bench.answers.clear()
    bench.set(cover_open=True)
    assert bytes(bench.answers) == b"\x38\x00\x00\x00"


def test_a_wrong_condition_changes_nothing() -> None:
    bench = Bench()
    with pytest.raises(ValueError, match="paper"):
        bench.set(paper="wet", offline=True)
    assert not bench.printer.conditions.offline


def test_text_of_python_escpos_is_printed_where_and_as_large_as_it_says() -> None:
    dummy = Dummy()
    dummy.set(align="right", bold=True, width=2, height=3, custom_size=True)
    dummy.text("AB\n")
    dummy.cut(feed=False)
    bench = Bench()
    bench.ask(dummy.output)
    (slip,) = bench.slips
    left, _, right, bottom = ink(slip) or (0, 0, 0, 0)
    assert bench.warnings == [[]]
    assert left >= 576 - 2 * 2 * 12
    assert right > 576 - 2 * 12
    assert bottom > 24


def test_a_qr_code_of_python_escpos_is_printed() -> None:
    dummy = Dummy()
    dummy.qr("https://example.vn", native=True, size=5, center=False)
    dummy.cut(feed=False)
    bench = Bench()
    bench.ask(dummy.output)
    left, top, right, bottom = ink(bench.slips[0]) or (0, 0, 0, 0)
    assert bench.warnings == [[]]
    assert right - left == bottom - top == 25 * 5


def test_a_barcode_of_python_escpos_is_printed() -> None:
    dummy = Dummy()
    dummy.barcode("{B1001", "CODE128", height=60, width=2, function_type="B", check=False)
    dummy.cut(feed=False)
    bench = Bench()
    bench.ask(dummy.output)
    _, top, _, bottom = ink(bench.slips[0]) or (0, 0, 0, 0)
    assert 60 < bottom - top <= 60 + 24  # the words below it are its default
    assert bench.warnings == [[]]


@pytest.mark.parametrize("way", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_a_picture_comes_out_whatever_command_carries_it(way: str) -> None:
    picture = Image.new("1", (96, 48), 255)
    picture.paste(0, (10, 5, 60, 40))
    dummy = Dummy()
    dummy.image(picture, impl=way)
    dummy.cut(feed=False)
    bench = Bench()
    bench.ask(dummy.output)
    assert ink(bench.slips[0]) == (10, 5, 60, 40)
    assert bench.warnings == [[]]


def test_what_it_does_not_know_is_reported_with_its_bytes() -> None:
    bench = Bench()
    bench.ask(b"\x1bz\x1d(Z\x01\x00ax\n" + b"\x1dV\x00")
    assert bench.warnings == [["unknown command 1b 7a", "unknown command 1d 28 5a 01 00"]]


def test_without_paper_it_takes_a_buffer_full_and_no_more() -> None:
    bench = Bench()
    bench.set(paper="out")
    taken = bench.session.receive(BLACK_CM)
    assert 3000 < taken < BUFFER + 16
    assert bench.session.receive(BLACK_CM[taken:]) == 0
    assert bench.session.receive(b"\x10\x04\x04") == 0  # nothing more is read, not even a question
    bench.set(paper="ok")
    assert bench.session.receive(BLACK_CM[taken:]) == len(BLACK_CM) - taken


def test_a_picture_that_broke_off_swallows_what_comes_next_until_it_is_filled_up() -> None:
    bench = Bench()
    bench.session.receive(BLACK_CM[:2000])
    bench.session.close()
    second = bench.printer.connect(bench.answers.extend)
    second.receive(b"\x10\x04\x01")
    assert bytes(bench.answers) == b""
    second.receive(end_torn_picture(576))
    assert len(bench.slips) == 1
    second.receive(BLACK_CM)
    assert bench.slips[1].height == 80
    assert bench.warnings[1] == []


def test_a_printer_that_is_in_no_picture_ignores_what_would_fill_one_up() -> None:
    bench = Bench()
    bench.session.receive(end_torn_picture(576) + BLACK_CM)
    assert bench.slips[1].height == 80
    assert bench.warnings == [[], []]


def test_switched_off_in_the_middle_it_keeps_the_torn_slip_and_starts_afresh() -> None:
    bench = Bench()
    bench.session.receive(b"half a line\n" + BLACK_CM[:2000])
    bench.printer.switch_off()
    assert len(bench.slips) == 1
    assert "switched off before a cut" in bench.warnings[0]
    assert any("in the middle of a command" in warning for warning in bench.warnings[0])
    assert bench.ask(b"\x10\x04\x01") == b"\x12"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.binary(max_size=40)
        | st.sampled_from(
            [b"\x1b@", b"\x1dv0\x00", b"\x1d(L", b"\x1d(k\x04\x00\x31P0x", b"\x1dk\x49\x02{B", b"\x1dV\x00"]
        ),
        max_size=12,
    )
)
def test_garbage_never_breaks_it(pieces: list[bytes]) -> None:
    bench = Bench()
    for piece in pieces:
        bench.session.receive(piece)
    bench.session.close()
    bench.printer.switch_off()  # the pieces may have begun a picture of any height
    after = bench.printer.connect(bench.answers.extend)
    bench.answers.clear()
    after.receive(b"\x10\x04\x01")
    assert bytes(bench.answers) == b"\x12"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (b"\x1bR\x02", "international"),
        (b"\x1bV\x01", "turned"),
        (b"\x1b{\x01", "upside-down"),
        (b"\x1c&", "Chinese"),
        (b"\x1bD\x04\x08\x00", "tab stops"),
        (b"\x1b \x05", "letter spacing"),
    ],
)
def test_what_it_knows_but_does_not_imitate_is_said(command: bytes, words: str) -> None:
    bench = Bench()
    bench.ask(command + b"A\n\x1dVA\x00")
    assert len(bench.warnings[0]) == 1
    assert words in bench.warnings[0][0]
    assert bench.warnings[0][0].startswith("not shown: ")


def test_the_words_of_a_barcode_stand_where_gs_h_says() -> None:
    heights = []
    for where in range(4):
        bench = Bench()
        bench.ask(b"\x1dH" + bytes([where]) + b"\x1dh\x40\x1dkI\x06{B1001\x1dVA\x00")
        assert bench.warnings == [[]]
        heights.append(bench.slips[0].height)
    assert heights == [64, 88, 88, 112]
