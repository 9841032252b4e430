"""Ids after a restore: they go on far from those that slips, screens and kiosks may still hold."""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, func, select, text


def leap(connection: Connection, table: Table, first_id: int | None, count: int) -> Iterator[int] | None:
    """Ids for `count` rows to insert into `table`, when they are the first after a restore; None: as usual.

    Later rows count on from these by themselves.
    """
    if first_id is None:
        return None
    last = connection.execute(select(func.max(table.c.id))).scalar() or 0
    if last >= first_id:
        return None
    if connection.dialect.name == "postgresql":
        move = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
        connection.execute(move, {"name": table.name, "last": first_id})
        return None
    return iter(range(first_id + 1, first_id + count + 1))
