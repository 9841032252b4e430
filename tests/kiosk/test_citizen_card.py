"""The age on a citizen card, also where a scanner mangles the code; never anything else."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.citizen_card import age_on_card, looks_like_card
from kiosk.devices.keyboard_wedge import code_of

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
        CARD[1:],  # the leading zero lost
        CARD[1:].replace("34050001234", "1050001234"),  # two of them: Hà Nội is 001
        CARD.replace("02031950", "1950-03-02").replace("15082021", "2021-08-15"),
        CARD.replace("02031950", "19500302"),
        # Parts of the address that look like dates: earlier, later, first, last.
        CARD.replace("Số 12", "Thôn 3|01011910"),
        CARD.replace("Số 12", "01011999|Thôn 3"),
        CARD.replace("Thái Bình", "Thái Bình|01011930"),
        CARD.replace("Nam", "Ná»¯").replace("Số 12", "12/12/1912"),
        CARD.replace("Nam", "N").replace("Số 12", "01011930|Nam Định"),
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
        CARD.replace("02031950", "").replace("Số 12", "Thôn 3|01011950"),
        CARD.replace("02031950", "31021950").replace("Số 12", "01011950"),
        "0912345678-12",
        "8934563138164-1-2",
        "x" * 2000,
        "034050001234" + "|" * 2000,
    ],
)
def test_no_age_where_there_is_none(scan: str) -> None:
    assert age_on_card(scan, TODAY) is None


@pytest.mark.parametrize(
    "around", ["{}", "]Q1{}", "]Q3{}", "\ufeff{}", "\x02{}\x03", "\ufeff]Q1{}", "\x02]Q1{}\r", "  {} "]
)
@pytest.mark.parametrize("code", [CARD, "http://192.168.1.2:8080/t/MTc~abcdef"])
def test_what_a_scanner_puts_around_a_code_is_taken_off(around: str, code: str) -> None:
    assert code_of(around.format(code)) == code


def test_a_young_holder_with_a_date_in_the_address_is_young() -> None:
    assert age_on_card("034085001234||Trần Văn Ba|05031985|Nam|Thôn 3|01011950|10052021", TODAY) == 41


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
