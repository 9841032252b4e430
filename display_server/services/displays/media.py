"""Pictures, videos and announcements of the site's own folder, for screens that have time between two calls.

The folder is flat: `*.jpg`, `*.png`, … are shown in the order of their names, `announcements.toml` holds the running
line beside what staff announce. What cannot be shown is left out and named, so that staff learn of it. A centre that
has a folder of its own in it, called by its code, shows that one and no other's.

Only plain files are read: a link of either kind may be a second name of something that is not meant to be shown.
"""

import os
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from config.input.files import read_toml_file
from config.input.validation_messages import plain_reason
from config.text.types import AnyMoment, LanguageCode, Notice, for_messages, has_controls
from display_server.services.core.centres import get_catalogue
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import ShownNotice
from display_server.services.displays.notices import shown_now
from display_server.services.errors import NotFound

PICTURES = (".jpg", ".jpeg", ".jfif", ".png", ".gif", ".svg", ".webp")
VIDEOS = (".mp4", ".webm")
# A television that unpacks a larger picture may stop.
PICTURE_MAX_BYTES = 12 * 2**20
ANNOUNCEMENTS = "announcements.toml"
MOST_ITEMS = 200
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class MediaItem(BaseModel):
    name: str
    kind: Literal["picture", "video"]
    version: int = Field(description="changes with the file")


class Announcement(BaseModel):
    """`text` by language. Shown from `start` until `end`, both optional; without a zone they are Vietnam's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: dict[LanguageCode, Notice] = Field(min_length=1, max_length=10)
    start: AnyMoment | None = None
    end: AnyMoment | None = None

    def is_active(self, now: datetime) -> bool:
        start, end = (_aware(moment) for moment in (self.start, self.end))
        return (start is None or start <= now) and (end is None or now < end)


class SkippedFile(BaseModel):
    name: str
    reason: str


class MediaView(BaseModel):
    """`skipped`: what stands in the folder but is not shown, and why.

    `announcements`: the texts of the running line, those of the folder's file too. `notices`: what staff announce.
    """

    items: list[MediaItem]
    notices: list[ShownNotice] = []
    announcements: list[dict[str, str]]
    skipped: list[SkippedFile]


_ANNOUNCEMENTS = TypeAdapter(list[Announcement])


def media_view(site: ServerContext, centre_id: int) -> MediaView:
    """What staff announce and the folder holds now; a folder that cannot be read is itself the first of `skipped`."""
    with site.read() as connection:
        notices = shown_now(connection, centre_id, site.clock())
    announced = [each.text for each in notices if not each.urgent]
    found = MediaView(items=[], announcements=announced, notices=notices, skipped=[])
    _look_into_folder(site, _folder(site, centre_id), found)
    return found


def _look_into_folder(site: ServerContext, folder: Path | None, found: MediaView) -> None:
    if folder is None:
        return
    try:
        files = sorted(
            (each for each in folder.iterdir() if not each.name.startswith(".") and not each.is_dir()), key=_in_order
        )
    except OSError as error:
        found.skipped.append(SkippedFile(name=folder.name, reason=error.strerror or "cannot be read"))
        return
    for file in files:
        _sort_in(site, file, found)


def _in_order(file: Path) -> list[tuple[int, str]]:
    """As people number their pictures: 9.png comes before 10.png."""
    parts = re.split(r"([0-9]+)", file.name.casefold())
    return [(int(part[:18]) if part.isdecimal() else -1, part) for part in parts]


def find_media(site: ServerContext, centre_id: int, name: str) -> tuple[Path, str]:
    """Folder and name of a file that `media_view` lists. Raises `NotFound` for any other."""
    folder, found = _folder(site, centre_id), MediaView(items=[], announcements=[], skipped=[])
    _look_into_folder(site, folder, found)
    if folder is None or name not in {item.name for item in found.items}:
        raise NotFound(f"there is no picture or video {name!r}")
    return folder, name


def _folder(site: ServerContext, centre_id: int) -> Path | None:
    if not site.settings.hall.media_dir:
        return None
    shared = Path(site.settings.hall.media_dir).absolute()
    own = shared / get_catalogue(site, centre_id).code
    return own if own.is_dir() else shared


def _sort_in(site: ServerContext, file: Path, found: MediaView) -> None:
    if has_controls(file.name):  # bytes that are not UTF-8 too
        found.skipped.append(SkippedFile(name=for_messages(file.name), reason="no address can hold its name"))
        return
    try:
        status = file.lstat()
        reason = _why_not_read(status)
        if reason is None and file.name == ANNOUNCEMENTS:
            found.announcements.extend(_read_announcements(file, site.clock()))
            return
        reason = reason or _why_not_shown(site, file, status.st_size)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
    if reason is None and len(found.items) < MOST_ITEMS:
        kind: Any = "video" if file.suffix.lower() in VIDEOS else "picture"
        found.items.append(MediaItem(name=file.name, kind=kind, version=int(status.st_mtime * 1000)))
    else:
        found.skipped.append(SkippedFile(name=file.name, reason=reason or f"more than {MOST_ITEMS} files"))


def _why_not_read(status: os.stat_result) -> str | None:
    """The folder itself may be a link, say to a share: that is the site's own choice."""
    if stat.S_ISLNK(status.st_mode) or status.st_nlink > 1:
        return "a link or a file of several names; put a copy here"
    return None if stat.S_ISREG(status.st_mode) else "not a plain file"


def _why_not_shown(site: ServerContext, file: Path, size: int) -> str | None:
    suffix = file.suffix.lower()
    if suffix not in PICTURES + VIDEOS:
        return "not a picture or video that browsers show"
    most = site.settings.hall.media_max_mib * 2**20
    if suffix in PICTURES:
        most = min(most, PICTURE_MAX_BYTES)
    if not size:
        return "empty"
    return f"larger than {most // 2**20} MiB" if size > most else None


def _read_announcements(file: Path, now: datetime) -> list[dict[str, str]]:
    """Raises `ValueError`, one line."""
    try:
        stored = read_toml_file(file).get("announcement", [])
        return [each.text for each in _ANNOUNCEMENTS.validate_python(stored) if each.is_active(now)]
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {plain_reason(first)}") from error


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=VIETNAM) if moment is not None and moment.tzinfo is None else moment
