"""A hall's keys at start: made once, told apart from another hall's, moved out of an older database.

The database keeps the fingerprints of the field keys that its fields may be written under (`server_state`, row `keys`),
never a key. So a missing or wrong key file is noticed, and what cannot be read is said.
"""

import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, literal_column, select, text

from display_server.db import tables
from display_server.db.engine import read_transaction, write_transaction
from display_server.db.upsert import Upsert
from display_server.services.keys import key_file
from display_server.services.keys.encrypted_fields import count_fields
from display_server.services.keys.key_file import KeyFileError, KeyRing, changing
from display_server.services.keys.keys import Keys

MADE_BEFORE = ("session", "ticket")  # keys that an older Motcua kept in its database, in rows of this name
STATE = "keys"

log = logging.getLogger(__name__)
state = tables.server_state

_KEEP = Upsert(state, ["name"], {"value": literal_column("excluded.value")}, state.c.name)


def open_keys(engine: Engine, path: Path) -> Keys:
    """The keys for this database. Makes the file at the very first start, and never again.

    Raises `KeyFileError`: the file is broken, or it is missing although this database had one.
    """
    with write_transaction(engine) as connection:
        _take_turn(connection)
        known = _known(connection)
        keys = _load(connection, path, is_new=known is None)
        if known != keys.fingerprints():
            _keep(connection, keys, known or [])
    if known is not None:
        _tell_missing(engine, path, keys, known)
    return keys


def keys_at_hand(path: Path, tell: Callable[[str], None]) -> Keys:
    """Those of the key file where it may be used; none of them otherwise: for commands that only look.

    `tell` gets why a file that is there may not be: it is damaged, or others may read it.
    """
    try:
        return Keys.load(path)
    except KeyFileError as error:
        if path.exists() or path.is_symlink():
            tell(str(error))
        return Keys.temporary()


def missing_keys(engine: Engine, keys: Keys) -> list[str]:
    """Fingerprints of field keys that this database was written under and the key file has not."""
    with read_transaction(engine) as connection:
        return [each for each in _known(connection) or [] if each not in keys.fingerprints()]


def forget_keys(engine: Engine, fingerprints: Iterable[str]) -> None:
    """Nothing is written under these keys any more."""
    gone = set(fingerprints)
    with write_transaction(engine) as connection:
        _take_turn(connection)
        kept = [each for each in _known(connection) or [] if each not in gone]
        _KEEP.run(connection, {"name": STATE, "value": json.dumps(kept)})


def _take_turn(connection: Connection) -> None:
    """Of several processes that start at once one goes first; on SQLite a writer is alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7727)"))


def _known(connection: Connection) -> list[str] | None:
    found = connection.execute(select(state.c.value).where(state.c.name == STATE)).scalar()
    return None if found is None else [str(each) for each in json.loads(found)]


def _load(connection: Connection, path: Path, *, is_new: bool) -> Keys:
    # A broken link or a folder that may not be entered is told by `read`, and nothing is made over it.
    if is_new and not path.exists() and not path.is_symlink():
        key_file.create(path, KeyRing.made())
        log.info("%s: made; keep a copy of it apart from the database and its backups", path)
    elif not is_new and not path.exists():
        raise KeyFileError(
            f"{path}: there is no key file, but this database has been used with one: put it back"
            " (from another server: motcua key export), or, where it is lost for good: motcua key create"
        )
    _move_old_keys(connection, path)
    return Keys.load(path)


def _move_old_keys(connection: Connection, path: Path) -> None:
    """Slips of today keep their address. Sessions end: their old key is in every backup of the database."""
    rows = connection.execute(select(state.c.name, state.c.value).where(state.c.name.in_(MADE_BEFORE))).all()
    if not rows:
        return
    old = {row.name: row.value for row in rows}
    if "ticket" in old:
        with changing(path):
            key_file.replace(path, key_file.read(path).with_addresses(old["ticket"]))
    connection.execute(delete(state).where(state.c.name.in_(MADE_BEFORE)))
    log.info("the keys of this database were moved to %s; staff sign in again", path)


def _keep(connection: Connection, keys: Keys, known: list[str]) -> None:
    ours = keys.fingerprints()
    kept = ours + [each for each in known if each not in ours]
    if kept != known:
        _KEEP.run(connection, {"name": STATE, "value": json.dumps(kept)})


def _tell_missing(engine: Engine, path: Path, keys: Keys, known: list[str]) -> None:
    missing = [each for each in known if each not in keys.fingerprints()]
    if not missing:
        return
    unreadable = [count for count in count_fields(engine, keys) if count.unreadable]
    if not unreadable:
        forget_keys(engine, missing)
        return
    log.error("%s lacks keys that this database was written under: %s", path, ", ".join(missing))
    for count in unreadable:
        log.error("%s: %d of %d cannot be read", count.name, count.unreadable, count.looked_at)
