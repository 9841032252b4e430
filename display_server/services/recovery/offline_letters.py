"""Which letter a kiosk's own numbers carry: one for each of its disks, so that no paper of a day has a second one.

A new disk knows nothing of the numbers on paper: its journal, which has a name of its own, gets another letter. Two
kiosks with one token are told apart by the names of their starts, which are then heard in turns, or one while another
is already at work; where both have the same journal (a copied card), its letter is withdrawn, and while both are there
neither gives numbers of its own.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from display_server.db import tables
from display_server.domain.numbering import OFFLINE_LETTERS, free_letters, free_offline_letter
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.recovery.epoch import mark_of

log = logging.getLogger(__name__)

TWIN_SECONDS = 60.0  # since two starts were heard in turns
RESTS = timedelta(days=30)  # a letter whose disk was not heard of for so long may go to another one
OVERLAP_SECONDS = 15.0  # a report of the start before may be heard that late
MOST_DISKS = 4  # of one kiosk within that time; a program that makes up more takes no other kiosk's letter

device, grant, start, ticket = tables.device, tables.letter_grant, tables.kiosk_start, tables.ticket


def letter_of(site: ServerContext, actor: Actor, journal: str | None, held: str | None = None) -> str | None:
    """The letter for the numbers that the kiosk `actor` gives out by itself; None: it must not give any.

    `journal`: the name of the kiosk's journal; None for a program that tells none. `held`: the letter that it had.
    """
    if actor.kind != "kiosk" or journal is None:
        return actor.offline_letter
    with site.read() as connection:
        if is_twin(connection, actor.id, site.clock()):
            return None
        letter = _granted(connection, actor, journal)
    if letter is not None:
        return letter
    with site.write(actor) as transaction:
        transaction.changed = False
        return _grant(transaction, journal, held)


def letters_of(connection: Connection, actor: Actor) -> set[str]:
    """Every letter that this kiosk's paper may carry."""
    granted = connection.execute(select(grant.c.letter).where(grant.c.device_id == actor.id)).scalars()
    return {*granted, *([actor.offline_letter] if actor.offline_letter else [])}


def taken_letters(connection: Connection, centre_id: int) -> set[str]:
    """The letters that no further kiosk of the centre can have."""
    own = select(device.c.offline_letter).where(device.c.centre_id == centre_id, device.c.offline_letter.is_not(None))
    granted = select(grant.c.letter).where(grant.c.centre_id == centre_id)
    epoch = select(tables.centre.c.epoch_letter).where(tables.centre.c.id == centre_id)
    return {letter for query in (own, granted, epoch) for letter in connection.execute(query).scalars() if letter}


def last_numbers(connection: Connection, centre_id: int, day: Any, prefixes: Iterable[str]) -> dict[str, int]:
    """The highest number of the day by prefix, as far as the server knows."""
    wanted = [prefix for prefix in prefixes if prefix]
    last: dict[str, int] = {}
    for table, number in ((ticket, func.max(ticket.c.number)), (tables.number_series, tables.number_series.c.last)):
        query = select(table.c.prefix, number).where(
            table.c.centre_id == centre_id, table.c.business_day == day, table.c.prefix.in_(wanted)
        )
        for prefix, found in connection.execute(query.group_by(table.c.prefix) if table is ticket else query):
            last[prefix] = max(found, last.get(prefix, 0))
    return last


def is_twin(connection: Connection, device_id: int, now: datetime) -> bool:
    """Whether two kiosks are at work with this one's token."""
    at = connection.execute(select(start.c.twin_at).where(start.c.device_id == device_id)).scalar()
    return twins_at(at, now)


def twins_at(at: datetime | None, now: datetime) -> bool:
    """The same, of the moment when two starts were last heard in turns."""
    return at is not None and abs((now - at).total_seconds()) <= TWIN_SECONDS


