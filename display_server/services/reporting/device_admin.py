"""The administrators' list of devices: enrol by a code, rename, revoke; what each runs, and when it was seen."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Row, insert, select, update

from config.text.types import LONGEST_NAME
from display_server.db import tables
from display_server.services.calling.buttons import is_stuck
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.devices.devices import DeviceKind, device_values, taken_names
from display_server.services.devices.pairing import consume_code
from display_server.services.errors import NotFound

device = tables.device


class DeviceView(BaseModel):
    """`program`: what it says of itself, with its version. `stuck`: a button whose key does not come up again."""

    id: int
    kind: DeviceKind
    name: str
    counter: str | None
    program: str
    created_at: AwareDatetime
    last_seen: AwareDatetime | None
    stuck: bool = False


class DeviceList(BaseModel):
    now: AwareDatetime
    devices: list[DeviceView]


def list_devices(site: ServerContext, actor: Actor) -> DeviceList:
    """The centre's devices whose token is good, by kind and name."""
    query = _active_devices(actor.centre_id).order_by(device.c.kind, device.c.name)
    with site.read() as connection:
        counters = site.catalogue(connection, actor.centre_id).counter_by_id
        now = site.clock()
        views = [_view(row, counters, now) for row in connection.execute(query)]
    return DeviceList(now=now, devices=views)


def pair_device(site: ServerContext, actor: Actor, code: str, kind: DeviceKind, name: str, counter: str | None) -> None:
    """Confirm the code that a device shows. Raises `NotFound` (code, counter), `Invalid`, `NameTaken`."""
    with taken_names(name) as checked, site.write(actor) as transaction:
        values = device_values(transaction, kind, checked, counter, consume_code(transaction, code))
        added = transaction.connection.execute(insert(device).values(values).returning(device.c.id)).scalar_one()
        transaction.write_journal("device_added", texts={"device": checked}, kind=kind, id=added)


def rename_device(site: ServerContext, actor: Actor, device_id: int, name: str) -> None:
    """Raises `NotFound`, `Invalid`, `NameTaken`."""
    with taken_names(name) as checked, site.write(actor) as transaction:
        row = _own(transaction, device_id)
        transaction.connection.execute(update(device).where(device.c.id == device_id).values(name=checked))
        texts = {"device": checked, "device_was": row.name}
        transaction.write_journal("device_changed", texts=texts, id=device_id)


def revoke_device(site: ServerContext, actor: Actor, device_id: int) -> None:
    """Its token is good no more, open streams and sessions at it end within two seconds; its name is free again.

    Raises `NotFound`.
    """
    with site.write(actor) as transaction:
        row = _own(transaction, device_id)
        gone = {
            "revoked_at": transaction.now,
            "next_token_hash": None,
            "name": f"{row.name[: LONGEST_NAME - 12]} #{device_id}",
        }
        transaction.connection.execute(update(device).where(device.c.id == device_id).values(gone))
        transaction.write_journal("device_revoked", texts={"device": row.name}, id=device_id)


def _active_devices(centre_id: int) -> Any:
    return select(device).where(device.c.centre_id == centre_id, device.c.revoked_at.is_(None))


def _own(transaction: UnitOfWork, device_id: int) -> Row[Any]:
    found: Row[Any] | None = transaction.connection.execute(
        _active_devices(transaction.centre_id).where(device.c.id == device_id)
    ).one_or_none()
    if found is None:
        raise NotFound("there is no such device")
    return found


def _view(row: Row[Any], counters: Any, now: datetime) -> DeviceView:
    version = (row.report or {}).get("version") if row.kind == DeviceKind.KIOSK else None
    return DeviceView(
        id=row.id,
        kind=row.kind,
        name=row.name,
        counter=counters[row.counter_id].code if row.counter_id is not None else None,
        program=f"motcua-kiosk/{version}" if version else row.agent,
        created_at=row.created_at,
        last_seen=row.last_seen,
        stuck=row.kind == DeviceKind.BUTTON and is_stuck(row.report, now),
    )
