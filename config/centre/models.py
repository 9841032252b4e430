"""A centre as data: what its folder may say. Everything is frozen and can be dumped to JSON and validated again."""

import re
from datetime import time
from difflib import get_close_matches
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import holidays
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from config.i18n import available_languages as translated
from config.icons import pictograms
from config.text.types import PROCEDURE_CODE, Area, Code, Day, OptionalLine, clean_line

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST_NAME = 500  # letters; official names of procedures come near it
LONGEST_SHORT = 60
LONGEST_REASON = 120
LONGEST_TOLD = 200
SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")


def _text(text: dict[str, str]) -> dict[str, str]:
    if "vi" not in text:
        raise ValueError('the Vietnamese is missing (key "vi")')
    for language, words in text.items():
        if not re.fullmatch(r"[a-z]{2,3}", language):
            raise ValueError(f'"{language}" is not a language code')
        if not words:
            raise ValueError(f'the text is empty in language "{language}"')
    return text


def _name(text: dict[str, str]) -> dict[str, str]:
    for language, words in text.items():
        if len(words) > LONGEST_NAME:
            raise ValueError(f'{len(words)} letters in language "{language}"; a name has at most {LONGEST_NAME}')
    return text


def _reason(text: dict[str, str]) -> dict[str, str]:
    for language, words in text.items():
        if len(words) > LONGEST_REASON:
            raise ValueError(f'{len(words)} letters in language "{language}"; a reason has at most {LONGEST_REASON}')
    return text


def _short(text: dict[str, str]) -> dict[str, str]:
    for language, words in text.items():
        if not re.fullmatch(r"[a-z]{2,3}", language):
            raise ValueError(f'"{language}" is not a language code')
        if not 0 < len(words) <= LONGEST_SHORT:
            raise ValueError(
                f'{len(words)} letters in language "{language}"; a short name has 1 to {LONGEST_SHORT}, or is left out'
            )
    return text


def _told(text: dict[str, str]) -> dict[str, str]:
    for language, words in text.items():
        if not re.fullmatch(r"[a-z]{2,3}", language):
            raise ValueError(f'"{language}" is not a language code')
        if not 0 < len(words) <= LONGEST_TOLD:
            raise ValueError(f'{len(words)} letters in language "{language}"; 1 to {LONGEST_TOLD} are allowed')
    return text


def _time_of_day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d(:00)?", value.strip()):
        raise ValueError(f'"{value}" is not a time of day such as 15:00')
    return value.strip().zfill(5) if isinstance(value, str) else value


def _span_from_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = SPAN.fullmatch(value.strip())
    if match is None:
        raise ValueError(f'"{value}" is not a span of time such as "07:30-11:30"')
    return [moment.zfill(5) for moment in match.groups()]


def _forward(span: tuple[time, time]) -> tuple[time, time]:
    start, end = span
    if start.tzinfo or end.tzinfo:
        raise ValueError("a time of day must not have a time zone")
    if start >= end:
        raise ValueError(f"ends at {end:%H:%M}, not after its start at {start:%H:%M}")
    return span


def _apart(spans: list[tuple[time, time]]) -> list[tuple[time, time]]:
    for (start, end), (next_start, next_end) in pairwise(spans):
        if next_start < end:
            raise ValueError(
                f"{start:%H:%M}-{end:%H:%M} and {next_start:%H:%M}-{next_end:%H:%M} overlap or are out of order"
            )
    return spans


def _weekday(key: str) -> str:
    if key not in WEEKDAYS:
        raise ValueError(f"is not one of {', '.join(WEEKDAYS)}")
    return key


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # unknown, "../x", a folder such as "Asia"
        raise ValueError(f'"{name}" is not a time zone such as "Asia/Ho_Chi_Minh"') from error
    return name


def _country(code: str) -> str:
    try:
        holidays.country_holidays(code)
    except NotImplementedError as error:
        raise ValueError(f'the library "holidays" does not know the country "{code}"') from error
    return code


def _languages(languages: list[str]) -> list[str]:
    if "vi" not in languages:
        raise ValueError('"vi" is missing')
    if len(set(languages)) < len(languages):
        raise ValueError("a language is listed twice")
    for language in languages:
        if language not in translated():
            raise ValueError(f'there is no translation "{language}"; there are {", ".join(sorted(translated()))}')
    return languages


