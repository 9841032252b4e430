"""A hall comes back from a backup."""

from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from display_server.services.site import Clock, utc_now
from display_server.store import copies
from display_server.store.moving import Contents, copy_database


def restore_hall(
    file: Path, database: str, *, replace: bool = False, identity: Path | None = None, clock: Clock = utc_now
) -> Path | None:
    """Put the backup `file` into `database`; where the old files are now, if there were any.

    See `display_server.store.copies.restore`. Raises `DatabaseError`, one line; then everything is as it was.
    """
    now = clock()
    return copies.restore(file, database, partial(begin_again, now=now), now=now, replace=replace, identity=identity)


def copy_hall(source: str, target: str, clock: Clock = utc_now, *, mend: bool = False) -> dict[str, Contents]:
    """Every row of `source` into the empty database `target`. One that comes from a backup begins again there.

    Raises `DatabaseError`, one line; then nothing was written.
    """
    return copy_database(source, target, partial(begin_again, now=clock()), mend=mend)


def begin_again(connection: Connection, now: datetime) -> None:
    """What a restored hall does before anybody can open it."""
