"""Is the server able to do its work?"""

import time

from sqlalchemy import literal_column

from display_server.db import tables
from display_server.db.engine import DatabaseError, check_same_file
from display_server.db.upsert import Upsert
from display_server.services.core.context import ServerContext
from display_server.services.errors import ClockSkew, Unavailable

FRESH_SECONDS = 1.0  # one write in so long, however often somebody asks
REFUSED_SECONDS = 30.0  # a write that the disk refused counts for so long, unless another was taken since

_WRITE_PROBE = Upsert(
    tables.server_state, ["name"], {"value": literal_column("excluded.value")}, tables.server_state.c.name
)


class Health:
    """Asks the database to keep something: nothing less tells that it is away, moved, read-only, locked or full."""

    def __init__(self, site: ServerContext) -> None:
        self._site = site
        self._well_at = float("-inf")

    def check(self) -> None:
        """Raises what a ticket would meet now: `Unavailable`, or the database's own error.

        `ClockSkew`: numbers are given, but on the wrong day.
        """
        try:
            check_same_file(self._site.engine)
        except DatabaseError as error:
            raise Unavailable(str(error)) from error
        if self._site.damage:
            raise Unavailable(f"the database is damaged ({self._site.damage}): stop the server and restore a backup")
        refusal = self._site.last_write_failure
        if refusal is not None and time.monotonic() - refusal.at < REFUSED_SECONDS:
            raise Unavailable(refusal.reason)  # on a full disk the small write below may still find room
        behind = self._site.clock_behind()
        if behind:
            now = self._site.clock()
            raise ClockSkew(f"it says {now:%Y-%m-%d %H:%M} UTC, {behind} s before what was written last")
        if time.monotonic() - self._well_at < FRESH_SECONDS:
            return
        with self._site.write_without_lock() as connection:
            _WRITE_PROBE.run(connection, {"name": "health", "value": self._site.clock().isoformat()})
        self._well_at = time.monotonic()
