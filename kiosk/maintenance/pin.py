"""The PIN of the hidden service screen: argon2 on disk, no default, and a lock that grows with wrong ones.

The count is on disk before a PIN is looked at, so that pulling the plug gives nobody a further try.
"""

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from config.errors import MotcuaError
from config.private_files import make_private_folder

log = logging.getLogger(__name__)

PIN_FILE = "pin.json"
TRIES = 5
LOCKED_SECONDS = (60, 300, 900, 3600)
SHORTEST, LONGEST = 4, 12
# OWASP's smaller choice: a kiosk has little memory to spare.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
TRIVIAL_SEQUENCES = ("01234567890", "09876543210")


class PinError(MotcuaError):
    """A PIN that cannot be set."""

    exit_code = 2


class Verdict(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    NOT_SET = "not_set"


@dataclass(frozen=True)
class Answer:
    """What became of a PIN. `tries`: wrong ones that are still allowed; `seconds`: until the lock opens."""

    verdict: Verdict
    tries: int = TRIES
    seconds: int = 0


class Pin:
    """The PIN kept in `path`. A file that cannot be read counts as "not set": it opens nothing."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now

    def set(self, pin: str) -> None:
        """Take `pin` from now on. Raises `PinError`."""
        if not (pin.isascii() and pin.isdecimal() and SHORTEST <= len(pin) <= LONGEST):
            raise PinError(f"a PIN has {SHORTEST} to {LONGEST} digits")
        if len(set(pin)) == 1 or any(pin in row for row in TRIVIAL_SEQUENCES):
            raise PinError("this PIN is the first that anybody would try: take another")
        self._write({"hash": HASHER.hash(pin), "wrong": 0, "locked_until": 0.0})

    def state(self) -> Answer:
        """How things stand before a PIN is entered: RIGHT stands for "enter it"."""
        kept = self._read()
        if not kept.get("hash"):
            return Answer(Verdict.NOT_SET)
        seconds = self._locked_for(kept)
        tries = TRIES - int(kept["wrong"]) % TRIES
        return Answer(Verdict.LOCKED if seconds else Verdict.RIGHT, tries, seconds)

    def check(self, pin: str) -> Answer:
        """Look at a PIN; takes some tens of milliseconds, by design. Raises `PinError` when the disk refuses."""
        before = self.state()
        if before.verdict is not Verdict.RIGHT:
            return before
        kept = self._read()
        kept["wrong"] += 1
        if kept["wrong"] % TRIES == 0:
            kept["locked_until"] = self._now() + self._lock_seconds(kept)
        self._write(kept)
        try:
            HASHER.verify(kept["hash"], pin)
        except (VerificationError, InvalidHashError):
            log.warning("service screen: a wrong PIN, the %dth in a row", kept["wrong"])
            after = self.state()
            return after if after.verdict is Verdict.LOCKED else Answer(Verdict.WRONG, after.tries)
        self._write(kept | {"wrong": 0, "locked_until": 0.0})
        return Answer(Verdict.RIGHT)

    def _locked_for(self, kept: dict[str, Any]) -> int:
        # A clock that jumped back must not lock the staff out for a year.
        left = min(float(kept["locked_until"]) - self._now(), self._lock_seconds(kept))
        return max(0, int(left + 0.999))

    def _lock_seconds(self, kept: dict[str, Any]) -> int:
        rounds = max(1, int(kept["wrong"]) // TRIES)
        return LOCKED_SECONDS[min(rounds, len(LOCKED_SECONDS)) - 1]

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text())
            return {"hash": str(kept["hash"]), "wrong": int(kept["wrong"]), "locked_until": float(kept["locked_until"])}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError):
            log.exception("%s cannot be read: the service screen stays shut", self._path)
            return {}

    def _write(self, kept: dict[str, Any]) -> None:
        new = self._path.with_suffix(".new")
        try:
            make_private_folder(self._path.parent)
            new.touch(mode=0o600)
            with new.open("w") as file:
                json.dump(kept, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError as error:
            raise PinError(f"{self._path}: cannot be written: {error.strerror or error}") from error
