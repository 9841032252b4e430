"""The age on a citizen card, from what a scanner types of its QR code. Nothing else of the card leaves this module.

The code holds `12-digit number|old number or empty|name|ddmmyyyy|Nam/Nữ|address|issued ddmmyyyy`. Scanners set to
another keyboard mangle it: another sign for `|`, slashes in the dates, zeros or the empty field lost, letters spoilt.
"""

import re
from datetime import date

NUMBER = re.compile(r"\s*(\d{12})([^0-9A-Za-z\s])")
WRITTEN = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
PACKED = re.compile(r"(\d{1,2})(\d{2})(\d{4})")
OLDEST = 125
FEWEST_FIELDS = 4  # number, name, date, and something more


def looks_like_card(scan: str) -> bool:
    """Whether `scan` is a citizen card's code, readable or not."""
    return NUMBER.match(scan) is not None


def age_on_card(scan: str, today: date) -> int | None:
    """The holder's age in whole years; None where `scan` is no card, or its date of birth is lost or impossible."""
    number = NUMBER.match(scan)
    if number is None:
        return None
    fields = scan[number.end() :].strip().split(number[2])
    if len(fields) + 1 < FEWEST_FIELDS:
        return None
    # Dates stand behind the name only: an old number of nine digits never comes near.
    dates = [found for field in fields[1:] if (found := _date(field.strip())) is not None]
    born = min(dates, default=None)
    # A card is issued after birth; with the date of issue alone, nothing is known of the age.
    if born is None or (len(dates) == 1 and _is_last(born, fields)):
        return None
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return age if born <= today and age <= OLDEST else None


def _is_last(day: date, fields: list[str]) -> bool:
    filled = [field.strip() for field in fields if field.strip()]
    return _date(filled[-1]) == day and len(filled) > 2  # noqa: PLR2004 - name, date: then it is the birth's


def _date(field: str) -> date | None:
    found = WRITTEN.fullmatch(field) or PACKED.fullmatch(field)
    if found is None:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
