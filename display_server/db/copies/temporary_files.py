"""Files that are being written: 0600, beside their place, taken away again when they come to nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

from config.private_files import FILE, hand_over
from display_server.db.engine import DatabaseError
from display_server.db.files.file_set import SUFFIXES, files_of
from display_server.db.files.locks import HeldError, alone
from display_server.db.sqlite import file_of

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@contextmanager
def unfinished(path: Path, like: Path | None = None) -> Iterator[IO[bytes]]:
    """An empty file at `path`, also for writing by its name; gone at the end, with all that SQLite left beside it,
    unless it was renamed. Of root's commands it belongs to whom `like`, else its folder, belongs to.
    Raises `DatabaseError` while another process writes the same, `OSError`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), FILE)
    with os.fdopen(descriptor, "r+b") as file:
        _take(descriptor, path)
        remove(path, but_itself=True)  # a journal of a power cut's would be played into the new file
        os.ftruncate(descriptor, 0)
        os.fchmod(descriptor, FILE)
        hand_over(descriptor, like if like is not None and like.exists() else path.parent)
        try:
            yield file
        finally:
            with suppress(OSError):
                if os.path.samestat(path.lstat(), os.fstat(descriptor)):
                    remove(path)


@contextmanager
def gone_when_it_fails(url: URL) -> Iterator[None]:
    """An SQLite file that was not there before is taken away again when what follows raises."""
    file = file_of(url) if url.get_backend_name() == "sqlite" else None
    folders = missing_folders(file.parent) if file is not None else []
    was_there = file is None or bool(files_of(file))
    try:
        yield
    except BaseException:
        if file is not None and not was_there:
            with suppress(HeldError, OSError), alone(file):  # unless somebody else has opened it meanwhile
                remove(file)
            remove_folders(folders)
        raise


def missing_folders(folder: Path) -> list[Path]:
    """Those that have to be made for `folder`, the innermost first."""
    return [each for each in (folder, *folder.parents) if not each.exists()]


def remove_folders(folders: list[Path]) -> None:
    """Take away those that are empty."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def remove(path: Path, *, but_itself: bool = False) -> None:
    """Take away a database's file and what SQLite keeps beside it, as far as there is any."""
    for suffix in SUFFIXES[1 if but_itself else 0 :]:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _take(descriptor: int, path: Path) -> None:
    if os.name != "posix":
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DatabaseError(f"{path}: is being written by another process") from error
