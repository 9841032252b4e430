"""The page of a visitor's phone: what it may show, and when it ends.

Whoever finds a slip can open it, and proxies keep its address: it holds nothing but what the hall's displays show of
this number, and it ends with the business day.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.state_machine import AT_COUNTER, TicketState
from display_server.services.calling.hold_reasons import ParkReason, park_reason
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import NoWait, Short, Text, TicketView, Wait
from display_server.services.displays.counter_breaks import QueueBreak, pause_of
from display_server.services.displays.notices import shown_now
from display_server.services.errors import DayEnded, NotFound
from display_server.services.keys.commitments import text_of
from display_server.services.recovery.epoch import check_not_lost
from display_server.services.tickets.tickets import number_of, ticket_view

ticket = tables.ticket


class PhoneCounter(BaseModel):
    """Where to go."""

    name: Text
    short: Short
    area: str


class PhoneNotice(BaseModel):
    text: Text
    urgent: bool


class PhoneView(BaseModel):
    """Everything that the page knows of a ticket; nothing of the person, of who serves, or of what was noted."""

    number: str
    department: Text
    state: Literal["waiting", "called", "serving", "finished", "no_show", "parked", "cancelled"]
    ahead: int
    wait: Wait | None = Field(description="null: nobody can tell now, `no_wait` says why")
    no_wait: NoWait | None
    counter: PhoneCounter | None = Field(description="while called or being served")
    pause: QueueBreak | None = Field(description="all counters of the queue are on a break")
    notices: list[PhoneNotice] = Field([], description="what the centre announces, emergencies first")
    parked_for: ParkReason | None = Field(None, description="what a visitor set aside is waited for, where it is known")


@dataclass(frozen=True)
class Phone:
    """The view, and what the page around it needs."""

    view: PhoneView
    catalogue: Catalogue
    language: str  # of the visitor


def phone_of(site: ServerContext, secret: str) -> Phone:
    """The ticket whose slip carries `secret`. Raises `NotFound`; `DayEnded` once its business day is over;
    `LostInRestore`.
    """
    with site.read() as connection:
        ticket_id = site.ticket_links.read(secret)
        row = connection.execute(select(ticket).where(ticket.c.id == ticket_id)).one_or_none()
        if row is None:
            check_not_lost(connection, ticket_id)
            raise NotFound("there is no such ticket")
        catalogue = site.catalogue(connection, row.centre_id)
        now = site.clock()
        today = day_now(site, connection, catalogue)
        if row.business_day < today:
            raise DayEnded("this number was of a day that is over")
        load = site.load_cache.get(connection, catalogue, today)
        shown = ticket_view(site, connection, catalogue, load, row, int(now.timestamp() * 1_000_000))
        notices = [PhoneNotice(text=n.text, urgent=n.urgent) for n in shown_now(connection, row.centre_id, now)]
        note = text_of(connection, site.keys, row.note) if row.state == TicketState.PARKED else None
    found = _shown(site, catalogue, row, shown).model_copy(update={"notices": notices, "parked_for": park_reason(note)})
    return Phone(found, catalogue, row.language)


def _shown(site: ServerContext, catalogue: Catalogue, row: Any, found: TicketView) -> PhoneView:
    department = catalogue.department_by_id[row.department_id]
    waits = row.state == TicketState.WAITING and department.code in catalogue.departments
    return PhoneView(
        number=number_of(row),
        department=department.name,
        state=row.state,
        ahead=found.ahead,
        wait=found.wait if row.state == TicketState.WAITING else None,
        no_wait=found.no_wait,
        counter=_counter(catalogue, found.counter) if row.state in AT_COUNTER else None,
        pause=pause_of(site, catalogue, department.code, row.for_counter_id) if waits else None,
    )


def _counter(catalogue: Catalogue, code: str | None) -> PhoneCounter | None:
    found = catalogue.counters.get(code) if code is not None else None
    return PhoneCounter(name=found.name, short=found.short, area=found.area) if found is not None else None
