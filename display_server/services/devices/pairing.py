"""How a device joins without typing: it shows a code, staff confirm the code, and its token becomes good.

The token is the device's own from the beginning; only its hash is kept here.
"""

import secrets
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import delete, insert, select

from display_server.db import tables
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.devices.devices import token_hash
from display_server.services.errors import NotFound

CODE_LETTERS = "ABCDEFGHKLMNPRTUVXY34679"  # none that is read as another: no O and 0, I and 1, S and 5, Z and 2
CODE_LENGTH = 6
CODE_TTL = timedelta(minutes=10)

PairingCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9 ]{1,16}$")]
"""As somebody types what a device shows."""

device, pairing = tables.device, tables.pairing


class Pairing(BaseModel):
    """A code on a screen. `token`: the device's own, good once the code was confirmed."""

    code: str
    token: str
    expires_at: AwareDatetime


class PairingState(BaseModel):
    """`kind`: what staff have enrolled it as, once paired."""

    state: Literal["waiting", "paired", "unknown"]
    kind: str | None = None


def start_pairing(site: ServerContext) -> Pairing:
    """A fresh code for a device that nobody knows yet; what has expired is forgotten."""
    now = site.clock()
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    started = Pairing(code=code, token=secrets.token_urlsafe(32), expires_at=now + CODE_TTL)
    values = {"code": code, "token_hash": token_hash(started.token), "expires_at": started.expires_at}
    with site.write_without_lock() as connection:
        connection.execute(delete(pairing).where(pairing.c.expires_at < now))
        connection.execute(insert(pairing).values(values))
    return started


def pairing_state(site: ServerContext, token: str) -> PairingState:
    """How far the device that holds `token` is: its code waits, staff have confirmed it, or it is not known."""
    key = token_hash(token)
    with site.read() as connection:
        found = select(device.c.kind).where(device.c.token_hash == key, device.c.revoked_at.is_(None))
        kind = connection.execute(found).scalar()
        if kind is not None:
            return PairingState(state="paired", kind=kind)
        waits = select(pairing.c.code).where(pairing.c.token_hash == key, pairing.c.expires_at > site.clock())
        return PairingState(state="waiting" if connection.execute(waits).first() else "unknown")


def consume_code(transaction: UnitOfWork, code: str) -> str:
    """The token's hash of the device that shows `code`. A code is good once. Raises `NotFound`."""
    shown = code.replace(" ", "").upper()
    taken = delete(pairing).where(pairing.c.code == shown, pairing.c.expires_at > transaction.now)
    key = transaction.connection.execute(taken.returning(pairing.c.token_hash)).scalar()
    if key is None:
        raise NotFound("no device shows this code now")
    return str(key)
