"""All centres of one server at a glance: for the technician of a province, who changes nothing there."""

from collections import Counter

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import select

from display_server.db import tables
from display_server.services.core.business_day import is_open_now
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import Short, Text
from display_server.services.kiosks.status import all_kiosks
from display_server.services.reporting.dashboard import departments_today


class CentreToday(BaseModel):
    """`longest_wait_seconds`: of those who still wait. `troubles`: kiosks and printers that need somebody."""

    code: str
    name: Text
    short: Short
    open: bool
    waiting: int
    longest_wait_seconds: int
    issued: int
    finished: int
    kiosks: int
    troubles: list[str]


class Province(BaseModel):
    now: AwareDatetime
    centres: list[CentreToday]


def province(site: ServerContext) -> Province:
    """Every centre now, those with trouble first, then by the longest wait."""
    now = site.clock()
    kiosks: Counter[int] = Counter()
    troubles: dict[int, list[str]] = {}
    for centre_id, kiosk in all_kiosks(site):
        kiosks[centre_id] += 1
        troubles.setdefault(centre_id, []).extend(f"{kiosk.name}: {name}" for name in kiosk.trouble[:1])
    shown = []
    with site.read() as connection:
        for centre_id in connection.execute(select(tables.centre.c.id)).scalars().all():
            catalogue = site.catalogue(connection, centre_id)
            queues = departments_today(site, connection, catalogue, now)
            shown.append(
                CentreToday(
                    code=catalogue.code,
                    name=catalogue.name,
                    short=catalogue.short,
                    open=is_open_now(site, connection, catalogue),
                    waiting=sum(queue.waiting for queue in queues),
                    longest_wait_seconds=max(
                        (queue.longest_wait_seconds for queue in queues if queue.waiting), default=0
                    ),
                    issued=sum(queue.issued for queue in queues),
                    finished=sum(queue.finished for queue in queues),
                    kiosks=kiosks[centre_id],
                    troubles=troubles.get(centre_id, []),
                )
            )
    shown.sort(key=lambda centre: (not centre.troubles, -centre.longest_wait_seconds, centre.code))
    return Province(now=now, centres=shown)
