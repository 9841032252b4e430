"""What may be erased, and how: texts beside the audit log, details of visits, people who have left.

Each erasing is a line of the log, in the same transaction. What stays: numbers, queues, times, counters, ids.
"""

import json
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, select, update

from display_server.db import tables
from display_server.services.core.context import UnitOfWork
from display_server.services.keys.commitments import ERASED, commitments_of

# What goes with the person: where they were signed in, their second factor, who they are at the single sign-on.
OF_A_PERSON = (
    tables.staff_session,
    tables.pin_use,
    tables.recovery_code,
    tables.second_factor,
    tables.staff_identity,
)
audit_text, journal, ticket, staff = tables.audit_text, tables.journal, tables.ticket, tables.staff
NAMED_AT_ONCE = 100  # texts that one line names
NO_LANGUAGE = ""  # of a ticket whose details are erased


def erase_texts(transaction: UnitOfWork, commitments: Sequence[str], **why: Any) -> int:
    """Erase these texts with their salts; how many there were. The lines that say so name the commitments."""
    there = []
    for start in range(0, len(commitments), NAMED_AT_ONCE):
        some = list(commitments[start : start + NAMED_AT_ONCE])
        mine = audit_text.c.commitment.in_(some) & (audit_text.c.centre_id == transaction.centre_id)
        deleted = transaction.connection.execute(delete(audit_text).where(mine).returning(audit_text.c.commitment))
        found = set(deleted.scalars())
        if found:
            transaction.write_journal("erased", **why, gone=[each for each in some if each in found])
        there += list(found)
    return len(there)


def erase_visit(transaction: UnitOfWork, row: Any, *, is_over: bool) -> bool:
    """The details of a visit: procedure, priority reason, language, what was asked for; whether there were any.

    `is_over`: its business day is: no kiosk sends this request again, so its id goes as well.
    """
    if row.language == NO_LANGUAGE and (not is_over or row.request_id.startswith("erased-")):
        return False
    values: dict[str, Any] = {
        "procedure_id": None,
        "priority": None,
        "language": NO_LANGUAGE,
        "note": None,
        "itinerary": [],
        "wish": json.dumps(json.loads(row.wish)[:1]),  # the queue that the number was issued for
    }
    if is_over:
        values["request_id"] = f"erased-{row.id}-{secrets.token_hex(8)}"
    transaction.connection.execute(update(ticket).where(ticket.c.id == row.id).values(values))
    return True


def erase_ratings(transaction: UnitOfWork, condition: Any) -> None:
    """The reasons that visitors gave; the scores stay."""
    rating = tables.rating
    mine = (rating.c.centre_id == transaction.centre_id) & condition
    transaction.connection.execute(update(rating).where(mine).values(reasons=[]))


def texts_of_ticket(transaction: UnitOfWork, ticket_id: int) -> list[str]:
    """The commitments of all texts of a ticket's lines, also of those that are erased."""
    query = select(journal.c.sealed).where(journal.c.ticket_id == ticket_id, journal.c.sealed.is_not(None))
    lines = transaction.connection.execute(query).mappings()
    return [each for line in lines for field, each in line["sealed"].items() if field != "address"]


def erase_person(transaction: UnitOfWork, row: Row[Any], **why: Any) -> int:
    """A member of staff: name, password, PIN, addresses of sign-ins; how many texts. Who did what stays, by id."""
    values: dict[str, Any] = {
        "name": f"{ERASED} #{row.id}",
        "password_hash": "",
        "pin_hash": None,
        "active": False,
        "sessions": staff.c.sessions + 1,
        "counters": [],
        "signed_in_at": None,
        "left_at": row.left_at or transaction.now,
    }
    transaction.connection.execute(update(staff).where(staff.c.id == row.id).values(values))
    for table in OF_A_PERSON:
        transaction.connection.execute(delete(table).where(table.c.staff_id == row.id))
    # Under keys that hold the place too, nobody can say which are this person's: all go, and with them some locks.
    transaction.connection.execute(delete(tables.sign_in_failure))
    counter = tables.counter
    here = (counter.c.centre_id == transaction.centre_id) & (counter.c.staff_id == row.id)
    transaction.connection.execute(update(counter).where(here).values(staff_id=None))
    count = erase_texts(transaction, texts_of_person(transaction, row.id), member=row.id, **why)
    if not count:
        transaction.write_journal("erased", member=row.id, **why)
    return count


def texts_of_person(transaction: UnitOfWork, member_id: int) -> list[str]:
    """The commitments of a person's name and addresses. What a clerk wrote about a visitor is none of these."""
    has_texts = (journal.c.centre_id == transaction.centre_id) & journal.c.sealed.is_not(None)
    acted = (journal.c.actor_kind == "staff") & (journal.c.actor_id == member_id)
    query = select(journal.c.sealed).where(has_texts, acted)
    lines = transaction.connection.execute(query).mappings().all()
    own = [line["sealed"]["address"] for line in lines if "address" in line["sealed"]]
    named = select(journal.c.sealed, journal.c.details).where(has_texts, journal.c.action == "staff_added")
    added = [
        {"sealed": {"name": line["sealed"]["name"]}}
        for line in transaction.connection.execute(named).mappings()
        if "name" in line["sealed"] and (line["details"] or {}).get("member") == member_id
    ]
    return [*own, *commitments_of(added)]


def is_erased_person(row: Row[Any]) -> bool:
    return bool(row.name.startswith(ERASED))
