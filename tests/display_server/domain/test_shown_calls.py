"""Which calls a display shows, and which displays hear one another."""

import pytest

from display_server.domain.shown_calls import ShownCalls


@pytest.mark.parametrize(
    ("shown", "counter", "department", "has"),
    [
        (";", "1", "TC", True),
        ("", "1", "TC", True),
        ("1,2;", "1", "TC", True),
        ("1,2;", "3", "TC", False),
        (";TC", "3", "TC", True),
        (";TC", "3", "HT", False),
        ("1;TC", "3", "TC", False),  # counters decide where both are given, as on the page
    ],
)
def test_what_is_shown(shown: str, counter: str, department: str, has: bool) -> None:
    assert ShownCalls.parse(shown).has(counter, department) is has


def test_the_same_calls_have_one_key_of_bounded_length() -> None:
    assert ShownCalls.parse("2,1,1;").key() == ShownCalls.parse(" 1,2").key()
    assert ShownCalls.parse("1;").key() != ShownCalls.parse(";1").key()
    assert len(ShownCalls.parse("x" * 2000).key()) == 64
    assert str(ShownCalls.parse("2,1;B,A")) == "1,2;A,B"


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        ("", "", True),
        ("", "1;", True),
        ("", ";TC", True),
        ("1,2;", "1;", True),
        ("1;", "1,2;", False),
        ("1;", "", False),
        (";TC,HT", ";TC", True),
        (";TC", "1;", False),
        ("1;", ";TC", False),
    ],
)
def test_who_covers_whom(one: str, other: str, covers: bool) -> None:
    assert ShownCalls.parse(one).covers(ShownCalls.parse(other)) is covers