def _pictogram(name: str) -> str:
    if name and name not in pictograms():
        near = get_close_matches(name, pictograms(), n=3)
        raise ValueError(f'there is no pictogram "{name}"{" (" + ", ".join(near) + "?)" if near else ""}')
    return name


SingleLineText = OptionalLine
PaperName = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(clean_line)]
Words = Annotated[str, AfterValidator(clean_line)]  # bounded by the texts that hold them
LocalizedText = Annotated[dict[str, Words], Field(max_length=20), AfterValidator(_text), AfterValidator(_name)]
"""Words by language, e.g. {"vi": "Quầy 1", "en": "Counter 1"}. Vietnamese is always there; others fall back to it."""
Name = LocalizedText
"""An official name by language, at most 500 letters in each."""
Reason = Annotated[LocalizedText, AfterValidator(_reason)]
"""Why somebody is served earlier, by language, at most 120 letters in each."""
Short = Annotated[dict[str, Words], Field(max_length=20), AfterValidator(_short)]
"""A short name by language, at most 60 letters in each, for where space is short; a language may lack it."""
Told = Annotated[dict[str, Words], Field(max_length=20), AfterValidator(_told)]
"""A sentence for visitors by language, at most 200 letters in each; a language may lack it."""
TimeRange = Annotated[tuple[time, time], BeforeValidator(_span_from_text), AfterValidator(_forward)]
Spans = Annotated[list[TimeRange], AfterValidator(_apart)]


Pictogram = Annotated[str, AfterValidator(_pictogram)]
"""A name in config/pictograms.toml, or nothing."""


class CentreModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Department(CentreModel):
    """A queue of its own. `kind`: a department or branch of the centre, or a desk beside them (results, …)."""

    code: Code
    prefix: str = Field(pattern=r"^[A-Z]{1,2}$")
    name: Name
    short: Short = {}
    area: Area = ""
    pictogram: Pictogram = ""
    position: int = Field(ge=1, le=10_000)
    kind: Literal["department", "desk"] = "department"


ProcedureCode = Annotated[str, Field(pattern=PROCEDURE_CODE)]
"""A code that may hold dots, as national ones do: 1.001193."""


class Procedure(CentreModel):
    """What a visitor may come for. `limit_*`: the time limit for its result; `minutes`: usual time at the counter.

    `limit_words`: what visitors are told of it besides; `same_day_until`: what is handed in later is done on the next
    working day; `fee`, `form`: what it costs and the number of its form. `limit_note` is a remark for the table's
    readers. `papers`: what to bring; `also`: what people call it. Both come from lists of their own.
    """

    code: ProcedureCode
    department: str = Field(min_length=1, max_length=64)
    name: Name
    short: Short = {}
    limit_value: int | None = Field(default=None, ge=0, le=10_000)
    limit_unit: Literal["working_days", "calendar_days", "same_day", "hours"] | None = None
    limit_note: SingleLineText = ""
    limit_words: Told = {}
    same_day_until: Annotated[time | None, BeforeValidator(_time_of_day)] = None
    fee: Told = {}
    form: Annotated[SingleLineText, Field(max_length=64)] = ""
    minutes: int = Field(ge=1, le=480)
    papers: list[LocalizedText] = Field([], max_length=200)
    also: list[SingleLineText] = Field([], max_length=500)
    official_code: Annotated[SingleLineText, Field(max_length=32)] = ""

    @model_validator(mode="after")
    def _limit_is_whole(self) -> "Procedure":
        if self.limit_unit is None and self.limit_value is not None:
            raise ValueError("limit_value without limit_unit")
        if self.limit_value is None and self.limit_unit not in {None, "same_day"}:
            raise ValueError("limit_unit without limit_value")
        if self.same_day_until is not None and self.limit_unit != "same_day":
            raise ValueError("same_day_until without limit_unit same_day")
        return self


class RequiredDocuments(CentreModel):
    """The papers that each of `procedures` asks for, by their names in papers.toml, in the order of the list."""

    procedures: list[ProcedureCode] = Field(min_length=1, max_length=2000)
    papers: list[PaperName] = Field(min_length=1, max_length=200)


