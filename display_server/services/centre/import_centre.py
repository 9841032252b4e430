"""A centre's data folder goes into the database: one transaction, safe to repeat, and history stays.

What a folder no longer names is retired, never deleted: old tickets and calls still point to it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from config.centre.loader import Centre
from display_server.db import tables
from display_server.services.catalogue.procedure_notes import dump_remarks
from display_server.services.centre.import_checks import check_import
from display_server.services.core.actors import system_actor
from display_server.services.core.context import ServerContext, UnitOfWork


@dataclass(frozen=True, slots=True)
class Imported:
    code: str
    is_new: bool
    departments: int
    procedures: int
    counters: int


def import_centre(site: ServerContext, centre: Centre) -> Imported:
    """Load or update `centre`. Raises `InvalidTransition` when visitors are in a queue or at a counter that it retires,
    and when a new prefix would spell the offline numbers of a kiosk.
    """
    with site.write_without_lock() as connection:
        earlier = _centre_id(connection, centre.code)
        centre_id = earlier or _make_centre(connection, centre)
        transaction = site.begin(connection, system_actor(centre_id))
        _update_centre(transaction, centre)
        departments = _put_departments(transaction, centre)
        _put_procedures(transaction, centre, departments)
        counters = _put_counters(transaction, centre)
        _put_links(transaction, centre, departments, counters)
        check_import(transaction, centre)
        transaction.write_journal("imported", departments=len(departments), counters=len(counters))
        transaction.end()
    site.announce(centre_id, urgent=False)
    return Imported(centre.code, not earlier, len(centre.departments), len(centre.procedures), len(centre.counters))


def _centre_id(connection: Connection, code: str) -> int | None:
    return connection.execute(select(tables.centre.c.id).where(tables.centre.c.code == code)).scalar()


def _make_centre(connection: Connection, centre: Centre) -> int:
    statement = insert(tables.centre).returning(tables.centre.c.id)
    return int(connection.execute(statement, {"code": centre.code, **_about(centre)}).scalar_one())


def _about(centre: Centre) -> dict[str, Any]:
    dumped = centre.model_dump(
        mode="json", include={"name", "short", "languages", "hours", "priority", "slip_note", "queues_first"}
    )
    # In this column until the table has one of its own: it is the centre's only open-ended one.
    dumped["priority"]["elsewhere"] = [one.model_dump() for one in centre.elsewhere]
    return dumped | {"timezone": centre.timezone, "address": centre.address, "emblem": centre.emblem}


def _update_centre(transaction: UnitOfWork, centre: Centre) -> None:
    table = tables.centre
    statement = update(table).where(table.c.id == transaction.centre_id)
    values = _about(centre) | {"catalogue_version": table.c.catalogue_version + 1}
    transaction.connection.execute(statement.values(**values))


def _put_departments(transaction: UnitOfWork, centre: Centre) -> dict[str, int]:
    table = tables.department
    # Prefixes may move from one department to another: all are let go first, then given anew.
    transaction.connection.execute(update(table).where(table.c.centre_id == transaction.centre_id).values(active=False))
    entries = [
        {
            "code": department.code,
            "prefix": department.prefix,
            "name": department.name,
            "short": department.short,
            "area": department.area,
            "pictogram": department.pictogram,
            "position": department.position,
            "active": True,
        }
        for department in centre.departments
    ]
    return _put(transaction, table, entries)


def _put_procedures(transaction: UnitOfWork, centre: Centre, departments: dict[str, int]) -> None:
    table = tables.procedure
    transaction.connection.execute(update(table).where(table.c.centre_id == transaction.centre_id).values(active=False))
    entries = [
        {
            "code": procedure.code,
            "department_id": departments[procedure.department],
            "name": procedure.name,
            "short": procedure.short,
            "limit_value": procedure.limit_value,
            "limit_unit": procedure.limit_unit,
            "limit_note": dump_remarks(procedure),
            "minutes": procedure.minutes,
            "papers": procedure.papers,
            "also": procedure.also,
            "official_code": procedure.official_code,
            "position": position,
            "active": True,
        }
        for position, procedure in enumerate(centre.procedures, start=1)
    ]
    _put(transaction, table, entries)


def _put_counters(transaction: UnitOfWork, centre: Centre) -> dict[str, int]:
    table = tables.counter
    transaction.connection.execute(update(table).where(table.c.centre_id == transaction.centre_id).values(active=False))
    entries = [
        {
            "code": counter.code,
            "name": counter.name,
            "short": counter.short,
            "area": counter.area,
            "position": position,
            "ranked": counter.order == "ranked",
            "active": True,
        }
        for position, counter in enumerate(centre.counters, start=1)
    ]
    return _put(transaction, table, entries, only_new={"state": "closed"})


def _put_links(transaction: UnitOfWork, centre: Centre, departments: dict[str, int], counters: dict[str, int]) -> None:
    table = tables.counter_department
    transaction.connection.execute(delete(table).where(table.c.centre_id == transaction.centre_id))
    links = [
        {
            "centre_id": transaction.centre_id,
            "counter_id": counters[counter.code],
            "department_id": departments[code],
            "rank": rank,
            "weight": counter.weights[rank] if counter.weights else 1.0,
        }
        for counter in centre.counters
        for rank, code in enumerate(counter.departments)
    ]
    transaction.connection.execute(insert(table), links)


def _put(
    transaction: UnitOfWork, table: Any, entries: list[dict[str, Any]], only_new: dict[str, Any] | None = None
) -> dict[str, int]:
    """Insert or update by code; the ids by code."""
    query = select(table.c.code, table.c.id).where(table.c.centre_id == transaction.centre_id)
    ids = {code: int(row_id) for code, row_id in transaction.connection.execute(query)}
    for entry in entries:
        if entry["code"] in ids:
            transaction.connection.execute(update(table).where(table.c.id == ids[entry["code"]]).values(**entry))
        else:
            values = entry | (only_new or {}) | {"centre_id": transaction.centre_id}
            made = transaction.connection.execute(insert(table).returning(table.c.id), values).scalar_one()
            ids[entry["code"]] = int(made)
    return {entry["code"]: ids[entry["code"]] for entry in entries}
