"""The one type of text from people and devices, and the bounds of numbers, dates and moments.

Text is NFC and trimmed. Control, surrogate, noncharacter and bidi-control characters are refused, and so is text of
which nothing would be seen. Joiners (U+200C, U+200D) and U+200B inside a text stay: Khmer is written with them.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, TypeAdapter, ValidationError

LONGEST_NAME = 64  # of a person or a device
LONGEST_OFFICIAL_NAME = 500
LONGEST_NOTE = 200
LONGEST_NOTICE = 300
MOST_MARKS = 10  # combining marks in a row; Khmer and Vietnamese need three
LARGEST_INT = 2**63 - 1  # of a BIGINT
FIRST_YEAR, LAST_YEAR = 1970, 2199  # a clock without a battery wakes up in 1970

# Bidi controls and the deprecated format characters beside them, line and paragraph separators, annotations.
_REFUSED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, sys.maxunicode, 0x10000))
    + "]"
)
_LINE_BREAKS = re.compile(r"\s*[\r\n\t\v\f\x85\u2028\u2029]+\s*")
# Drawn as nothing, though their category is that of a letter, mark or symbol (Default_Ignorable_Code_Point; U+2800).
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\U0001d159]")
_FORMAT = re.compile("[\u00ad\u180b-\u180f\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]")
_EDGE = "\u200b\u200c\u200d\u2060\ufeff"


@dataclass(frozen=True)
class TextRule:
    """Marks a type whose text went through this module; a test looks for it at every endpoint."""

    name: str


def clean_line(text: str) -> str:
    """`text` as one line that may be kept: NFC and trimmed. Raises `ValueError`, which names what is wrong."""
    text = _trimmed(unicodedata.normalize("NFC", text))
    if found := _REFUSED.search(text):
        raise ValueError(_why_refused(found[0]))
    return _seen(text)


def clean_paragraph(text: str) -> str:
    """The same for text of several lines; they are kept, each trimmed, and end in a line feed."""
    lines = re.split(r"\r\n|[\r\n\x85\u2028\u2029]", unicodedata.normalize("NFC", text))
    cleaned = [clean_line(line.replace("\t", " ")) for line in lines]
    return "\n".join(cleaned).strip("\n")


def clean_notice(text: str) -> str:
    """One line out of text that was typed or pasted into a field of several lines: line breaks become blanks."""
    return clean_line(_LINE_BREAKS.sub(" ", text.strip()))


def clean_name(text: str) -> str:
    """The one form of a name by which somebody signs in or a device is found.

    Whatever is seen as the same is the same: blanks of every kind are one plain blank, and nothing unseen is kept.
    """
    text = clean_line(text)
    if found := _BLANK.search(text):
        raise ValueError(f"has a character that cannot be seen (U+{ord(found[0]):04X})")
    return _trimmed(unicodedata.normalize("NFC", " ".join(_FORMAT.sub("", text).split())))


def scrub(text: str, longest: int = LONGEST_NOTE) -> str:
    """What a machine said of itself, made fit to be kept and shown: it is never refused, but cleaned and cut."""
    text = _REFUSED.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAKS.sub(" ", unicodedata.normalize("NFC", text)))
    text = _trimmed(text)[:longest]
    return _trimmed(text if _is_seen(text) else "")


def clean_password(text: str) -> str:
    """NFC, as the same key gives other bytes on another system (RFC 8265, OpaqueString). Never trimmed."""
    return unicodedata.normalize("NFC", text)


def is_storable(text: str) -> bool:
    """Whether every database, JSON and UTF-8 can hold `text`: no NUL and no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def has_controls(text: str) -> bool:
    """Whether `text` has a control, surrogate, noncharacter or bidi-control character."""
    return _REFUSED.search(text) is not None


