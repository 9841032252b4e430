"""A hall comes back from a backup."""

import glob
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from display_server.db import copies
from display_server.db.copies.database_copy import Contents, copy_database
from display_server.db.engine import known_url
from display_server.db.sqlite import file_of
from display_server.db.tables import centre
from display_server.services.catalogue.catalogue import CatalogueCache
from display_server.services.core.context import Clock, utc_now
from display_server.services.recovery.epoch import begin_epoch, pause_sending
from display_server.services.recovery.epoch_letters import Given
from display_server.services.recovery.kept_epochs import Kept, file_beside, keep, read_kept

_KNOWN = (
    "SELECT code, epoch_day, epoch_letter, epoch_start FROM centre",
    "SELECT code, epoch_day, epoch_letter, 0 FROM centre",
)


def _silent(_: str) -> None: ...


def restore_hall(
    file: Path,
    database: str,
    *,
    replace: bool = False,
    identity: Path | None = None,
    clock: Clock = utc_now,
    key_file: Path | None = None,
    tell: Callable[[str], None] = _silent,
) -> Path | None:
    """Put the backup `file` into `database`; where the old files are now, if there were any.

    See `display_server.db.copies.restore`. `key_file`: what restores give is kept beside it. `tell` gets one line
    for each centre whose numbers do not begin at 001. Raises `DatabaseError`, one line; then everything is as it was.
    """
    begin = _beginning(clock, key_file, given_beside(database), tell)
    return copies.restore(file, database, begin, now=clock(), replace=replace, identity=identity)


def copy_hall(
    source: str,
    target: str,
    clock: Clock = utc_now,
    *,
    mend: bool = False,
    key_file: Path | None = None,
    tell: Callable[[str], None] = _silent,
) -> dict[str, Contents]:
    """Every row of `source` into the empty database `target`. One from a backup begins again there; any other
    sends nothing until an administrator confirms that it is the one that works.

    `key_file`, `tell`: as of `restore_hall`. Raises `DatabaseError`, one line; then nothing was written.
    """
    return copy_database(source, target, _beginning(clock, key_file, [], tell), pause_sending, mend=mend)


def _beginning(
    clock: Clock, key_file: Path | None, beside: list[Given], tell: Callable[[str], None]
) -> Callable[[Connection], None]:
    return partial(_begin, clock=clock, key_file=key_file, beside=beside, tell=tell)


def _begin(
    connection: Connection, clock: Clock, key_file: Path | None, beside: list[Given], tell: Callable[[str], None]
) -> None:
    for row in connection.execute(select(centre.c.id, centre.c.catalogue_version)).all():
        CatalogueCache().get(connection, row.id, row.catalogue_version)  # a centre that cannot be used is refused
    now = clock()
    unknown = Kept(known_from=date.max, given=[])
    kept = read_kept(file_beside(key_file), now) if key_file is not None else unknown
    given = begin_epoch(connection, now, [*beside, *kept.given], kept.known_from)
    if key_file is not None and kept.known_from != date.max:
        # Before anybody can open the hall: a restore that fails after it has used up a letter, no more.
        keep(file_beside(key_file), given, now)
    for each in given:
        if each.start:
            tell(
                f"{each.centre}: numbers of {each.day} go on after {each.start}: what earlier restores of that day"
                " gave is not known here, or no letter was left"
            )


def given_beside(database: str) -> list[Given]:
    """What restores gave in an SQLite database that a backup replaces, and in those that earlier ones replaced.

    What cannot be read tells nothing: a restore must not fail for it.
    """
    url = known_url(database)
    if url.get_backend_name() != "sqlite":
        return []
    file = file_of(url)
    files = file.parent.glob(f"{glob.escape(file.name)}*") if file.parent.is_dir() else ()
    return [each for path in files for each in _given_in(path)]


def _given_in(file: Path) -> Iterator[Given]:
    for query in _KNOWN:
        with suppress(sqlite3.Error, OSError), closing(_opened(file)) as old:
            for row in old.execute(query):
                with suppress(ValidationError, ValueError, TypeError):
                    yield _read(row)
            return


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)


def _read(row: tuple[Any, ...]) -> Given:
    code, day, letter, start = row
    return Given(centre=code, day=date.fromisoformat(day), letter=letter, start=start)
