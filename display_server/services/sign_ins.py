"""Who comes in: by password, by PIN at a device that is enrolled, or sent by the province's own sign-in.

A pair of name and address is locked after a few failures, an address after more, each time for longer. Not the name
alone: anybody in the hall could lock a clerk out by typing nonsense.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, literal_column, select, update

from config.text import clean_name, clean_password
from display_server.services.actors import Actor
from display_server.services.errors import ServiceError
from display_server.services.site import Site
from display_server.services.staff import NOBODY, Member, find_row, hash_secret, is_secret, member_of, needs_new_hash
from display_server.store import tables
from display_server.store.upsert import Upsert

FREE_FAILURES = {"pair": 5, "address": 20}
FIRST_LOCK = timedelta(seconds=30)  # doubled with every further failure
LONGEST_LOCK = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=12)

log = logging.getLogger(__name__)
staff, failure = tables.staff, tables.sign_in_failure

_COUNT = Upsert(
    failure,
    ["key"],
    {"failures": failure.c.failures + 1, "last_at": literal_column("excluded.last_at")},
    failure.c.failures,
)


class Locked(ServiceError):
    problem = "locked"
    status = 429
    title = "Too many wrong sign-ins"


def sign_in(site: Site, name: str, password: str, address: str = "") -> Member | None:
    """The member whose name and password these are, or None. Takes as long for an unknown name as for a known one.

    Raises `Locked`, with `retry_after` in seconds.
    """
    name = known_form(name)
    row = _checked(site, "password", name, address, password, find_row(site, staff.c.name == name))
    if row is None:
        return None
    if needs_new_hash(row.password_hash) or clean_password(password) != password:
        with site.write_aside() as connection:
            connection.execute(update(staff).where(staff.c.id == row.id).values(password_hash=hash_secret(password)))
    return _welcome(site, row, address, "password")


def sign_in_with_pin(site: Site, device: Actor, name: str, pin: str, address: str = "") -> Member | None:
    """The same by PIN, at an enrolled device of the member's own centre. Raises `Locked`."""
    name = known_form(name)
    found = find_row(site, staff.c.name == name, staff.c.centre_id == device.centre_id, staff.c.pin_hash.is_not(None))
    row = _checked(site, "pin", name, address, pin, found)
    return _welcome(site, row, address, "pin", device=device.id) if row is not None else None


def sign_in_known(site: Site, name: str, address: str) -> Member | None:
    """Somebody whom the province's own sign-in has recognised, if they are known here."""
    row = find_row(site, staff.c.name == known_form(name))
    return _welcome(site, row, address, "single sign-on") if row is not None else None


def known_form(name: str) -> str:
    """The form in which a staff name is kept; empty, which nobody is called, for what cannot be a name."""
    try:
        return clean_name(name)
    except ValueError:
        return ""


def note_sign_out(site: Site, actor: Actor) -> None:
    _note(site, actor, "signed_out")


def names_with_pin(site: Site, device: Actor) -> list[str]:
    """Who may sign in by PIN at this device."""
    query = select(staff.c.name).where(
        staff.c.centre_id == device.centre_id, staff.c.active, staff.c.pin_hash.is_not(None)
    )
    with site.read() as connection:
        return list(connection.execute(query.order_by(staff.c.name)).scalars())


def lock_until(failures: int, free: int, last_at: datetime) -> datetime:
    """When the next attempt is allowed after so many failures, the last at `last_at`."""
    if failures < free:
        return last_at
    return last_at + min(LONGEST_LOCK, FIRST_LOCK * (1 << min(failures - free, 10)))


def _checked(site: Site, how: str, name: str, address: str, secret: str, row: Row[Any] | None) -> Row[Any] | None:
    keys = {"pair": f"{how}:{name.casefold()[:64]}@{address}"[:160], "address": f"{how}:@{address}"[:160]}
    _check_lock(site, keys)
    stored = NOBODY if row is None else getattr(row, f"{how}_hash")
    if is_secret(stored, secret) and row is not None:
        with site.write_aside() as connection:
            connection.execute(delete(failure).where(failure.c.key == keys["pair"]))
        return row
    _count(site, keys)
    log.warning("a wrong %s from %s", how, address)
    if row is not None:
        _note(site, replace(member_of(row).actor(), address=address or None), "sign_in_failed", how=how)
    return None


def _check_lock(site: Site, keys: dict[str, str]) -> None:
    now = site.clock()
    query = select(failure).where(failure.c.key.in_(keys.values()), failure.c.last_at > now - FORGOTTEN_AFTER)
    with site.read() as connection:
        rows = {row.key: row for row in connection.execute(query)}
    ends = [
        lock_until(rows[key].failures, FREE_FAILURES[kind], rows[key].last_at)
        for kind, key in keys.items()
        if key in rows
    ]
    wait = max((end - now).total_seconds() for end in ends) if ends else 0.0
    if wait > 0:
        raise Locked("too many wrong sign-ins: please wait", retry_after=round(wait) + 1)


def _count(site: Site, keys: dict[str, str]) -> None:
    now = site.clock()
    with site.write_aside() as connection:
        connection.execute(delete(failure).where(failure.c.last_at <= now - FORGOTTEN_AFTER))
        for key in keys.values():
            _COUNT.run(connection, {"key": key, "failures": 1, "last_at": now})


def _welcome(site: Site, row: Row[Any], address: str, how: str, **details: Any) -> Member:
    member = member_of(row)
    with site.write_aside() as connection:
        connection.execute(update(staff).where(staff.c.id == row.id).values(signed_in_at=site.clock()))
    _note(site, replace(member.actor(), address=address or None), "signed_in", how=how, **details)
    return member


def _note(site: Site, actor: Actor, action: str, **details: Any) -> None:
    with site.write(actor) as transaction:
        transaction.changed = False  # nothing that a screen shows
        transaction.write_journal(action, **details)
