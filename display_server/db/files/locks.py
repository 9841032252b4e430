"""Who uses an SQLite database: each connection shares a lock on the file NAME.lock beside it.

The system takes the lock away with the process, so none is left after a power cut. SQLite's own locks are on the
database's file: they say nothing about a path whose file was moved away under a running server.
"""

import os
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.private_files import FILE, hand_over
from display_server.db.files.file_set import files_of

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

_CAN_LOCK = os.name == "posix"
_LOCK_BYTES = (0x40000000, 512)  # where SQLite locks its file (os.h: PENDING_BYTE, SHARED_SIZE)
_FLOCK = "hhqqi"  # struct flock: type, whence, start, length, process

_alone: set[str] = set()  # files that this process has to itself
_shares: Counter[str] = Counter()  # files that this process has open: not to be opened and closed beside SQLite
_guard = threading.Lock()


class HeldError(Exception):
    """Another process uses the database. `process`: its id, 0 where the system does not tell."""

    def __init__(self, file: Path, process: int = 0) -> None:
        super().__init__(str(file))
        self.process = process


def lock_file(file: Path) -> Path:
    """Where the lock of the database `file` is."""
    return file.with_name(f"{file.name}.lock")


class Share:
    """A connection is one of the database's users until `close`.

    Raises `HeldError` while somebody has the database to himself, `OSError` where the lock cannot be opened.
    """

    def __init__(self, file: Path) -> None:
        self._name = str(file)
        self._descriptor: int | None = None
        if not _CAN_LOCK or self._name in _alone:
            return
        descriptor = _open(file)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise HeldError(file) from error
        self._descriptor = descriptor
        with _guard:
            _shares[self._name] += 1

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
            with _guard:
                _shares[self._name] -= 1


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Nobody else may open the database meanwhile; this process may. Raises `HeldError`, `OSError`."""
    if not _CAN_LOCK:
        yield
        return
    descriptor = _open(file)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HeldError(file, user_of(file)) from error
        if process := user_of(file):
            raise HeldError(file, process)
        with _guard:
            _alone.add(str(file))
        try:
            yield
        finally:
            with _guard:
                _alone.discard(str(file))
    finally:
        try:
            if not files_of(file):  # no database, no lock
                lock_file(file).unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def user_of(file: Path) -> int:
    """Another process that has the file open as an SQLite database, whatever program it is; 0 for none.

    Not looked for by a process that opened it itself: closing a file ends all locks of the process on it.
    """
    if not _CAN_LOCK or _shares[str(file)] or not file.is_file():
        return 0
    with file.open("rb") as opened:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, *_LOCK_BYTES, 0)
        kind, _, _, _, process = struct.unpack(_FLOCK, fcntl.fcntl(opened, fcntl.F_GETLK, asked))
    return int(process) if kind != fcntl.F_UNLCK else 0


def _open(file: Path) -> int:
    path = lock_file(file)
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE)
    hand_over(descriptor, file if file.exists() else file.parent)  # as SQLite does with its own files
    return descriptor
