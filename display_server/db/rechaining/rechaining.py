"""Migration 0016: the audit log's lines get ids and commitments, their texts and names go beside them, and the chain is
made once more over what is left. Frozen: it knows both forms of a line as they were at that revision.

The old chain is checked on the way: the last line says what its head was and how many lines did not fit it, so that a
log that was changed before does not become a whole one. All in the migration's one transaction, in batches.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam, insert, select, update

from display_server.db.rechaining import old_names
from display_server.db.rechaining.tables import audit_text, centre, counter, journal, request, staff, ticket

AT_ONCE = 2000
# Older versions took these in announcements and, on SQLite, in notes: no text column holds them everywhere.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
KINDS = {"note": "note", "reason": "note", "priority": "visit", "announcement": "visit", "address": "address"}
KINDS |= {"name": "person", "actor": "person", "device": "device", "device_was": "device"}
COUNTED = ("lines", "unchained", "broken")

Line = dict[str, Any]


@dataclass
class Chain:
    """One centre's. `broken`: lines that did not fit the chain as it was; `unchained`: from before there was one."""

    head: str = ""  # as the centre's row had it
    before: str = ""
    after: str = ""
    lines: int = 0
    unchained: int = 0
    broken: int = 0
    last: Line | None = None


@dataclass
class Moved:
    """What a batch moves beside the log, and where each ticket's note and each break's reason went."""

    notes: dict[int, tuple[str, str]] = field(default_factory=dict)
    reasons: dict[int, tuple[str, str]] = field(default_factory=dict)
    texts: list[Line] = field(default_factory=list)

    def seal(self, line: Line, name: str, text: Any) -> str:
        """Keep `text`; its commitment. A text that an earlier way down left encrypted is taken up as it was."""
        was = text if isinstance(text, dict) else None
        salt = bytes.fromhex(was["salt"]) if was else secrets.token_bytes(32)
        plain = UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", str(text))
        made = was["commitment"] if was else hashlib.sha256(salt + plain.encode()).hexdigest()
        self.texts.append({
            "commitment": made,
            "centre_id": line["centre_id"],
            "kind": KINDS[name],
            "at": line["at"],
            "salt": salt,
            "text": was["encrypted"] if was else None,
            "plain": None if was else plain,
        })  # fmt: skip
        return str(made)

    def write(self, connection: Connection) -> None:
        if self.texts:
            connection.execute(insert(audit_text), self.texts)
            self.texts = []


def up(connection: Connection) -> None:
    """Every line from its first form to its second."""
    names, moved = old_names.Names(connection), Moved()
    chains = {row.id: Chain(row.journal_hash) for row in connection.execute(select(centre))}
    for lines in _batches(connection):
        for line in lines:
            _check(chains[line["centre_id"]], line)
            sealed = names.take_out(line)
            line["sealed"] = {name: moved.seal(line, name, text) for name, text in sealed.items()} or None
            _remember(moved, line, sealed)
            _chain(chains[line["centre_id"]], line, _second_hash)
        _store(connection, lines, "actor_id", "details", "sealed", "hash")
        moved.write(connection)
    _point_to_texts(connection, chains, moved)
    _end(connection, chains, _second_hash)
    _strip_requests(connection)
    now = datetime.now(UTC)
    connection.execute(update(staff).where(~staff.c.active).values(left_at=now))
    connection.execute(update(counter).values(last_step=None))  # it holds notes; a step is taken back within seconds


def down(connection: Connection) -> None:
    """Every line from its second form to its first; what was erased stays erased."""
    names = old_names.Names(connection)
    chains = {row.id: Chain(row.journal_hash) for row in connection.execute(select(centre))}
    for lines in _batches(connection):
        texts = _texts_of(connection, lines)
        for line in lines:
            fits = line["hash"] == _second_hash(chains[line["centre_id"]].before, line)
            chains[line["centre_id"]].broken += not fits
            chains[line["centre_id"]].before = line["hash"] or ""
            names.put_back(line, {name: texts.get(each) for name, each in (line["sealed"] or {}).items()})
            _chain(chains[line["centre_id"]], line, _first_hash)
        _store(connection, lines, "actor", "address", "details", "hash")
    _end(connection, chains, _first_hash)
    for table, column in ((ticket, ticket.c.note), (counter, counter.c.break_reason)):
        plain = select(audit_text.c.plain).where(audit_text.c.commitment == column).scalar_subquery()
        connection.execute(update(table).where(column.is_not(None)).values({column: plain}))


def _batches(connection: Connection) -> Iterator[list[Line]]:
    last = 0
    columns = {each["name"] for each in sa.inspect(connection).get_columns("journal")}
    query = select(*[each for each in journal.c if each.name in columns]).order_by(journal.c.id).limit(AT_ONCE)
    while rows := connection.execute(query.where(journal.c.id > last)).mappings().all():
        last = rows[-1]["id"]
        yield [dict(row) | {"at": _aware(row["at"])} for row in rows]


def _store(connection: Connection, lines: list[Line], *columns: str) -> None:
    statement = update(journal).where(journal.c.id == bindparam("the_id"))
    values = {name: bindparam(f"the_{name}", type_=journal.c[name].type) for name in columns}
    rows = [{"the_id": line["id"]} | {f"the_{name}": line[name] for name in columns} for line in lines]
    connection.execute(statement.values(values), rows)


