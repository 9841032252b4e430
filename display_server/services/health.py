"""Is the server able to do its work?"""

import time
from datetime import datetime

from sqlalchemy import Connection, literal_column, select

from display_server.services.errors import Unavailable, WrongClock
from display_server.services.site import Site
from display_server.store import tables
from display_server.store.engine import DatabaseError, check_place
from display_server.store.upsert import Upsert

FRESH_SECONDS = 1.0  # one write in so long, however often somebody asks
REFUSED_SECONDS = 30.0  # a visitor's write that was refused counts for so long, unless another was taken since

BEHIND_SECONDS = 600  # more than a clock is set back by in its ordinary course

_LAST_WRITTEN = select(tables.journal.c.at).order_by(tables.journal.c.id.desc()).limit(1)
_BEAT = Upsert(tables.secret, ["name"], {"value": literal_column("excluded.value")}, tables.secret.c.name)


class Health:
    """Asks the database to keep something: nothing less tells that it is away, moved, read-only, locked or full."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._well_at = float("-inf")

    def check(self) -> None:
        """Raises what a ticket would meet now: `Unavailable`, or the database's own error.

        `WrongClock`: numbers are given, but on the wrong day.
        """
        try:
            check_place(self._site.engine)
        except DatabaseError as error:
            raise Unavailable(str(error)) from error
        refusal = self._site.refusal
        if refusal is not None and time.monotonic() - refusal.at < REFUSED_SECONDS:
            raise refusal.error.with_traceback(None)  # on a full disk this small write may still find room
        if time.monotonic() - self._well_at < FRESH_SECONDS:
            return
        with self._site.write_aside() as connection:
            now = self._site.clock()
            behind = clock_behind(connection, now)
            if behind:
                raise WrongClock(f"it says {now:%Y-%m-%d %H:%M} UTC, {behind} s before what was written last")
            _BEAT.run(connection, {"name": "health", "value": now.isoformat()})
        self._well_at = time.monotonic()


def clock_behind(connection: Connection, now: datetime) -> int:
    """Seconds by which the clock is behind the journal's last line: a cheap PC without a battery wakes up in 1970.

    0 while that is an ordinary correction, or nothing was written yet.
    """
    last = connection.execute(_LAST_WRITTEN).scalar()
    behind = int((last - now).total_seconds()) if last is not None else 0
    return behind if behind > BEHIND_SECONDS else 0


def how_far_behind(site: Site) -> int:
    """`clock_behind` now."""
    with site.read() as connection:
        return clock_behind(connection, site.clock())
