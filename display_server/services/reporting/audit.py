"""The audit log: the journal, read back to see whether every line and every text is there as it was written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from display_server.db import tables
from display_server.db.copies.consistency import unsound
from display_server.db.schema import schema_check as shape
from display_server.domain.audit_chain import GENESIS_HASH, commitment, line_hash
from display_server.services.core.context import ServerContext
from display_server.services.keys.commitments import KINDS, Kind, commitments_of, open_text, shown, texts_of
from display_server.services.keys.keys import Keys
from display_server.services.staff.names import actor_names

AT_ONCE = 1000  # lines read from the database in one go

journal, audit_text = tables.journal, tables.audit_text


@dataclass
class Day:
    """`seal`: the hash of the day's last line, which stands for all lines up to it."""

    lines: int = 0
    daily_digest: str = ""


@dataclass
class Findings:
    """`problems`: one sentence each. `texts`: how many stand beside the log; `erased`: how many did.

    `unreadable`: texts that no key here opens: they can be neither shown nor held against the chain.
    """

    days: dict[date, Day] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    texts: int = 0
    erased: int = 0
    unreadable: int = 0


def verify(site: ServerContext, centre_id: int) -> Findings:
    """Every line of the centre held against the chain, every text against its line.

    What was changed, added or removed is named in `problems`. An erased text is none, as its erasing is a line itself.
    """
    found, previous = Findings(), GENESIS_HASH
    texts = _Texts(found)
    with site.read() as connection:
        head = connection.execute(
            select(tables.centre.c.journal_hash).where(tables.centre.c.id == centre_id)
        ).scalar_one()
        for line in _lines(connection, centre_id):
            if line["hash"] != line_hash(previous, line):
                found.problems.append(
                    f"line {line['id']} of {line['business_day']} was changed, or one before it was removed or added"
                )
            previous = line["hash"] or previous
            day = found.days.setdefault(line["business_day"], Day())
            day.lines, day.daily_digest = day.lines + 1, previous
            texts.read(line)
            if line["action"] == "rechained" and (broken := (line["details"] or {}).get("broken")):
                found.problems.append(f"{broken} lines did not fit the chain before it was made anew (migration 0016)")
        texts.check(connection, site.keys, centre_id)
    if previous != head:
        found.problems.append("the last lines were removed, or lines were added behind them")
    return found


def schema_problems(site: ServerContext) -> list[str]:
    """What is not as this Motcua's schema has it, one sentence each: without its triggers lines can be changed, and one
    of somebody else's may change what is written.
    """
    with site.read() as connection:
        return shape.problems(connection)


def data_problems(site: ServerContext) -> list[str]:
    """What in any table makes no sense, one sentence each. Lines that cannot be read fit no chain."""
    with site.read() as connection:
        return unsound(connection, site.clock().date())


@dataclass
class _Texts:
    """What the lines say of the texts beside them."""

    found: Findings
    kept: dict[str, int] = field(default_factory=dict)  # the line of each commitment that was not erased
    kinds: dict[str, set[Kind]] = field(default_factory=dict)  # whose time limits its fields have
    written: dict[str, set[datetime]] = field(default_factory=dict)  # from when its time limit counts

    def read(self, line: dict[str, Any]) -> None:
        for name, each in (line["sealed"] or {}).items():
            self.kept[each] = line["id"]
            self.kinds.setdefault(each, set()).add(KINDS[name])
            self.written.setdefault(each, set()).add(line["at"])
        if line["action"] == "erased":
            gone = (line["details"] or {}).get("gone", [])
            self.found.erased += len(gone)
            for each in gone:
                if self.kept.pop(each, None) is None:
                    self.found.problems.append(f"line {line['id']} erases a text that no line before it has")

    def check(self, connection: Connection, keys: Keys, centre_id: int) -> None:
        query = select(audit_text).where(audit_text.c.centre_id == centre_id)
        for row in connection.execution_options(yield_per=AT_ONCE).execute(query):
            self.found.texts += 1
            line_id = self.kept.pop(row.commitment, None)
            if line_id is None:
                self.found.problems.append(f"a text of {row.at:%Y-%m-%d} belongs to no line, or was erased before")
                continue
            if row.kind not in self.kinds.pop(row.commitment):
                self.found.problems.append(f"a text of line {line_id} was given another time limit")
            if row.at not in self.written.pop(row.commitment):
                self.found.problems.append(
                    f"a text of line {line_id} was given another date, from which its limit counts"
                )
            text = open_text(keys, row)
            if row.text is None and row.plain is None:
                self.found.problems.append(f"a text of line {line_id} was emptied")
            elif text is None:
                self.found.unreadable += 1
            elif commitment(row.salt, text) != row.commitment:
                self.found.problems.append(f"a text of line {line_id} was changed")
        self.found.problems += [
            f"a text of line {each} was removed, and no line says so" for each in sorted(set(self.kept.values()))
        ]


def export(site: ServerContext, centre_id: int, first: date | None, last: date | None) -> Iterator[dict[str, Any]]:
    """The journal's lines of the business days `first` to `last` (None: without end), oldest first, ready for JSON.

    `actor`: the name of whoever acted, `texts`: what stands beside the line, both as far as they are still kept.
    """
    with site.read() as connection:
        lines = _lines(connection, centre_id, first, last)
        while some := list(islice(lines, AT_ONCE)):
            yield from _with_texts(connection, site.keys, centre_id, some)


def _with_texts(
    connection: Connection, keys: Keys, centre_id: int, lines: list[dict[str, Any]]
) -> Iterable[dict[str, Any]]:
    names = actor_names(connection, centre_id, {(line["actor_kind"], line["actor_id"]) for line in lines})
    texts = texts_of(connection, keys, commitments_of(lines))
    for line in lines:
        said = shown(texts, line["sealed"])
        actor = said.get("actor") or names[line["actor_kind"], line["actor_id"]]
        day = {"at": line["at"].isoformat(), "business_day": line["business_day"].isoformat()}
        yield line | day | {"actor": actor, "texts": said or None}


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
