"""Text that no database and no page can hold is cleaned

NUL and half characters end every page that shows them, and PostgreSQL takes no NUL: a hall could not move there. Blanks
around a staff name shut its bearer out. The journal and what its lines commit to stay: a change would break the chain.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

# Frozen as they were when this migration was written.
REFUSED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef]+"
)
UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060-\u2064\ufeff]")
LONGEST_NAME = 64

NAMES = {"call": ["clerk"], "counter": ["staff"], "reprint": ["asked_by"], "announcement": ["written_by"]}
WORDS = {
    "centre": ["address"], "department": ["area"], "procedure": ["limit_note"], "counter": ["area", "break_reason"],
    "ticket": ["note"], "reprint": ["reason"], "device": ["agent"],
}  # fmt: skip
DOCUMENTS = {
    "centre": ["name", "short", "slip_note", "priority"], "department": ["name", "short"], "counter": ["name", "short"],
    "procedure": ["name", "short", "papers", "also"], "announcement": ["text"], "device": ["screen", "report"],
    "request": ["answer"],
}  # fmt: skip


def upgrade() -> None:
    there = _columns()
    _clean_keys("device", "name", there)
    renamed = _clean_keys("staff", "name", there)
    for table, column in _present(NAMES, there):
        _clean_words(table, column, lambda name: renamed.get(name) or _name(name))
    for table, column in _present(WORDS, there):
        _clean_words(table, column, _words)
    for table, column in _present(DOCUMENTS, there):
        _clean_documents(table, column)


def downgrade() -> None:
    """What was cleaned stays clean: an older Motcua reads it as well."""


def _columns() -> dict[str, set[str]]:
    found = sa.inspect(op.get_bind())
    return {table: {column["name"] for column in found.get_columns(table)} for table in found.get_table_names()}


def _present(wanted: dict[str, list[str]], there: dict[str, set[str]]) -> list[tuple[str, str]]:
    return [(table, column) for table, names in wanted.items() for column in names if column in there.get(table, ())]


def _words(text: str) -> str:
    return unicodedata.normalize("NFC", REFUSED.sub(" ", text)).strip()


def _name(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(UNSEEN.sub("", _words(text)).split()))[:LONGEST_NAME].strip()


def _clean_keys(table: str, column: str, there: dict[str, set[str]]) -> dict[str, str]:
    """Names that are looked up: each gets its one form, with a number behind it where another has it. Old: new."""
    if column not in there.get(table, ()):
        return {}
    rows = sa.table(table, sa.column("id"), sa.column("centre_id"), sa.column(column))
    found = op.get_bind().execute(sa.select(rows.c.id, rows.c.centre_id, rows.c[column]).order_by(rows.c.id)).all()
    # Names that are right already are not touched, whoever comes after them; one name in two centres is two names.
    taken = {name for _, _, name in found if name == _name(name)}
    renamed = {}
    for row_id, _, name in found:
        if name == _name(name) and name:
            continue
        new = _free(_name(name) or f"{table} {row_id}", taken)
        taken.add(new)
        renamed[name] = new
        op.get_bind().execute(sa.update(rows).where(rows.c.id == row_id).values({column: new}))
    return renamed


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name[: LONGEST_NAME - 8]} ({number})"
    return free


def _clean_words(table: str, column: str, clean: Callable[[str], str]) -> None:
    rows = sa.table(table, sa.column(column, sa.Text()))
    values = op.get_bind().execute(sa.select(rows.c[column]).where(rows.c[column].is_not(None)).distinct()).scalars()
    for value in list(values):
        cleaned = clean(value)
        if cleaned != value:
            op.get_bind().execute(sa.update(rows).where(rows.c[column] == value).values({column: cleaned}))


def _clean_documents(table: str, column: str) -> None:
    """JSON: both databases keep escapes such as \\u0000 and \\ud83d, and SQLite numbers that are none."""
    keys = ["centre_id", "request_id"] if table == "request" else ["id"]
    columns: list[Any] = [sa.column(key) for key in keys]
    rows = sa.table(table, *columns, sa.column(column, sa.JSON()))
    raw: Any = sa.cast(rows.c[column], sa.Text())
    if op.get_bind().dialect.name == "sqlite":
        raw = sa.type_coerce(rows.c[column], sa.Text())
    query = sa.select(*[rows.c[key] for key in keys], raw).where(rows.c[column].is_not(None))
    changed = []
    for *key, text in op.get_bind().execute(query.execution_options(yield_per=1000)):
        stored = json.loads(text)
        cleaned = _clean(stored)
        if json.dumps(cleaned) != json.dumps(stored):
            changed.append((key, cleaned))
    for key, cleaned in changed:
        here = sa.and_(*[rows.c[name] == value for name, value in zip(keys, key, strict=True)])
        op.get_bind().execute(sa.update(rows).where(here).values({column: cleaned}))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return (_words(value) or "?") if REFUSED.search(value) else value
    if isinstance(value, dict):
        return {_clean(key): _clean(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
