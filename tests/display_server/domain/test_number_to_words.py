"""Numbers as they are said: held against a table written by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_server.domain.number_to_words import (
    ENGLISH,
    VIETNAMESE,
    number_to_words,
    read_english,
    read_vietnamese,
    spell_out,
)

VIETNAMESE_TABLE = {
    0: "không", 1: "một", 4: "bốn", 5: "năm", 9: "chín", 10: "mười", 11: "mười một", 14: "mười bốn", 15: "mười lăm",
    19: "mười chín", 20: "hai mươi", 21: "hai mươi mốt", 22: "hai mươi hai", 24: "hai mươi tư", 25: "hai mươi lăm",
    31: "ba mươi mốt", 44: "bốn mươi tư", 55: "năm mươi lăm", 90: "chín mươi", 99: "chín mươi chín", 100: "một trăm",
    101: "một trăm linh một", 104: "một trăm linh bốn", 105: "một trăm linh năm", 110: "một trăm mười",
    111: "một trăm mười một", 115: "một trăm mười lăm", 121: "một trăm hai mươi mốt", 124: "một trăm hai mươi tư",
    125: "một trăm hai mươi lăm", 200: "hai trăm", 505: "năm trăm linh năm", 999: "chín trăm chín mươi chín",
    1000: "một nghìn", 1001: "một nghìn không trăm linh một", 1015: "một nghìn không trăm mười lăm",
    1021: "một nghìn không trăm hai mươi mốt", 1100: "một nghìn một trăm", 2345: "hai nghìn ba trăm bốn mươi lăm",
    10_000: "mười nghìn", 21_004: "hai mươi mốt nghìn không trăm linh bốn",
    105_000: "một trăm linh năm nghìn", 999_999: "chín trăm chín mươi chín nghìn chín trăm chín mươi chín",
}  # fmt: skip
ENGLISH_TABLE = {
    0: "zero", 7: "seven", 12: "twelve", 20: "twenty", 21: "twenty one", 99: "ninety nine", 100: "one hundred",
    105: "one hundred and five", 121: "one hundred and twenty one", 1000: "one thousand",
    1005: "one thousand and five", 2345: "two thousand three hundred and forty five",
    100_000: "one hundred thousand",
}  # fmt: skip


@pytest.mark.parametrize(("number", "words"), VIETNAMESE_TABLE.items())
def test_vietnamese_is_read_as_people_read_it(number: int, words: str) -> None:
    assert " ".join(read_vietnamese(number)) == words


@pytest.mark.parametrize(("number", "words"), ENGLISH_TABLE.items())
def test_english_is_read_as_people_read_it(number: int, words: str) -> None:
    assert " ".join(read_english(number)) == words


def understood(words: list[str]) -> int:
    """What a listener makes of Vietnamese words: a reader of its own, that knows nothing of the rule."""
    units = {word: value for value, word in enumerate(VIETNAMESE)} | {"mốt": 1, "tư": 4, "lăm": 5}
    whole = group = 0
    last = None
    for word in words:
        if word == "nghìn":
            whole, group, last = (group + (last or 0)) * 1000, 0, None
        elif word in ("trăm", "mươi"):
            group, last = group + (last or 0) * (100 if word == "trăm" else 10), None
        elif word == "mười":
            group, last = group + 10, None
        elif word != "linh":
            last = units[word]
    return whole + group + (last or 0)


@given(st.integers(0, 999_999))
def test_what_is_read_is_understood_again(number: int) -> None:
    assert understood(read_vietnamese(number)) == number


def test_units_change_only_after_a_ten() -> None:
    for number in range(10_000):
        words = read_vietnamese(number)
        for before, word in zip(["", *words], words, strict=False):
            assert (word in ("mốt", "tư")) <= (before == "mươi")
            assert (word == "lăm") <= (before in ("mươi", "mười"))
            assert (word in ("một", "bốn", "năm")) <= (before != "mươi")
            assert (word == "năm") <= (before != "mười")


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_no_two_numbers_sound_alike(one: int, other: int) -> None:
    for rule in (read_vietnamese, read_english):
        assert (rule(one) == rule(other)) == (one == other)


def test_a_number_on_paper_is_said_sign_by_sign() -> None:
    assert spell_out("A007", VIETNAMESE) == ["A", "không", "không", "bảy"]
    assert spell_out("AK105", ENGLISH[:10]) == ["A", "K", "one", "zero", "five"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("A007", "A không không bảy"),
        ("A021", "A không hai mươi mốt"),
        ("UT105", "U T một trăm linh năm"),
        ("21", "hai mươi mốt"),
        ("A000", "A không không không"),
        ("A1000000", "A một không không không không không không"),
        ("HD", "H D"),
    ],
)
def test_zeros_in_front_are_heard_when_a_number_is_read(number: str, words: str) -> None:
    assert " ".join(number_to_words(number, "vi", VIETNAMESE)) == words


def test_a_language_without_a_rule_is_spelled() -> None:
    french = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]
    assert number_to_words("A021", "fr", french) == ["A", "zéro", "deux", "un"]
