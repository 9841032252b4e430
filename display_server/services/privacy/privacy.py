"""What the hall holds about people, and erasing it by hand: one ticket, one member of staff."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from display_server.db import tables
from display_server.domain.state_machine import TicketState
from display_server.services.core.actors import system_actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.errors import InvalidTransition, NotFound
from display_server.services.keys.commitments import ERASED, Kind
from display_server.services.privacy.erasure import (
    NO_LANGUAGE,
    erase_person,
    erase_ratings,
    erase_texts,
    erase_visit,
    is_erased_person,
    texts_of_person,
    texts_of_ticket,
)
from display_server.services.reporting.dashboard import ticket_by_number
from display_server.services.tickets.tickets import number_of

ticket, staff, audit_text, rating, call = tables.ticket, tables.staff, tables.audit_text, tables.rating, tables.call
OVER = {TicketState.FINISHED, TicketState.NO_SHOW, TicketState.CANCELLED}
LIMITS = {Kind.NOTE: "note_days", Kind.VISIT: "visit_days", Kind.ADDRESS: "sign_in_days", Kind.PERSON: "staff_days"}


@dataclass(frozen=True)
class Held:
    """One kind of data. `oldest`: None where there is none. `days`: how long it is kept; None: no time limit."""

    what: str
    count: int
    oldest: date | None
    days: int | None


@dataclass(frozen=True)
class Erasable:
    """What an erasing takes away. `is_known`: it was erased before and nothing is left. `rest`: what must wait."""

    subject: str
    texts: int
    details: bool
    rest: str | None = None

    @property
    def is_nothing(self) -> bool:
        return not self.texts and not self.details


def held(site: ServerContext, centre_id: int) -> list[Held]:
    """Everything about people that the centre holds, with its time limits."""
    limits = site.settings.privacy
    with site.read() as connection:
        zone = site.catalogue(connection, centre_id).hours.timezone

        def count(what: str, days: int | None, when: Any, *where: Any) -> Held:
            row = connection.execute(select(func.count(), func.min(when)).where(*where)).one()
            oldest = row[1].astimezone(zone).date() if isinstance(row[1], datetime) else row[1]
            return Held(what, row[0], oldest, days)

        texts = [
            count(
                f"texts: {kind}",
                getattr(limits, LIMITS[kind]) if kind in LIMITS else None,
                audit_text.c.at,
                audit_text.c.centre_id == centre_id,
                audit_text.c.kind == kind,
            )
            for kind in Kind
        ]
        mine = ticket.c.centre_id == centre_id
        request, left = tables.request, (staff.c.centre_id == centre_id) & ~staff.c.name.startswith(ERASED)
        return [
            *texts,
            count("visits with details", limits.visit_days, ticket.c.business_day, mine, ticket.c.language != ""),
            count("visits without details", None, ticket.c.business_day, mine, ticket.c.language == ""),
            count("answers to presses", limits.request_days, request.c.at, request.c.centre_id == centre_id),
            count("staff", None, staff.c.created_at, left & staff.c.active),
            count("staff who left", limits.staff_days, staff.c.left_at, left & ~staff.c.active),
            count("wrong sign-ins counted", 1, tables.sign_in_failure.c.last_at),
        ]


def last_run(site: ServerContext, centre_id: int) -> date | None:
    """The business day of the last complete run of the time limits."""
    query = select(tables.privacy_run.c.ran_on).where(tables.privacy_run.c.centre_id == centre_id)
    with site.read() as connection:
        found: date | None = connection.execute(query).scalar()
        return found


def find_ticket(site: ServerContext, centre_id: int, number: str, day: date | None) -> int:
    """The id of the ticket that held `number` on `day` (None: today). Raises `Invalid`, `NotFound`."""
    with site.read() as connection:
        today = site.catalogue(connection, centre_id).hours.business_day(site.clock())
        return int(ticket_by_number(connection, centre_id, day or today, number))


def erase_ticket(site: ServerContext, centre_id: int, ticket_id: int, *, really: bool) -> Erasable:
    """Notes, priority reasons and details of one visit; number, queue and times stay. Nothing changes unless `really`.

    A visit that is still going on keeps what the hall needs to serve it. Raises `NotFound`.
    """
    with site.write(system_actor(centre_id)) as transaction:
        transaction.changed = really
        query = select(ticket).where(ticket.c.id == ticket_id, ticket.c.centre_id == centre_id)
        row = transaction.connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"there is no ticket {ticket_id}")
        found = _erasable(transaction, row)
        if really and not found.is_nothing:
            _erase(transaction, row, found)
        return found


def _erasable(transaction: UnitOfWork, row: Row[Any]) -> Erasable:
    texts = _there(transaction.connection, texts_of_ticket(transaction, row.id))
    is_over = row.state in OVER or row.business_day < transaction.day
    shown = f"{number_of(row)} of {row.business_day}"
    if not is_over:
        return Erasable(shown, texts, row.note is not None, "the visit is still going on: run it again afterwards")
    if row.business_day < transaction.day:
        return Erasable(shown, texts, not (row.language == NO_LANGUAGE and row.request_id.startswith("erased-")))
    rest = "the kiosk's request id goes at the end of the day: run it again tomorrow"
    return Erasable(shown, texts, row.language != NO_LANGUAGE, rest)


def _erase(transaction: UnitOfWork, row: Row[Any], found: Erasable) -> None:
    erased = erase_texts(transaction, texts_of_ticket(transaction, row.id), ticket=row.id, limit="asked")
    if row.state in OVER or row.business_day < transaction.day:
        erase_visit(transaction, row, is_over=row.business_day < transaction.day)
        calls = select(call.c.id).where(call.c.ticket_id == row.id)
        erase_ratings(transaction, rating.c.call_id.in_(calls))
        _forget_answers(transaction, row.id)
    transaction.connection.execute(ticket.update().where(ticket.c.id == row.id).values(note=None))
    if not erased and found.details:
        transaction.write_journal("erased", ticket=row.id, limit="asked")


def _forget_answers(transaction: UnitOfWork, ticket_id: int) -> None:
    """The details in answers that are kept for presses that are sent again; that the press was done stays known."""
    request = tables.request
    query = select(request).where(request.c.centre_id == transaction.centre_id)
    for row in transaction.connection.execute(query).all():
        kept = (row.answer or {}).get("call") if isinstance(row.answer, dict) else None
        if isinstance(kept, dict) and kept.get("ticket_id") == ticket_id:
            lean = kept | {"procedure": None, "priority": None, "language": NO_LANGUAGE, "note": None, "itinerary": []}
            mine = (request.c.centre_id == row.centre_id) & (request.c.request_id == row.request_id)
            statement = request.update().where(mine).values(answer=row.answer | {"call": lean})
            transaction.connection.execute(statement)


def erase_staff(site: ServerContext, centre_id: int, name: str, *, really: bool) -> Erasable:
    """A colleague who left: name, password, addresses of sign-ins. What they did stays, under their number.

    `name`: as it was, or `#7` by number. Nothing changes unless `really`. Raises `NotFound`, and
    `InvalidTransition` for somebody who may still sign in.
    """
    with site.write(system_actor(centre_id)) as transaction:
        transaction.changed = really
        row = _person(transaction, name)
        if row.active:
            raise InvalidTransition(f"{name} may still sign in: end that first, on the page /admin/staff", state=None)
        texts = _there(transaction.connection, texts_of_person(transaction, row.id))
        found = Erasable(f"staff #{row.id}", texts, not is_erased_person(row))
        if really and not found.is_nothing:
            erase_person(transaction, row, limit="asked")
        return found


def _person(transaction: UnitOfWork, name: str) -> Row[Any]:
    is_number = name.startswith("#") and name[1:].isascii() and name[1:].isdecimal() and len(name) < 11  # noqa: PLR2004
    who = staff.c.id == int(name[1:]) if is_number else staff.c.name == name
    query = select(staff).where(staff.c.centre_id == transaction.centre_id, who)
    row = transaction.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is nobody called {name!r} here")
    return row


def _there(connection: Connection, commitments: list[str]) -> int:
    if not commitments:
        return 0
    query = select(func.count()).where(audit_text.c.commitment.in_(commitments))
    return int(connection.execute(query).scalar_one())
