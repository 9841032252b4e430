"""A new database file takes the name of an old one, whose whole set of files moves aside.

Several files cannot be renamed at once. So the new file first lies beside them, whole and checked, as
NAME.restored-STAMP: from that moment on the new one holds, and whoever opens the database next finishes the moves
that a power cut stopped. Before it the old set is untouched.
"""

import os
import re
from datetime import datetime, timedelta
from pathlib import Path

SUFFIXES = ("", "-wal", "-shm", "-journal")  # what SQLite keeps: the database, and beside it what is not in it yet
_MARK = ".restored-"
_STAMP = "%Y%m%d-%H%M%S"
_STAMPED = r"\d{8}-\d{6}"


def files_of(file: Path) -> list[Path]:
    """What there is of the database: its file and those beside it."""
    names = [file.with_name(file.name + suffix) for suffix in SUFFIXES]
    return [path for path in names if os.path.lexists(path)]


def is_name_of_ours(file: Path) -> bool:
    """Whether a database beside would take a file of that name for one that is to become it."""
    return re.search(rf"{re.escape(_MARK)}{_STAMPED}$", file.name, re.ASCII) is not None


def files_with_lock(file: Path) -> list[Path]:
    """Everything that a process must be able to write to use the database: folder, files, lock."""
    lock = file.with_name(f"{file.name}.lock")
    return [file.parent, *files_of(file), *([lock] if os.path.lexists(lock) else [])]


def put_in_place(new: Path, file: Path, now: datetime) -> Path | None:
    """`new`, complete, becomes `file`. Where the old set is now (its first file); None when there was none.

    Both lie in one folder, and nobody has `file` open. Raises `OSError`.
    """
    while list(file.parent.glob(f"{_escaped(file.name)}.{now:{_STAMP}}*")):
        now += timedelta(seconds=1)
    had_one = bool(files_of(file))
    sync(new)
    new.replace(file.with_name(f"{file.name}{_MARK}{now:{_STAMP}}"))
    sync(file.parent)
    finish(file)
    return _aside(file, f"{now:{_STAMP}}") if had_one else None


def is_unfinished(file: Path) -> bool:
    """A power cut came between the decision for a new file and its name."""
    return _waiting(file) is not None


def finish(file: Path) -> None:
    """The moves that are left, if any. Nobody else may open the database meanwhile. Raises `OSError`."""
    new = _waiting(file)
    if new is None:
        return
    aside = _aside(file, new.name.rpartition(_MARK)[2])
    for old in files_of(file):
        old.rename(aside.with_name(aside.name + old.name.removeprefix(file.name)))
    sync(file.parent)
    new.replace(file)
    sync(file.parent)


def sync(path: Path) -> None:
    """A file's contents, or a folder's names, are on the disk. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _waiting(file: Path) -> Path | None:
    pattern = re.compile(re.escape(file.name + _MARK) + _STAMPED)
    try:
        return next((path for path in file.parent.iterdir() if pattern.fullmatch(path.name)), None)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _aside(file: Path, stamp: str) -> Path:
    return file.with_name(f"{file.name}.{stamp}")


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
