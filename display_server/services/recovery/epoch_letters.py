"""Which letter the numbers of a restored day carry, and after which number they go on.

With a letter that no earlier restore of the day had they begin at 001. Where there is none left, or where nobody knows
of every earlier restore (a new disk), they go on after a number that tells the time of the restore: eight seconds
further, one number higher. No queue gives so many for long, so those of two restores do not meet.
"""

import secrets
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, func, select

from display_server.db import tables
from display_server.domain.numbering import EPOCH_LETTERS, OFFLINE_LETTERS, free_letters

centre, ticket, series = tables.centre, tables.ticket, tables.number_series
ROUND_NUMBER = 1000
SECONDS_A_NUMBER = 8


class Given(BaseModel):
    """What a restore gave the numbers of a centre's day: a letter (None: there was none left), or a start, or both."""

    model_config = ConfigDict(frozen=True)

    centre: str = Field(max_length=32)
    day: date
    letter: str | None = Field(pattern=r"^[A-Z]$")
    start: int = Field(ge=0, lt=10**9)


def choose(connection: Connection, row: Any, day: date, at: time, earlier: Sequence[Given], known_from: date) -> Given:
    """For the centre `row` restored on `day` at `at` (its own time). `earlier`, `known_from`: as in `begin_epoch`."""
    known = [each for each in (*earlier, *_of(row)) if each.centre == row.code and each.day >= day]
    prefixes = _prefixes(connection, row.id)
    taken = {each.letter for each in known if each.letter} | _letters_in(connection, row.id, day, prefixes)
    if free := free_letters(EPOCH_LETTERS, prefixes, taken):
        start = 0 if day >= known_from else _start(connection, row.id, day, at, known)
        return Given(centre=row.code, day=day, letter=secrets.choice(free), start=start)
    # A letter for kiosks may be one that a kiosk got since the backup: its numbers begin at 001.
    free = free_letters(OFFLINE_LETTERS, prefixes, taken)
    letter = secrets.choice(free) if free else None
    return Given(centre=row.code, day=day, letter=letter, start=_start(connection, row.id, day, at, known))


def given_in(connection: Connection) -> list[Given]:
    """What the last restore gave each centre of this database."""
    return [each for row in connection.execute(select(centre).order_by(centre.c.id)) for each in _of(row)]


def _of(row: Any) -> list[Given]:
    if row.epoch_day is None:
        return []
    return [Given(centre=row.code, day=row.epoch_day, letter=row.epoch_letter, start=row.epoch_start)]


def _start(connection: Connection, centre_id: int, day: date, at: time, known: Sequence[Given]) -> int:
    """Above every start and every number that is known of the day."""
    query = select(func.max(series.c.last)).where(series.c.centre_id == centre_id, series.c.business_day == day)
    reached = max((connection.execute(query).scalar() or 0, *(each.start for each in known)))
    by_time = ROUND_NUMBER + (at.hour * 3600 + at.minute * 60 + at.second) // SECONDS_A_NUMBER
    return max(by_time, (reached // ROUND_NUMBER + 1) * ROUND_NUMBER)


def _prefixes(connection: Connection, centre_id: int) -> Sequence[str]:
    department = tables.department
    query = select(department.c.prefix).where(department.c.centre_id == centre_id)
    return connection.execute(query).scalars().all()


def _letters_in(connection: Connection, centre_id: int, day: date, prefixes: Sequence[str]) -> set[str]:
    """Letters of kiosks, and those that numbers of the day carry."""
    device, grant = tables.device, tables.letter_grant
    of_kiosks = select(device.c.offline_letter).where(device.c.centre_id == centre_id)
    granted = select(grant.c.letter).where(grant.c.centre_id == centre_id)
    today = select(ticket.c.prefix).where(ticket.c.centre_id == centre_id, ticket.c.business_day == day).distinct()
    letters = {*connection.execute(of_kiosks).scalars(), *connection.execute(granted).scalars()} - {None}
    return letters | {prefix[-1] for prefix in connection.execute(today).scalars() if prefix not in prefixes}
