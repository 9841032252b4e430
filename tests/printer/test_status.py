import pytest
from hypothesis import given
from hypothesis import strategies as st

from printer.transports.status import (
    PROBLEMS,
    CoverState,
    CutterState,
    PaperState,
    PrinterStatus,
    from_realtime_answers,
    is_paper_answer,
    is_realtime_answer,
    unreachable,
)

WELL = {1: 0x12, 2: 0x12, 3: 0x12, 4: 0x12}


def test_what_was_not_said_is_unknown() -> None:
    status = PrinterStatus()
    assert (status.online, status.paper, status.cover, status.cutter) == (None, "unknown", "unknown", "unknown")
    assert status.problems == ()
    assert not status.blocked
    assert not status.reports_status


def test_a_half_answer_leaves_the_rest_unknown() -> None:
    status = from_realtime_answers({1: 0x12})
    assert status.online is True
    assert status.paper is PaperState.UNKNOWN


@pytest.mark.parametrize(
    ("answers", "problems", "blocked"),
    [
        ({}, (), False),
        ({4: 0x1E}, ("paper_low",), False),
        ({1: 0x1A, 2: 0x32, 4: 0x72}, ("paper_out",), True),
        ({1: 0x1A, 2: 0x16}, ("cover_open",), True),
        ({1: 0x1A, 2: 0x52, 3: 0x1A}, ("cutter_error",), True),
        ({1: 0x1A, 2: 0x52, 3: 0x32}, ("error",), True),
        ({1: 0x1A}, ("offline",), True),
        ({1: 0x1A, 2: 0x36, 4: 0x72}, ("paper_out", "cover_open"), True),
    ],
)
def test_the_bits_of_dle_eot(answers: dict[int, int], problems: tuple[str, ...], blocked: bool) -> None:
    status = from_realtime_answers(WELL | answers)
    assert status.problems == problems
    assert status.blocked is blocked


def test_a_well_printer_says_so() -> None:
    status = from_realtime_answers(WELL)
    assert (status.online, status.paper, status.cover, status.cutter, status.error) == (
        True,
        PaperState.OK,
        CoverState.CLOSED,
        CutterState.OK,
        False,
    )


@given(st.integers(0, 255))
def test_no_byte_answers_both_questions(byte: int) -> None:
    assert not (is_realtime_answer(byte) and is_paper_answer(byte))


def test_every_problem_has_words_in_both_languages() -> None:
    assert all(set(words) == {"vi", "en"} for words in PROBLEMS.values())
    assert unreachable("x").message("vi") == "Không kết nối được máy in"
    assert unreachable("x").message("fr") == "Printer cannot be reached"
