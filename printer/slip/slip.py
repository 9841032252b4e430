"""What stands on a paper number, or on a list of required documents, without saying how it looks."""

import unicodedata
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass

from config.input.validation_messages import plain_reason
from printer.errors import SlipError
from printer.slip.logo import small_emblem

FALLBACK_LANGUAGE = "vi"
JOINERS = "\u200b\u200c\u200d"  # Khmer is written with them


def _clean(text: str) -> str:
    """Composed letters (a font has Ế, not E + two marks), one line, no control characters."""
    printable = (
        c for c in text if c.isspace() or c in JOINERS or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"}
    )
    return " ".join(unicodedata.normalize("NFC", "".join(printable)).split())


def _as_words(value: Any) -> Any:
    if isinstance(value, str):
        value = {FALLBACK_LANGUAGE: value}
    if not isinstance(value, dict):
        return value
    return {language: _clean(text) if isinstance(text, str) else text for language, text in value.items()}


Words = Annotated[dict[str, str], Field(min_length=1), BeforeValidator(_as_words)]
"""One text in several languages, `{"vi": …, "en": …}`; a plain string is taken as Vietnamese."""

Line = Annotated[str, BeforeValidator(lambda value: _clean(value) if isinstance(value, str) else value)]


@dataclass(
    frozen=True,
    kw_only=True,
    config=ConfigDict(extra="forbid", hide_input_in_errors=True, ser_json_bytes="base64", val_json_bytes="base64"),
)
class Slip:
    """One paper number, or a list of required documents. Frozen, checked when made, and the same again after
    `to_json` and `from_json`.

    `issued_at` is any aware time, shown in `timezone`; waits are whole minutes; `ahead` counts visitors. None means
    "not known" and leaves the line out. `no_counter`: no counter of the queue is open, so that no wait is known.
    `language` leads on the paper. `offline`: the kiosk gave out the number without the server. `copy`: this number may
    already be on paper. `emblem`: the centre's, as PNG of any size; kept small; one that cannot be read is left out,
    for no picture may cost a visitor the number.

    `is_list`: a list of documents for somebody who takes no number, which it has none of. `ready`: for each of `papers`
    whether the visitor has it; empty where the visitor did not say. `fee`, `form`, `limit`: what else is to be known of
    the procedure; `limit` is how long the result takes. Raises pydantic's `ValidationError` (a ValueError).
    """

    number: Annotated[Line, Field(max_length=12)] = ""
    is_list: bool = False
    department: Words
    centre: Words
    issued_at: AwareDatetime
    timezone: str = "Asia/Ho_Chi_Minh"
    ahead: int | None = Field(default=None, ge=0)
    wait_low: int | None = Field(default=None, ge=0)
    wait_high: int | None = Field(default=None, ge=0)
    no_counter: bool = False
    priority: Words | None = None
    procedure: Words | None = None
    papers: tuple[Words, ...] = ()
    ready: tuple[bool, ...] = ()
    fee: Words | None = None
    form: Line | None = None
    limit: Words | None = None
    counters: tuple[Line, ...] = ()
    status_url: Annotated[str, Field(max_length=300)] | None = None
    note: Words | None = None
    emblem: Annotated[bytes | None, AfterValidator(small_emblem)] = None
    language: str = Field(default=FALLBACK_LANGUAGE, pattern=r"^[a-z]{2,3}$")
    offline: bool = False
    copy: bool = False

    @field_validator("timezone")
    @classmethod
    def _timezone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone") from error
        return name

    @model_validator(mode="after")
    def _wait_is_a_range(self) -> Self:
        if self.wait_low is not None and self.wait_high is not None and self.wait_low > self.wait_high:
            raise ValueError("wait_low is above wait_high")
        return self

    @model_validator(mode="after")
    def _has_a_number_or_is_a_list(self) -> Self:
        if self.is_list is bool(self.number):
            raise ValueError("a list of documents has no number" if self.is_list else "number: should have a number")
        if self.ready and len(self.ready) != len(self.papers):
            raise ValueError("ready says of another count of papers")
        return self

    @property
    def local_time(self) -> datetime:
        """`issued_at` on the centre's clock."""
        return self.issued_at.astimezone(ZoneInfo(self.timezone))

    def as_copy(self) -> Self:
        """The same slip, marked as a copy."""
        return replace(self, copy=True)

    def to_json(self) -> str:
        """The slip as JSON text, for a durable print job."""
        # What is as usual is left out: a version that does not know a newer field can still read the slip.
        return _adapter().dump_json(self, exclude_defaults=True).decode()

    @staticmethod
    def from_json(text: str | bytes) -> "Slip":
        """The slip that `to_json` wrote. Raises `SlipError`, one line that names the field."""
        try:
            return _adapter().validate_json(text)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(str(part) for part in problem["loc"])
            reason = plain_reason(problem)
            raise SlipError(f"slip: {field}: {reason}" if field else f"slip: {reason}") from error


@cache
def _adapter() -> TypeAdapter[Slip]:
    return TypeAdapter(Slip)
