"""How often each queue was used lately: kiosks show the most used ones first."""

from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from display_server.db import tables
from display_server.services.catalogue.catalogue import Catalogue, Department

COUNTED = timedelta(weeks=4)


class UsageBook:
    """The numbers of the four weeks before a business day, counted once for that day: no order changes within it."""

    def __init__(self) -> None:
        self._counted: dict[int, tuple[date, dict[int, int]]] = {}

    def in_order(self, connection: Connection, catalogue: Catalogue, day: date) -> list[Department]:
        """The departments as kiosks show them: `queues_first` of the centre, the most used, then by their position."""
        first = {code: place for place, code in enumerate(catalogue.queues_first)}
        counted = self._get(connection, catalogue.centre_id, day)
        return sorted(
            catalogue.departments.values(),
            key=lambda department: (first.get(department.code, len(first)), -counted.get(department.id, 0)),
        )

    def _get(self, connection: Connection, centre_id: int, day: date) -> dict[int, int]:
        held = self._counted.get(centre_id)
        if held is None or held[0] != day:
            held = (day, _count(connection, centre_id, day))
            self._counted[centre_id] = held
        return held[1]


def _count(connection: Connection, centre_id: int, day: date) -> dict[int, int]:
    ticket = tables.ticket
    query = (
        select(ticket.c.department_id, func.count())
        .where(ticket.c.centre_id == centre_id, ticket.c.business_day >= day - COUNTED, ticket.c.business_day < day)
        .group_by(ticket.c.department_id)
    )
    return {department_id: count for department_id, count in connection.execute(query)}  # noqa: C416 - rows, not pairs
