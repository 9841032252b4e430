"""What `motcua key` changes: new keys, old ones out, keys of another file in."""

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from display_server.services.keys import key_file
from display_server.services.keys.encrypted_fields import FieldCount, rewrite_fields
from display_server.services.keys.hall_keys import forget_keys, open_keys
from display_server.services.keys.key_file import KeyFileError, KeyRing, changing
from display_server.services.keys.keys import LOOK_SECONDS, Keys, fingerprint

TAKEN_UP_SECONDS = 2 * LOOK_SECONDS  # by then every server on this machine writes under the new keys


def create_if_missing(path: Path) -> bool:
    """A key file, unless something is there. Whether one was made. Raises `KeyFileError`."""
    return not path.exists() and not path.is_symlink() and key_file.create(path, KeyRing.made())


def create_keys(path: Path) -> None:
    """A key file where there is none. Raises `KeyFileError`."""
    if not create_if_missing(path):
        raise KeyFileError(f"{path}: is there already; motcua key rotate makes new keys in it")


def rotate_keys(engine: Engine, path: Path, wait: Callable[[float], None] = time.sleep) -> list[FieldCount]:
    """New keys in front; the older ones still read and verify. Every field is written anew. Raises `KeyFileError`."""
    open_keys(engine, path)  # a hall that never had a key file gets one, one that lost it is told
    with changing(path):
        key_file.replace(path, KeyRing.made().joined(key_file.read(path)))
    keys = open_keys(engine, path)
    wait(TAKEN_UP_SECONDS)
    return rewrite_fields(engine, keys)


def drop_old_keys(engine: Engine, path: Path) -> list[FieldCount]:
    """Every field under the newest key, then the older keys go: sessions end, earlier slips' addresses too."""
    keys = open_keys(engine, path)
    counts = rewrite_fields(engine, keys)
    with changing(path):
        ring = key_file.read(path)
        if [fingerprint(key) for key in ring.field] != keys.fingerprints():
            raise KeyFileError(f"{path}: was changed meanwhile; try again")
        key_file.replace(path, ring.newest(*key_file.PURPOSES))
    if not any(count.unreadable for count in counts):
        forget_keys(engine, [fingerprint(key) for key in ring.field[1:]])
    return counts


def add_keys(path: Path, other: Path) -> int:
    """The keys of another file behind the own ones: they read and verify. How many were new. Raises `KeyFileError`."""
    with changing(path):
        ring = key_file.read(path)
        joined = ring.joined(key_file.read(other))
        key_file.replace(path, joined)
    return sum(len(getattr(joined, name)) - len(getattr(ring, name)) for name in key_file.PURPOSES)


def export_keys(path: Path, target: Path | None) -> str | None:
    """The file's content, or None once it stands in `target`, which must not exist. Raises `KeyFileError`."""
    ring = Keys.load(path).ring
    if target is None:
        return ring.model_dump_json(indent=1)
    if not target.parent.is_dir():  # a stick that is not plugged in: the keys must not land on this disk
        raise KeyFileError(f"{target}: there is no folder {target.parent}")
    if not key_file.create(target, ring):
        raise KeyFileError(f"{target}: is there already")
    return None
