"""Kiosks, counters, screens and buttons: enrolled with a token that is shown once and kept as a hash.

A token is 256 random bits, so a plain SHA-256 keeps it safe; passwords, which people choose, get argon2.
"""

import hashlib
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from config.text.types import LONGEST_NAME, clean_name, for_messages, scrub
from display_server.db import tables
from display_server.domain.numbering import free_offline_letter
from display_server.services.core.actors import Actor, system_actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.errors import Invalid, NotFound, ServiceError, Unauthenticated
from display_server.services.recovery.offline_letters import taken_letters

AUTH_CACHE_SECONDS = 1.0  # a token's owner is read again after this: a revoked device is out within it
OFFLINE_LETTER_COOLDOWN = timedelta(days=2)  # a revoked kiosk's letter: its paper may still be in the hall
LONGEST_AGENT = 120
LAST_SEEN_WRITE_SECONDS = 30.0  # how exact `last_seen` is

device = tables.device


class DeviceKind(StrEnum):
    KIOSK = "kiosk"
    COUNTER = "counter"
    DISPLAY = "display"
    BUTTON = "button"


class NameTaken(ServiceError):
    problem = "name-taken"
    status = 409
    title = "The name is taken"


def add_device(site: ServerContext, centre_id: int, kind: DeviceKind, name: str, counter_code: str | None) -> str:
    """Enrol a device and give its token; `counter` and `button` need a counter.

    Raises `Invalid`, `NotFound`, `NameTaken`.
    """
    name = checked_name(name)
    token = secrets.token_urlsafe(32)
    try:
        with site.write(system_actor(centre_id)) as transaction:
            values = device_values(transaction, kind, name, counter_code, token_hash(token))
            added = transaction.connection.execute(insert(device).values(values).returning(device.c.id)).scalar_one()
            transaction.write_journal("device_added", texts={"device": name}, kind=kind, id=added)
    except IntegrityError as error:
        raise NameTaken(
            f"there is already a device called {name!r}: `motcua device renew` gives it another token"
        ) from error
    return token


def checked_name(name: str) -> str:
    """A device's or person's `name` in its one form. Raises `Invalid`."""
    try:
        cleaned = clean_name(name)
    except ValueError as error:
        raise Invalid(f"the name {for_messages(name)!r} {error}") from error
    if not 1 <= len(cleaned) <= LONGEST_NAME:
        raise Invalid(f"a name has 1 to {LONGEST_NAME} letters")
    return cleaned


@contextmanager
def taken_names(name: str) -> Iterator[str]:
    """`name` in its one form; one that another device bears becomes `NameTaken`. Raises `Invalid`."""
    name = checked_name(name)
    try:
        yield name
    except IntegrityError as error:
        raise NameTaken(f"there is already a device called {name!r}") from error


def device_values(
    transaction: UnitOfWork, kind: DeviceKind, name: str, counter_code: str | None, key: str
) -> dict[str, Any]:
    """The row of a new device whose token has the hash `key`. Raises `Invalid`, `NotFound`."""
    if kind in (DeviceKind.COUNTER, DeviceKind.BUTTON) and counter_code is None:
        raise Invalid(f"a {kind} needs a counter: --counter CODE")
    counter = transaction.catalogue.counter(counter_code) if counter_code is not None else None
    return {
        "centre_id": transaction.centre_id,
        "kind": kind,
        "name": name,
        "counter_id": counter.id if counter is not None else None,
        "offline_letter": _offline_letter(transaction) if kind is DeviceKind.KIOSK else None,
        "token_hash": key,
        "created_at": transaction.now,
    }


def renew_token(site: ServerContext, centre_id: int, name: str) -> str:
    """Another token for a device that is enrolled; the old one is good no more. A new disk gets another letter.

    Raises `NotFound`.
    """
    token, name = secrets.token_urlsafe(32), checked_name(name)
    with site.write(system_actor(centre_id)) as transaction:
        renewed = transaction.connection.execute(
            update(device)
            .where(device.c.centre_id == centre_id, device.c.name == name, device.c.revoked_at.is_(None))
            .values(token_hash=token_hash(token))
            .returning(device.c.id)
        ).scalar()
        if renewed is None:
            raise NotFound(f"there is no device called {name!r}")
        transaction.write_journal("token_renewed", id=renewed)
    return token


