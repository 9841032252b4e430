"""What restores gave, kept beside the key file: it outlives the database, and no restore of the day repeats a letter.

The file holds no secret. Without it a restore goes on all the same: it takes nothing for known (epoch_letters.py).
"""

import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from config.private_files import make_private_folder, written_aside
from display_server.services.keys.key_file import KeyFileError, changing
from display_server.services.recovery.epoch_letters import Given

LARGEST = 1024 * 1024  # bytes
KEPT = timedelta(days=400)  # a clock that is ahead may have written a day far in the future

log = logging.getLogger(__name__)


class Kept(BaseModel):
    """`known_from`: of this day and later ones every restore of this machine is in `given`."""

    model_config = ConfigDict(extra="forbid")

    about: str = (
        "What restores of this machine gave the numbers of their day; see docs/how-to/operations.md, Restoring."
    )
    known_from: date
    given: list[Given]


def file_beside(key_file: Path) -> Path:
    """Where it is kept."""
    return key_file.with_name(f"{key_file.name}.restores")


def read_kept(path: Path, now: datetime) -> Kept:
    """What restores gave. Where it can be read but not written, nothing is known: this restore would be forgotten."""
    try:
        kept = _there(path, now)
        keep(path, [], now)
    except (OSError, KeyFileError) as error:
        log.warning("%s: what restores gave cannot be kept: %s", path, _reason(error))
        return Kept(known_from=date.max, given=[])
    return kept


def keep(path: Path, given: Sequence[Given], now: datetime) -> None:
    """Add to the file, which is made where it is missing or damaged. Raises `OSError`, `KeyFileError`."""
    make_private_folder(path.parent)
    with changing(path):
        kept = _there(path, now)
        known = list(dict.fromkeys([*kept.given, *given]))
        newest = max((each.day for each in known), default=date.min)
        fresh = [each for each in known if newest - each.day < KEPT]
        # Made while a clock was ahead, it would never hold.
        written = Kept(known_from=min(kept.known_from, _from_now(now)), given=fresh)
        with written_aside(path, written.model_dump_json(indent=1) + "\n") as aside:
            aside.replace(path)


def note(path: Path, given: Sequence[Given], now: datetime) -> None:
    """The same for a server that starts: what its database knows of is known here too. A failure is logged."""
    try:
        if not path.exists() or not set(given) <= set(_there(path, now).given):
            keep(path, given, now)
    except (OSError, KeyFileError) as error:
        log.warning("%s: what the last restore gave cannot be kept: %s", path, _reason(error))


def _there(path: Path, now: datetime) -> Kept:
    """What the file says; without one, or with a damaged one, of the days to come alone everything will be known."""
    try:
        with path.open("rb") as file:
            return Kept.model_validate_json(file.read(LARGEST))
    except FileNotFoundError:
        pass
    except ValidationError:
        log.warning("%s: is damaged: what earlier restores gave is not known", path)
    return Kept(known_from=_from_now(now), given=[])


def _from_now(now: datetime) -> date:
    """The first day that has begun nowhere on earth."""
    return (now.astimezone(UTC) + timedelta(hours=14)).date() + timedelta(days=1)


def _reason(error: Exception) -> str:
    return str(error.strerror) if isinstance(error, OSError) else str(error)
