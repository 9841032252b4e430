"""Names of staff by id. What happened is kept with ids; the name is looked up when it is shown."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from display_server.db import tables

staff, device = tables.staff, tables.device
AT_ONCE = 500


def names_of(connection: Connection, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these members of staff; `#7` for one who is not there any more."""
    wanted = sorted({each for each in ids if each is not None})
    names = {each: f"#{each}" for each in wanted}
    for start in range(0, len(wanted), AT_ONCE):
        query = select(staff.c.id, staff.c.name).where(staff.c.id.in_(wanted[start : start + AT_ONCE]))
        names |= {row.id: row.name for row in connection.execute(query)}
    return names


def name_of(connection: Connection, member_id: int | None) -> str | None:
    """The name of one; None for nobody."""
    return names_of(connection, [member_id]).get(member_id) if member_id is not None else None


def actor_names(
    connection: Connection, centre_id: int, actors: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """The names of those who acted, by kind and id: staff, devices, or the server itself."""
    wanted = set(actors)
    people = names_of(connection, [number for kind, number in wanted if kind == "staff"])
    query = select(device.c.id, device.c.name).where(device.c.centre_id == centre_id)
    devices = {row.id: row.name for row in connection.execute(query)}
    names = {}
    for kind, number in wanted:
        if kind == "system":
            names[kind, number] = "motcua"
        elif kind == "staff":
            names[kind, number] = people[number]
        else:
            names[kind, number] = devices.get(number, f"#{number}")
    return names
