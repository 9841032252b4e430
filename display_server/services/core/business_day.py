"""The centre's business day: never one before the newest that was written, whatever the clock says.

A clock that is behind stays in the newest day; its numbers go on in order. When it is right again, or jumped ahead
while the hall was at work, the date changes and the hall goes on: the same queues, and numbers after the last ones.
Only where a night has passed for real do numbers begin at 001. A process that has just started cannot tell that by a
clock that nobody sets: it believes its clock as far as the next opening day, and further where the time was set by NTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    select,
    update,
)

from display_server.db import tables
from display_server.db.upsert import Upsert
from display_server.domain.clock import ORDINARY_SECONDS, DayStep, day_step
from display_server.domain.numbering import format_number
from display_server.domain.state_machine import AT_COUNTER, TicketState
from display_server.services.catalogue.catalogue import Catalogue

if TYPE_CHECKING:
    from display_server.services.core.context import ServerContext

centre, ticket, series, turn = tables.centre, tables.ticket, tables.number_series, tables.priority_turn
journal = tables.journal
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
LIVE = (TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.PARKED, TicketState.NO_SHOW)

_THE_CENTRE: BindParameter[int] = bindparam("the_centre", type_=BigInteger)
_WRITTEN = select(centre.c.business_day, centre.c.clock_doubted).where(centre.c.id == _THE_CENTRE)
_LAST_LINE = (
    select(tables.journal.c.at)
    .where(tables.journal.c.centre_id == _THE_CENTRE)
    .order_by(tables.journal.c.id.desc())
    .limit(1)
)
_RAISE = Upsert(
    series,
    ("centre_id", "business_day", "prefix"),
    {
        "last": case(
            (series.c.last > literal_column("excluded.last"), series.c.last), else_=literal_column("excluded.last")
        )
    },
    series.c.last,
)


@dataclass
class Activity:
    """When this process last knew a centre at work, by its wall clock and by a clock that nobody sets.

    `started`: when it began, by its wall clock. A clock that jumps between that and the first work is believed: so
    does every small board without a battery in the morning, once the network tells it the time.
    """

    started: datetime | None = None
    _own: dict[int, tuple[datetime, float]] = field(default_factory=dict)
    _others: dict[int, float] = field(default_factory=dict)
    newest: dict[int, date] = field(default_factory=dict)  # each centre's business day as it was last read

    def day(self, catalogue: Catalogue, now: datetime) -> date:
        """The business day as far as this process has read it: without a look into the database."""
        return self.newest.get(catalogue.centre_id, catalogue.hours.business_day(now))

    def wrote(self, centre_id: int, now: datetime, steady: float) -> None:
        """A commit by this process."""
        self._own[centre_id] = now, steady
        self._others.pop(centre_id, None)

    def heard(self, centre_id: int, steady: float) -> None:
        """A commit by another process."""
        self._others[centre_id] = steady

    def knows(self, centre_id: int) -> bool:
        """Whether the centre was at work since this process began."""
        return centre_id in self._own or centre_id in self._others

    def has_jumped(self, connection: Connection, centre_id: int, now: datetime, steady: float) -> bool:
        """Whether the clock says that far more time has passed since then than did."""
        wall, then = self._own.get(centre_id, (None, steady))
        if centre_id in self._others:  # whose clock may be another one
            wall, then = connection.execute(_LAST_LINE, {"the_centre": centre_id}).scalar(), self._others[centre_id]
        return wall is not None and (now - wall).total_seconds() - (steady - then) > ORDINARY_SECONDS


def is_synchronised() -> bool:
    """Whether systemd's time service has set the clock since the machine was switched on."""
    return SYNCHRONISED.exists()


def day_now(site: "ServerContext", connection: Connection, catalogue: Catalogue) -> date:
    """The business day that is shown; a write may be about to open it."""
    wall = catalogue.hours.business_day(site.clock())
    written = connection.execute(_WRITTEN, {"the_centre": catalogue.centre_id}).one()
    step = _step(site, connection, catalogue, wall, written)
    day: date = wall if step in (DayStep.SAME, DayStep.FRESH) else written.business_day
    site.activity.newest[catalogue.centre_id] = day
    return day


def is_open_now(site: "ServerContext", connection: Connection, catalogue: Catalogue) -> bool:
    """Whether numbers are given out."""
    return is_open_on(site, catalogue, site.clock(), day_now(site, connection, catalogue))


def is_open_on(site: "ServerContext", catalogue: Catalogue, now: datetime, day: date) -> bool:
    """The same on the business day `day`. A clock that is known to be wrong closes nothing."""
    hours = catalogue.hours
    return site.settings.server.always_open or hours.business_day(now) < day or hours.is_open(now)


def open_day(
    site: "ServerContext", connection: Connection, catalogue: Catalogue, now: datetime, written: Any
) -> tuple[date, DayStep]:
    """The business day of a write that has the centre's lock. `written`: the centre's row."""
    wall, centre_id = catalogue.hours.business_day(now), catalogue.centre_id
    step = _step(site, connection, catalogue, wall, written)
    day: date = written.business_day if step is DayStep.HOLD else wall
    if step is DayStep.GO_ON:
        carry_on(connection, centre_id, written.business_day, day)
    doubted = step is DayStep.HOLD
    if day != written.business_day or doubted != written.clock_doubted:
        kept = update(centre).where(centre.c.id == centre_id)
        connection.execute(kept.values(business_day=day, clock_doubted=doubted))
    site.activity.newest[centre_id] = day
    return day, step


