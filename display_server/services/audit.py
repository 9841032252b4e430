"""The audit trail: the journal, read back to see whether every line is there as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select

from display_server.rules.audit_chain import FIRST, line_hash
from display_server.services.site import Site
from display_server.store import shape, tables

AT_ONCE = 1000  # lines read from the database in one go

journal = tables.journal


@dataclass
class Day:
    """`seal`: the hash of the day's last line, which stands for all lines up to it."""

    lines: int = 0
    seal: str = ""


@dataclass
class Findings:
    """`problems`: one sentence each. `unchained`: lines from before there was a chain."""

    days: dict[date, Day] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unchained: int = 0


def verify(site: Site, centre_id: int) -> Findings:
    """Every line of the centre held against the chain. What was changed or removed is named in `problems`."""
    found, previous = Findings(), FIRST
    with site.read() as connection:
        head = connection.execute(
            select(tables.centre.c.journal_hash).where(tables.centre.c.id == centre_id)
        ).scalar_one()
        for line in _lines(connection, centre_id):
            if line["hash"] is None and previous == FIRST:
                found.unchained += 1
                continue
            if line["hash"] != line_hash(previous, line):
                found.problems.append(
                    f"line {line['id']} of {line['business_day']} was changed, or one before it was removed or added"
                )
            previous = line["hash"] or previous
            day = found.days.setdefault(line["business_day"], Day())
            day.lines, day.seal = day.lines + 1, previous
    if previous != head:
        found.problems.append("the last lines were removed, or lines were added behind them")
    return found


def schema_problems(site: Site) -> list[str]:
    """What is not as this Motcua's schema has it, one sentence each: without its triggers lines can be changed, and one
    of somebody else's may change what is written.
    """
    with site.read() as connection:
        return shape.problems(connection)


def export(site: Site, centre_id: int, first: date | None, last: date | None) -> Iterator[dict[str, Any]]:
    """The journal's lines of the business days `first` to `last` (None: without end), oldest first, ready for JSON."""
    with site.read() as connection:
        for line in _lines(connection, centre_id, first, last):
            yield line | {"at": line["at"].isoformat(), "business_day": line["business_day"].isoformat()}


def _lines(
    connection: Any, centre_id: int, first: date | None = None, last: date | None = None
) -> Iterator[dict[str, Any]]:
    # In the order of `id`, always: an index by day would have all of them sorted before the first is read.
    query = select(journal).where(journal.c.centre_id + 0 == centre_id).order_by(journal.c.id)
    days = [journal.c.business_day >= first] if first is not None else []
    days += [journal.c.business_day <= last] if last is not None else []
    if days:
        # Of `id` itself PostgreSQL takes the smallest by walking along the whole journal up to that day.
        ends = select(func.min(journal.c.id + 0), func.max(journal.c.id + 0)).where(
            journal.c.centre_id == centre_id, *days
        )
        query = query.where(journal.c.id.between(*connection.execute(ends).one()), *days)
    rows = connection.execution_options(yield_per=AT_ONCE).execute(query)
    return (dict(row) for row in rows.mappings())
