"""Who somebody at the province's sign-in is here. Only issuer and subject stay the same there (OpenID Connect, 5.7).

A claim such as `preferred_username` is a wish: it may be changed by its holder, or given to somebody else later. So a
first sign-in only asks; an administrator confirms it, or a rule of the settings does. One subject is one member.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from config.settings import SingleSignOnSettings
from config.text.types import has_controls
from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.errors import InvalidTransition, NotFound
from display_server.services.staff.authentication import known_form, note
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.staff import Role, StaffMember, member_of

LONGEST = 255  # of a subject; OpenID Connect Core allows no more
MOST_ASKING = 5  # subjects that may wait to be confirmed as one member
ASKS_FOR = timedelta(days=30)  # what nobody confirmed is forgotten
CONFIRMED_ALWAYS = {Role.ADMINISTRATOR, Role.PROVINCE}  # no rule of the settings gives these away

identity, staff = tables.staff_identity, tables.staff


class Outcome(StrEnum):
    """`known`: they are in. `asked`: an administrator has to confirm it. `unknown`: nobody here, or somebody else."""

    KNOWN = "known"
    ASKED = "asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Recognised:
    outcome: Outcome
    member: StaffMember | None = None


class IdentityView(BaseModel):
    """`confirmed_at`: None while it waits to be confirmed."""

    id: int
    member_id: int
    name: str
    issuer: str
    subject: str
    asked_at: AwareDatetime
    confirmed_at: AwareDatetime | None


class IdentityList(BaseModel):
    identities: list[IdentityView]


def recognise(site: ServerContext, claims: dict[str, Any], source: Source) -> Recognised:
    """Who the provider's (checked) `claims` are here: `iss` and `sub`, and for a first sign-in the name in them."""
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    if not issuer or not subject or max(len(issuer), len(subject)) > LONGEST or has_controls(issuer + subject):
        return Recognised(Outcome.UNKNOWN)
    known = _bound(site, issuer, subject)
    if known is not None:
        return Recognised(Outcome.KNOWN, member_of(known)) if known.active else Recognised(Outcome.UNKNOWN)
    name = known_form(str(claims.get(site.settings.single_sign_on.claim) or ""))
    found = _free_members(site, name, source)
    if len(found) == 1 and found[0].role not in CONFIRMED_ALWAYS and _is_believed(site.settings.single_sign_on, claims):
        return _bind_now(site, found[0], issuer, subject, source)
    asked = [_ask(site, row, issuer, subject, source) for row in found]
    return Recognised(Outcome.ASKED if any(asked) else Outcome.UNKNOWN)


def _bound(site: ServerContext, issuer: str, subject: str) -> Row[Any] | None:
    query = (
        select(staff)
        .join(identity, identity.c.staff_id == staff.c.id)
        .where(identity.c.issuer == issuer, identity.c.subject == subject, identity.c.confirmed_at.is_not(None))
    )
    with site.read() as connection:
        return connection.execute(query).one_or_none()


def _free_members(site: ServerContext, name: str, source: Source) -> list[Row[Any]]:
    """Members of that name whom nobody at the provider is yet. An attempt at one that is taken is noted."""
    bound = select(identity.c.staff_id).where(identity.c.staff_id == staff.c.id, identity.c.confirmed_at.is_not(None))
    query = select(staff, bound.exists().label("is_bound")).where(staff.c.name == name, staff.c.active)
    with site.read() as connection:
        found = connection.execute(query).all()
    for row in found:
        if row.is_bound:
            _note(site, row, "identity_refused", source)
    return [row for row in found if not row.is_bound]


def _is_believed(settings: SingleSignOnSettings, claims: dict[str, Any]) -> bool:
    """Whether the settings' rule makes a first sign-in good without an administrator."""
    if settings.bind != "claim":
        return settings.bind == "first"
    value = claims.get(settings.bind_claim)
    if settings.bind_claim == "email" and claims.get("email_verified") is not True:
        return False
    values = [str(each) for each in (value if isinstance(value, list) else [value]) if each is not None]
    wanted = settings.bind_value
    return any(each == wanted or (wanted.startswith("@") and each.endswith(wanted)) for each in values)


def _bind_now(site: ServerContext, row: Row[Any], issuer: str, subject: str, source: Source) -> Recognised:
    member = member_of(row)
    try:
        with site.write(replace(member.actor(), address=source.address or None)) as transaction:
            transaction.changed = False
            _bind(transaction, row.id, issuer, subject)
            transaction.write_journal("identity_bound", rule=site.settings.single_sign_on.bind)
    except IntegrityError:  # somebody else was first, a moment ago
        return Recognised(Outcome.UNKNOWN)
    return Recognised(Outcome.KNOWN, member)


