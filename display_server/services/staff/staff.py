"""People who may sign in: who they are, what they may do, and their passwords, kept as argon2id hashes."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from gevent import get_hub
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from config.text.types import clean_password
from display_server.db import tables
from display_server.services.core.actors import Actor, system_actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.devices.devices import NameTaken, checked_name
from display_server.services.errors import Invalid, InvalidTransition, NotFound
from display_server.services.staff.passwords import check_password, forms_of

SHORTEST_PIN, LONGEST_PIN = 6, 12
TEMPORARY_LETTERS = "abcdefghkmnprstuvwxyz23456789"  # none that is read as another
WRONG_PASSWORD = "the present password is wrong"  # noqa: S105 - what is told

T = TypeVar("T")
staff = tables.staff
_hasher = PasswordHasher()
# Checked when the name is unknown, so that the time taken does not tell which names exist.
DUMMY_HASH = _hasher.hash("nobody")


class Role(StrEnum):
    CLERK = "clerk"
    HALL = "hall"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    PROVINCE = "province"  # sees every centre of the server at a glance, and changes nothing


@dataclass(frozen=True, slots=True)
class StaffMember:
    """`counters`: the codes of those this member works at; empty: all. `sessions`: only sessions of this count hold."""

    id: int
    name: str
    role: Role
    centre_id: int
    counters: tuple[str, ...] = ()
    must_change: bool = False
    sessions: int = 0

    def actor(self) -> Actor:
        return Actor("staff", self.id, self.name, self.centre_id, role=self.role, counters=self.counters)


class StaffView(BaseModel):
    id: int
    name: str
    role: Role
    counters: list[str]
    active: bool
    must_change: bool
    has_pin: bool
    has_second_factor: bool
    signed_in_at: AwareDatetime | None


class StaffList(BaseModel):
    """`password`: of whom was just added or reset, shown this once; it must be changed at the first sign-in."""

    staff: list[StaffView]
    password: str | None = None


def add_staff(
    site: ServerContext, centre_id: int, name: str, role: Role, password: str, *, must_change: bool = False
) -> str:
    """A new member of staff; their name as it is kept. Raises `Invalid` for a bad name or password, `NameTaken`."""
    check_password(password, name)
    return _add(site, system_actor(centre_id), name, role, [], password, must_change=must_change)


def invite(site: ServerContext, actor: Actor, name: str, role: Role, counters: list[str]) -> str:
    """A new colleague of the actor's centre; gives the password for the first sign-in. Raises as `add_staff`."""
    _check_role(role)
    password = _temporary_password()
    _add(site, actor, name, role, counters, password, must_change=True)
    return password


def _add(
    site: ServerContext, actor: Actor, name: str, role: Role, counters: list[str], password: str, *, must_change: bool
) -> str:
    name = checked_name(name)
    hashed = hash_secret(password)
    try:
        with site.write(actor) as transaction:
            _check_counters(transaction, counters)
            values = {
                "centre_id": actor.centre_id,
                "name": name,
                "role": role,
                "counters": counters,
                "password_hash": hashed,
                "must_change": must_change,
                "active": True,
                "created_at": transaction.now,
            }
            added = transaction.connection.execute(insert(staff).values(values).returning(staff.c.id)).scalar_one()
            transaction.write_journal("staff_added", texts={"name": name}, member=added, role=role, counters=counters)
    except IntegrityError as error:
        raise NameTaken(f"there is already somebody called {name!r}") from error
    return name


def list_staff(site: ServerContext, actor: Actor) -> StaffList:
    """The people of the actor's centre, those who may sign in first."""
    factor = tables.second_factor
    query = (
        select(staff, factor.c.confirmed_at.label("factor_at"))
        .outerjoin(factor, factor.c.staff_id == staff.c.id)
        .where(staff.c.centre_id == actor.centre_id)
        .order_by(staff.c.active.desc(), staff.c.name)
    )
    with site.read() as connection:
        return StaffList(staff=[_view(row) for row in connection.execute(query)])


def change_staff(
    site: ServerContext, actor: Actor, member_id: int, role: Role, counters: list[str], *, active: bool
) -> None:
    """Another role, other counters, or nobody's any more: it holds from the member's next request on.

    Raises `NotFound`, `Invalid`, and `InvalidTransition` when administrators would shut themselves out.
    """
    _check_role(role)
    with site.write(actor) as transaction:
        row = own_member(transaction.connection, actor, member_id)
        if member_id == actor.id and (role != row.role or not active):
            raise InvalidTransition("you cannot take your own rights away: another administrator can")
        _check_counters(transaction, counters)
        left_at = None if active else row.left_at or transaction.now
        sessions = staff.c.sessions if active else staff.c.sessions + 1  # none comes back with the member
        values = {"role": role, "counters": counters, "active": active, "left_at": left_at, "sessions": sessions}
        _set(transaction, member_id, **values)
        transaction.write_journal("staff_changed", member=member_id, role=role, counters=counters, active=active)


def reset_password(site: ServerContext, actor: Actor, member_id: int) -> str:
    """A password for one sign-in; every session of the member ends, and the PIN with them. Raises `NotFound`."""
    password = _temporary_password()
    hashed = hash_secret(password)
    with site.write(actor) as transaction:
        own_member(transaction.connection, actor, member_id)
        _set(
            transaction,
            member_id,
            password_hash=hashed,
            pin_hash=None,
            must_change=True,
            sessions=staff.c.sessions + 1,
        )
        transaction.write_journal("password_reset", member=member_id)
    return password


