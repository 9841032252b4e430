"""Files and folders for data: readable by their owner alone, whatever the umask."""

import os
import stat
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def make_private_folder(path: Path) -> None:
    """`path` and every folder above it that is missing, 0700. One that is there keeps its mode. Raises `OSError`."""
    if not path.is_dir():
        make_private_folder(path.parent)
        path.mkdir(mode=FOLDER, exist_ok=True)


def make_private_file(path: Path) -> None:
    """An empty file, 0600; one that is there loses what others may do with it. Raises `OSError`.

    A file that is there is not opened: closing it would end the locks that SQLite holds on it in this process.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), FILE))
    except FileExistsError:
        keep_private(path)


def keep_private(path: Path) -> None:
    """Take away what group and others may do with a file of ours; nothing where it is missing or another's."""
    try:
        found = path.stat()
        if hasattr(os, "geteuid") and os.geteuid() in (0, found.st_uid) and stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(stat.S_IMODE(found.st_mode) & FOLDER)
    except FileNotFoundError:
        return
