"""Who is signed in where. The browser's cookie holds a random key, the row its hash: no row, no session.

So a session that was ended is over for every copy of its cookie, and people see where they are signed in.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import bindparam, delete, insert, or_, select, update

from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext
from display_server.services.errors import DatabaseFailure, NotFound
from display_server.services.staff.client_addresses import address_group
from display_server.services.staff.staff import StaffMember, member_of, own_member

SEEN_EVERY = timedelta(minutes=5)  # how exact `seen_at` is: a clerk's page asks the server every few seconds
MOST_OF_ONE = 50  # sessions of one member; the oldest makes room
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("CocCoc", "Cốc Cốc"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip - the first that is named: Edge says Chrome as well
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
           ("Macintosh", "macOS"), ("Linux", "Linux"))  # fmt: skip

session, staff, factor = tables.staff_session, tables.staff, tables.second_factor


@dataclass(frozen=True, slots=True)
class Session:
    """`how`: password, pin or single sign-on."""

    id: int
    member: StaffMember
    how: str
    has_second_factor: bool


class SessionView(BaseModel):
    """`is_own`: the one that asks."""

    id: int
    how: str
    browser: str
    address: str
    created_at: AwareDatetime
    seen_at: AwareDatetime
    is_own: bool = False


class SessionList(BaseModel):
    sessions: list[SessionView]


def begin_session(
    site: ServerContext, member: StaffMember, how: str, address: str, agent: str, longest: timedelta
) -> str:
    """The key of a new session, for the cookie. Sessions older than `longest` are over; their rows go."""
    key, now = secrets.token_urlsafe(32), site.clock()
    values = {
        "centre_id": member.centre_id,
        "staff_id": member.id,
        "key_hash": _hash(key),
        "count": member.sessions,
        "created_at": now,
        "seen_at": now,
        "how": how,
        "browser": browser_label(agent),
        "address_group": address_group(address),
    }
    with site.write_without_lock() as connection:
        is_old = or_(session.c.created_at < now - longest, session.c.created_at > now + longest)
        connection.execute(delete(session).where(is_old))
        newest = (
            select(session.c.id)
            .where(session.c.staff_id == member.id, session.c.count == member.sessions)
            .order_by(session.c.id.desc())
            .limit(MOST_OF_ONE - 1)
        )
        connection.execute(delete(session).where(session.c.staff_id == member.id, session.c.id.not_in(newest)))
        connection.execute(insert(session), values)
    return key


_FIND = (
    select(
        staff,
        session.c.id.label("session_id"),
        session.c.how,
        session.c.seen_at,
        factor.c.confirmed_at.label("factor_at"),
    )
    .join(session, session.c.staff_id == staff.c.id)
    .outerjoin(factor, factor.c.staff_id == staff.c.id)
    .where(session.c.key_hash == bindparam("key"), session.c.count == staff.c.sessions, staff.c.active)
)


def find_session(site: ServerContext, key: str) -> Session | None:
    """The session of a cookie's key, as long as it holds. One indexed read; a write every few minutes."""
    with site.read() as connection:
        row = connection.execute(_FIND, {"key": _hash(key)}).one_or_none()
    if row is None:
        return None
    if abs(site.clock() - row.seen_at) > SEEN_EVERY:
        _note_seen(site, row.session_id)
    return Session(row.session_id, member_of(row), row.how, row.factor_at is not None)


_ACTORS = (
    select(staff, session.c.id.label("session_id"))
    .join(session, session.c.staff_id == staff.c.id)
    .where(session.c.count == staff.c.sessions, staff.c.active)
)


def ended_sessions(site: ServerContext, session_ids: Collection[int]) -> set[int]:
    """Those of the sessions that hold no more: signed out, ended by somebody, or their member was deactivated."""
    with site.read() as connection:
        rows = connection.execute(_ACTORS.where(session.c.id.in_(session_ids))).all()
    return set(session_ids) - {row.session_id for row in rows}


def member_in_session(site: ServerContext, session_id: int) -> StaffMember | None:
    """Who works under this session, as they are now; None: it is over."""
    with site.read() as connection:
        row = connection.execute(_ACTORS.where(session.c.id == session_id)).one_or_none()
    return member_of(row) if row is not None else None


def _note_seen(site: ServerContext, session_id: int) -> None:
    with suppress(DatabaseFailure), site.write_without_lock() as connection:  # a full disk ends nobody's work
        connection.execute(update(session).where(session.c.id == session_id).values(seen_at=site.clock()))


def list_sessions(site: ServerContext, actor: Actor, member_id: int, own_key: str = "") -> SessionList:
    """Where a member is signed in, the newest first: oneself, or for administrators somebody of their centre.

    Raises `NotFound`.
    """
    with site.read() as connection:
        row = own_member(connection, actor, member_id)
        query = select(session).where(session.c.staff_id == row.id, session.c.count == row.sessions)
        found = connection.execute(query.order_by(session.c.id.desc())).all()
    own = _hash(own_key)
    return SessionList(
        sessions=[
            SessionView(
                id=each.id,
                how=each.how,
                browser=each.browser,
                address=each.address_group,
                created_at=each.created_at,
                seen_at=each.seen_at,
                is_own=each.key_hash == own,
            )
            for each in found
        ]
    )


def end_session(site: ServerContext, actor: Actor, member_id: int, session_id: int) -> None:
    """One session is over with its next request, in every copy of its cookie. Raises `NotFound`."""
    with site.write(actor) as transaction:
        transaction.changed = False  # nothing that a screen shows
        row = own_member(transaction.connection, actor, member_id)
        ended = transaction.connection.execute(
            delete(session).where(session.c.id == session_id, session.c.staff_id == row.id)
        )
        if not ended.rowcount:
            raise NotFound("there is no such session")
        transaction.write_journal("session_ended", member=row.id, session=session_id)


def sign_out(site: ServerContext, actor: Actor, key: str) -> None:
    """The session of this key is over, in every copy of its cookie."""
    with site.write(actor) as transaction:
        transaction.changed = False
        transaction.connection.execute(
            delete(session).where(session.c.key_hash == _hash(key), session.c.staff_id == actor.id)
        )
        transaction.write_journal("signed_out")


def keep_session(site: ServerContext, member_id: int, key: str) -> None:
    """Let this one session go on though the member's others have just been ended."""
    count = select(staff.c.sessions).where(staff.c.id == member_id).scalar_subquery()
    with site.write_without_lock() as connection:
        mine = (session.c.key_hash == _hash(key)) & (session.c.staff_id == member_id)
        connection.execute(update(session).where(mine).values(count=count))


def browser_label(agent: str) -> str:
    """Short, such as Firefox, Windows, of a browser's long name for itself; "" where nothing of it is known."""
    named = [next((name for mark, name in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in named if name) or re.sub(r"[^A-Za-z0-9 ._-]", "", agent)[:20]


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
