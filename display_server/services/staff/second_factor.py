"""A second factor: codes by time (TOTP, RFC 6238) of an app on one's phone, and ten recovery codes on paper.

The secret lies encrypted under the server's key file. Recovery codes are kept as SHA-256 of 77 random bits: they work
without the key file, and while the server's clock is wrong.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from typing import Any

import pyotp
from sqlalchemy import Connection, Row, delete, func, insert, literal_column, select, update

from display_server.db import tables
from display_server.db.upsert import Upsert
from display_server.services.core.actors import Actor, system_actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.errors import Invalid, InvalidTransition, NotFound
from display_server.services.staff.authentication import note
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.sign_in_limits import attempt
from display_server.services.staff.staff import TEMPORARY_LETTERS, StaffMember, own_member

STEP_SECONDS = 30
DRIFT = 1  # steps that a phone's clock may be off to either side
RECOVERY_CODES = 10
RECOVERY_LETTERS = 16
ISSUER = "Motcua"  # shown above the code in the app

staff, factor, recovery = tables.staff, tables.second_factor, tables.recovery_code

_START = Upsert(
    factor,
    ["staff_id"],
    {"secret": literal_column("excluded.secret"), "last_step": 0},
    factor.c.staff_id,
)


class WrongCode(Invalid):
    """Neither a code of the app for this time nor an unused recovery code."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the app needs, shown once: `address` (otpauth://…) as a QR code, `secret` to be typed."""

    address: str
    secret: str


@dataclass(frozen=True, slots=True)
class FactorState:
    """`recovery_codes`: how many are unused."""

    is_on: bool
    recovery_codes: int = 0


def factor_state(site: ServerContext, member_id: int) -> FactorState:
    query = select(func.count()).where(recovery.c.staff_id == member_id)
    with site.read() as connection:
        row = _factor(connection, member_id)
        return FactorState(is_on=_is_on(row), recovery_codes=connection.execute(query).scalar_one())


def start_enrolment(site: ServerContext, member: StaffMember, centre: str) -> Enrolment:
    """A new secret; nothing is asked of the member before a code of it came back.

    Raises `InvalidTransition` if it is on.
    """
    secret = pyotp.random_base32()
    values = {
        "centre_id": member.centre_id,
        "staff_id": member.id,
        "secret": site.keys.encrypt(secret),
        "last_step": 0,
    }
    with site.write_without_lock() as connection:
        if _is_on(_factor(connection, member.id)):
            raise InvalidTransition("the second factor is on already")
        _START.run(connection, values)
    return Enrolment(_address(secret, member, centre), secret)


def pending_enrolment(site: ServerContext, member: StaffMember, centre: str) -> Enrolment:
    """The one that was started, to be shown again after a wrong code. Raises `InvalidTransition`, `UnreadableField`."""
    with site.read() as connection:
        row = _factor(connection, member.id)
    if row is None or _is_on(row):
        raise InvalidTransition("no second factor is being set up")
    secret = site.keys.decrypt(row.secret)
    return Enrolment(_address(secret, member, centre), secret)


def confirm_enrolment(site: ServerContext, actor: Actor, code: str) -> list[str]:
    """It is on from now; gives the recovery codes, this once. The member's other sessions end.

    Raises `WrongCode`, `InvalidTransition`, `UnreadableField`.
    """
    with site.write(actor) as transaction:
        transaction.changed = False
        row = _factor(transaction.connection, actor.id)
        if row is None or _is_on(row):
            raise InvalidTransition("no second factor is being set up")
        if not _take_code(site, transaction.connection, row, code):
            raise WrongCode("the code is wrong")
        on = update(factor).where(factor.c.staff_id == actor.id).values(confirmed_at=transaction.now)
        transaction.connection.execute(on)
        _end_sessions(transaction, actor.id)
        transaction.write_journal("factor_set")
        return _new_codes(transaction, actor.id, actor.centre_id)


def check_code(site: ServerContext, member: StaffMember, code: str, source: Source) -> str:
    """Take a code of the app or a recovery code, each once: "app" or "recovery".

    Raises `WrongCode`, `Locked`; `UnreadableField` when the key file is another one: recovery codes work all the same.
    """
    with attempt(site, "code", f"#{member.id}", source) as tried:
        with site.write(replace(member.actor(), address=source.address or None)) as transaction:
            transaction.changed = False
            taken = _take(site, transaction, member.id, code)
        tried.right = bool(taken)
    if not taken:
        note(site, replace(member.actor(), address=source.address or None), "sign_in_failed", how="code")
        raise WrongCode("the code is wrong")
    return taken


def renew_recovery_codes(site: ServerContext, actor: Actor) -> list[str]:
    """Ten new ones; the old ones are good no more. Raises `InvalidTransition`."""
    with site.write(actor) as transaction:
        transaction.changed = False
        if not _is_on(_factor(transaction.connection, actor.id)):
            raise InvalidTransition("there is no second factor")
        transaction.write_journal("codes_renewed")
        return _new_codes(transaction, actor.id, actor.centre_id)


