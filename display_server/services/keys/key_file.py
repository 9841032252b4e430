"""The key file: what stands in it, and how it is read, made and replaced.

Whoever has it and the database can read every encrypted field and sign any session: it is kept apart from the database
and from its backups, readable by the server's user alone.
"""

import logging
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cryptography.fernet import Fernet
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from config.errors import MotcuaError
from config.private_files import make_private_folder, written_aside

try:
    import fcntl
except ImportError:  # Windows has no such lock: of two changes at once the last one wins
    fcntl = None  # type: ignore[assignment]


ABOUT = "Motcua's keys. Keep a copy apart from the database and its backups; see docs/how-to/operations.md, Keys."
LARGEST = 1024 * 1024  # bytes: a folder of disks or /dev/zero is not read to its end
OF_OTHERS = stat.S_IRWXO | stat.S_IWGRP

log = logging.getLogger(__name__)
_told_of_group: set[Path] = set()  # once a process: a command reads the file several times


class KeyFileError(MotcuaError):
    """The key file is missing, unreadable, open to others or not a key file. One line that names it, never a key."""


def _is_fernet(key: str) -> str:
    try:
        Fernet(key)
    except ValueError as error:
        raise ValueError("is not a key for fields") from error
    return key


class Key(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    made: AwareDatetime
    key: str = Field(min_length=32, max_length=200)


class FieldKey(Key):
    key: Annotated[str, AfterValidator(_is_fernet)]


class KeyRing(BaseModel):
    """All keys by what they are for, newest first: the first writes and signs, the others read and verify."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    about: str = ABOUT
    field: tuple[FieldKey, ...] = Field(min_length=1)
    lookup: tuple[Key, ...] = Field(min_length=1)
    session: tuple[Key, ...] = Field(min_length=1)
    address: tuple[Key, ...] = Field(min_length=1)

    @classmethod
    def made(cls) -> "KeyRing":
        """A fresh key for each purpose: 256 random bits."""
        return cls(
            field=(FieldKey(made=_now(), key=Fernet.generate_key().decode()),),
            lookup=(_fresh(),),
            session=(_fresh(),),
            address=(_fresh(),),
        )

    def joined(self, other: "KeyRing") -> "KeyRing":
        """The same, and behind its own keys those of `other` that it has not: they read and verify."""
        return KeyRing(**{name: _joined(getattr(self, name), getattr(other, name)) for name in PURPOSES})

    def with_addresses(self, *keys: str) -> "KeyRing":
        """The same with older keys of slips' addresses, which came from elsewhere."""
        older = tuple(Key(made=_now(), key=key) for key in keys)
        return self.model_copy(update={"address": _joined(self.address, older)})

    def has_older(self) -> bool:
        """Whether there is any key beside the newest of each purpose."""
        return any(len(getattr(self, name)) > 1 for name in PURPOSES)

    def newest(self, *purposes: str) -> "KeyRing":
        """Without the older keys of these purposes."""
        return self.model_copy(update={name: getattr(self, name)[:1] for name in purposes})


PURPOSES = ("field", "lookup", "session", "address")


def read(path: Path) -> KeyRing:
    """The keys in the file. Raises `KeyFileError`."""
    try:
        return KeyRing.model_validate_json(_content(path))
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        reason = f"{place}: {problem['msg']}" if place else "it is empty or no JSON"
        raise KeyFileError(f"{path}: is not a key file: {reason}: put the right one back") from error


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            _check_mode(path, os.fstat(file.fileno()))
            return file.read(LARGEST).decode()
    except FileNotFoundError as error:
        raise KeyFileError(f"{path}: there is no key file") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise KeyFileError(f"{path}: the key file cannot be read: {reason}") from error


def _check_mode(path: Path, found: os.stat_result) -> None:
    """Others must not read it. A group may: a file of root's that the group motcua reads is a usual way."""
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileError(f"{path}: is not a file")
    if os.name != "posix":
        return
    if found.st_mode & OF_OTHERS:
        raise KeyFileError(f"{path}: others may read or change the key file: chmod 600 {path}")
    if found.st_mode & stat.S_IRGRP and path not in _told_of_group:
        _told_of_group.add(path)
        log.warning("%s: its group may read the key file", path)


def create(path: Path, ring: KeyRing) -> bool:
    """Write the file if there is none. False: another process was first. Raises `KeyFileError`."""
    try:
        make_private_folder(path.parent)
        with written_aside(path, _text(ring)) as unfinished:
            os.link(unfinished, path)  # unlike a rename it never replaces what is there
    except FileExistsError:
        return False
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be made: {error.strerror}") from error
    return True


def replace(path: Path, ring: KeyRing) -> None:
    """Write the file anew, in one step. Raises `KeyFileError`."""
    try:
        with written_aside(path, _text(ring)) as unfinished:
            unfinished.replace(path)
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be written: {error.strerror}") from error


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Of several processes on this machine one changes the file at a time. Raises `KeyFileError`."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise KeyFileError(f"{path}: the key file cannot be changed: {error.strerror}") from error
    try:
        if fcntl is not None:
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _text(ring: KeyRing) -> str:
    return ring.model_dump_json(indent=1) + "\n"


def _joined(ours: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    known = {each.key for each in ours}
    return ours + tuple(each for each in others if each.key not in known)


def _fresh() -> Key:
    return Key(made=_now(), key=secrets.token_urlsafe(32))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
