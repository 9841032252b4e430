import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from printer.errors import SlipError
from printer.slip.slip import Slip
from tests.printer.conftest import make_slip


def test_a_slip_is_the_same_after_json() -> None:
    slip = make_slip(priority={"vi": "Người cao tuổi"}, papers=["Đơn", {"vi": "Bản sao", "en": "Copy"}], offline=True)
    assert Slip.from_json(slip.to_json()) == slip


@given(st.text(min_size=1).filter(str.strip))
def test_any_department_name_survives_json(name: str) -> None:
    slip = make_slip(department={"vi": name})
    assert Slip.from_json(slip.to_json()) == slip


def test_letters_are_composed_and_control_characters_dropped() -> None:
    slip = make_slip(department="So\u031b\u0309 Y te\u0302\u0301\x1b@\n")
    assert slip.department == {"vi": "Sở Y tế@"}


def test_the_time_is_shown_on_the_centres_clock() -> None:
    assert f"{make_slip().local_time:%d/%m %H:%M}" == "23/11 08:32"


def test_a_copy_differs_in_nothing_else() -> None:
    slip = make_slip()
    copy = slip.as_copy()
    assert copy.copy
    assert not slip.copy
    assert json.loads(copy.to_json()) == json.loads(slip.to_json()) | {"copy": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": ""},
        {"number": " \n"},
        {"number": "A" * 13},
        {"issued_at": datetime(2026, 11, 23, 8, 0)},  # noqa: DTZ001 - a time without a zone is the point
        {"timezone": "Asia/Atlantis"},
        {"ahead": -1},
        {"wait_low": 9, "wait_high": 5},
        {"department": {}},
        {"language": "VI!"},
        {"colour": "red"},
    ],
)
def test_a_slip_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        make_slip(**wrong)


def test_a_stored_slip_that_is_damaged_names_the_field() -> None:
    with pytest.raises(SlipError, match=r"slip: ahead: "):
        Slip.from_json(make_slip().to_json().replace('"ahead":3', '"ahead":-3'))
    with pytest.raises(SlipError, match="slip: "):
        Slip.from_json("{")
