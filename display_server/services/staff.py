"""People who may sign in. Passwords are kept as argon2id hashes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from gevent import get_hub
from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from display_server.services.actors import Actor, system_actor
from display_server.services.devices import NameTaken
from display_server.services.errors import Invalid
from display_server.services.site import Site
from display_server.store import tables

SHORTEST_PASSWORD = 8  # OWASP ASVS 2.1 asks for more where there is no lock; names are locked by the rate limit
LONGEST_PASSWORD = 128

T = TypeVar("T")
staff = tables.staff
_hasher = PasswordHasher()
# Checked when the name is unknown, so that the time taken does not tell which names exist.
_NOBODY = _hasher.hash("nobody")


class Role(StrEnum):
    CLERK = "clerk"
    HALL = "hall"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    PROVINCE = "province"  # sees every centre of the server at a glance, and changes nothing


@dataclass(frozen=True, slots=True)
class Member:
    id: int
    name: str
    role: Role
    centre_id: int

    def actor(self) -> Actor:
        return Actor("staff", self.id, self.name, self.centre_id, role=self.role)


def add_staff(site: Site, centre_id: int, name: str, role: Role, password: str) -> None:
    """A new member of staff. Raises `Invalid` for a bad name or password, `NameTaken`."""
    if not name.strip() or len(name) > tables.staff.c.name.type.length:  # type: ignore[attr-defined]
        raise Invalid("a name has 1 to 64 letters")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} letters")
    hashed = _aside(_hasher.hash, password)
    try:
        with site.write(system_actor(centre_id)) as transaction:
            values = {"centre_id": centre_id, "name": name, "role": role, "password_hash": hashed, "active": True}
            transaction.connection.execute(insert(staff), values | {"created_at": transaction.now})
            transaction.write_journal("staff_added", name=name, role=role)
    except IntegrityError as error:
        raise NameTaken(f"there is already somebody called {name!r}") from error


def sign_in(site: Site, name: str, password: str) -> Member | None:
    """The member whose name and password these are, or None. Takes as long for an unknown name as for a known one."""
    row = _find(site, staff.c.name == name)
    stored = row.password_hash if row is not None else _NOBODY
    try:
        _aside(_hasher.verify, stored, password[: LONGEST_PASSWORD + 1])
    except (VerifyMismatchError, InvalidHashError):
        return None
    if row is None:
        return None
    if _hasher.check_needs_rehash(stored):
        with site.write_aside() as connection:
            connection.execute(update(staff).where(staff.c.id == row.id).values(password_hash=_hasher.hash(password)))
    return _member(row)


def _aside(work: Callable[..., T], *values: Any) -> T:
    """argon2 computes for a tenth of a second: in a thread of its own, so that calls and screens go on meanwhile."""
    result: T = get_hub().threadpool.apply(work, values)
    return result


def find_member(site: Site, member_id: int) -> Member | None:
    """Who is signed in, as long as they may be."""
    row = _find(site, staff.c.id == member_id)
    return _member(row) if row is not None else None


def _find(site: Site, condition: Any) -> Row[Any] | None:
    with site.read() as connection:
        return connection.execute(select(staff).where(condition, staff.c.active)).one_or_none()


def _member(row: Row[Any]) -> Member:
    return Member(row.id, row.name, Role(row.role), row.centre_id)
