"""A restored hall begins a new epoch: nothing that may be on paper or on a screen is given again.

How much was lost since the backup is not known, so a jump of today's numbers would be a guess. What is certain:

- For the rest of the restored day the server's numbers carry one letter more (`A` becomes `AQ`), which no kiosk holds
  and no earlier restore of that day had (services/epoch_letters.py). From the next day on they are ordinary again.
- Ids, the numbers of calls and the versions go on at a mark taken from the time of the restore. No hall makes a
  hundred of them a second for long, so two restores of one backup go on at different places too.
- Everybody signs in again: a session that was ended since the backup must not come back with it.
- The address on a slip whose ticket was lost is known by its id, which lies before the mark and has no ticket.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, delete, func, select, update

from display_server.db import tables
from display_server.db.engine import write_transaction
from display_server.services.errors import LostInRestore
from display_server.services.recovery.epoch_letters import Given, choose

centre = tables.centre
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
MARKS_PER_SECOND = 100
GAP = 1_000_000  # with a clock that is wrong: more than a hall can have lost


def begin_epoch(
    database: Engine | Connection, now: datetime, earlier: Sequence[Given] = (), known_from: date = date.min
) -> list[Given]:
    """Mark the restored `database` (its schema up to date, no server on it) as a new epoch of every centre.

    `earlier`: what restores are known to have given, beside what the database itself knows; `known_from`: of every
    restore of this and later days. Gives what this one gives. Nothing is sent until `confirm_sending`.
    """
    with _write(database) as connection:
        rows = connection.execute(select(centre).order_by(centre.c.id)).all()
        given = [_begin(connection, row, now, earlier, known_from) for row in rows]
        # Who signed out since the backup must not be signed in again.
        connection.execute(delete(tables.staff_session))
        return given


def pause_sending(database: Engine | Connection) -> None:
    """Of a copy of a hall: it sends nothing until an administrator confirms that it is the one that works."""
    with _write(database) as connection:
        connection.execute(update(centre).values(sending_paused=True))


def sending_allowed(connection: Connection, centre_id: int) -> bool:
    """Whether messages may leave the centre. Whoever sends one asks first, in the transaction that sends."""
    paused = connection.execute(select(centre.c.sending_paused).where(centre.c.id == centre_id)).scalar()
    return paused is not None and not paused


def mark_of(now: datetime) -> int:
    """The place in every row of ids that belongs to this moment; 0 for a clock that is plainly wrong."""
    return max(0, int((now - BEGINNING).total_seconds() * MARKS_PER_SECOND))


def newest_day(wall: date, written: date | None) -> date:
    """The business day that is written now: never one before the newest that was."""
    return max(wall, written) if written is not None else wall


def series_prefix(prefix: str, day: date, epoch_day: date | None, epoch_letter: str | None) -> str:
    """The prefix of the server's own numbers: with the epoch's letter for the rest of the restored day."""
    return prefix + epoch_letter if epoch_letter and epoch_day is not None and day <= epoch_day else prefix


def check_not_lost(connection: Connection, ticket_id: int | None) -> None:
    """Raises `LostInRestore` when this signed id, which has no ticket, may have been a ticket's before a restore."""
    first = connection.execute(select(func.max(centre.c.first_id))).scalar()
    if first is not None and ticket_id is not None and ticket_id < first:
        raise LostInRestore("this slip was given before the system was restored: please show it to the staff")


@contextmanager
def _write(database: Engine | Connection) -> Iterator[Connection]:
    if isinstance(database, Connection):
        yield database
        return
    with write_transaction(database) as connection:
        yield connection


def _begin(connection: Connection, row: Any, now: datetime, earlier: Sequence[Given], known_from: date) -> Given:
    local = now.astimezone(ZoneInfo(row.timezone))
    wall = local.date()
    day = newest_day(wall, row.business_day)
    given = choose(connection, row, day, local.time(), earlier, known_from)
    mark = max(mark_of(now), row.epoch + GAP)
    first_id = max(mark, _last_id(connection) + GAP)
    seconds = mark // MARKS_PER_SECOND
    connection.execute(
        update(centre)
        .where(centre.c.id == row.id)
        .values(
            epoch=mark,
            epoch_day=day,
            epoch_letter=given.letter,
            epoch_start=given.start,
            business_day=day,
            clock_doubted=row.clock_doubted or wall < day,
            first_id=first_id,
            sending_paused=True,
            # What screens and kiosks remember must not be taken for what comes now.
            version=max(mark, row.version + GAP),
            call_seq=max(mark, row.call_seq + GAP),
            catalogue_version=max(seconds % 2**30, row.catalogue_version + 1),
        )
    )
    return given


def _last_id(connection: Connection) -> int:
    """The greatest id that a slip, a screen or a kiosk may hold."""
    rows = [tables.ticket, tables.call, tables.reprint]
    return max(int(connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) for table in rows)
