"""Who comes in: by password, by PIN at a device that is enrolled, or sent by the province's own sign-in.

Names are unique within a centre. Where a server holds several, one name may stand for two people: whoever shares a
name with somebody in another centre says which centre is theirs, and the answer is the same as for a wrong password.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, literal_column, select, update

from config.text.types import clean_name, clean_password
from display_server.db import tables
from display_server.db.upsert import Upsert
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext
from display_server.services.staff.client_addresses import Source, source_of
from display_server.services.staff.sign_in_limits import attempt
from display_server.services.staff.staff import (
    DUMMY_HASH,
    StaffMember,
    find_row,
    hash_secret,
    member_of,
    needs_new_hash,
    verify_secret,
)

RECENT = timedelta(days=30)  # whose names a counter's device offers: who used it since
MOST_RECENT = 12

log = logging.getLogger(__name__)
staff, pin_use = tables.staff, tables.pin_use

_NOTE_PIN_USE = Upsert(pin_use, ["device_id", "staff_id"], {"at": literal_column("excluded.at")}, pin_use.c.at)


def sign_in(
    site: ServerContext, name: str, password: str, source: Source | str = "", centre: int | None = None
) -> StaffMember | None:
    """The member whose name and password these are, or None. Takes as long for an unknown name as for a known one.

    `source`: what is known of who asks, or an address. `centre`: the id of the member's; None where the name says
    enough. Raises `Locked`, with `retry_after` in seconds.
    """
    name = known_form(name)
    row = _checked(site, "password", name, source, password, _named(site, name, centre))
    if row is None:
        return None
    if needs_new_hash(row.password_hash) or clean_password(password) != password:
        with site.write_without_lock() as connection:
            connection.execute(update(staff).where(staff.c.id == row.id).values(password_hash=hash_secret(password)))
    return member_of(row)


def sign_in_with_pin(
    site: ServerContext, device: Actor, name: str, pin: str, source: Source | str = ""
) -> StaffMember | None:
    """The same by PIN, at an enrolled device of the member's own centre. Raises `Locked`."""
    name = known_form(name)
    found = find_row(site, staff.c.name == name, staff.c.centre_id == device.centre_id, staff.c.pin_hash.is_not(None))
    row = _checked(site, "pin", name, source, pin, found)
    if row is None:
        return None
    values = {"centre_id": device.centre_id, "device_id": device.id, "staff_id": row.id, "at": site.clock()}
    with site.write_without_lock() as connection:
        _NOTE_PIN_USE.run(connection, values)
    return member_of(row)


def welcome(site: ServerContext, member: StaffMember, how: str, source: Source | str = "", **details: Any) -> None:
    """Note that somebody is signed in now: every step of theirs was right."""
    source = _source(site, source)
    with site.write_without_lock() as connection:
        connection.execute(update(staff).where(staff.c.id == member.id).values(signed_in_at=site.clock()))
    note(site, replace(member.actor(), address=source.address or None), "signed_in", how=how, **details)


def _named(site: ServerContext, name: str, centre: int | None) -> Row[Any] | None:
    """The one member of that name: in the `centre`, if it has one, else in all.

    None also where two centres have one each and neither is the `centre`.
    """
    query = select(staff).where(staff.c.name == name, staff.c.active)
    with site.read() as connection:
        found = connection.execute(query).all()
    own = [row for row in found if row.centre_id == centre] or found
    return own[0] if len(own) == 1 else None


def known_form(name: str) -> str:
    """The form in which a staff name is kept; empty, which nobody is called, for what cannot be a name."""
    try:
        return clean_name(name)
    except ValueError:
        return ""


def centres_to_choose(site: ServerContext) -> Sequence[tuple[str, dict[str, str]]]:
    """Code and names of each centre that somebody may belong to; empty where the server holds one alone."""
    query = select(tables.centre.c.code, tables.centre.c.name).order_by(tables.centre.c.id)
    with site.read() as connection:
        found = [(row.code, row.name) for row in connection.execute(query)]
    return found if len(found) > 1 else []


def names_with_pin(site: ServerContext, device: Actor) -> Sequence[str]:
    """Whose names this device offers for a PIN, as `server.pin_names` says; everybody else types theirs.

    "recent": who used it within a month; "all": everybody of the centre who has a PIN; "none".
    """
    kind = site.settings.server.pin_names
    if kind == "none":
        return []
    mine = (staff.c.centre_id == device.centre_id) & staff.c.active & staff.c.pin_hash.is_not(None)
    query = select(staff.c.name).where(mine)
    if kind == "recent":
        used = (pin_use.c.staff_id == staff.c.id) & (pin_use.c.device_id == device.id)
        query = query.join(pin_use, used).where(pin_use.c.at > site.clock() - RECENT).limit(MOST_RECENT)
        query = query.order_by(pin_use.c.at.desc())
    else:
        query = query.order_by(staff.c.name)
    with site.read() as connection:
        return sorted(connection.execute(query).scalars())


def _checked(
    site: ServerContext, how: str, name: str, source: Source | str, secret: str, row: Row[Any] | None
) -> Row[Any] | None:
    source = _source(site, source)
    with attempt(site, how, name, source) as tried:
        tried.right = (
            verify_secret(DUMMY_HASH if row is None else getattr(row, f"{how}_hash"), secret) and row is not None
        )
    if tried.right:
        return row
    log.warning("a wrong %s from %s", how, source.key)
    if row is not None:
        note(site, replace(member_of(row).actor(), address=source.address or None), "sign_in_failed", how=how)
    return None


def _source(site: ServerContext, source: Source | str) -> Source:
    return source_of(source, site.settings.server.trusted_networks) if isinstance(source, str) else source


def note(site: ServerContext, actor: Actor, action: str, **details: Any) -> None:
    """A line of the audit trail about a sign-in."""
    with site.write(actor) as transaction:
        transaction.changed = False  # nothing that a screen shows
        transaction.write_journal(action, **details)
