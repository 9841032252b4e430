"""A queue whose counters are all on a break or closed: those who wait are told, and until when."""

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import select

from display_server.db import tables
from display_server.domain.state_machine import CounterState
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.context import ServerContext

counters = tables.counter


class QueueBreak(BaseModel):
    back_at: AwareDatetime | None  # of the counter that is back first, where it said so


def pause_of(
    site: ServerContext, catalogue: Catalogue, department: str, counter_id: int | None = None
) -> QueueBreak | None:
    """None while a counter of this queue is open, or when none is on a break: before the morning it is only closed.

    `counter_id`: the only counter that may call the visitor, who was sent there.
    """
    queue = catalogue.department(department).id
    mine = [counter.id for counter in catalogue.counters.values() if queue in counter.departments]
    mine = mine if counter_id is None else [counter_id]
    with site.read() as connection:
        rows = connection.execute(select(counters.c.state, counters.c.back_at).where(counters.c.id.in_(mine))).all()
    states = {row.state for row in rows}
    if CounterState.OPEN in states or CounterState.BREAK not in states:
        return None
    now = site.clock()
    back = [row.back_at for row in rows if row.state == CounterState.BREAK and row.back_at and row.back_at > now]
    return QueueBreak(back_at=min(back, default=None))
