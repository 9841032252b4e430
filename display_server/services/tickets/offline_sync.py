"""Tickets that a kiosk issued by itself are handed in. The paper wins.

A ticket that the server had made for the same `request_id` (its answer was lost) takes the number on the paper; the
number nobody holds is voided in the journal. Was that number called meanwhile, nobody came: the visitor goes back to
their place in the line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from display_server.db import tables
from display_server.domain.numbering import EPOCH_LETTERS, format_number, parse_number
from display_server.domain.opening_hours import OpeningHours
from display_server.domain.state_machine import TicketState
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.schemas import OfflineResult
from display_server.services.errors import Invalid, NumberTaken, RequestIdReused, ServiceError
from display_server.services.recovery.offline_letters import letters_of
from display_server.services.tickets.centre_snapshot import offline_prefix
from display_server.services.tickets.tickets import (
    TicketRequest,
    add_tickets,
    find_by_requests,
    number_of,
    ticket_values,
    view_within,
)

ticket, call, device = tables.ticket, tables.call, tables.device
MAX_INT64 = 2**63 - 1
_LAST_PLACE = select(func.max(ticket.c.place)).where(
    ticket.c.centre_id == bindparam("centre"), ticket.c.business_day == bindparam("today")
)
_IN_PLACE = select(ticket.c.business_day, ticket.c.prefix, ticket.c.number, ticket.c.place).where(
    ticket.c.centre_id == bindparam("centre"),
    ticket.c.business_day >= bindparam("since"),
    ticket.c.no_shows == 0,  # who was sent back in the line stands in nobody's way
    ticket.c.device_id == bindparam("device"),
    ticket.c.offline,
)
STILL_TO_COME = (TicketState.CALLED, TicketState.NO_SHOW, TicketState.PARKED, TicketState.FINISHED)


@dataclass(frozen=True, slots=True)
class OfflineTicket:
    """`age_seconds`: how long ago the kiosk issued it, by the kiosk's own clock."""

    wish: TicketRequest
    number: str
    age_seconds: float


@dataclass(frozen=True, slots=True)
class _QueuePosition:
    """Of a tap: when it was, by the server's clock, and its place in the line in the centre's microseconds."""

    issued_at: datetime
    tick: int


