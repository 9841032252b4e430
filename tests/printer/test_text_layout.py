import pytest
from hypothesis import given
from hypothesis import strategies as st

from printer.rendering.text_layout import font, render_number, render_text, wrap

LONG_NAMES = [
    "Sở Nông nghiệp và Phát triển nông thôn",
    "Sở Lao động - Thương binh và Xã hội",
    "Ban Quản lý các khu công nghiệp tỉnh",
]


@pytest.mark.parametrize("name", LONG_NAMES)
@pytest.mark.parametrize(("size", "width"), [(36, 560), (30, 376), (48, 560)])
def test_long_names_fill_even_lines(name: str, size: int, width: int) -> None:
    face = font("bold", size)
    lines = wrap(name, face, width)
    assert " ".join(lines) == name
    lengths = [face.getlength(line) for line in lines]
    assert max(lengths) <= width
    assert min(lengths) > max(lengths) / 2, f"a widow: {lines}"
    assert not any(line.startswith("-") for line in lines)


@given(st.text(alphabet="aăâbcdđeêghi kộớữ-", min_size=1, max_size=120).filter(str.strip), st.integers(60, 560))
def test_no_line_is_ever_wider_than_the_paper_and_no_letter_lost(text: str, width: int) -> None:
    face = font("regular", 24)
    lines = wrap(text, face, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(face.getlength(line) <= width + 1 for line in lines)


def test_stacked_diacritics_of_two_lines_never_touch() -> None:
    picture = render_text("gỵ ự ỢỌ ẾẤỔỮ", "bold", 40, 170, "left")
    blank = [picture.crop((0, y, picture.width, y + 1)).getextrema()[0] == 255 for y in range(picture.height)]
    middle = blank[blank.index(False) : len(blank) - blank[::-1].index(False)]
    assert True in middle


@pytest.mark.parametrize("number", ["A001", "UTA042", "1", "A1001", "ABCDEFGHIJ12"])
def test_a_number_is_never_wider_than_its_room(number: str) -> None:
    picture = render_number(number, "extrabold", 160, 560)
    assert picture.width <= 560
    assert picture.height <= 160


def test_a_usual_number_has_its_full_height() -> None:
    assert {render_number(number, "extrabold", 160, 560).height for number in ("A001", "B999", "AK901")} == {160}
