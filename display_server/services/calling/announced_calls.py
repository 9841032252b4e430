"""When a call was announced, as the enrolled displays of the hall report it, and what follows for a no-show.

A call counts as announced once a display has said it to the end; where no display speaks, once one has shown it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from display_server.db import tables
from display_server.domain.shown_calls import ShownCalls
from display_server.services.calling.display_lease import live_speakers
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceKind

MOST_LOOKED_AT = 60  # of the latest calls, for the last one that was announced

call, device, centre, ticket = tables.call, tables.device, tables.centre, tables.ticket

_LAST_SEQ = select(centre.c.call_seq).where(centre.c.id == bindparam("centre"))
_LATEST = (
    select(call.c.seq, call.c.counter_id, call.c.department_id, call.c.announced_at)
    .where(call.c.centre_id == bindparam("centre"))
    .order_by(call.c.seq.desc())
    .limit(MOST_LOOKED_AT)
)
_DISPLAYS = select(device.c.id, device.c.report).where(
    device.c.centre_id == bindparam("centre"),
    device.c.kind == DeviceKind.DISPLAY,
    device.c.revoked_at.is_(None),
    device.c.reported_at >= bindparam("since"),
    device.c.reported_at <= bindparam("now"),
)
_FIRST_ANNOUNCED = select(func.min(call.c.announced_at)).where(
    call.c.ticket_id == bindparam("ticket"), call.c.first_called_at == bindparam("first_called_at")
)
_UNANNOUNCED = (
    select(call)
    .join(ticket, ticket.c.id == call.c.ticket_id)
    .where(
        call.c.centre_id == bindparam("centre"),
        tables.call_is_open,
        call.c.announced_at.is_(None),
        ticket.c.state == "called",
    )
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Of a visitor who has been called to a counter. `before`: how many announcements come first; None: it is done, or
    no display will do it. `no_show_from`: the earliest time at which the visitor may be said not to be here.
    """

    announced_at: datetime | None
    before: int | None
    no_show_from: datetime


def announce(site: ServerContext, actor: Actor, seqs: Sequence[int], *, spoken: bool) -> None:
    """The display `actor` has announced these calls. What was announced already, or was never called, changes nothing.

    `spoken` false: it only showed them, which counts where no other display speaks them.
    """
    with site.read() as connection:
        wanted = _not_yet(site, connection, actor, seqs, spoken=spoken)
    if not wanted:
        return
    done = update(call).where(
        call.c.centre_id == actor.centre_id, call.c.seq.in_(wanted), call.c.announced_at.is_(None)
    )
    with site.write(actor) as transaction:
        marked = transaction.connection.execute(done.values(announced_at=transaction.now)).rowcount
        transaction.changed = bool(marked)


def _not_yet(
    site: ServerContext, connection: Connection, actor: Actor, seqs: Sequence[int], *, spoken: bool
) -> list[int]:
    query = select(call).where(call.c.centre_id == actor.centre_id, call.c.seq.in_(seqs), call.c.announced_at.is_(None))
    rows = connection.execute(query).all()
    if spoken or not rows:
        return [row.seq for row in rows]
    catalogue = site.catalogue(connection, actor.centre_id)
    others = [shown for shown, display in live_speakers(site, connection, actor.centre_id) if display != actor.id]
    return [row.seq for row in rows if not any(_has(shown, catalogue, row) for shown in others)]


def announcement_of(site: ServerContext, connection: Connection, catalogue: Catalogue, here: Row[Any]) -> Announcement:
    """Of the open call `here`, whose visitor has been called and has not come yet.

    A call that no display reports counts as announced after `counter.announce_seconds`; where no display that shows it
    is alive, from the call on: a clerk is never stuck.
    """
    grace = timedelta(seconds=site.settings.counter.grace_seconds)
    announced_at = _first_announced(connection, here)
    if announced_at is not None:
        return Announcement(announced_at, None, announced_at + grace)
    screens = [shown for shown in _live_displays(site, connection, catalogue) if _has(shown, catalogue, here)]
    if not screens:
        return Announcement(None, None, here.first_called_at + grace)
    given_up = here.first_called_at + timedelta(seconds=site.settings.counter.announce_seconds)
    before = None
    if site.clock() < given_up:
        waiting = connection.execute(_UNANNOUNCED, {"centre": catalogue.centre_id}).all()
        earlier = [row for row in waiting if row.seq < here.seq]
        before = sum(any(_has(shown, catalogue, row) for shown in screens) for row in earlier)
    return Announcement(None, before, given_up + grace)


def last_seq(connection: Connection, centre_id: int) -> int:
    """The number of the centre's last call."""
    return int(connection.execute(_LAST_SEQ, {"centre": centre_id}).scalar_one())


def last_announced(connection: Connection, catalogue: Catalogue, shown: ShownCalls) -> int:
    """The last of these calls that was announced; 0: none of the latest."""
    rows = connection.execute(_LATEST, {"centre": catalogue.centre_id})
    announced = (row.seq for row in rows if row.announced_at is not None and _has(shown, catalogue, row))
    return int(next(announced, 0))


def _first_announced(connection: Connection, here: Row[Any]) -> datetime | None:
    """Of the call and those that it repeats: a recall gives no new time to come."""
    found: datetime | None = connection.execute(
        _FIRST_ANNOUNCED, {"ticket": here.ticket_id, "first_called_at": here.first_called_at}
    ).scalar()
    return found


def _live_displays(site: ServerContext, connection: Connection, catalogue: Catalogue) -> list[ShownCalls]:
    """What the displays show that announce calls and are well: their last report is not overdue."""
    now = site.clock()
    since = now - timedelta(seconds=2 * site.settings.hall.report_seconds)
    rows = connection.execute(_DISPLAYS, {"centre": catalogue.centre_id, "since": since, "now": now})
    reports = [row.report for row in rows if row.report["connected"] and row.report.get("shows") is not None]
    return [ShownCalls.parse(report["shows"]) for report in reports]


def _has(shown: ShownCalls, catalogue: Catalogue, row: Any) -> bool:
    counter = catalogue.counter_by_id.get(row.counter_id)
    department = catalogue.department_by_id.get(row.department_id)
    return counter is not None and department is not None and shown.has(counter.code, department.code)
