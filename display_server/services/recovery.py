"""A hall comes back from a backup."""

import glob
import sqlite3
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

from display_server.services.epoch import begin_epoch, pause_sending
from display_server.services.site import Clock, utc_now
from display_server.store import copies
from display_server.store.engine import known_url
from display_server.store.moving import Contents, copy_database
from display_server.store.sqlite import file_of


def restore_hall(
    file: Path, database: str, *, replace: bool = False, identity: Path | None = None, clock: Clock = utc_now
) -> Path | None:
    """Put the backup `file` into `database`; where the old files are now, if there were any.

    See `display_server.store.copies.restore`. Raises `DatabaseError`, one line; then everything is as it was.
    """
    now, used = clock(), letters_used_beside(database)
    begin = partial(begin_epoch, now=now, used=used)
    return copies.restore(file, database, begin, now=now, replace=replace, identity=identity)


def copy_hall(source: str, target: str, clock: Clock = utc_now, *, mend: bool = False) -> dict[str, Contents]:
    """Every row of `source` into the empty database `target`. One from a backup begins again there; any other
    sends nothing until an administrator confirms that it is the one that works.

    Raises `DatabaseError`, one line; then nothing was written.
    """
    return copy_database(source, target, partial(begin_epoch, now=clock()), pause_sending, mend=mend)


def letters_used_beside(database: str) -> frozenset[str]:
    """The letters of epochs in an SQLite database that a backup replaces, and in those that earlier ones replaced.

    What cannot be read tells nothing: a restore must not fail for it.
    """
    url = known_url(database)
    if url.get_backend_name() != "sqlite":
        return frozenset()
    file, used = file_of(url), set()
    for each in file.parent.glob(f"{glob.escape(file.name)}*") if file.parent.is_dir() else ():
        address = f"{each.resolve().as_uri()}?immutable=1"
        with suppress(sqlite3.Error, OSError), closing(sqlite3.connect(address, uri=True)) as old:
            used |= {letter for (letter,) in old.execute("SELECT epoch_letter FROM centre") if letter}
    return frozenset(used)
