"""Files that people hand over: regular ones of a bounded size, and TOML of a bounded depth.

A device file never ends, a pipe waits for ever, and nesting without end exhausts Python's stack.
"""

import errno
import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from config.text.types import all_strings, for_messages, is_storable

LARGEST_FILE = 20 * 2**20
DEEPEST_TOML = 16
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe that nobody writes to


def read_file(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """What the regular file `path` holds. Raises `OSError`; its `strerror` says what is wrong."""
    descriptor = os.open(path, os.O_RDONLY | _NOT_WAITING)
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "is not a regular file", str(path))
        data = file.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"is larger than {largest // 2**20} MiB", str(path))
    return data


def leads_outside(path: Path, folder: Path) -> bool:
    """Whether `path` is a link to something outside `folder`."""
    return not path.resolve().is_relative_to(folder.resolve())


def read_inside(path: Path) -> bytes:
    """The same, but not through a link that leads out of the file's folder. Raises `OSError`."""
    if leads_outside(path, path.parent):
        raise OSError(errno.EXDEV, "is a link to something outside the folder")
    return read_file(path)


def read_toml_file(path: Path) -> dict[str, Any]:
    """The values of a TOML file in UTF-8. Raises `OSError`, `UnicodeDecodeError`, `tomllib.TOMLDecodeError`."""
    return parse_toml(read_file(path).decode("utf-8-sig"))


def parse_toml(text: str) -> dict[str, Any]:
    """The values of TOML. Raises `tomllib.TOMLDecodeError`, also for nesting without end and for a NUL."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise tomllib.TOMLDecodeError("nested too deeply") from error
    except ValueError as error:  # a number of thousands of digits
        raise tomllib.TOMLDecodeError(for_messages(str(error))) from error
    if _is_deep(values):
        raise tomllib.TOMLDecodeError("nested too deeply")
    if not all(map(is_storable, all_strings(values))):
        raise tomllib.TOMLDecodeError("has a NUL character")
    return values


def _is_deep(values: Any) -> bool:
    level = [values]
    for _ in range(DEEPEST_TOML):
        level = [
            part
            for each in level
            for part in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
    return bool(level)
