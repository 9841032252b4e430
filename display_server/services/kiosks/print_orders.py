"""Slips that staff have printed at a kiosk: once more by the kiosk that printed them, or any ticket at any kiosk.

The kiosk hears its orders in the answer to its report (services/kiosks.py). A kiosk that does not hold the slip gets
the ticket with the order and makes the slip itself. The ticket exists whatever becomes of the paper.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection, Row, insert, select, update

from display_server.db import tables
from display_server.db.copies.next_ids import leap
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.idempotency import run_idempotent
from display_server.services.core.schemas import TicketView
from display_server.services.devices.devices import DeviceKind
from display_server.services.errors import Forbidden, InvalidTransition, NotFound
from display_server.services.staff.names import name_of
from display_server.services.tickets.tickets import number_of, ticket_view

MOST_ORDERS = 50
TOO_LATE_AFTER = timedelta(minutes=10)  # an order that the kiosk has not heard by then comes out for nobody
TOO_LATE, WITHDRAWN = "too_late", "withdrawn"  # reasons of orders that no kiosk was told

device, reprint, ticket, journal = tables.device, tables.reprint, tables.ticket, tables.journal


class ReprintCommand(BaseModel):
    """A slip to print: the one of the ticket that `request_id` made. `ticket`: for a kiosk that does not hold it."""

    id: int
    request_id: str
    ticket: TicketView | None = None
    is_copy: bool = Field(True, description="of `ticket`: another slip of it may be on paper already")


class ReprintView(BaseModel):
    id: int
    number: str
    kiosk: str
    asked_at: AwareDatetime
    asked_by: str = ""
    state: Literal["asked", "told", "printed", "failed"] = Field(description="told: the kiosk has the order")
    reason: str
    is_copy: bool = True


def order_slip(site: ServerContext, actor: Actor, ticket_id: int, kiosk_id: int, request_id: str) -> ReprintView:
    """Have today's ticket printed at a kiosk of the actor's centre. The same `request_id` again: no other slip.

    An order for the same ticket that its kiosk has not heard of yet is withdrawn. Raises `NotFound`,
    `InvalidTransition` (another day's ticket), `Forbidden` (a clerk, and somebody else gave the number).
    """
    with site.write(actor) as transaction:
        asked = ["print", ticket_id, kiosk_id]
        made = run_idempotent(
            transaction, request_id, asked, ReprintView, lambda: _order(transaction, ticket_id, kiosk_id)
        )
        assert made is not None  # noqa: S101 - `_order` answers or raises
        name = name_of(transaction.connection, _asked_by(transaction, made.id)) or ""
    return made.model_copy(update={"asked_by": name})  # no name is kept with the answer


def _asked_by(transaction: UnitOfWork, order_id: int) -> int:
    query = select(reprint.c.asked_by_id).where(reprint.c.id == order_id)
    return int(transaction.connection.execute(query).scalar_one())


def _order(transaction: UnitOfWork, ticket_id: int, kiosk_id: int) -> ReprintView:
    row = _ticket_of_today(transaction, ticket_id)
    kiosk = _kiosk(transaction, kiosk_id)
    open_orders = _open_orders(transaction.connection, ticket_id)
    same = next((order for order in open_orders if order.device_id == kiosk_id), None)
    if same is not None:  # it is on its way there already
        transaction.changed = False
        return _view(same, number_of(row), kiosk.name)
    _withdraw(transaction, open_orders)
    is_copy = _may_be_on_paper(transaction.connection, row)
    order_id = add_order(transaction, row, kiosk_id, is_copy=is_copy)
    return ReprintView(
        id=order_id,
        number=number_of(row),
        kiosk=kiosk.name,
        asked_at=transaction.now,
        state="asked",
        reason="",
        is_copy=is_copy,
    )


def add_order(transaction: UnitOfWork, row: Row[Any], kiosk_id: int, *, is_copy: bool) -> int:
    """The id of a new order for the slip of `row`; the audit log says who asked."""
    values = {
        "centre_id": transaction.centre_id,
        "ticket_id": row.id,
        "device_id": kiosk_id,
        "asked_at": transaction.now,
        "asked_by_id": transaction.actor.id,
        "is_copy": is_copy,
    }
    if (first := leap(transaction.connection, reprint, transaction.epoch.first_id, 1)) is not None:
        values["id"] = next(first)  # the kiosk knows by the id what it has printed already
    made = transaction.connection.execute(insert(reprint).values(values).returning(reprint.c.id)).scalar_one()
    action = "reprint_asked" if is_copy else "print_asked"
    transaction.write_journal(action, ticket_id=row.id, number=number_of(row), device=kiosk_id)
    return int(made)


def _ticket_of_today(transaction: UnitOfWork, ticket_id: int) -> Row[Any]:
    query = select(ticket).where(ticket.c.id == ticket_id, ticket.c.centre_id == transaction.centre_id)
    row = transaction.connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"there is no ticket {ticket_id}")
    if transaction.actor.role == "clerk" and not gave(transaction.connection, transaction.actor, ticket_id):
        raise Forbidden("a clerk prints the slips of numbers that they gave themselves")
    if row.business_day != transaction.day:
        raise InvalidTransition(f"{number_of(row)} is of another day", state=row.state)
    return row


def gave(connection: Connection, actor: Actor, ticket_id: int) -> bool:
    """Whether this member of staff gave the number."""
    query = select(journal.c.id).where(
        journal.c.ticket_id == ticket_id,
        journal.c.action == "issued",
        journal.c.actor_kind == "staff",
        journal.c.actor_id == actor.id,
    )
    return connection.execute(query.limit(1)).scalar() is not None


def _kiosk(transaction: UnitOfWork, kiosk_id: int) -> Any:
    query = select(device.c.id, device.c.name).where(
        device.c.id == kiosk_id,
        device.c.centre_id == transaction.centre_id,
        device.c.kind == DeviceKind.KIOSK,
        device.c.revoked_at.is_(None),
    )
    found = transaction.connection.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"there is no kiosk {kiosk_id}")
    return found


def _open_orders(connection: Connection, ticket_id: int) -> list[Row[Any]]:
    query = select(reprint).where(reprint.c.ticket_id == ticket_id, reprint.c.done_at.is_(None)).order_by(reprint.c.id)
    return list(connection.execute(query).all())


def _withdraw(transaction: UnitOfWork, orders: list[Row[Any]]) -> None:
    """What no kiosk has been told yet is printed nowhere."""
    unheard = [order.id for order in orders if order.told_at is None]
    if unheard:
        ended = {"done_at": transaction.now, "reason": WITHDRAWN}
        transaction.connection.execute(update(reprint).where(reprint.c.id.in_(unheard)).values(ended))


def _may_be_on_paper(connection: Connection, row: Row[Any]) -> bool:
    """A kiosk took the number and prints by itself, or was told to print it."""
    if row.device_id is not None:
        return True
    query = select(reprint.c.id).where(reprint.c.ticket_id == row.id, reprint.c.told_at.is_not(None)).limit(1)
    return connection.execute(query).scalar() is not None


def orders_for(site: ServerContext, connection: Connection, actor: Actor, now: datetime) -> list[ReprintCommand]:
    """What the kiosk `actor` is to print, oldest first. From now on it counts as told."""
    mine = (reprint.c.device_id == actor.id) & reprint.c.done_at.is_(None)
    late = mine & reprint.c.told_at.is_(None) & (reprint.c.asked_at < now - TOO_LATE_AFTER)
    connection.execute(update(reprint).where(late).values(done_at=now, reason=TOO_LATE))
    query = (
        select(ticket, reprint.c.id.label("order_id"), reprint.c.is_copy)
        .join(reprint, ticket.c.id == reprint.c.ticket_id)
        .where(mine)
        .order_by(reprint.c.id)
        .limit(MOST_ORDERS)
    )
    rows = connection.execute(query).all()
    if not rows:
        return []
    heard = [row.order_id for row in rows]
    told = update(reprint).where(reprint.c.id.in_(heard), reprint.c.told_at.is_(None)).values(told_at=now)
    connection.execute(told)
    return [_order_of(site, connection, actor, row, now) for row in rows]


def _order_of(
    site: ServerContext, connection: Connection, actor: Actor, row: Row[Any], now: datetime
) -> ReprintCommand:
    """With the ticket where the kiosk took it not itself."""
    if row.device_id == actor.id:
        return ReprintCommand(id=row.order_id, request_id=row.request_id)
    catalogue = site.catalogue(connection, row.centre_id)
    load = site.load_cache.get(connection, catalogue, day_now(site, connection, catalogue))
    shown = ticket_view(site, connection, catalogue, load, row, int(now.timestamp() * 1_000_000))
    return ReprintCommand(id=row.order_id, request_id=row.request_id, ticket=shown, is_copy=row.is_copy)


def orders_of(connection: Connection, ticket_ids: list[int]) -> dict[int, list[ReprintView]]:
    """The orders for these tickets, newest first."""
    query = (
        select(reprint, ticket.c.prefix, ticket.c.number, device.c.name.label("kiosk"))
        .join(ticket, ticket.c.id == reprint.c.ticket_id)
        .join(device, device.c.id == reprint.c.device_id)
        .where(reprint.c.ticket_id.in_(ticket_ids))
        .order_by(reprint.c.id.desc())
    )
    found: dict[int, list[ReprintView]] = {each: [] for each in ticket_ids}
    for row in connection.execute(query):
        found[row.ticket_id].append(_view(row, number_of(row), row.kiosk))
    return found


def _view(row: Row[Any], number: str, kiosk: str, asked_by: str = "") -> ReprintView:
    return ReprintView(
        id=row.id,
        number=number,
        kiosk=kiosk,
        asked_at=row.asked_at,
        asked_by=asked_by,
        state=state_of(row),
        reason=row.reason,
        is_copy=row.is_copy,
    )


def state_of(row: Row[Any]) -> Literal["asked", "told", "printed", "failed"]:
    """How far an order is. An end without a reason is paper."""
    if row.done_at is not None:
        return "failed" if row.reason else "printed"
    return "asked" if row.told_at is None else "told"
