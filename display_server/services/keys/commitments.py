"""Texts beside the audit log: free text, names and addresses, of which the log itself holds only commitments.

A text is encrypted with the field key. Erasing it removes text and salt; its line stays, and the chain verifies.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from display_server.db import tables
from display_server.db.engine import read_transaction, write_transaction
from display_server.domain.audit_chain import SALT_BYTES, commitment
from display_server.services.keys.keys import Keys, UnreadableField

audit_text = tables.audit_text
_INSERT = insert(audit_text)
AT_ONCE = 200

ERASED = "đã xóa / erased"
UNREADABLE = "không đọc được ở đây / cannot be read here"  # the key file of this machine does not open it


class Kind(StrEnum):
    """Whose time limit a text has: the setting of `[privacy]`."""

    NOTE = "note"  # note_days
    VISIT = "visit"  # visit_days
    ADDRESS = "address"  # sign_in_days
    PERSON = "person"  # staff_days after the person left
    DEVICE = "device"  # none: devices are no people; erased by hand


# By the field of the line that it stands for.
KINDS = {
    "note": Kind.NOTE,
    "reason": Kind.NOTE,
    "priority": Kind.VISIT,
    "announcement": Kind.VISIT,
    "address": Kind.ADDRESS,
    "name": Kind.PERSON,
    "actor": Kind.PERSON,
    "device": Kind.DEVICE,
    "device_was": Kind.DEVICE,
}


def seal(connection: Connection, keys: Keys, centre_id: int, at: datetime, field: str, text: str) -> str:
    """Keep `text` beside the log; its commitment, for the line."""
    salt = secrets.token_bytes(SALT_BYTES)
    made = commitment(salt, text)
    connection.execute(
        _INSERT,
        {
            "commitment": made,
            "centre_id": centre_id,
            "kind": KINDS[field],
            "at": at,
            "salt": salt,
            "text": keys.encrypt(text),
        },
    )
    return made


def texts_of(connection: Connection, keys: Keys, commitments: Iterable[str]) -> dict[str, str]:
    """The texts that are still there, by commitment. `UNREADABLE` stands for what no key here opens."""
    wanted = list(dict.fromkeys(commitments))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        query = select(audit_text).where(audit_text.c.commitment.in_(wanted[start : start + AT_ONCE]))
        found |= {row.commitment: open_text(keys, row) or UNREADABLE for row in connection.execute(query)}
    return found


def text_of(connection: Connection, keys: Keys, commitment_: str | None) -> str | None:
    """One text; None: there is none, or it was erased."""
    if commitment_ is None:
        return None
    return texts_of(connection, keys, [commitment_]).get(commitment_)


def open_text(keys: Keys, row: Any) -> str | None:
    """The text of a row of `audit_text`; None: no key here opens it."""
    if row.plain is not None:
        return str(row.plain)
    try:
        return keys.decrypt(row.text or "")
    except UnreadableField:
        return None


def shown(texts: Mapping[str, str], sealed: Mapping[str, str] | None) -> dict[str, str]:
    """The texts of one line by field, as people see them."""
    return {field: texts.get(each, ERASED) for field, each in (sealed or {}).items()}


def commitments_of(lines: Iterable[Any]) -> list[str]:
    """Of every text of these lines."""
    return [each for line in lines for each in (line["sealed"] or {}).values()]


def encrypt_moved(engine: Engine, keys: Keys) -> int:
    """Encrypt what a migration, which knows no key, moved here as it was; how many. In short transactions."""
    waiting = select(audit_text.c.commitment, audit_text.c.plain).where(audit_text.c.plain.is_not(None)).limit(AT_ONCE)
    done = 0
    while True:
        with read_transaction(engine) as connection:
            rows = connection.execute(waiting).all()
        if not rows:
            return done
        with write_transaction(engine) as connection:
            for row in rows:  # one that was erased meanwhile is not there any more
                mine = audit_text.c.commitment == row.commitment
                connection.execute(update(audit_text).where(mine).values(text=keys.encrypt(row.plain), plain=None))
        done += len(rows)
