"""Telex: every Vietnamese word of our own data can be typed, with tones and marks in either place."""

import re
import unicodedata
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.search.telex import TONES, type_key

CENTRES = Path(__file__).parents[2] / "config" / "centres"
MARKS = {"\u0306": "w", "\u031b": "w"}
KEY_OF_TONE = {tone: key for key, tone in TONES.items()}


def typed(keys: str, before: str = "") -> str:
    return reduce(type_key, keys, before)


def keys_of(word: str, *, late: bool = False) -> str:
    """How a person types `word`; `late`: marks after all the letters. The tone comes last."""
    letters, marks, tone = "", "", ""
    for sign in unicodedata.normalize("NFD", word):
        if sign in KEY_OF_TONE:
            tone = KEY_OF_TONE[sign]
        elif unicodedata.combining(sign) or sign == "đ":
            mark = "d" if sign == "đ" else MARKS.get(sign) or letters[-1]
            letters += "d" if sign == "đ" else ""
            if late and mark not in marks:
                marks += mark
            letters += "" if late else mark
        else:
            letters += sign
    return letters + marks + tone


def vietnamese_words() -> list[str]:
    text = "\n".join(path.read_text() for path in CENTRES.rglob("*.toml")) + "\n".join(
        path.read_text() for path in CENTRES.rglob("*.csv")
    )
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    vowels = re.compile("[aeiouy]")
    return sorted(word for word in words if not word.isascii() and vowels.search(keys_of(word)) and len(word) < 8)


WORDS = vietnamese_words()


def test_there_are_many_words() -> None:
    assert len(WORDS) > 400


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_typed(word: str) -> None:
    assert typed(keys_of(word)) == word


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_typed_with_its_marks_at_the_end(word: str) -> None:
    assert typed(keys_of(word, late=True)) == word


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("tieengs", "tiếng"), ("tiengse", "tiếng"), ("tieesng", "tiếng"), ("truwowngf", "trường"),
        ("thuowr", "thuở"), ("thuongw", "thương"), ("muaw", "mưa"), ("luuw", "lưu"), ("nguoiwf", "người"),
        ("ngoeof", "ngoèo"), ("hoaf", "hòa"), ("hoafn", "hoàn"), ("thuyr", "thủy"), ("khuyur", "khuỷu"),
        ("quys", "quý"), ("giaf", "già"), ("gif", "gì"), ("w", "ư"), ("tuw", "tư"), ("ddi", "đi"), ("did", "đi"),
        ("tass", "tas"), ("aaa", "aa"), ("ddd", "dd"), ("tasf", "tà"), ("tiengsz", "tieng"), ("z", "z"), ("st", "st"),
        ("soor ddor", "sổ đỏ"), ("123s", "123s"), ("a1a", "a1a"),
    ],
)  # fmt: skip
def test_keys_become(keys: str, expected: str) -> None:
    assert typed(keys) == expected


@given(st.text("abcdefghijklmnopqrstuvwxyz 0123456789", max_size=80))
def test_any_keys_are_survived(keys: str) -> None:
    text = typed(keys)

    assert text == unicodedata.normalize("NFC", text)
    assert len(text) <= len(keys)


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=12), st.sampled_from(["khai ", "sổ đỏ 12 ", ""]))
def test_earlier_words_stay(keys: str, before: str) -> None:
    assert typed(keys, before).startswith(before)