def change_password(site: ServerContext, actor: Actor, old: str, new: str) -> None:
    """Staff's own new password; other sessions end. Raises `Invalid` for a wrong old or a bad new one."""
    check_own_password(site, actor, old)
    check_password(new, actor.name)
    if clean_password(new) == clean_password(old):
        raise Invalid("the new password is the old one")
    hashed = hash_secret(new)
    with site.write(actor) as transaction:
        _set(transaction, actor.id, password_hash=hashed, must_change=False, sessions=staff.c.sessions + 1)
        transaction.write_journal("password_changed")


def set_pin(site: ServerContext, actor: Actor, password: str, pin: str) -> None:
    """A PIN for shared counters, where the device is known. Raises `Invalid` for a wrong password or a bad PIN."""
    check_own_password(site, actor, password)
    is_plain = len(set(pin)) == 1 or pin in "01234567890123" or pin in "98765432109876"
    if not (pin.isascii() and pin.isdecimal() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN) or is_plain:
        raise Invalid(f"a PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits that are no simple row")
    hashed = hash_secret(pin)
    with site.write(actor) as transaction:
        _set(transaction, actor.id, pin_hash=hashed)
        transaction.write_journal("pin_set")


def sign_out_everywhere(site: ServerContext, actor: Actor, member_id: int) -> None:
    """Every session of the member ends with its next request. Raises `NotFound`."""
    with site.write(actor) as transaction:
        own_member(transaction.connection, actor, member_id)
        _set(transaction, member_id, sessions=staff.c.sessions + 1)
        transaction.write_journal("signed_out_all", member=member_id)


def find_member(site: ServerContext, member_id: int) -> StaffMember | None:
    """Who is signed in, as long as they may be."""
    row = find_row(site, staff.c.id == member_id)
    return member_of(row) if row is not None else None


def find_row(site: ServerContext, *conditions: Any) -> Row[Any] | None:
    """The one active member for whom `conditions` hold."""
    with site.read() as connection:
        return connection.execute(select(staff).where(*conditions, staff.c.active)).one_or_none()


def member_of(row: Row[Any]) -> StaffMember:
    return StaffMember(
        row.id, row.name, Role(row.role), row.centre_id, tuple(row.counters), row.must_change, row.sessions
    )


def hash_secret(secret: str) -> str:
    return _run_in_thread_pool(_hasher.hash, clean_password(secret))


def verify_secret(stored: str, given: str) -> bool:
    """Whether `given` is what was hashed; takes as long for a wrong one as for the right one."""
    return any(_run_in_thread_pool(_verify, stored, form) for form in forms_of(given))


def _verify(stored: str, given: str) -> bool:
    try:
        return _hasher.verify(stored, given)
    except (VerifyMismatchError, InvalidHashError):
        return False


def needs_new_hash(stored: str) -> bool:
    """Made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _run_in_thread_pool(work: Callable[..., T], *values: Any) -> T:
    """argon2 computes for a tenth of a second: in a thread of its own, so that calls and screens go on meanwhile."""
    result: T = get_hub().threadpool.apply(work, values)
    return result


def check_own_password(site: ServerContext, actor: Actor, password: str) -> None:
    """Raises `Invalid`, with `WRONG_PASSWORD`, unless it is the actor's present password."""
    row = find_row(site, staff.c.id == actor.id)
    if row is None or not verify_secret(row.password_hash, password):
        raise Invalid(WRONG_PASSWORD)


def _temporary_password() -> str:
    return "-".join("".join(secrets.choice(TEMPORARY_LETTERS) for _ in range(4)) for _ in range(3))


def _check_role(role: Role) -> None:
    """Whoever sees all centres is named on the server alone: no centre may give that away."""
    if role is Role.PROVINCE:
        raise Invalid("the role province is given by `motcua staff add`")


def _check_counters(transaction: UnitOfWork, counters: list[str]) -> None:
    for code in counters:
        transaction.catalogue.counter(code)


def own_member(connection: Connection, actor: Actor, member_id: int) -> Row[Any]:
    """A member of the actor's centre whom administrators manage, or the actor. Raises `NotFound`."""
    mine: Any = (staff.c.centre_id == actor.centre_id) & (staff.c.role != Role.PROVINCE)
    if actor.id == member_id and actor.kind == "staff":  # one's own, whatever the role
        mine = staff.c.id == member_id
    row = connection.execute(select(staff).where(staff.c.id == member_id, mine)).one_or_none()
    if row is None:
        raise NotFound("there is nobody with this id here")
    return row


def _set(transaction: UnitOfWork, member_id: int, **values: Any) -> None:
    transaction.connection.execute(update(staff).where(staff.c.id == member_id).values(values))


def _view(row: Row[Any]) -> StaffView:
    return StaffView(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        counters=row.counters,
        active=row.active,
        must_change=row.must_change,
        has_pin=row.pin_hash is not None,
        has_second_factor=row.factor_at is not None,
        signed_in_at=row.signed_in_at,
    )