def rotate_token(site: ServerContext, actor: Actor, older_than: timedelta = timedelta(0)) -> str | None:
    """A token that replaces the device's own with its first use: whatever gets lost on the way, one of the two is good.

    None while the present one is younger than `older_than`, or somebody else asks at the same moment.
    """
    token, now = secrets.token_urlsafe(32), site.clock()
    began = func.coalesce(device.c.token_at, device.c.created_at)
    mine = (device.c.id == actor.id) & device.c.revoked_at.is_(None) & (began <= now - older_than)
    with site.write_without_lock() as connection:
        started = connection.execute(update(device).where(mine).values(next_token_hash=token_hash(token), token_at=now))
    return token if started.rowcount else None


def _offline_letter(transaction: UnitOfWork) -> str:
    gone = device.c.revoked_at < transaction.now - OFFLINE_LETTER_COOLDOWN
    own = device.c.centre_id == transaction.centre_id
    transaction.connection.execute(update(device).where(own, gone).values(offline_letter=None))
    taken = taken_letters(transaction.connection, transaction.centre_id)
    prefixes = [department.prefix for department in transaction.catalogue.departments.values()]
    letter = free_offline_letter(prefixes, taken)
    if letter is None:
        raise Invalid("no letter is left for this kiosk's offline numbers; remove a kiosk that is not used any more")
    return letter


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def revoked_devices(site: ServerContext, device_ids: Collection[int]) -> set[int]:
    """Those of the devices whose token is not good any more."""
    query = select(device.c.id).where(device.c.id.in_(device_ids), device.c.revoked_at.is_not(None))
    with site.read() as connection:
        return set(connection.execute(query).scalars())


class DeviceAuthenticator:
    """Who holds which token, remembered for a second so that a busy hall does not ask the database at every request."""

    def __init__(self, site: ServerContext) -> None:
        self._site = site
        self._known: dict[str, tuple[float, Actor]] = {}
        self._noted: dict[int, float] = {}

    def actor(self, token: str, agent: str = "") -> Actor:
        """The device that holds `token`; `agent`: its program, as it says. Raises `Unauthenticated`."""
        key = token_hash(token)
        known = self._known.get(key)
        if known is None or time.monotonic() - known[0] > AUTH_CACHE_SECONDS:
            known = (time.monotonic(), self._read(key))
            self._known[key] = known
        self._note(known[1], agent)
        return known[1]

    def _read(self, key: str) -> Actor:
        with self._site.read() as connection:
            held = or_(device.c.token_hash == key, device.c.next_token_hash == key)
            row = connection.execute(select(device).where(held, device.c.revoked_at.is_(None))).one_or_none()
        if row is None:
            self._known.pop(key, None)
            raise Unauthenticated("the token is not known here, or was revoked")
        if row.next_token_hash == key:
            self._replace(key)
        return Actor(
            row.kind, row.id, row.name, row.centre_id, counter_id=row.counter_id, offline_letter=row.offline_letter
        )

    def _replace(self, key: str) -> None:
        """The first use of a new token: the old one is good no more."""
        values = {"token_hash": key, "next_token_hash": None}
        with self._site.write_without_lock() as connection:
            connection.execute(update(device).where(device.c.next_token_hash == key).values(values))

    def _note(self, actor: Actor, agent: str) -> None:
        now = time.monotonic()
        if now - self._noted.get(actor.id, -LAST_SEEN_WRITE_SECONDS) < LAST_SEEN_WRITE_SECONDS:
            return
        self._noted[actor.id] = now
        seen = (
            update(device)
            .where(device.c.id == actor.id)
            .values(last_seen=self._site.clock(), agent=scrub(agent, LONGEST_AGENT))
        )
        with self._site.write_without_lock() as connection:
            connection.execute(seen)