def _step(site: "ServerContext", connection: Connection, catalogue: Catalogue, wall: date, written: Any) -> DayStep:
    step = day_step(wall, written.business_day, doubted=written.clock_doubted)
    if step is not DayStep.FRESH or written.business_day is None:
        return step
    if site.activity.has_jumped(connection, catalogue.centre_id, site.clock(), site.steady()):
        return DayStep.GO_ON
    return DayStep.GO_ON if _has_skipped(site, catalogue, wall, written.business_day) else step


def _has_skipped(site: "ServerContext", catalogue: Catalogue, wall: date, written: date) -> bool:
    """Whether the clock of a process that has just started says that a whole opening day has passed without work.

    A hall that was away for so long loses little by going on; one whose clock is ahead would lose its day.
    """
    activity, hours = site.activity, catalogue.hours
    if activity.started is None or activity.knows(catalogue.centre_id) or site.settings.server.always_open:
        return False
    began = hours.business_day(activity.started)
    return hours.first_opening_between(written, min(wall, began)) is not None and not site.is_synchronised()


def carry_on(connection: Connection, centre_id: int, old: date, new: date) -> list[str]:
    """The hall goes on under another date: who is in it, the numbers, and whose turn it is.

    The numbers that somebody in the hall holds and the `new` day has given too: that visitor is in no queue any more.
    """
    of_old = (ticket.c.centre_id == centre_id) & (ticket.c.business_day == old)
    last = {row.prefix: row.last for row in connection.execute(select(series).where(*_of(series, centre_id, old)))}
    given = select(ticket.c.prefix, func.max(ticket.c.number).label("last")).where(of_old).group_by(ticket.c.prefix)
    for row in connection.execute(given).all():  # kiosks' own numbers too
        last[row.prefix] = max(last.get(row.prefix, 0), row.last)
    for prefix, number in last.items():
        raise_series(connection, centre_id, new, prefix, number)
    twice = _holders_of_both(connection, centre_id, old, new)
    stay = ticket.c.id.in_([row.id for row in twice])
    put_aside = of_old & stay & ticket.c.state.not_in(AT_COUNTER)
    connection.execute(update(ticket).where(put_aside).values(state=TicketState.CANCELLED))
    connection.execute(update(ticket).where(of_old, ~stay, ticket.c.state.in_(LIVE)).values(business_day=new))
    _carry_turns(connection, centre_id, old, new)
    until = update(centre).where(centre.c.id == centre_id, centre.c.epoch_day == old)
    connection.execute(until.values(epoch_day=new))
    return [format_number(row.prefix, row.number) for row in twice]


def bring_back(connection: Connection, centre_id: int, wrong: date, right: date) -> list[Any]:
    """Whom the opening of a `wrong` later day had ended are where they were on the `right` one; their rows.

    A visit at a counter that was ended with it stays ended: the visitor is there, and the clerk can call the number.
    """
    ended = (journal.c.action == "day_ended") & (journal.c.business_day > right) & (journal.c.business_day <= wrong)
    query = (
        select(journal.c.details, ticket.c.id, ticket.c.prefix, ticket.c.number)
        .join(ticket, ticket.c.id == journal.c.ticket_id)
        .where(journal.c.centre_id == centre_id, ended, *_of(ticket, centre_id, right))
        .where(ticket.c.state == TicketState.CANCELLED)
        .order_by(ticket.c.place)
    )
    rows = [
        row
        for row in connection.execute(query).all()
        if row.details["was"] in LIVE and row.details["was"] not in AT_COUNTER
    ]
    for row in rows:
        connection.execute(update(ticket).where(ticket.c.id == row.id).values(state=row.details["was"]))
    return rows


def raise_series(connection: Connection, centre_id: int, day: date, prefix: str, last: int) -> None:
    """The series goes on after `last`, or further on where it is there already."""
    _RAISE.run(connection, {"centre_id": centre_id, "business_day": day, "prefix": prefix, "last": last})


def _holders_of_both(connection: Connection, centre_id: int, old: date, new: date) -> Sequence[Any]:
    other = ticket.alias()
    query = select(ticket.c.id, ticket.c.prefix, ticket.c.number).join(
        other,
        (other.c.centre_id == centre_id)
        & (other.c.business_day == new)
        & (other.c.prefix == ticket.c.prefix)
        & (other.c.number == ticket.c.number),
    )
    held = query.where(*_of(ticket, centre_id, old), ticket.c.state.in_(LIVE))
    return connection.execute(held.order_by(ticket.c.place)).all()


def _carry_turns(connection: Connection, centre_id: int, old: date, new: date) -> None:
    known = set(connection.execute(select(turn.c.department_id).where(*_of(turn, centre_id, new))).scalars())
    for row in connection.execute(select(turn).where(*_of(turn, centre_id, old))).all():
        if row.department_id not in known:
            connection.execute(insert(turn).values(row._asdict() | {"business_day": new}))


def _of(table: Any, centre_id: int, day: date) -> tuple[Any, Any]:
    return table.c.centre_id == centre_id, table.c.business_day == day
