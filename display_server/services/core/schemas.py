"""What services answer with. The same types describe the answers in /openapi.json."""

import json
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field
from pydantic_core import PydanticSerializationError

Text = dict[str, str]
Short = Annotated[Text, Field(description="a short name by language, for where space is short; a language may lack it")]


def as_json(body: BaseModel, exclude: Any = None) -> str:
    """JSON of a response. Half a character of an old row is escaped: it breaks no page."""
    try:
        return body.model_dump_json(exclude=exclude)
    except PydanticSerializationError:
        return json.dumps(body.model_dump(mode="json", exclude=exclude))


class Warned(BaseModel):
    """An answer to something that somebody wrote. What they wrote is kept: whoever asks decides."""

    warning: Literal["personal-number"] | None = Field(
        None, description="what was written just now looks like holding an identity or phone number"
    )


class Wait(BaseModel):
    """Whole minutes; the real wait lies between them about four times out of five."""

    low: int
    high: int


NoWait = Literal["no_counter", "closed"]  # why no wait can be told: no counter of the queue is open, or the centre


class QueueTicket(BaseModel):
    """A ticket as staff see it in a line. `note`: what a clerk wrote; devices get none."""

    id: int
    number: str = Field(examples=["A007"])
    department: str
    procedure: str | None
    priority: str | None = Field(description="code of the reason")
    language: str
    state: Literal["waiting", "called", "serving", "finished", "no_show", "parked", "cancelled"]
    ahead: int = Field(description="visitors expected to be called before this one")
    wait: Wait | None = Field(description="null: nobody can tell now, `no_wait` says why")
    no_wait: NoWait | None
    counter: str | None = Field(description="where the visitor has been called to, or sent to")
    offline: bool
    business_day: str
    issued_at: AwareDatetime
    waited_seconds: int
    note: str | None
    itinerary: list[str] = Field(description="departments to go to after this one")


class SlipTicket(BaseModel):
    """A ticket as a scanned slip shows it at a kiosk."""

    number: str
    department: str
    state: Literal["waiting", "called", "serving", "finished", "no_show", "parked", "cancelled"]
    ahead: int
    wait: Wait | None
    no_wait: NoWait | None
    counter: str | None
    business_day: str


class TicketView(QueueTicket):
    """A ticket with the request that made it and its address for a phone. `note`: for staff alone."""

    request_id: str
    note: str | None = None
    status_url: str | None = Field(description="null: this server knows no address that a phone could open")
    page: str | None = Field(None, description="path of the visitor's page on this server")


class HistoryEntry(BaseModel):
    at: AwareDatetime
    action: str
    number: str | None
    counter: str | None
    actor: str
    details: dict[str, Any] | None


class TicketWithHistory(TicketView, Warned):
    history: list[HistoryEntry]


class ReasonView(BaseModel):
    code: str
    text: Text


class CallView(BaseModel):
    """One call of a number to a counter, in the state that its ticket has now."""

    id: int
    seq: int
    ticket_id: int
    number: str
    counter: str
    counter_name: Text
    counter_short: Short
    department: str
    procedure: str | None
    priority: str | None
    language: str
    state: str
    recall: bool
    called_at: AwareDatetime
    issued_at: AwareDatetime
    waited_seconds: int
    reason: ReasonView
    note: str | None
    itinerary: list[str] = Field([], description="departments to go to after this one")


class CallResponse(Warned):
    call: CallView | None


class CounterSummary(BaseModel):
    code: str
    name: Text
    short: Short
    state: Literal["free", "called", "serving", "break", "closed"]
    departments: list[str]
    clerk: str | None = Field(None, description="who works there")


class CounterList(BaseModel):
    counters: list[CounterSummary]


class UndoView(BaseModel):
    """A step that can still be taken back."""

    step: str
    number: str
    until: AwareDatetime


class DayView(BaseModel):
    """The asker's own day: visits finished, and how long they took on average."""

    served: int
    mean_seconds: int


class AnnouncementView(BaseModel):
    """Whether a visitor who was called can know of it: said, or shown where nothing speaks."""

    announced_at: AwareDatetime | None = Field(description="null: not yet, or no display reports")
    before: int | None = Field(description="announcements that come first; null: none is waited for")
    no_show_from: AwareDatetime = Field(description="not sooner may the visitor be said not to be here")


class CounterView(CounterSummary, Warned):
    """What a clerk sees: the visitor here, who waits (next first), who was put aside."""

    now: AwareDatetime
    back_at: AwareDatetime | None = None
    break_reason: str | None = None
    next_reason: ReasonView | None = Field(None, description="why the first of `waiting` is next")
    undo: UndoView | None = None
    day: DayView
    call: CallView | None
    announcement: AnnouncementView | None = Field(None, description="of a visitor who was called and has not come yet")
    waiting_count: int
    waiting: list[QueueTicket]
    parked: list[QueueTicket]
    missed: list[QueueTicket]


