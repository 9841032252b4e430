"""Which enrolled display speaks: a row for each group of displays that show the same calls.

In the database, so that it holds in every server process and after a restart. Only the display that speaks writes.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from display_server.db import tables
from display_server.domain.quiet_hours import is_quiet
from display_server.domain.shown_calls import ShownCalls
from display_server.domain.speaker_election import LEASE_SECONDS
from display_server.services.core.context import ServerContext

LEASE = timedelta(seconds=LEASE_SECONDS)

speaker = tables.hall_speaker


def ask_display(
    site: ServerContext, centre_id: int, shown: ShownCalls, holder: str, *, always: bool, able: bool
) -> tuple[bool, bool]:
    """Take, renew or give back the voice: whether the display `holder` ("device id:page") speaks, and whether any does.

    `always`: it has a loudspeaker of its own; while such a display lives, the others of its group are silent.
    """
    now = site.clock()
    with site.read() as connection:
        row = _held(connection, centre_id, shown, now)
    if _must_write(row, holder, always=always, able=able):
        with site.write_without_lock() as connection:
            if able:
                _take(connection, centre_id, shown, {"holder": holder, "always": always, "until": now + LEASE}, now)
            else:
                connection.execute(delete(speaker).where(_of(centre_id, shown), speaker.c.holder == holder))
            row = _held(connection, centre_id, shown, now)
    return able and (always or (row is not None and row.holder == holder)), row is not None


def live_speakers(site: ServerContext, connection: Connection, centre_id: int) -> list[tuple[ShownCalls, int]]:
    """What each display that speaks now shows, with its device's id; none in quiet hours."""
    now = site.clock()
    if is_quiet_now(site, connection, centre_id):
        return []
    rows = connection.execute(select(speaker).where(speaker.c.centre_id == centre_id)).all()
    return [(ShownCalls.parse(row.shown), int(row.holder.partition(":")[0])) for row in rows if _lives(row, now)]


def is_quiet_now(site: ServerContext, connection: Connection, centre_id: int) -> bool:
    """Whether the centre's quiet hours hold."""
    spans = site.settings.voice.quiet_hours
    if not spans:
        return False
    zone = site.catalogue(connection, centre_id).hours.timezone
    return is_quiet(spans, site.clock().astimezone(zone).time())


def _of(centre_id: int, shown: ShownCalls) -> Any:
    return (speaker.c.centre_id == centre_id) & (speaker.c.shown_key == shown.key())


def _lives(row: Row[Any], now: datetime) -> bool:
    """A lease that ends later than one given now was given before the clock was set back."""
    return bool(now < row.until <= now + LEASE)


def _held(connection: Connection, centre_id: int, shown: ShownCalls, now: datetime) -> Row[Any] | None:
    row = connection.execute(select(speaker).where(_of(centre_id, shown))).one_or_none()
    return row if row is not None and _lives(row, now) else None


def _must_write(row: Row[Any] | None, holder: str, *, always: bool, able: bool) -> bool:
    if not able:
        return row is not None and row.holder == holder
    return row is None or row.holder == holder or (always and not row.always)


def _take(connection: Connection, centre_id: int, shown: ShownCalls, values: dict[str, Any], now: datetime) -> None:
    """One statement decides between displays that ask at one moment, whichever server they ask."""
    free = (speaker.c.holder == values["holder"]) | (speaker.c.until <= now) | (speaker.c.until > now + LEASE)
    if values["always"]:
        free = free | ~speaker.c.always
    dead = (speaker.c.until <= now - LEASE) | (speaker.c.until > now + 2 * LEASE)
    connection.execute(delete(speaker).where(speaker.c.centre_id == centre_id, dead))
    if not connection.execute(update(speaker).where(_of(centre_id, shown), free).values(values)).rowcount:
        _add(connection, {"centre_id": centre_id, "shown_key": shown.key(), "shown": str(shown)} | values)


def _add(connection: Connection, values: dict[str, Any]) -> None:
    try:
        with connection.begin_nested():
            connection.execute(insert(speaker).values(values))
    except IntegrityError:
        return  # another display has the voice