class _Series:
    """The places where their taps put a kiosk's own numbers, called or not: series by day and prefix."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._places: dict[tuple[date, str], list[tuple[int, int]]] = {}
        for row in rows:
            self._places.setdefault((row.business_day, row.prefix), []).append((row.number, row.place))

    def last_before(self, day: date, prefix: str, number: int) -> int:
        """The last place of the smaller numbers; 0 without any."""
        return max((place for other, place in self._places.get((day, prefix), ()) if other < number), default=0)

    def first_after(self, day: date, prefix: str, number: int) -> int:
        """The first place of the greater numbers."""
        return min((place for other, place in self._places.get((day, prefix), ()) if other > number), default=MAX_INT64)


def sync_offline_tickets(site: ServerContext, actor: Actor, handed: Sequence[OfflineTicket]) -> list[OfflineResult]:
    """Each ticket in a transaction of its own, so that a bad one keeps no other out. Safe to repeat."""
    arrived = site.clock()  # once: their waiting for one another must not change their order
    places = _places(site, actor, handed, arrived)
    return [_hand_in_one(site, actor, each, place) for each, place in zip(handed, places, strict=True)]


def _places(
    site: ServerContext, actor: Actor, handed: Sequence[OfflineTicket], arrived: datetime
) -> list[_QueuePosition]:
    """When each was drawn, and its place in the line: in the order of this kiosk's taps.

    An age says nothing of the way to the server, which takes each request another while, and the server's clock may
    have been set back between two of them. But the numbers of a series follow the taps: a tap stays behind the
    smaller ones, and before the greater ones. Within one request the ages tell it of all series.
    """
    drawn = [arrived - timedelta(seconds=each.age_seconds) for each in handed]
    requests = [each.wish.request_id for each in handed]
    with site.read() as connection:
        known = find_by_requests(connection, actor.centre_id, requests)
        hours = site.catalogue(connection, actor.centre_id).hours
        today = day_now(site, connection, site.catalogue(connection, actor.centre_id))
        days = [_day_of(today, hours, arrived, when) for when in drawn]
        last = connection.execute(_LAST_PLACE, {"centre": actor.centre_id, "today": today}).scalar() or 0
        own = {"centre": actor.centre_id, "since": min(days, default=today), "device": actor.id}
        series = _Series(connection.execute(_IN_PLACE, own))
    # A clock that was set back has given later places already.
    now = max(int(arrived.timestamp() * 1_000_000), last + 1)
    numbers = [(day, *(parse_number(each.number) or ("", 0))) for day, each in zip(days, handed, strict=True)]
    oldest_first = sorted(range(len(handed)), key=lambda position: (-handed[position].age_seconds, position))
    ticks, after = {}, 0
    for position in oldest_first:
        tick, earlier = now - int(handed[position].age_seconds * 1_000_000), known.get(requests[position])
        if earlier is None:
            tick = max(tick, after + 1, series.last_before(*numbers[position]) + 1)
        elif earlier.offline:
            tick = earlier.place
        else:
            tick = max(min(tick, earlier.place), series.last_before(*numbers[position]) + 1)
        if earlier is None or (earlier.state == TicketState.WAITING and earlier.no_shows == 0):
            after = max(after, tick)
        ticks[position] = tick
    bound = MAX_INT64
    for position in reversed(oldest_first):
        ticks[position] = bound = min(ticks[position], bound - 1, series.first_after(*numbers[position]) - 1)
    return [_QueuePosition(when, ticks[position]) for position, when in enumerate(drawn)]


def _day_of(today: date, hours: OpeningHours, now: datetime, drawn: datetime) -> date:
    """The business day of a tap: as many days before today's as by the clock, be that right or wrong."""
    return today - (hours.business_day(now) - hours.business_day(drawn))


def _hand_in_one(site: ServerContext, actor: Actor, handed: OfflineTicket, place: _QueuePosition) -> OfflineResult:
    try:
        with site.write(actor) as transaction:
            status, row = _take_in(transaction, handed, place)
            transaction.changed = status != "already"
            ticket = view_within(transaction, row)
            return OfflineResult(request_id=handed.wish.request_id, status=status, ticket=ticket, problem=None)
    except ServiceError as error:
        problem = {"type": f"/problems/{error.problem}", "title": error.title, "detail": str(error)}
        return OfflineResult(request_id=handed.wish.request_id, status="rejected", ticket=None, problem=problem)


def _take_in(transaction: UnitOfWork, handed: OfflineTicket, place: _QueuePosition) -> tuple[Any, Any]:
    numbered = _number_on_paper(transaction, handed)
    request_id = handed.wish.request_id
    earlier = find_by_requests(transaction.connection, transaction.centre_id, [request_id]).get(request_id)
    if earlier is None:
        return "accepted", _add(transaction, handed, numbered, place)
    _check_own(transaction, earlier)
    if earlier.wish != handed.wish.fingerprint():
        raise RequestIdReused("this request_id was used for another ticket")
    if (earlier.prefix, earlier.number) == numbered:
        return "already", earlier
    return "renumbered", _renumber(transaction, earlier, numbered, place)


def _check_own(transaction: UnitOfWork, earlier: Row[Any]) -> None:
    """A kiosk's paper says nothing of the number that another kiosk printed, unless its disk went on as another one."""
    if earlier.device_id == transaction.actor.id:
        return
    gone = select(device.c.id).where(device.c.id == earlier.device_id, device.c.revoked_at.is_not(None))
    if transaction.connection.execute(gone).first() is None:
        raise RequestIdReused("this request_id was not used by this kiosk")