class HallCall(BaseModel):
    seq: int
    id: int
    ticket_id: int
    number: str
    counter: str
    department: str
    called_at: AwareDatetime
    language: str = "vi"
    priority: bool = False
    recall: bool = False
    open: bool


class HallDepartment(BaseModel):
    code: str
    open: bool
    waiting: int
    wait: Wait | None = Field(description="null: no counter of the queue is open")
    no_counter: bool = Field(default=False, description="people wait, or might: no counter of the queue is open")


class HallCounter(BaseModel):
    code: str
    name: Text
    short: Short = {}
    open: bool
    state: Literal["free", "called", "serving", "break", "closed"]
    number: str | None = None


class ShownNotice(BaseModel):
    """One that is shown now. `spoken`: it has a sound, `/api/v1/hall/voice/notices/ID.mp3`."""

    id: int
    text: dict[str, str]
    since: AwareDatetime
    urgent: bool = False
    spoken: bool = False


class HallView(BaseModel):
    """A hall's whole state. `calls`: newest first. `back_at`: by counter, of breaks whose end is known."""

    version: int
    now: datetime
    open: bool
    centre: str
    seq: int
    calls: list[HallCall]
    departments: list[HallDepartment]
    counters: list[HallCounter]
    opens_at: datetime | None = Field(None, description="the next opening, when the centre is closed")
    back_at: dict[str, datetime] = {}
    urgent: list[ShownNotice] = Field([], description="emergency announcements")


class HallCalls(BaseModel):
    """Calls after a sequence number, oldest first, at most 200."""

    calls: list[HallCall]


class NamedCode(BaseModel):
    code: str
    name: Text
    short: Short
    area: str


class NamedDepartment(NamedCode):
    prefix: str = Field(description="the letters that the department's numbers begin with")


class HallDirectory(BaseModel):
    centre: NamedCode
    departments: list[NamedDepartment]
    counters: list[NamedCode]


class DepartmentView(BaseModel):
    code: str
    prefix: str
    offline_last: int = Field(0, description="the highest number of `offline_prefix` that was taken in today")
    offline_prefix: str | None = Field(description="of the asking kiosk: prefix of the numbers it gives out by itself")
    name: Text
    short: Short
    area: str
    pictogram: str = Field(description="a name in config/pictograms.toml, or empty")
    open: bool
    waiting: int
    wait: Wait | None = Field(description="null: nobody can tell now, `no_wait` says why")
    no_wait: NoWait | None
    counters: list[str]


class ProcessingTimeView(BaseModel):
    value: int | None
    unit: Literal["working_days", "calendar_days", "same_day", "hours"] | None
    note: Short = Field(description="what visitors are told of it besides, by language; may be empty")
    until: str | None = Field(description="same_day: what is handed in later is done on the next working day")


class ProcedureView(BaseModel):
    code: str
    department: str
    name: Text
    short: Short
    limit: ProcessingTimeView
    minutes: int
    papers: list[Text]
    also: list[str] = Field(description="what people call it, for searching")
    official_code: str = Field(description="the national code, where it is known")
    fee: Short = Field(description="what it costs, by language; may be empty")
    form: str = Field(description="the number of its form, where it is known")


class ElsewhereView(BaseModel):
    """What people ask for here and another office does."""

    said: list[str] = Field(description="what visitors call it, for searching")
    what: Text
    office: Text


class PriorityReasonView(BaseModel):
    code: str
    name: Text
    pictogram: str
    from_age: int | None = Field(description="offered by itself to whoever is as old")


class SlipView(BaseModel):
    note: Text


class CentreView(BaseModel):
    """Everything that a kiosk shows, and what it needs to go on alone."""

    code: str
    name: Text
    short: Short
    address: str
    timezone: str
    languages: list[str]
    version: int
    catalogue: int = Field(description="changes whenever the centre's data do")
    now: AwareDatetime
    business_day: date = Field(description="the day that numbers count in; never an earlier one than was written")
    epoch: int = Field(description="another one after a backup was restored")
    open: bool
    closes_at: AwareDatetime | None
    opens_at: AwareDatetime | None
    hours: dict[str, list[list[str]]]
    departments: list[DepartmentView]
    procedures: list[ProcedureView] | None = Field(description="null to whoever holds those of this `catalogue`")
    elsewhere: list[ElsewhereView] | None = Field(description="likewise")
    priority_reasons: list[PriorityReasonView]
    slip: SlipView
    emblem: str | None = Field(description="address of the centre's emblem, a PNG; another address for another picture")


class OfflineResult(BaseModel):
    request_id: str
    status: Literal["accepted", "already", "renumbered", "rejected"]
    ticket: TicketView | None
    problem: dict[str, Any] | None


class OfflineResults(BaseModel):
    results: list[OfflineResult]


class SpeakerView(BaseModel):
    """Whether a screen speaks until it asks again."""

    speak: bool
    quiet: bool = Field(description="quiet hours: no screen sounds")
    nobody: bool = Field(description="no screen of the hall can speak now")
    spoken: int = Field(
        description="of the calls that it shows, the sequence number of the last that was announced; 0: not known"
    )
