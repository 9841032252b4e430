"""Time limits: what is older than `[privacy]` allows is erased, at night, in short transactions.

Days count back from a day that the hall's own work vouches for, not from the wall clock alone: a clock that jumps ahead
by years must not erase everything. Whatever stops in the middle goes on with the next run.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from config.settings import PrivacySettings
from display_server.db import tables
from display_server.db.purging import purge
from display_server.db.upsert import Upsert
from display_server.services.core.actors import system_actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.keys.commitments import ERASED, Kind
from display_server.services.privacy.erasure import (
    NO_LANGUAGE,
    erase_person,
    erase_ratings,
    erase_texts,
    erase_visit,
)
from display_server.services.staff.sign_in_limits import is_forgotten

ticket, staff, series, run_row = tables.ticket, tables.staff, tables.number_series, tables.privacy_run
audit_text, announcement, failure = tables.audit_text, tables.announcement, tables.sign_in_failure

AT_ONCE = 100  # rows in one transaction: a ticket never waits long for it
PAUSE_SECONDS = 0.02  # between two of them
CLAIM = timedelta(minutes=10)  # of one process; each transaction renews it
VOUCHED_DAYS = 10  # a hall's longest holidays: so long after its last working days its clock is believed
WORKING_DAYS = 3  # that many days with numbers: one day of a wrong clock is not enough

_TOUCH = Upsert(run_row, ["centre_id"], {"centre_id": run_row.c.centre_id}, run_row.c.centre_id)


@dataclass
class Done:
    """How much was erased. `is_all`: nothing is left that is too old."""

    texts: int = 0
    visits: int = 0
    people: int = 0
    is_all: bool = False
    counted_from: date | None = None


@dataclass
class _Run:
    site: ServerContext
    centre_id: int
    go_on: Callable[[], bool]
    today: date
    done: Done = field(default_factory=Done)

    def batches(self, work: Callable[[UnitOfWork], int]) -> int:
        """Repeats `work`, a short transaction each, until it finds nothing; how much it erased."""
        total = 0
        while self.go_on():
            with self.site.write(system_actor(self.centre_id)) as transaction:
                transaction.changed = False
                erased = work(transaction)
                renewed = update(run_row).where(run_row.c.centre_id == self.centre_id)
                transaction.connection.execute(renewed.values(claimed_until=transaction.now + CLAIM))
            total += erased
            if not erased:
                return total
            time.sleep(PAUSE_SECONDS)
        raise _NotNow


class _NotNow(Exception):
    """The hall opens: the rest waits for the next closing."""


def is_due(site: ServerContext, centre_id: int) -> bool:
    """Once a business day, while the hall is closed, and not by a clock that is known to be wrong."""
    now = site.clock()
    with site.read() as connection:
        hours = site.catalogue(connection, centre_id).hours
        ran_on = connection.execute(select(run_row.c.ran_on).where(run_row.c.centre_id == centre_id)).scalar()
    night = 2 <= now.astimezone(hours.timezone).hour < 4  # noqa: PLR2004 - for a hall that never closes
    return ran_on != hours.business_day(now) and (night or not hours.is_open(now)) and not site.clock_behind()


def run_when_due(site: ServerContext, centre_id: int) -> Done | None:
    """The nightly run; None when it is not due or another process is at it."""
    if not is_due(site, centre_id):
        return None
    done = run(site, centre_id, go_on=lambda: is_due(site, centre_id))
    if done is not None and site.engine.dialect.name == "sqlite":  # PostgreSQL clears up by itself
        purge(site.engine)
    return done


def run(site: ServerContext, centre_id: int, go_on: Callable[[], bool] = lambda: True) -> Done | None:
    """Erase what is too old; None: another process is at it. `go_on`: asked before each transaction."""
    now = site.clock()
    if not _claim(site, centre_id, now):
        return None
    with site.read() as connection:
        today = site.catalogue(connection, centre_id).hours.business_day(now)
        counted_from = day_to_count_from(site, connection, centre_id)
    going = _Run(site, centre_id, go_on, today)
    going.done.counted_from = counted_from
    try:
        _clear_failures(going)
        if counted_from is not None:
            _erase_all(going, site.settings.privacy, counted_from)
        going.done.is_all = True
    except _NotNow:
        pass
    finally:
        _release(site, centre_id, going)
    return going.done


def day_to_count_from(site: ServerContext, connection: Connection, centre_id: int) -> date | None:
    """The day from which the limits count back; None while nothing vouches for the clock."""
    today = site.catalogue(connection, centre_id).hours.business_day(site.clock())
    days = (
        select(series.c.business_day)
        .where(series.c.centre_id == centre_id)
        .distinct()
        .order_by(series.c.business_day.desc())
        .limit(WORKING_DAYS)
    )
    worked = connection.execute(days).scalars().all()
    vouched = [worked[-1] + timedelta(days=VOUCHED_DAYS)] if len(worked) == WORKING_DAYS else []
    last = connection.execute(
        select(run_row.c.counted_from, run_row.c.ran_on).where(run_row.c.centre_id == centre_id)
    ).one_or_none()
    if last is not None and last.counted_from is not None:  # a hall without work goes on by one day a day
        vouched.append(last.counted_from + timedelta(days=int(last.ran_on != today)))
    return min(today, max(vouched)) if vouched else None


def _claim(site: ServerContext, centre_id: int, now: datetime) -> bool:
    free = or_(
        run_row.c.claimed_until.is_(None),
        run_row.c.claimed_until < now,
        run_row.c.claimed_until > now + CLAIM,  # by a clock that was ahead
    )
    with site.write_without_lock() as connection:
        _TOUCH.run(connection, {"centre_id": centre_id})
        mine = update(run_row).where(run_row.c.centre_id == centre_id, free).values(claimed_until=now + CLAIM)
        return connection.execute(mine.returning(run_row.c.centre_id)).scalar() is not None


def _release(site: ServerContext, centre_id: int, going: _Run) -> None:
    values: dict[str, Any] = {"claimed_until": None}
    if going.done.is_all:
        values |= {"ran_on": going.today, "counted_from": going.done.counted_from}
    with site.write_without_lock() as connection:
        connection.execute(update(run_row).where(run_row.c.centre_id == centre_id).values(values))


def _erase_all(going: _Run, limits: PrivacySettings, counted_from: date) -> None:
    for kind, name in ((Kind.NOTE, "note_days"), (Kind.VISIT, "visit_days"), (Kind.ADDRESS, "sign_in_days")):
        first_kept = counted_from - timedelta(days=getattr(limits, name))
        going.done.texts += going.batches(partial(_texts, kind=kind, limit=name, first_kept=first_kept))
    first_kept = counted_from - timedelta(days=limits.visit_days)
    going.done.visits += going.batches(lambda each: _visits(each, first_kept))
    left_before = counted_from - timedelta(days=limits.staff_days)
    going.done.people += going.batches(lambda each: _people(each, left_before))
    _old_announcements(going, counted_from - timedelta(days=limits.note_days))


def _texts(transaction: UnitOfWork, kind: Kind, limit: str, first_kept: date) -> int:
    query = (
        select(audit_text.c.commitment)
        .where(
            audit_text.c.centre_id == transaction.centre_id,
            audit_text.c.kind == kind,
            audit_text.c.at < _midnight(transaction, first_kept),
        )
        .order_by(audit_text.c.at)
        .limit(AT_ONCE)
    )
    found = transaction.connection.execute(query).scalars().all()
    return erase_texts(transaction, found, kind=kind, limit=limit)


def _visits(transaction: UnitOfWork, first_kept: date) -> int:
    """Some tickets of the earliest day that has details; the day's end is noted with the last of them."""
    connection = transaction.connection
    mine = run_row.c.centre_id == transaction.centre_id
    until = connection.execute(select(run_row.c.visits_until).where(mine)).scalar() or date.min
    of_centre = (ticket.c.centre_id == transaction.centre_id) & (ticket.c.business_day > until)
    days = select(func.min(ticket.c.business_day)).where(of_centre, ticket.c.business_day < first_kept)
    day = connection.execute(days).scalar()
    if day is None:
        return 0
    left = (ticket.c.centre_id == transaction.centre_id) & (ticket.c.business_day == day)
    rows = connection.execute(select(ticket).where(left, ticket.c.language != NO_LANGUAGE).limit(AT_ONCE)).all()
    for row in rows:
        erase_visit(transaction, row, is_over=True)
    if len(rows) < AT_ONCE:
        erase_ratings(transaction, tables.rating.c.business_day == day)
        connection.execute(update(run_row).where(mine).values(visits_until=day))
        transaction.write_journal("erased", kind="visits", limit="visit_days", day=day.isoformat())
    return max(len(rows), 1)


def _people(transaction: UnitOfWork, left_before: date) -> int:
    query = select(staff).where(
        staff.c.centre_id == transaction.centre_id,
        ~staff.c.active,
        staff.c.left_at < _midnight(transaction, left_before),
        ~staff.c.name.startswith(ERASED, autoescape=True),
    )
    row = transaction.connection.execute(query.limit(1)).one_or_none()
    if row is None:
        return 0
    erase_person(transaction, row, limit="staff_days")
    return 1


def _clear_failures(going: _Run) -> None:
    with going.site.write_without_lock() as connection:
        connection.execute(delete(failure).where(is_forgotten(going.site.clock())))


def _old_announcements(going: _Run, first_kept: date) -> None:
    with going.site.write(system_actor(going.centre_id)) as transaction:
        transaction.changed = False
        over = announcement.c.ends_at < _midnight(transaction, first_kept)
        mine = announcement.c.centre_id == going.centre_id
        transaction.connection.execute(delete(announcement).where(mine, over))


def _midnight(transaction: UnitOfWork, day: date) -> datetime:
    """The moment with which `day` began at the centre."""
    zone = transaction.catalogue.hours.timezone
    return datetime(day.year, day.month, day.day, tzinfo=zone)