def _ask(site: ServerContext, row: Row[Any], issuer: str, subject: str, source: Source) -> bool:
    """The wish waits for an administrator. False where too many wait for this member already."""
    with site.write(replace(member_of(row).actor(), address=source.address or None)) as transaction:
        transaction.changed = False
        connection = transaction.connection
        old = identity.c.confirmed_at.is_(None) & (identity.c.asked_at < transaction.now - ASKS_FOR)
        connection.execute(delete(identity).where(identity.c.centre_id == transaction.centre_id, old))
        waiting = select(identity).where(identity.c.staff_id == row.id, identity.c.confirmed_at.is_(None))
        asking = connection.execute(waiting).all()
        if any((each.issuer, each.subject) == (issuer, subject) for each in asking):
            return True
        if len(asking) >= MOST_ASKING:
            return False
        connection.execute(insert(identity), _values(transaction, row.id, issuer, subject))
        transaction.write_journal("identity_asked")
    return True


def _values(transaction: UnitOfWork, member_id: int, issuer: str, subject: str) -> dict[str, Any]:
    return {
        "centre_id": transaction.centre_id,
        "staff_id": member_id,
        "issuer": issuer,
        "subject": subject,
        "asked_at": transaction.now,
    }


def _bind(transaction: UnitOfWork, member_id: int, issuer: str, subject: str) -> None:
    """Make this subject this member; all other wishes of the two go. Raises `IntegrityError` when one is taken."""
    same = (identity.c.issuer == issuer) & (identity.c.subject == subject)
    waits = identity.c.confirmed_at.is_(None)
    transaction.connection.execute(delete(identity).where(waits, same | (identity.c.staff_id == member_id)))
    values = _values(transaction, member_id, issuer, subject) | {"confirmed_at": transaction.now}
    transaction.connection.execute(insert(identity), values)


def list_identities(site: ServerContext, actor: Actor) -> IdentityList:
    """Who is who at the single sign-on, in the actor's centre; what waits to be confirmed comes first.

    Those of the role province belong to no centre's administrators; the server's own commands see them.
    """
    query = (
        select(identity, staff.c.name)
        .join(staff, staff.c.id == identity.c.staff_id)
        .where(_managed(actor))
        .order_by(identity.c.confirmed_at.is_not(None), staff.c.name, identity.c.id)
    )
    with site.read() as connection:
        return IdentityList(identities=[_view(row) for row in connection.execute(query)])


def confirm_identity(site: ServerContext, actor: Actor, identity_id: int) -> None:
    """It is they: from now they come in by the single sign-on.

    Raises `NotFound`, and `InvalidTransition` when one of the two is taken.
    """
    try:
        with site.write(actor) as transaction:
            transaction.changed = False
            row = _managed_row(transaction.connection, actor, identity_id)
            if row.confirmed_at is not None:
                return
            _bind(transaction, row.staff_id, row.issuer, row.subject)
            transaction.write_journal("identity_bound", member=row.staff_id)
    except IntegrityError as error:
        raise InvalidTransition("this person or this member is bound already: remove that first") from error


def remove_identity(site: ServerContext, actor: Actor, identity_id: int) -> None:
    """It is not they, or no more: sessions that began by it end. Raises `NotFound`."""
    with site.write(actor) as transaction:
        transaction.changed = False
        row = _managed_row(transaction.connection, actor, identity_id)
        transaction.connection.execute(delete(identity).where(identity.c.id == identity_id))
        if row.confirmed_at is not None:
            more = update(staff).where(staff.c.id == row.staff_id).values(sessions=staff.c.sessions + 1)
            transaction.connection.execute(more)
        transaction.write_journal("identity_removed", member=row.staff_id)


def _managed(actor: Actor) -> Any:
    mine = identity.c.centre_id == actor.centre_id
    return mine if actor.kind == "system" else mine & (staff.c.role != Role.PROVINCE)


def _managed_row(connection: Connection, actor: Actor, identity_id: int) -> Row[Any]:
    query = select(identity, staff.c.name).join(staff, staff.c.id == identity.c.staff_id)
    row = connection.execute(query.where(identity.c.id == identity_id, _managed(actor))).one_or_none()
    if row is None:
        raise NotFound("there is no such sign-in")
    return row


def _view(row: Row[Any]) -> IdentityView:
    return IdentityView(
        id=row.id,
        member_id=row.staff_id,
        name=row.name,
        issuer=row.issuer,
        subject=row.subject,
        asked_at=row.asked_at,
        confirmed_at=row.confirmed_at,
    )


def _note(site: ServerContext, row: Row[Any], action: str, source: Source) -> None:
    note(site, replace(member_of(row).actor(), address=source.address or None), action)
