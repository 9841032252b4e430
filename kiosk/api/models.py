"""What passes between kiosk and server: the shapes of docs/reference/api.md, as far as a kiosk needs them.

Unknown fields are ignored, so that a newer server can say more to an older kiosk.
"""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from config.i18n import in_language

FALLBACK_LANGUAGE = "vi"
LONG_TITLE = 120  # letters

Text = Annotated[dict[str, str], Field(min_length=1)]
"""One text by language, `{"vi": …, "en": …}`."""

Short = dict[str, str]
"""A short name by language; any may be missing."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def short_in_language(name: Text, short: Short, language: str) -> str:
    """The short name in `language`, else the official one there; the same in English, then in Vietnamese."""
    return in_language(dict(name) | {code: words for code, words in short.items() if words}, language)


def title_in_language(name: Text, short: Short, language: str) -> str:
    """The official name; of a very long one the short one, where there is one."""
    official = in_language(name, language)
    return official if len(official) <= LONG_TITLE else short_in_language(name, short, language)


NO_COUNTER = "no_counter"  # why no wait is told: no counter of the queue is open


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Wait(Message):
    """A wait as a range, in whole minutes."""

    low: int = Field(ge=0)
    high: int = Field(ge=0)


class Department(Message):
    code: str = Field(min_length=1)
    prefix: str
    offline_prefix: Annotated[str, BeforeValidator(lambda told: told or "")] = ""
    offline_last: int = Field(default=0, ge=0)
    name: Text
    short: Short = {}
    pictogram: str = ""
    open: bool
    waiting: int = Field(ge=0)
    wait: Wait | None = None
    no_wait: str | None = None
    counters: tuple[str, ...] = ()


class Limit(Message):
    """`note`: words for visitors by language. `until`: same_day, what comes later is done the next working day."""

    value: int | None = None
    unit: str | None = None
    # An older server sends a remark that is not for visitors.
    note: Annotated[Short, BeforeValidator(lambda told: told if isinstance(told, dict) else {})] = {}
    until: time | None = None


class Procedure(Message):
    code: str = Field(min_length=1)
    department: str
    name: Text
    short: Short = {}
    limit: Limit | None = None
    papers: tuple[Text, ...] = ()
    also: tuple[str, ...] = ()
    official_code: str = ""
    fee: Short = {}
    form: str = ""


class PriorityReason(Message):
    code: str = Field(min_length=1)
    name: Text
    pictogram: str = ""
    from_age: int | None = None


class Elsewhere(Message):
    """What people ask for here and another office does: `said` in their words, `what` it is, and which `office`."""

    said: tuple[str, ...]
    what: Text
    office: Text


class SlipTexts(Message):
    note: Text | None = None


class Centre(Message):
    """The answer of `GET /api/v1/centre`: everything that a kiosk shows before a number is taken.

    `closes_at`: None while open means "does not close". `opens_at`: the next opening, when closed. `catalogue`: another
    number whenever procedures or departments were changed. `emblem`: the address of a PNG. `business_day`: the day that
    the server's numbers count in; None from a server that does not tell it. `epoch`: another one after a restore.
    """

    code: str
    name: Text
    short: Short = {}
    timezone: str
    languages: tuple[str, ...] = (FALLBACK_LANGUAGE,)
    now: AwareDatetime
    open: bool
    closes_at: AwareDatetime | None = None
    opens_at: AwareDatetime | None = None
    hours: dict[str, tuple[tuple[time, time], ...]] = {}
    departments: tuple[Department, ...]
    business_day: date | None = None
    epoch: int = 0
    catalogue: int | None = None
    procedures: Annotated[tuple[Procedure, ...], BeforeValidator(lambda listed: listed or ())] = ()
    elsewhere: Annotated[tuple[Elsewhere, ...], BeforeValidator(lambda listed: listed or ())] = ()
    priority_reasons: tuple[PriorityReason, ...] = ()
    slip: SlipTexts = SlipTexts()
    emblem: str | None = None

    def own_letter(self) -> str:
        """The letter of the numbers that this kiosk may give out by itself; "" when it may not."""
        own = ((each.prefix, each.offline_prefix) for each in self.departments)
        return next((offline[len(prefix) :] for prefix, offline in own if offline), "")

    def without_own_letter(self) -> "Centre":
        """The same centre for a kiosk that must not give numbers by itself."""
        departments = tuple(each.model_copy(update={"offline_prefix": ""}) for each in self.departments)
        return self.model_copy(update={"departments": departments})

    def department(self, code: str) -> Department | None:
        return next((department for department in self.departments if department.code == code), None)

    def procedure(self, code: str | None) -> Procedure | None:
        return next((procedure for procedure in self.procedures if procedure.code == code), None)

    def procedures_of(self, department: str) -> tuple[Procedure, ...]:
        return tuple(procedure for procedure in self.procedures if procedure.department == department)

    def priority(self, code: str | None) -> PriorityReason | None:
        return next((reason for reason in self.priority_reasons if reason.code == code), None)


class Wish(Message):
    """What a visitor asked for, under the `request_id` that makes every repetition the same wish."""

    request_id: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    department: str
    procedure: str | None = None
    priority: str | None = None
    language: str | None = None


class Ticket(Message):
    """A ticket that the server issued."""

    request_id: str
    number: str = Field(min_length=1, max_length=12)
    department: str
    ahead: int | None = Field(default=None, ge=0)
    wait: Wait | None = None
    no_wait: str | None = None
    issued_at: AwareDatetime
    status_url: str | None = None


class TrialNumber(Message):
    """A number for a technician, at any hour. `department`: a code."""

    number: str = Field(min_length=1, max_length=12)
    department: str
    status_url: str | None = None


class TicketStatus(Message):
    """A ticket as it stands now, found by the address on its slip. `counter`: where it was called, or sent."""

    number: str = Field(min_length=1, max_length=12)
    department: str
    state: str
    ahead: int | None = None
    wait: Wait | None = None
    no_wait: str | None = None
    counter: str | None = None
    business_day: date


class OfflineTicket(Wish):
    """A number that the kiosk gave out by itself. `age_seconds`: how long ago, by its own clock."""

    number: str
    issued_at: AwareDatetime
    age_seconds: float = Field(ge=0)


class Problem(Message):
    """A refusal, RFC 9457. `kind` is the last segment of `type`, e.g. "closed"."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    detail: str = ""
    opens_at: AwareDatetime | None = None

    @property
    def kind(self) -> str:
        return self.type.rstrip("/").rpartition("/")[2]


