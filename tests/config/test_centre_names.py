"""Official names may be long; a short one may stand beside them."""

import pytest

from config.centre.loader import load_centre
from config.centre.long_names import long_names

LONG = "Văn phòng " * 50


def test_a_short_name_is_one_more_key_and_column(folder):
    folder.change("centre.toml", 'timezone = "', 'short = { vi = "Một cửa", en = "One stop" }\ntimezone = "')
    folder.change("departments.toml", 'prefix = "A"', 'prefix = "A"\nshort = { en = "Births" }')
    folder.change("counters.toml", 'code = "1"', 'code = "1"\nshort = { vi = "Q1" }')
    folder.change("procedures.csv", "name_en,limit_value", "name_en,short_vi,short_en,limit_value")
    folder.change("procedures.csv", "Birth,0", "Birth,Sinh,,0")
    folder.change("procedures.csv", "Split a parcel,12", "Split a parcel,,,12")
    centre = load_centre(folder.path)
    assert centre.short == {"vi": "Một cửa", "en": "One stop"}
    assert [each.short for each in centre.departments] == [{"en": "Births"}, {}]
    assert [each.short for each in centre.counters] == [{"vi": "Q1"}]
    assert [each.short for each in centre.procedures] == [{"vi": "Sinh"}, {}]


@pytest.mark.parametrize(
    ("file", "old", "expected"),
    [
        ("centre.toml", "Trung tâm nhỏ", "centre.toml:name: "),
        ("departments.toml", "Hộ tịch", "departments.toml:department 1: name: "),
        ("counters.toml", "Quầy 1", "counters.toml:counter 1: name: "),
        ("procedures.csv", "Khai sinh", "procedures.csv:2: name: "),
    ],
)
def test_a_name_has_at_most_500_letters(folder, told, file, old, expected):
    folder.change(file, old, LONG.strip() + "xy" * 5)
    assert told() == [f'{expected}509 letters in language "vi"; a name has at most 500']
    folder.change(file, "xy" * 5, "x")
    load_centre(folder.path)


@pytest.mark.parametrize("letters", [0, 61])
def test_a_short_name_has_1_to_60_letters(folder, told, letters):
    folder.change("departments.toml", 'prefix = "B"', f'prefix = "B"\nshort = {{ vi = "{"n" * letters}" }}')
    expected = f'{letters} letters in language "vi"; a short name has 1 to 60, or is left out'
    assert told() == [f"departments.toml:department 2: short: {expected}"]


def test_the_columns_of_short_names_are_checked_as_well(folder, told):
    folder.change("procedures.csv", "name_en,limit_value", "name_en,short_vi,limit_value")
    folder.change("procedures.csv", "Birth,0", f"Birth,{'n' * 61},0")
    folder.change("procedures.csv", "Split a parcel,12", "Split a parcel,,12")
    assert told() == ['procedures.csv:2: short: 61 letters in language "vi"; a short name has 1 to 60, or is left out']


def test_long_names_without_a_short_one_are_told(folder):
    assert long_names(load_centre(folder.path)) == []
    folder.change("departments.toml", "Hộ tịch", "t" * 61)
    folder.change("departments.toml", "Civil status", "c" * 61)
    folder.change("departments.toml", 'prefix = "A"', 'prefix = "A"\nshort = { en = "Births" }')
    folder.change("procedures.csv", "Khai sinh", "k" * 121)
    folder.change("procedures.csv", "Tách thửa", "t" * 120)
    assert long_names(load_centre(folder.path)) == [
        "departments.toml: HT: the name has 61 letters in language 'vi' and there is no short one",
        "procedures.csv: HT-1: the name has 121 letters in language 'vi' and there is no short one",
    ]
