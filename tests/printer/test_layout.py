from pathlib import Path

import pytest

from printer.errors import LayoutError
from printer.slip.layout import CONDITIONS, PLACEHOLDERS, Layout, layout_names, load_layout, parse_layout
from printer.slip.template import conditions, placeholder_values
from tests.printer.conftest import make_slip, round_emblem

SMALLEST = """width = 384
[[block]]
kind = "number"
height_mm = 18
"""


def test_the_three_layouts_of_the_house_are_there() -> None:
    assert layout_names() == ["large_80mm", "standard_58mm", "standard_80mm", "standard_80mm_512"]
    assert {name: load_layout(name).width for name in layout_names()} == {
        "large_80mm": 576,
        "standard_58mm": 384,
        "standard_80mm_512": 512,
        "standard_80mm": 576,
    }


def test_the_smallest_layout_is_a_number() -> None:
    assert parse_layout(SMALLEST, "x").cut is None


def test_a_layout_may_be_a_file_of_the_site(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(SMALLEST)
    assert isinstance(load_layout(str(path)), Layout)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[block]]\nkind = "text"\ntext = { vi = "x" }\nsize = "big"\n', r"x\.toml:8: block\.2\.size: "),
        (
            '[[block]]\nkind = "text"\ntext = { vi = "x" }\nsize = 20\ncolour = 1\n',
            r":9: block\.2\.colour: no such key",
        ),
        ('[[block]]\nkind = "text"\nsize = 20\n', r":5: block\.2\.text: is missing"),
        ('[[block]]\nkind = "text"\ntext = { vi = "{nummer}" }\nsize = 20\n', r":7: .*unknown placeholder \{nummer\}"),
        ('[[block]]\nkind = "text"\ntext = { vi = "{ahead" }\nsize = 20\n', r":7: block\.2\.text: "),
        ('[[block]]\nkind = "rule"\nwhen = "rain"\n', r":7: block\.2\.when: unknown condition 'rain'"),
        ('[[block]]\nkind = "picture"\n', r":5: block\.2: .*'picture'"),
        ('[[block]]\nkind = "cut"\n[[block]]\nkind = "rule"\n', "must be the last"),
        (
            (
                '[[block]]\nkind = "columns"\n[[block.column]]\nshare = 1\n[[block.column.block]]\nkind = "rule"\n'
                '[[block.column]]\nshare = 1\n[[block.column.block]]\nkind = "rule"\n[[block.column.block]]\n'
                'kind = "qr"\nsize_mm = 900\n'
            ),
            r":17: block\.2\.column\.2\.block\.2\.size_mm: ",
        ),
    ],
)
def test_an_error_names_file_line_key_and_reason(text: str, message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        parse_layout(SMALLEST + text, "x.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("width = 100\n" + SMALLEST.partition("\n")[2], r"x:1: width: "),
        ('width = 384\n[[block]]\nkind = "rule"\n', "no block of kind"),
        ("width = 384\nblock = []\n", r"x:2: block: "),
        ("width = ", "not valid TOML"),
    ],
)
def test_an_error_of_the_whole_is_one_line_too(text: str, message: str) -> None:
    with pytest.raises(LayoutError, match=message) as caught:
        parse_layout(text, "x")
    assert "\n" not in str(caught.value)


def test_an_unknown_layout_lists_those_there_are() -> None:
    with pytest.raises(LayoutError, match="large_80mm, standard_58mm, standard_80mm"):
        load_layout("nope")


def test_layouts_and_slips_agree_on_placeholders_and_conditions() -> None:
    assert set(placeholder_values(make_slip(), "vi", lambda words, code: words[code])) == PLACEHOLDERS
    everything = make_slip(
        priority="a",
        procedure="b",
        papers=["c", "e"],
        ready=[True, False],
        note="d",
        offline=True,
        copy=True,
        emblem=round_emblem(),
    )
    left = make_slip(ahead=0, no_counter=True, wait_low=None, wait_high=None)
    assert conditions(everything) | conditions(left) == CONDITIONS