class Synonym(CentreModel):
    """What people say (`said`) for procedures whose name holds one of `means`, or whose code is in `procedures`."""

    said: list[Annotated[SingleLineText, Field(min_length=1)]] = Field(min_length=1)
    means: list[Annotated[SingleLineText, Field(min_length=1)]] = []
    procedures: list[ProcedureCode] = []

    @model_validator(mode="after")
    def _means_something(self) -> "Synonym":
        if not self.means and not self.procedures:
            raise ValueError("neither means nor procedures is given")
        return self


class Elsewhere(CentreModel):
    """What people ask for here and another office does. `said`: their words, `what` it is, who does it."""

    said: list[Annotated[SingleLineText, Field(min_length=1)]] = Field(min_length=1, max_length=100)
    what: Reason
    office: Name


class Counter(CentreModel):
    """`departments`: the codes it serves, in order of service.

    `order`: ranked, a queue earlier in the list comes first; oldest, whoever waits longest in any of them.
    `weights`, with `oldest` only: one for each department; a wait in a queue of weight 2 counts twice.
    """

    code: Code
    name: Name
    short: Short = {}
    departments: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=200)
    order: Literal["ranked", "oldest"] = "ranked"
    weights: list[Annotated[float, Field(gt=0, le=100)]] = []
    area: Area = ""

    @model_validator(mode="after")
    def _weights_fit(self) -> "Counter":
        if self.weights and self.order != "oldest":
            raise ValueError('weights count only with order = "oldest"')
        if self.weights and len(self.weights) != len(self.departments):
            raise ValueError("weights: one for each of the departments")
        return self


class PriorityReason(CentreModel):
    """`from_age`: a citizen card that shows this age offers the reason by itself."""

    code: Code
    name: Reason
    pictogram: Pictogram = ""
    from_age: int | None = Field(default=None, ge=1, le=120)


class Priority(CentreModel):
    """Strict: priority visitors first. Interleaved: one of them after `others_between` others.

    `max_wait_minutes`: whoever has waited this long is next, priority or not.
    `transferred`: who comes from another counter waits by the time they came to the hall, or goes first in the queue.
    """

    mode: Literal["strict", "interleaved"]
    others_between: int = Field(default=3, ge=1, le=1000)
    max_wait_minutes: int = Field(ge=1, le=10_000)
    transferred: Literal["first_time", "first"] = "first_time"
    reasons: list[PriorityReason] = Field([], max_length=50)


class Hours(CentreModel):
    """When numbers are given out, in the centre's own time.

    `weekly`: spans by weekday (mon … sun; a day left out is closed). `country`: its public holidays are closed.
    `closed`: further closed days. `opened`: single days open whatever else says (swap working days).
    `last_tickets_minutes`: numbers stop this many minutes before the end of a span.
    """

    weekly: dict[Annotated[str, AfterValidator(_weekday)], Spans]
    country: Annotated[str, AfterValidator(_country)] | None = None
    closed: list[Day] = Field([], max_length=2000)
    opened: dict[Day, Annotated[Spans, Field(min_length=1)]] = {}
    last_tickets_minutes: int = Field(default=0, ge=0, le=240)

    @model_validator(mode="after")
    def _all_weekdays(self) -> "Hours":
        for weekday in WEEKDAYS:
            self.weekly.setdefault(weekday, [])
        return self


class CentreInfo(CentreModel):
    """What centre.toml holds: the centre itself, without its lists.

    `queues_first`: codes of departments that kiosks show first; after them come those that were used most lately.
    """

    code: Code
    name: Name
    short: Short = {}
    timezone: Annotated[str, AfterValidator(_time_zone)]
    languages: Annotated[list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]], AfterValidator(_languages)]
    address: SingleLineText = ""
    priority: Priority
    slip_note: LocalizedText
    queues_first: list[Code] = Field([], max_length=200)


class Centre(CentreInfo):
    """A whole centre, as `load_centre` returns it. `emblem`: a PNG."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    emblem: bytes | None = None
    departments: list[Department]
    procedures: list[Procedure]
    elsewhere: list[Elsewhere] = []
    counters: list[Counter]
    hours: Hours