def note_start(
    connection: Connection, actor: Actor, instance: str, journal: str, up_seconds: float, now: datetime
) -> bool:
    """A start of the kiosk was heard of, which is `up_seconds` old; whether another one is at work with the same token.

    Turns of two are known by their names. Three or more are never heard A, B, A, but one was heard while another ran.
    """
    seen = update(grant).where(grant.c.device_id == actor.id, grant.c.journal == journal)
    connection.execute(seen.values(seen_at=now))
    row = connection.execute(select(start).where(start.c.device_id == actor.id)).one_or_none()
    told = {"instance": instance, "journal": journal, "heard_at": now}
    if row is None:
        connection.execute(insert(start).values(told | {"centre_id": actor.centre_id, "device_id": actor.id}))
        return False
    if instance != row.instance:
        told["former"] = row.instance
        began_at = now - timedelta(seconds=up_seconds)
        if instance == row.former or row.heard_at > began_at + timedelta(seconds=OVERLAP_SECONDS):
            told["twin_at"] = now
            _withdraw(connection, actor, {journal, row.journal}, now)
    connection.execute(update(start).where(start.c.device_id == actor.id).values(told))
    return is_twin(connection, actor.id, now)


def _withdraw(connection: Connection, actor: Actor, journals: set[str], now: datetime) -> None:
    log.warning("two kiosks are at work with the token of %s: see docs/how-to/operations.md", actor.name)
    if len(journals) == 1:
        mine = (grant.c.device_id == actor.id) & grant.c.journal.in_(journals) & grant.c.retired_at.is_(None)
        connection.execute(update(grant).where(mine).values(retired_at=now))


def _granted(connection: Connection, actor: Actor, journal: str) -> str | None:
    mine = (grant.c.device_id == actor.id) & (grant.c.journal == journal) & grant.c.retired_at.is_(None)
    letter: str | None = connection.execute(select(grant.c.letter).where(mine)).scalar()
    return letter


def _grant(transaction: UnitOfWork, journal: str, held: str | None) -> str | None:
    connection, actor = transaction.connection, transaction.actor
    if (letter := _granted(connection, actor, journal)) is not None:
        return letter
    rested = grant.c.seen_at < transaction.now - RESTS
    connection.execute(delete(grant).where(grant.c.centre_id == transaction.centre_id, rested))
    disks = select(func.count()).select_from(grant).where(grant.c.device_id == actor.id)
    letter = _choose(transaction, held) if connection.execute(disks).scalar_one() < MOST_DISKS else None
    if letter is None:
        log.warning("no letter for the own numbers of %s: it gives none", actor.name)
        return None
    values = {"centre_id": transaction.centre_id, "letter": letter, "device_id": actor.id, "journal": journal}
    connection.execute(insert(grant).values(values | {"seen_at": transaction.now}))
    transaction.write_journal("letter_granted", kiosk=actor.id, letter=letter)
    return letter


def _choose(transaction: UnitOfWork, held: str | None) -> str | None:
    connection, actor = transaction.connection, transaction.actor
    mine = connection.execute(select(device).where(device.c.id == actor.id)).one()
    granted = select(grant.c.letter).where(grant.c.device_id == actor.id)
    is_first = connection.execute(granted).first() is None
    taken = taken_letters(connection, transaction.centre_id) - ({mine.offline_letter} if is_first else set())
    prefixes = [department.prefix for department in transaction.catalogue.departments.values()]
    if held is not None and held in free_letters(OFFLINE_LETTERS, prefixes, taken):
        return held  # the backup does not know of it, and its numbers are on paper
    is_restored_day = transaction.epoch.is_on(transaction.day)
    if is_first and not (is_restored_day and mark_of(mine.created_at) > transaction.epoch.mark):
        return str(mine.offline_letter) if mine.offline_letter else None
    if is_restored_day:
        return None  # who had which letter since the backup is not known
    return free_offline_letter(prefixes, taken)