class Reprinted(Message):
    """What became of a slip that staff asked for. `reason`: why there is no paper."""

    id: int
    done: bool
    reason: str = ""


class Rejection(Message):
    """A number on paper that the server would not have, and why."""

    number: str
    reason: str


class KioskReport(Message):
    """How this kiosk is. `problems`: codes of `printer.transports.status.PROBLEMS`, worst first, or "unknown".

    `held`: numbers whose visitors had left before their slips could be printed, newest first.

    `rejected`: how many numbers the server would not have; `rejections`: the last of them. `scanner_missing`: the
    declared scanner is not plugged in. `instance`: of this start of the program; `journal`: of this disk.
    """

    version: str
    problems: tuple[str, ...]
    problem_since: AwareDatetime | None
    slips_waiting: int
    held: tuple[str, ...] = ()
    to_hand_in: int
    rejected: int
    rejections: tuple[Rejection, ...]
    scanner_missing: bool
    up_seconds: float
    reprinted: tuple[Reprinted, ...]
    instance: str = ""
    journal: str = ""


class OrderedTicket(Ticket):
    """A ticket that this kiosk did not take itself, with all that its slip says."""

    procedure: str | None = None
    priority: str | None = None
    language: str | None = None

    def wish(self) -> Wish:
        return Wish(
            request_id=self.request_id,
            department=self.department,
            procedure=self.procedure,
            priority=self.priority,
            language=self.language,
        )


class ReprintCommand(Message):
    """A slip to print: that of the request. `ticket`: to make it of where this kiosk holds none; then as `is_copy`."""

    id: int
    request_id: str
    ticket: OrderedTicket | None = None
    is_copy: bool = True


class KioskOrders(Message):
    """`twin`: another kiosk is at work with the same token."""

    twin: bool = False
    reprints: tuple[ReprintCommand, ...] = ()


class HandInResult(Message):
    request_id: str
    status: Literal["accepted", "already", "renumbered", "rejected"]
    problem: Problem | None = None


class HandInResults(Message):
    results: tuple[HandInResult, ...]
