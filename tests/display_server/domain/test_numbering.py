import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_server.domain.numbering import OFFLINE_LETTERS, format_number, free_offline_letter, parse_number

prefixes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=3)


@pytest.mark.parametrize(("number", "text"), [(1, "A001"), (42, "A042"), (999, "A999"), (1000, "A1000")])
def test_three_digits_that_grow_when_a_day_needs_it(number: int, text: str) -> None:
    assert format_number("A", number) == text
    assert parse_number(text) == ("A", number)


@given(prefixes, st.integers(1, 999_999))
def test_every_number_is_read_back(prefix: str, number: int) -> None:
    assert parse_number(format_number(prefix, number)) == (prefix, number)


@given(st.text(max_size=12))
def test_only_what_is_written_is_read(text: str) -> None:
    parsed = parse_number(text)
    assert parsed is None or format_number(*parsed) == text


@pytest.mark.parametrize(
    "text", ["", "A", "A1", "A01", "A000", "A0001", "A01000", "a001", "ABCD001", "A٠٠٧", "A001\n", " A001"]
)
def test_anything_else_is_no_number(text: str) -> None:
    assert parse_number(text) is None


def test_a_kiosk_gets_a_letter_that_no_other_holds() -> None:
    taken: list[str] = []
    while (letter := free_offline_letter(["A", "B"], taken)) is not None:
        taken.append(letter)
    assert sorted(taken) == sorted(OFFLINE_LETTERS)
    assert len(set(taken)) == len(taken)


@given(st.sets(prefixes, max_size=20), st.sets(st.sampled_from(OFFLINE_LETTERS)))
def test_offline_numbers_are_never_taken_for_a_departments_own(departments: set[str], taken: set[str]) -> None:
    letter = free_offline_letter(departments, taken)
    if letter is None:
        assert all(
            each in taken or any(prefix + each in departments for prefix in departments) for each in OFFLINE_LETTERS
        )
    else:
        assert letter not in taken
        assert not {prefix + letter for prefix in departments} & departments
