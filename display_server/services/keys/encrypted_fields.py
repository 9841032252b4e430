"""Encrypted columns as a whole: what can be read, and everything written anew under the newest key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, tuple_, update

from display_server.db.encrypted_columns import ENCRYPTED, EncryptedColumn
from display_server.db.engine import read_transaction, write_transaction
from display_server.services.keys.keys import Keys, UnreadableField

ROWS_AT_ONCE = 200  # in one transaction: a ticket never waits long for it
MOST_LOOKED_AT = 20_000  # newest rows of each column that a start looks at


@dataclass(frozen=True)
class FieldCount:
    """Of one encrypted column: how many fields were looked at, and how many no key opens."""

    name: str
    looked_at: int
    unreadable: int


def count_fields(
    engine: Engine, keys: Keys, columns: Sequence[EncryptedColumn] | None = None, most: int = MOST_LOOKED_AT
) -> list[FieldCount]:
    """What can be read of each encrypted column, its `most` newest fields."""
    return [_count(engine, keys, each, most) for each in (ENCRYPTED if columns is None else columns)]


def rewrite_fields(engine: Engine, keys: Keys, columns: Sequence[EncryptedColumn] | None = None) -> list[FieldCount]:
    """Every field, and its look-up, under the newest key, in short transactions. What cannot be read stays as it is."""
    return [_rewrite(engine, keys, each) for each in (ENCRYPTED if columns is None else columns)]


def _count(engine: Engine, keys: Keys, column: EncryptedColumn, most: int) -> FieldCount:
    ids = column.column.table.primary_key.columns
    query = select(column.column).where(column.column.is_not(None)).order_by(*[each.desc() for each in ids]).limit(most)
    with read_transaction(engine) as connection:
        tokens = connection.execute(query).scalars().all()
    return FieldCount(column.name, len(tokens), sum(_text(keys, token) is None for token in tokens))


def _rewrite(engine: Engine, keys: Keys, column: EncryptedColumn) -> FieldCount:
    looked_at = unreadable = 0
    for rows in _batches(engine, column):
        with write_transaction(engine) as connection:
            unreadable += sum(not _rewrite_row(connection, keys, column, row) for row in rows)
        looked_at += len(rows)
    return FieldCount(column.name, looked_at, unreadable)


def _batches(engine: Engine, column: EncryptedColumn) -> Iterator[Sequence[Row[Any]]]:
    """All rows with a field, in the order of their keys; read one batch at a time, so nothing stays locked."""
    ids = list(column.column.table.primary_key.columns)
    query = select(*ids, *_fields(column)).where(column.column.is_not(None)).order_by(*ids).limit(ROWS_AT_ONCE)
    last: tuple[Any, ...] | None = None
    while True:
        after = query if last is None else query.where(tuple_(*ids) > last)
        with read_transaction(engine) as connection:
            rows = connection.execute(after).all()
        if not rows:
            return
        yield rows
        last = tuple(rows[-1][: len(ids)])


def _fields(column: EncryptedColumn) -> list[Any]:
    return [column.column] if column.lookup is None else [column.column, column.lookup]


def _rewrite_row(connection: Connection, keys: Keys, column: EncryptedColumn, row: Row[Any]) -> bool:
    """False: it cannot be read. A field that was changed meanwhile is left: it is under the newest key already."""
    ids = list(column.column.table.primary_key.columns)
    token = row[len(ids)]
    text = _text(keys, token)
    if text is None:
        return False
    values = {} if keys.is_newest(token) else {column.column: keys.encrypt(text)}
    if column.lookup is not None and (found := keys.lookup(column.as_looked_up(text))) != row[-1]:
        values[column.lookup] = found
    if values:
        same = [key == row[place] for place, key in enumerate(ids)]
        connection.execute(update(column.column.table).where(*same, column.column == token).values(values))
    return True


def _text(keys: Keys, token: str) -> str | None:
    try:
        return keys.decrypt(token)
    except UnreadableField:
        return None
