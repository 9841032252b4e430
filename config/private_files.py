"""Files and folders for data: readable by their owner alone, whatever the umask."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_private_folder(path: Path) -> None:
    """`path` and every folder above it that is missing, 0700. One that is there keeps its mode. Raises `OSError`."""
    if not path.is_dir():
        if os.path.lexists(path):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
        make_private_folder(path.parent)
        path.mkdir(mode=FOLDER, exist_ok=True)
        _hand_over_folder(path)


def make_private_file(path: Path) -> None:
    """An empty file, 0600; one that is there loses what others may do with it. Raises `OSError`.

    A file that is there is not opened: closing it would end the locks that SQLite holds on it in this process.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), FILE)
    except FileExistsError:
        keep_private(path)
        return
    try:
        hand_over(descriptor, path.parent)
    finally:
        os.close(descriptor)


def hand_over(descriptor: int, like: Path) -> None:
    """What a command of root's has written belongs to whom `like` belongs to (its folder, or the file it replaces).

    Otherwise the server, which is another user, could not open it. Of other users' commands nothing changes.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    found = os.fstat(descriptor)
    if found.st_uid == 0 and found.st_nlink == 1:  # a further name of the file may be one of root's own files
        owner = like.stat()
        with suppress(OSError):  # a share that knows no owners
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _hand_over_folder(path: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        owner = path.parent.stat()
        if os.geteuid() == 0:
            with suppress(OSError):
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
    finally:
        os.close(descriptor)


def keep_private(path: Path) -> None:
    """Take away what group and others may do with a file of ours; nothing where it is missing or another's."""
    try:
        found = path.stat()
        is_ours = stat.S_ISREG(found.st_mode) and hasattr(os, "geteuid") and os.geteuid() in (0, found.st_uid)
        if is_ours and stat.S_IMODE(found.st_mode) & 0o077:  # never a device: /dev/null is everybody's
            path.chmod(stat.S_IMODE(found.st_mode) & FOLDER)
    except FileNotFoundError:
        return


@contextmanager
def written_aside(path: Path, content: str) -> Iterator[Path]:
    """The content on the disk under another name beside `path`, 0600: half a file never has the right one.

    It has the owner of the file that it replaces (else of the folder), and that file's group where it may read.
    Whatever was not renamed or linked goes again. Raises `OSError`.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            _belong_as_before(descriptor, path)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield aside
        sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Its names are on the disk, where the system opens folders."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _belong_as_before(descriptor: int, path: Path) -> None:
    if os.name != "posix":
        return
    hand_over(descriptor, path if path.exists() else path.parent)
    with suppress(OSError):
        before = path.lstat()
        if stat.S_ISREG(before.st_mode) and before.st_mode & stat.S_IRGRP:
            os.fchown(descriptor, -1, before.st_gid)
            os.fchmod(descriptor, FILE | stat.S_IRGRP)