def _number_on_paper(transaction: UnitOfWork, handed: OfflineTicket) -> tuple[str, int]:
    department = transaction.catalogue.department(handed.wish.department)
    numbered = parse_number(handed.number)
    letters = letters_of(transaction.connection, transaction.actor)
    own = {offline_prefix(department, letter) for letter in letters}
    if numbered is None or (numbered[0] not in own and not _may_be_lost(transaction, department.prefix, numbered)):
        raise Invalid(f"{handed.number!r} is not an offline number of this kiosk for {department.code}")
    return numbered


def _may_be_lost(transaction: UnitOfWork, prefix: str, printed: tuple[str, int]) -> bool:
    """Whether the server gave this number before it was restored today: such numbers it gives no more today."""
    epoch, (of, number) = transaction.epoch, printed
    if not epoch.is_on(transaction.day):
        return False
    if of == prefix + (epoch.letter or ""):  # the form that it gives now
        return number <= epoch.start
    return of in {prefix, *(prefix + letter for letter in EPOCH_LETTERS)}


def _add(transaction: UnitOfWork, handed: OfflineTicket, numbered: tuple[str, int], place: _QueuePosition) -> Any:
    day = _day_of(transaction.day, transaction.catalogue.hours, transaction.now, place.issued_at)
    _check_free(transaction, day, numbered)
    over = day < transaction.day
    prefix, number = numbered
    values = ticket_values(transaction, handed.wish) | {
        "prefix": prefix,
        "number": number,
        "business_day": day,
        "issued_at": place.issued_at,
        "place": min(place.tick, transaction.logical_clock),
        "state": TicketState.CANCELLED if over else TicketState.WAITING,
        "offline": True,
    }
    row = add_tickets(transaction, [values])[0]
    transaction.write_journal(
        "handed_in",
        ticket_id=row.id,
        number=number_of(row),
        issued_at=place.issued_at.isoformat(),
        day_over=over,
        place=row.place,
    )
    return row


def _check_free(transaction: UnitOfWork, day: date, numbered: tuple[str, int]) -> None:
    query = select(ticket.c.id).where(
        ticket.c.centre_id == transaction.centre_id,
        ticket.c.business_day == day,
        ticket.c.prefix == numbered[0],
        ticket.c.number == numbered[1],
    )
    if transaction.connection.execute(query).scalar() is not None:
        raise NumberTaken(f"another ticket of {day} holds {format_number(*numbered)}")


def _renumber(transaction: UnitOfWork, earlier: Row[Any], numbered: tuple[str, int], place: _QueuePosition) -> Any:
    _check_free(transaction, earlier.business_day, numbered)
    prefix, number = numbered
    # The asking may have hung in a dead line and arrived long after the paper was drawn.
    columns: dict[str, Any] = {
        "prefix": prefix,
        "number": number,
        "offline": True,
        "place": place.tick,
    }
    said: dict[str, Any] = {}
    if _called_under_voided_number(transaction, earlier):
        said = {"state": TicketState.WAITING}
        columns |= {"state": TicketState.WAITING, "for_counter_id": None}
        _take_back_call(transaction, earlier, transaction.now)
    statement = update(ticket).where(ticket.c.id == earlier.id).values(**columns).returning(ticket)
    row = transaction.connection.execute(statement).one()
    transaction.write_journal("voided", ticket_id=row.id, number=number_of(earlier), held_by=number_of(row))
    transaction.write_journal(
        "renumbered", ticket_id=row.id, number=number_of(row), voided=number_of(earlier), place=row.place, **said
    )
    return row


def _called_under_voided_number(transaction: UnitOfWork, earlier: Row[Any]) -> bool:
    """Called under the number that nobody holds. A visit that a clerk started did take place."""
    if earlier.state not in STILL_TO_COME or earlier.business_day != transaction.day:
        return False
    started = select(call.c.id).where(call.c.ticket_id == earlier.id, call.c.started_at.is_not(None))
    return transaction.connection.execute(started).first() is None


def _take_back_call(transaction: UnitOfWork, earlier: Row[Any], now: datetime) -> None:
    statement = update(call).where(call.c.ticket_id == earlier.id, tables.call_is_open)
    transaction.connection.execute(statement.values(ended_at=now, outcome="voided"))