def remove_factor(site: ServerContext, actor: Actor) -> None:
    """The member's own wish; who may ask it is checked by the caller."""
    with site.write(actor) as transaction:
        transaction.changed = False
        _delete(transaction.connection, actor.id)
        transaction.write_journal("factor_removed")


def reset_factor(site: ServerContext, actor: Actor, member_id: int) -> None:
    """An administrator's: the member signs in with the password alone, and every session of theirs ends.

    Raises `NotFound`, and `InvalidTransition` for one's own.
    """
    if actor.kind == "staff" and actor.id == member_id:
        raise InvalidTransition("your own second factor is changed on your own page")
    with site.write(actor) as transaction:
        transaction.changed = False
        row = own_member(transaction.connection, actor, member_id)
        _reset(transaction, row)


def reset_factor_of(site: ServerContext, name: str, centre_id: int | None = None) -> None:
    """The same by the command on the server, for anybody. `centre_id`: where several centres have that name.

    Raises `NotFound`, `Invalid`.
    """
    query = select(staff).where(staff.c.name == name)
    with site.read() as connection:
        found = [row for row in connection.execute(query) if centre_id in (None, row.centre_id)]
    if not found:
        raise NotFound(f"there is nobody called {name!r}")
    if len(found) > 1:
        raise Invalid(f"several centres have somebody called {name!r}: say which with --centre CODE")
    with site.write(system_actor(found[0].centre_id)) as transaction:
        transaction.changed = False
        _reset(transaction, found[0])


def _reset(transaction: UnitOfWork, row: Row[Any]) -> None:
    if _factor(transaction.connection, row.id) is None:
        raise NotFound(f"{row.name} has no second factor")
    _delete(transaction.connection, row.id)
    _end_sessions(transaction, row.id)
    transaction.write_journal("factor_reset", member=row.id)


def _take(site: ServerContext, transaction: UnitOfWork, member_id: int, code: str) -> str:
    given = "".join(code.split()).replace("-", "").casefold()
    if len(given) == RECOVERY_LETTERS:
        used = delete(recovery).where(recovery.c.staff_id == member_id, recovery.c.code_hash == _hash(member_id, given))
        if transaction.connection.execute(used).rowcount:
            transaction.write_journal("recovery_used")
            return "recovery"
        return ""
    row = _factor(transaction.connection, member_id)
    return "app" if _is_on(row) and _take_code(site, transaction.connection, row, given) else ""


def _take_code(site: ServerContext, connection: Connection, row: Any, code: str) -> bool:
    """Whether it is the code of a step around now that is later than the last one taken; the step is taken with it.

    The condition stands in the UPDATE: of two requests with one code, one takes it.
    """
    given = "".join(code.split())
    app = pyotp.TOTP(site.keys.decrypt(row.secret))
    now = int(site.clock().timestamp()) // STEP_SECONDS
    for step in range(now - DRIFT, now + DRIFT + 1):
        if pyotp.utils.strings_equal(app.generate_otp(step), given):
            later = (factor.c.staff_id == row.staff_id) & (factor.c.last_step < step)
            return bool(connection.execute(update(factor).where(later).values(last_step=step)).rowcount)
    return False


def _factor(connection: Connection, member_id: int) -> Row[Any] | None:
    return connection.execute(select(factor).where(factor.c.staff_id == member_id)).one_or_none()


def _is_on(row: Row[Any] | None) -> bool:
    return row is not None and row.confirmed_at is not None


def _new_codes(transaction: UnitOfWork, member_id: int, centre_id: int) -> list[str]:
    letters = [
        "".join(secrets.choice(TEMPORARY_LETTERS) for _ in range(RECOVERY_LETTERS)) for _ in range(RECOVERY_CODES)
    ]
    transaction.connection.execute(delete(recovery).where(recovery.c.staff_id == member_id))
    rows = [{"centre_id": centre_id, "staff_id": member_id, "code_hash": _hash(member_id, each)} for each in letters]
    transaction.connection.execute(insert(recovery), rows)
    return ["-".join(each[at : at + 4] for at in range(0, RECOVERY_LETTERS, 4)) for each in letters]


def _hash(member_id: int, letters: str) -> str:
    return hashlib.sha256(f"{member_id}:{letters}".encode()).hexdigest()


def _delete(connection: Connection, member_id: int) -> None:
    for table in (recovery, factor):
        connection.execute(delete(table).where(table.c.staff_id == member_id))


def _end_sessions(transaction: UnitOfWork, member_id: int) -> None:
    more = update(staff).where(staff.c.id == member_id).values(sessions=staff.c.sessions + 1)
    transaction.connection.execute(more)


def _address(secret: str, member: StaffMember, centre: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=f"{member.name} – {centre}"[:80], issuer_name=ISSUER)
