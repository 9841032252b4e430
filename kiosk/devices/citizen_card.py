"""The age on a citizen card, from what a scanner types of its QR code. Nothing else of the card leaves this module.

The code holds `12-digit number|old number or empty|name|ddmmyyyy|Nam/Nữ|address|issued ddmmyyyy`. Scanners set to
another keyboard mangle it: another sign for `|`, slashes in the dates, zeros or the empty field lost, letters spoilt.
"""

import re
from datetime import date

# The leading zeros of a province's code are lost where the number went through a program that counts.
NUMBER = re.compile(r"\s*(\d{10,12})([^0-9A-Za-z\s])")
WHOLE_NUMBER = 12
WRITTEN = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
PACKED = re.compile(r"(\d{1,2})(\d{2})(\d{4})")
YEAR_FIRST = re.compile(r"(\d{4})[-/. ]?(\d{2})[-/. ]?(\d{2})")
OLDEST = 125
FEWEST_FIELDS = 4  # number, name, date, and something more
LONGEST_SEX = 6  # letters of "Nam" or "Nữ", also where the "ữ" became several


def looks_like_card(scan: str) -> bool:
    """Whether `scan` is a citizen card's code, readable or not. A short number needs the fields behind it."""
    number = NUMBER.match(scan)
    if number is None:
        return False
    return len(number[1]) == WHOLE_NUMBER or len(_fields(scan, number)) + 1 >= FEWEST_FIELDS


def age_on_card(scan: str, today: date) -> int | None:
    """The holder's age in whole years; None where `scan` is no card, or its date of birth is lost or impossible."""
    number = NUMBER.match(scan)
    if number is None:
        return None
    born = _born(_fields(scan, number))
    if born is None:
        return None
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return age if born <= today and age <= OLDEST else None


def _fields(scan: str, number: re.Match[str]) -> list[str]:
    """What stands behind the number: old number or not, name, date of birth, sex, address, date of issue."""
    return [field.strip() for field in scan[number.end() :].strip().split(number[2])]


def _born(fields: list[str]) -> date | None:
    """The date that stands before the sex: a part of the address may look like a date too.

    Where the sex was lost, the first date behind the name: an old number of nine digits never comes near.
    """
    if len(fields) + 1 < FEWEST_FIELDS:
        return None
    dates = [None, *(_date(field) for field in fields[1:])]
    for day, following in zip(dates, fields[1:], strict=False):
        if day is not None and _may_be_sex(following):
            return day
    if any(_may_be_sex(field) for field in fields[2:]):
        return None  # the date before it was lost
    known = [day for day in dates if day is not None]
    filled = [field for field in fields if field]
    # A card is issued after birth; with the date of issue alone, nothing is known of the age.
    if len(known) == 1 and _date(filled[-1]) == known[0] and len(filled) > 2:  # noqa: PLR2004 - name, date
        return None
    return known[0] if known else None


def _may_be_sex(field: str) -> bool:
    return field[:1] in {"N", "n"} and len(field) <= LONGEST_SEX


def _date(field: str) -> date | None:
    day_first = WRITTEN.fullmatch(field) or PACKED.fullmatch(field)
    if day_first and (found := _calendar_day(*reversed(day_first.groups()))):
        return found
    year_first = YEAR_FIRST.fullmatch(field)
    return _calendar_day(*year_first.groups()) if year_first else None


def _calendar_day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