def all_strings(value: Any) -> Iterator[str]:
    """Every string in what JSON or TOML holds, keys too."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            waiting += each


def for_messages(text: str, longest: int = 120) -> str:
    """`text` as it may stand in a message: cut, and with escapes for what a terminal would obey."""
    short = text if len(text) <= longest else text[:longest] + "…"
    return _REFUSED.sub(lambda found: f"\\u{ord(found[0]):04x}", short)


def _trimmed(text: str) -> str:
    while (shorter := text.strip().strip(_EDGE)) != text:
        text = shorter
    return text


def _why_refused(letter: str) -> str:
    code, kind = f"U+{ord(letter):04X}", unicodedata.category(letter)
    if kind == "Cc":
        return f"must be one line without control characters ({code})"
    if kind == "Cs":
        return f"has half a character (surrogate {code})"
    if kind in {"Zl", "Zp"}:
        return f"must be one line ({code})"
    return f"has a character that turns or hides text ({code})" if kind == "Cf" else f"has no character at {code}"


def _is_seen(text: str) -> bool:
    return any(unicodedata.category(letter)[0] in "LNPS" and not _BLANK.match(letter) for letter in text)


def _seen(text: str) -> str:
    if text and not _is_seen(text):
        raise ValueError("has nothing in it that can be seen")
    run = 0
    for letter in text:
        run = run + 1 if unicodedata.category(letter) in {"Mn", "Me"} else 0
        if run > MOST_MARKS:
            raise ValueError(f"has more than {MOST_MARKS} marks on one letter")
    return text


def _of_text(clean: Any) -> BeforeValidator:
    # Before the bounds: the same name has twice as many code points where it comes decomposed.
    return BeforeValidator(lambda given: clean(given) if isinstance(given, str) else given)


def _year_is_sane(moment: Any) -> Any:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"the year must be from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def _in_utc_too(moment: datetime) -> datetime:
    return _year_is_sane(moment) and _year_is_sane(moment.astimezone(UTC)) and moment


def _no_number(given: Any) -> Any:
    # pydantic takes 20261123 for seconds since 1970.
    if isinstance(given, int | float) or (isinstance(given, str) and given.strip().lstrip("+-").isdecimal()):
        raise ValueError('a date is written as "2026-11-23"')
    return given


def _day(given: Any) -> Any:
    return _parsed(_DAY, _no_number(given), 'a date is written as "2026-11-23"')


def _moment(given: Any) -> Any:
    return _parsed(_MOMENT, _no_number(given), 'a moment is written as "2026-11-23T08:00:00+07:00"')


def _parsed(kind: TypeAdapter[Any], given: Any, written: str) -> Any:
    """Text is read here: behind a validator of ours pydantic, where it is strict, would not take it for a date."""
    if not isinstance(given, str):
        return given
    try:
        return kind.validate_python(given)
    except ValidationError as error:
        raise ValueError(written) from error


_DAY, _MOMENT = TypeAdapter(date), TypeAdapter(datetime)


OfficialName = Annotated[
    str, Field(min_length=1, max_length=LONGEST_OFFICIAL_NAME), _of_text(clean_line), TextRule("line")
]
OptionalLine = Annotated[str, Field(max_length=LONGEST_OFFICIAL_NAME), _of_text(clean_line), TextRule("line")]
Area = Annotated[str, Field(max_length=64), _of_text(clean_line), TextRule("line")]
Note = Annotated[str, Field(max_length=LONGEST_NOTE), _of_text(clean_line), TextRule("line")]
Notice = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTICE), _of_text(clean_notice), TextRule("line")]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), _of_text(clean_name), TextRule("name")]
"""Of a person or a device."""
Told = Annotated[str, Field(max_length=LONGEST_NOTE), _of_text(scrub), TextRule("told")]
"""What a device says of itself: cleaned, never refused."""
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
"""Of a department, counter, procedure …; ASCII alone, so that nothing only looks the same."""
PROCEDURE_CODE = r"^[A-Za-z0-9._-]{1,32}$"
Number = Annotated[str, Field(pattern=r"^[A-Z]{1,3}[0-9]{3,6}$")]
"""Of a ticket, as it stands on the paper."""
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
RowId = Annotated[int, Field(ge=1, le=LARGEST_INT)]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_year_is_sane)]
AnyMoment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_year_is_sane)]
"""With a time zone or without."""
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_in_utc_too)]