def _check(chain: Chain, line: Line) -> None:
    if line["hash"] is None and chain.before == "":
        chain.unchained += 1
        return
    chain.broken += line["hash"] != _first_hash(chain.before, line)
    chain.before = line["hash"] or chain.before


def _chain(chain: Chain, line: Line, hash_of: Any) -> None:
    line["hash"] = chain.after = hash_of(chain.after, line)
    chain.lines, chain.last = chain.lines + 1, line


def _remember(moved: Moved, line: Line, texts: Line) -> None:
    if line["ticket_id"] is not None and "note" in texts:
        moved.notes[line["ticket_id"]] = (texts["note"], line["sealed"]["note"])
    if line["counter_id"] is not None and "reason" in texts:
        moved.reasons[line["counter_id"]] = (texts["reason"], line["sealed"]["reason"])


def _point_to_texts(connection: Connection, chains: dict[int, Chain], moved: Moved) -> None:
    """A ticket's note and a break's reason become the commitment of their text; one of no line gets a line."""
    for table, column, known, name in (
        (ticket, ticket.c.note, moved.notes, "note"),
        (counter, counter.c.break_reason, moved.reasons, "reason"),
    ):
        rows = connection.execute(select(table.c.id, table.c.centre_id, column).where(column.is_not(None))).all()
        for number, centre_id, text in rows:
            was, made = known.get(number, (None, ""))
            if was != text:
                made = _line_of_its_own(connection, chains[centre_id], moved, table.name, number, name, text)
            connection.execute(update(table).where(table.c.id == number).values({column: made}))
    moved.write(connection)


def _line_of_its_own(
    connection: Connection, chain: Chain, moved: Moved, table: str, number: int, name: str, text: str
) -> str:
    if chain.last is None:
        return ""
    line = _next_line(chain, "noted") | {f"{table}_id": number}
    made = moved.seal(line, name, text)
    line["sealed"] = {name: made}
    _add(connection, chain, line, _second_hash)
    return made


def _end(connection: Connection, chains: dict[int, Chain], hash_of: Any) -> None:
    for centre_id, chain in chains.items():
        if chain.last is None:
            continue
        counted = {name: getattr(chain, name) for name in COUNTED}
        counted["broken"] += chain.before != chain.head
        told = {"old_head": chain.head, "new_head": chain.after, "on": datetime.now(UTC).isoformat()} | counted
        _add(connection, chain, _next_line(chain, "rechained") | {"details": told}, hash_of)
        connection.execute(update(centre).where(centre.c.id == centre_id).values(journal_hash=chain.after))


def _next_line(chain: Chain, action: str) -> Line:
    """Of the server, at the moment of the last line: its day and its clock are the centre's."""
    last = chain.last or {}
    same = {name: last[name] for name in ("centre_id", "at", "tick", "business_day")}
    empty: Line = dict.fromkeys(("ticket_id", "number", "counter_id", "address", "details", "sealed"))
    return same | empty | {"action": action, "actor_kind": "system", "actor_id": 0, "actor": "motcua"}


def _add(connection: Connection, chain: Chain, line: Line, hash_of: Any) -> None:
    _chain(chain, line, hash_of)
    connection.execute(insert(journal).values(line))


def _texts_of(connection: Connection, lines: list[Line]) -> dict[str, Any]:
    """Plain texts as they are; encrypted ones with all that the way up needs to take them up again."""
    wanted = [each for line in lines for each in (line["sealed"] or {}).values()]
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), 500):
        query = select(audit_text).where(audit_text.c.commitment.in_(wanted[start : start + 500]))
        for row in connection.execute(query):
            kept = {"encrypted": row.text, "salt": row.salt.hex(), "commitment": row.commitment}
            found[row.commitment] = row.plain if row.plain is not None else kept
    return found


def _strip_requests(connection: Connection) -> None:
    """What was asked, which may hold a note, becomes its hash; answers lose notes and names."""
    key = (request.c.centre_id == bindparam("the_centre")) & (request.c.request_id == bindparam("the_request"))
    values = {
        "fingerprint": bindparam("asked"),
        "answer": bindparam("kept", type_=request.c.answer.type),
    }
    rows = connection.execute(select(request).where(request.c.fingerprint.like("[%"))).all()
    changes = [
        {
            "the_centre": row.centre_id,
            "the_request": row.request_id,
            "asked": hashlib.sha256(row.fingerprint.encode()).hexdigest(),
            "kept": _lean(row.answer),
        }
        for row in rows
    ]
    for start in range(0, len(changes), AT_ONCE):
        connection.execute(update(request).where(key).values(values), changes[start : start + AT_ONCE])


def _lean(answer: Any) -> Any:
    if not isinstance(answer, dict):
        return answer
    if isinstance(answer.get("call"), dict):
        answer["call"]["note"] = None
    return answer | {"asked_by": ""} if "asked_by" in answer else answer


def _aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _first_hash(previous: str, line: Line) -> str:
    told = [previous, *_common(line)[:-1], line["actor_kind"], line["actor"], line["address"], line["details"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _second_hash(previous: str, line: Line) -> str:
    told = [2, previous, *_common(line), line["actor_id"], line["details"], line["sealed"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _common(line: Line) -> list[Any]:
    at, day = line["at"].astimezone(UTC).isoformat(), line["business_day"].isoformat()
    first = [line["centre_id"], at, line["tick"], day, line["action"]]
    return [*first, line["ticket_id"], line["number"], line["counter_id"], line["actor_kind"]]
