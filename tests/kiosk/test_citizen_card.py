"""The age on a citizen card, also where a scanner mangles the code; never anything else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.citizen_card import age_on_card, looks_like_card

TODAY = date(2026, 11, 23)
CARD = "034050001234|151234567|Nguyễn Văn Tiến|02031950|Nam|Số 12, tổ 3, phường Lê Hồng Phong, Thái Bình|15082021"


@pytest.mark.parametrize(
    "scan",
    [
        CARD,
        CARD + "\r\n",
        "\r\n" + CARD,
        CARD.replace("151234567", ""),
        CARD.replace("151234567|", ""),
        CARD.replace("02031950", "02/03/1950").replace("15082021", "15/08/2021"),
        CARD.replace("02031950", "2/3/1950").replace("15082021", "15/8/2021"),
        CARD.replace("02031950", "02-03-1950"),
        CARD.replace("02031950", "2031950"),
        CARD.replace("|", "~"),
        CARD.replace("|", "\\"),
        CARD.replace("|", "}"),
        CARD.replace("|", "¦"),
        CARD.replace("|", "#"),
        CARD.replace("Nguyễn Văn Tiến", "Nguyn Vn Tin").replace("phường", "phng"),
        CARD.replace("Nguyễn Văn Tiến", "Nguyá»…n VÄƒn Tiáº¿n"),
        CARD.replace("Nguyễn Văn Tiến", "NGUYEN VAN TIEN"),
        CARD + "|",
        CARD + "||||",
        CARD.rpartition("|")[0],
    ],
)
def test_the_age_is_read(scan: str) -> None:
    assert looks_like_card(scan)
    assert age_on_card(scan, TODAY) == 76


@pytest.mark.parametrize(
    "scan",
    [
        "",
        "8934563138164",
        "http://192.168.1.2:8080/t/MTc.abcdef",
        "034050001234",
        "034050001234|151234567|Nguyễn Văn Tiến",
        CARD.replace("02031950", "31021950"),
        CARD.replace("02031950", "00001950"),
        CARD.replace("02031950", "02031850"),
        CARD.replace("02031950", "02032030").replace("15082021", ""),
        CARD.replace("02031950", ""),
        "x" * 2000,
        "034050001234" + "|" * 2000,
    ],
)
def test_no_age_where_there_is_none(scan: str) -> None:
    assert age_on_card(scan, TODAY) is None


def card(born: date) -> str:
    return f"034200001234||Trần Thị Bé|{born:%d%m%Y}|Nữ|Thái Thụy, Thái Bình|{TODAY:%d%m%Y}"


def test_birthdays_count_to_the_day() -> None:
    assert age_on_card(card(date(1966, 11, 23)), TODAY) == 60
    assert age_on_card(card(date(1966, 11, 24)), TODAY) == 59
    assert age_on_card(card(date(2020, 5, 1)), TODAY) == 6
    assert age_on_card(card(date(1964, 2, 29)), date(2026, 2, 28)) == 61


@given(st.dates(TODAY - timedelta(days=365 * 120), TODAY - timedelta(days=1)))
def test_every_birthday_is_read(born: date) -> None:
    age = age_on_card(card(born), TODAY)

    assert age is not None
    assert timedelta(days=365 * age) <= TODAY - born < timedelta(days=366.25 * (age + 1))


@given(st.text(max_size=300))
def test_any_text_is_survived(scan: str) -> None:
    age = age_on_card(scan, TODAY)

    assert age is None or 0 <= age <= 125
