"""The type of text: what it takes, what it refuses, and that cleaning twice is cleaning once."""

import json
import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from config.text import types as texts

KHMER = "ការិយាល័យ\u200bច្រក\u200cចេញ\u200dចូល"  # zero-width spaces and joiners between its words
BAD = {
    "NUL": "a\x00b",
    "escape": "a\x1bb",
    "line break": "a\nb",
    "C1": "a\x85b",
    "half an emoji": "abc \ud83d",
    "noncharacter": "a\ufdd0b",
    "last of a plane": "a\U0001fffeb",
    "override": "a\u202eb",
    "isolate": "a\u2066b",
    "mark": "a\u200fb",
    "line separator": "a\u2028b",
    "nothing seen": "\u200b",
    "Hangul filler": "\u3164",
    "braille blank": "\u2800",
    "accent alone": "\u0301",
    "a tower of marks": "a" + "\u0301" * 40,
}
anything = st.text(st.characters(codec=None), max_size=40)  # surrogates and noncharacters too


class Said(BaseModel):
    name: texts.Name | None = None
    note: texts.Note | None = None
    notice: texts.Notice | None = None
    told: texts.Told | None = None
    official: texts.OfficialName | None = None
    day: texts.Day | None = None
    moment: texts.Moment | None = None


def taken(clean: Any, text: str) -> str | None:
    try:
        return str(clean(text))
    except ValueError:
        return None


@pytest.mark.parametrize("clean", [texts.clean_line, texts.clean_paragraph, texts.clean_notice, texts.clean_name])
@given(text=anything)
@example(text=f" {KHMER} ")
@example(text="\u200ba\u0301\u200b")
@example(text="a\u200b\u0301")
def test_cleaning_again_changes_nothing_and_what_is_clean_can_be_kept(clean: Any, text: str) -> None:
    cleaned = taken(clean, text)
    if cleaned is None:
        return
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()
    assert json.loads(json.dumps(cleaned, ensure_ascii=False).encode()) == cleaned
    assert texts.is_storable(cleaned)
    assert not any(unicodedata.category(letter) in {"Cs", "Cc"} for letter in cleaned.replace("\n", ""))


@given(text=anything)
def test_what_a_machine_says_is_never_refused(text: str) -> None:
    kept = texts.scrub(text)
    assert texts.scrub(kept) == kept
    assert not texts.has_controls(kept)
    assert Said(told=text).told == kept


@pytest.mark.parametrize("field", ["name", "note", "notice", "official"])
@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_is_refused(field: str, text: str) -> None:
    if field == "notice" and text in {"a\nb", "a\x85b", "a\u2028b"}:
        assert Said(notice=text).notice == "a b"
        return
    if field == "note" and text == "\u200b":  # as good as no note
        assert Said(note=text).note == ""
        return
    with pytest.raises(ValidationError):
        Said(**{field: text})


@pytest.mark.parametrize(
    "text", [KHMER, "Đường Lê Lợi 👨\u200d👩\u200d👧", "דלת", "باب", "行政服务", "T\u1ea1", "Nguyễn Thị Én"]
)
def test_what_is_taken_as_it_is(text: str) -> None:
    assert Said(note=text).note == text


def test_bounds_are_those_of_the_form_that_is_kept() -> None:
    apart = unicodedata.normalize("NFD", "ệ" * 64)
    assert Said(name=f"  {apart}  ").name == "ệ" * 64
    with pytest.raises(ValidationError):
        Said(name=apart + "a")
    assert Said(official="Ủ" * 500).official == "Ủ" * 500
    with pytest.raises(ValidationError):
        Said(official="Ủ" * 501)


@pytest.mark.parametrize("name", [" Mai ", "Mai\u00a0", "M\u200bai", "\u2060Mai", "Ma\u00adi", "\ufeffMai"])
def test_names_that_look_the_same_are_the_same(name: str) -> None:
    assert texts.clean_name(name) == "Mai"


def test_blanks_within_a_name() -> None:
    assert texts.clean_name("Mai\u3000 Lan") == "Mai Lan"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "20261123", 20261123, "1.5", ""])
def test_days_that_are_none(day: Any) -> None:
    with pytest.raises(ValidationError):
        Said(day=day)
    assert Said(day="2026-11-23").day == date(2026, 11, 23)


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", 1e20, "1764000000", "2026-11-28T00:00:00"]
)
def test_moments_that_are_none(moment: Any) -> None:
    with pytest.raises(ValidationError):
        Said(moment=moment)


@pytest.mark.parametrize("code", ["A１", "A٠٠١", "HT–1", "Ð1", "a\n", ""])
def test_codes_and_numbers_are_ascii(code: str) -> None:
    for kind in (texts.Code, texts.Number):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(code)


def test_a_message_obeys_no_text() -> None:
    assert texts.for_messages("a\u202eb\x1b[2J") == "a\\u202eb\\u001b[2J"
    assert len(texts.for_messages("x" * 2_000_000)) < 200
