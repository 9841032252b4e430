"""How wrong sign-ins slow down who makes them. Right ones count nowhere.

Three things are counted, each with its own lock that grows: a name from one source, all names from one source, and a
name from all strange sources together. The last is mild, and no source that is known (an enrolled device, a browser
that this member signed in from before, a trusted network) ever waits for it: nobody can lock a clerk out from afar.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from gevent.lock import BoundedSemaphore
from sqlalchemy import ColumnElement, delete, literal_column, or_, select

from display_server.db import tables
from display_server.db.upsert import Upsert
from display_server.services.core.context import ServerContext
from display_server.services.errors import ServiceError
from display_server.services.staff.client_addresses import Source

FAILURES_BEFORE_LOCK = {"pair": 5, "source": 20, "name": 20, "code": 10}
FIRST_LOCK = timedelta(seconds=30)  # doubled with every further failure
LONG = timedelta(minutes=15)
LONGEST_LOCK = {"pair": LONG, "source": LONG, "name": timedelta(seconds=30), "code": LONG}
FORGOTTEN_AFTER = timedelta(hours=12)
AT_ONCE = 4  # secrets checked at the same moment: so many guesses at most pass a lock that they have just earned

failure = tables.sign_in_failure
_turns = BoundedSemaphore(AT_ONCE)
_COUNT = Upsert(
    failure,
    ["key"],
    {"failures": failure.c.failures + 1, "last_at": literal_column("excluded.last_at")},
    failure.c.failures,
)


class Locked(ServiceError):
    """Carries `retry_after`, in seconds."""

    problem = "locked"
    status = 429
    title = "Too many wrong sign-ins"


@dataclass
class Attempt:
    """One try. `right` is set by whoever checked the secret."""

    right: bool = False


@contextmanager
def attempt(site: ServerContext, how: str, name: str, source: Source) -> Iterator[Attempt]:
    """A try of `name` by `how` (password, pin, code): counted afterwards if it was wrong.

    Raises `Locked` before anything is checked.
    """
    # Under a key: the table says neither who was tried nor from where, nor what was typed for a name by mistake.
    keys = {kind: site.keys.lookup(key) for kind, key in _keys(how, name, source).items()}
    with _turns:
        _check_lock(site, keys)
        tried = Attempt()
        yield tried
        if tried.right:
            _forget(site, keys["pair"])
        else:
            _count(site, keys)


def lock_until(failures: int, kind: str, last_at: datetime) -> datetime:
    """When the next attempt is allowed after so many failures, the last at `last_at`."""
    free = FAILURES_BEFORE_LOCK[kind]
    if failures < free:
        return last_at
    return last_at + min(LONGEST_LOCK[kind], FIRST_LOCK * (1 << min(failures - free, 10)))


def _keys(how: str, name: str, source: Source) -> dict[str, str]:
    who = name.casefold()[:64]
    keys = {"pair": f"{how}:{who}@{source.key}"}
    if not source.is_shared:
        keys["source"] = f"{how}:@{source.key}"
    if not source.is_known:
        # Who gets as far as a code has the password, and a code is a guess among a million.
        keys["code" if how == "code" else "name"] = f"{how}:{who}@*"
    return keys


def _check_lock(site: ServerContext, keys: dict[str, str]) -> None:
    now = site.clock()
    query = select(failure).where(failure.c.key.in_(keys.values()), ~is_forgotten(now))
    with site.read() as connection:
        rows = {row.key: row for row in connection.execute(query)}
    ends = [lock_until(rows[key].failures, kind, rows[key].last_at) for kind, key in keys.items() if key in rows]
    wait = max((end - now).total_seconds() for end in ends) if ends else 0.0
    if wait > 0:
        raise Locked("too many wrong sign-ins: please wait", retry_after=round(wait) + 1)


def is_forgotten(now: datetime) -> ColumnElement[bool]:
    """Too long ago, or written while the clock was ahead: such a lock would not end before that time comes again."""
    return or_(failure.c.last_at <= now - FORGOTTEN_AFTER, failure.c.last_at > now + FIRST_LOCK)


def _forget(site: ServerContext, key: str) -> None:
    there = select(failure.c.key).where(failure.c.key == key)
    with site.read() as connection:
        if connection.execute(there).first() is None:
            return
    with site.write_without_lock() as connection:
        connection.execute(delete(failure).where(failure.c.key == key))


def _count(site: ServerContext, keys: dict[str, str]) -> None:
    now = site.clock()
    with site.write_without_lock() as connection:
        connection.execute(delete(failure).where(is_forgotten(now)))
        for key in sorted(keys.values()):  # in one order: two processes never wait for each other
            _COUNT.run(connection, {"key": key, "failures": 1, "last_at": now})
