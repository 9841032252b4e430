"""Is the server able to do its work?"""

import time

from sqlalchemy import literal_column

from display_server.services.errors import Unavailable
from display_server.services.site import Site
from display_server.store import tables
from display_server.store.engine import DatabaseError, check_place
from display_server.store.upsert import Upsert

FRESH_SECONDS = 1.0  # one write in so long, however often somebody asks
REFUSED_SECONDS = 30.0  # a visitor's write that was refused counts for so long, unless another was taken since

_BEAT = Upsert(tables.secret, ["name"], {"value": literal_column("excluded.value")}, tables.secret.c.name)


class Health:
    """Asks the database to keep something: nothing less tells that it is away, moved, read-only, locked or full."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._well_at = float("-inf")

    def check(self) -> None:
        """Raises what a ticket would meet now: `Unavailable`, or the database's own error."""
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
            _BEAT.run(connection, {"name": "health", "value": self._site.clock().isoformat()})
        self._well_at = time.monotonic()
