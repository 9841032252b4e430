"""Every table. Every row has its `centre_id`; a database constraint backs each rule up.

Times are UTC. `place` and `tick` are microseconds on the centre's own clock, which never falls behind a place of the
day: a wall clock that jumps cannot reorder a queue.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
    text,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC on databases that forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


# SQLite counts rows only in a column of exactly this type.
_Id = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


def _centre() -> Column[int]:
    return Column("centre_id", ForeignKey("centre.id"), nullable=False)


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


centre = Table(
    "centre",
    metadata,
    _id(),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", JSON, nullable=False),
    Column("short", JSON, nullable=False, server_default="{}"),  # short names by language
    Column("timezone", String(64), nullable=False),
    Column("languages", JSON, nullable=False),
    Column("address", Text, nullable=False),
    Column("hours", JSON, nullable=False),
    Column("priority", JSON, nullable=False),
    Column("slip_note", JSON, nullable=False),
    Column("queues_first", JSON, nullable=False, server_default="[]"),  # codes: on kiosks, before the most used
    Column("emblem", LargeBinary),  # a PNG
    # Bumped first in every write transaction: the one lock of a centre, and the id of its state on the screens.
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("tick", BigInteger, nullable=False, server_default="0"),
    Column("call_seq", BigInteger, nullable=False, server_default="0"),
    Column("catalogue_version", Integer, nullable=False, server_default="0"),
    Column("journal_hash", String(64), nullable=False, server_default=""),  # of the journal's last line
    Column("business_day", Date),  # the newest that was written: no earlier one is opened again
    # It was written with a clock that was behind it: the next day goes on with this one's queues and numbers.
    Column("clock_doubted", Boolean, nullable=False, server_default=false()),
    # Of the last restore (services/epoch.py); 0 and None before the first.
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("epoch_told", BigInteger, nullable=False, server_default="0"),  # the last one that the journal names
    Column("epoch_day", Date),
    Column("epoch_letter", String(1)),
    Column("epoch_start", Integer, nullable=False, server_default="0"),  # the day's numbers go on after it
    Column("first_id", BigInteger),  # ids of tickets and calls go on from here
    Column("sending_paused", Boolean, nullable=False, server_default=false()),
)

department = Table(
    "department",
    metadata,
    _id(),
    _centre(),
    Column("code", String(32), nullable=False),
    Column("prefix", String(2), nullable=False),
    Column("name", JSON, nullable=False),
    Column("short", JSON, nullable=False, server_default="{}"),  # short names by language
    Column("area", Text, nullable=False),
    Column("pictogram", String(32), nullable=False, server_default=""),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("centre_id", "code"),
    Index("uq_department_prefix", "centre_id", "prefix", unique=True, **_only("active")),
)

procedure = Table(
    "procedure",
    metadata,
    _id(),
    _centre(),
    Column("code", String(32), nullable=False),
    Column("department_id", ForeignKey("department.id"), nullable=False),
    Column("name", JSON, nullable=False),
    Column("short", JSON, nullable=False, server_default="{}"),  # short names by language
    Column("limit_value", Integer),
    Column("limit_unit", String(16)),
    Column("limit_note", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("papers", JSON, nullable=False),
    Column("also", JSON, nullable=False, server_default="[]"),  # what people call it
    Column("official_code", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("centre_id", "code"),
)

counter = Table(
    "counter",
    metadata,
    _id(),
    _centre(),
    Column("code", String(32), nullable=False),
    Column("name", JSON, nullable=False),
    Column("short", JSON, nullable=False, server_default="{}"),  # short names by language
    Column("area", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("ranked", Boolean, nullable=False),
    Column("state", String(8), nullable=False),
    Column("back_at", UtcDateTime),  # of a break whose end is known
    Column("break_reason", Text),  # as a ticket's `note`
    Column("staff_id", BigInteger),  # who works there
    Column("last_step", JSON(none_as_null=True)),  # what taking it back needs (services/last_step.py)
    Column("active", Boolean, nullable=False),
    UniqueConstraint("centre_id", "code"),
)

counter_department = Table(
    "counter_department",
    metadata,
    _centre(),
    Column("counter_id", ForeignKey("counter.id"), primary_key=True),
    Column("department_id", ForeignKey("department.id"), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("weight", Float, nullable=False, server_default="1"),
)

number_series = Table(
    "number_series",
    metadata,
    Column("centre_id", ForeignKey("centre.id"), primary_key=True),
    Column("business_day", Date, primary_key=True),
    Column("prefix", String(3), primary_key=True),
    Column("last", Integer, nullable=False),
)

priority_turn = Table(
    "priority_turn",
    metadata,
    Column("centre_id", ForeignKey("centre.id"), primary_key=True),
    Column("business_day", Date, primary_key=True),
    Column("department_id", ForeignKey("department.id"), primary_key=True),
    # Others called since the last priority call of the day.
    Column("others", Integer, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    _id(),
    _centre(),
    Column("request_id", String(64), nullable=False),
    Column("wish", Text, nullable=False),  # what was asked for: a second request with the same id must ask the same
    Column("business_day", Date, nullable=False),
    Column("prefix", String(3), nullable=False),
    Column("number", Integer, nullable=False),
    Column("department_id", ForeignKey("department.id"), nullable=False),  # the queue it is in now
    Column("procedure_id", ForeignKey("procedure.id")),
    Column("priority", String(32)),  # code of the reason
    Column("is_priority", Boolean, nullable=False),  # for the index: each line is read in order of `place`
    Column("language", String(3), nullable=False),
    Column("state", String(10), nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("for_counter_id", ForeignKey("counter.id")),  # sent to this very counter
    Column("note", Text),  # its commitment: the text is in `audit_text` while it is kept
    Column("itinerary", JSON, nullable=False, server_default="[]"),  # codes of departments to go to after this one
    Column("transferred", Boolean, nullable=False, server_default=false()),  # came to its queue from a counter
    Column("no_shows", Integer, nullable=False, server_default="0"),
    Column("offline", Boolean, nullable=False),
    Column("device_id", ForeignKey("device.id")),
    Column("issued_at", UtcDateTime, nullable=False),
    UniqueConstraint("centre_id", "business_day", "prefix", "number"),
    UniqueConstraint("centre_id", "request_id"),
    Index(
        "ix_ticket_waiting",
        "centre_id", "business_day", "department_id", "for_counter_id", "is_priority", "place",
        **_only("state = 'waiting'"),
    ),
    Index(
        "ix_ticket_transferred", "department_id", "place", **_only("state = 'waiting' AND transferred")
    ),
    Index(
        "ix_ticket_sent", "for_counter_id", "place", **_only("state = 'waiting' AND for_counter_id IS NOT NULL")
    ),
    Index(
        "ix_ticket_set_aside", "centre_id", "business_day", "state", **_only("state IN ('parked', 'no_show')")
    ),
)  # fmt: skip

call = Table(
    "call",
    metadata,
    _id(),
    _centre(),
    Column("seq", BigInteger, nullable=False),
    Column("ticket_id", ForeignKey("ticket.id"), nullable=False),
    Column("counter_id", ForeignKey("counter.id"), nullable=False),
    Column("department_id", ForeignKey("department.id"), nullable=False),
    Column("number", String(9), nullable=False),
    Column("recall", Boolean, nullable=False),
    Column("reason", JSON, nullable=False),
    Column("called_at", UtcDateTime, nullable=False),
    Column("first_called_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("outcome", String(12)),
    Column("clerk_id", BigInteger),  # of staff: whose day's work it is; None: nobody was signed in at the counter
    Column("announced_at", UtcDateTime),  # a display of the hall had said (or, without a voice, shown) it by then
    UniqueConstraint("centre_id", "seq"),
    Index("uq_call_open_at_counter", "counter_id", unique=True, **_only("ended_at IS NULL")),
    Index("uq_call_open_of_ticket", "ticket_id", unique=True, **_only("ended_at IS NULL")),
    Index("ix_call_ticket", "ticket_id"),
    Index("ix_call_clerk", "centre_id", "clerk_id", "called_at"),
)

# Which enrolled display speaks, one row for each group of displays that show the same calls.
hall_speaker = Table(
    "hall_speaker",
    metadata,
    Column("centre_id", ForeignKey("centre.id"), primary_key=True),
    Column("shown_key", String(64), primary_key=True),  # SHA-256 of `shown`
    Column("shown", Text, nullable=False),  # "counters;departments" (rules/shown_calls.py)
    Column("holder", String(96), nullable=False),  # "device id:page"
    Column("always", Boolean, nullable=False),  # it has a loudspeaker of its own
    Column("until", UtcDateTime, nullable=False),
)

# Append-only: the database refuses every change of a line (migration 0009). Ids, codes and times alone.
journal = Table(
    "journal",
    metadata,
    _id(),
    _centre(),
    Column("at", UtcDateTime, nullable=False),
    Column("tick", BigInteger, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("action", String(16), nullable=False),
    Column("ticket_id", ForeignKey("ticket.id")),
    Column("number", String(9)),
    Column("counter_id", ForeignKey("counter.id")),
    Column("actor_kind", String(8), nullable=False),
    # Of `staff` or `device`, by `actor_kind`; 0: the server itself, or somebody whose id is not known.
    Column("actor_id", BigInteger, nullable=False, server_default="0"),
    Column("details", JSON),
    Column("sealed", JSON(none_as_null=True)),  # commitments of the texts of this line, by field: see `audit_text`
    Column("hash", String(64)),  # of this line and the one before it (rules/audit_chain.py)
    Index("ix_journal_ticket", "ticket_id"),
    Index("ix_journal_day", "centre_id", "business_day"),
    Index("ix_journal_voided", "centre_id", "business_day", "number", **_only("action = 'voided'")),
    Index("ix_journal_sealed", "centre_id", "actor_kind", "actor_id", **_only("sealed IS NOT NULL")),
)

# Beside the chain: a row can be erased, and the chain still verifies (rules/audit_chain.py).
audit_text = Table(
    "audit_text",
    metadata,
    Column("commitment", String(64), primary_key=True),  # SHA-256 of the salt and the text; stands in its line
    _centre(),
    Column("kind", String(8), nullable=False),  # whose time limit it has (services/sealing.py)
    Column("at", UtcDateTime, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("text", Text),  # encrypted
    Column("plain", Text),  # moved here by migration 0016, and encrypted by the next start
    Index("ix_audit_text_age", "centre_id", "kind", "at"),
    Index("ix_audit_text_plain", "commitment", **_only("plain IS NOT NULL")),
)

# How far the time limits of `[privacy]` have been carried out.
privacy_run = Table(
    "privacy_run",
    metadata,
    Column("centre_id", ForeignKey("centre.id"), primary_key=True),
    Column("ran_on", Date),  # the business day of the last complete run
    Column("counted_from", Date),  # the day from which that run counted back
    Column("visits_until", Date),  # visits up to this day hold no details any more
    Column("claimed_until", UtcDateTime),  # one process at a time
)

request = Table(
    "request",
    metadata,
    Column("centre_id", ForeignKey("centre.id"), primary_key=True),
    Column("request_id", String(64), primary_key=True),
    Column("fingerprint", Text, nullable=False),  # a hash of what was asked
    Column("at", UtcDateTime, nullable=False),
    Column("answer", JSON),  # without notes and names
    Index("ix_request_at", "at"),
)

device = Table(
    "device",
    metadata,
    _id(),
    _centre(),
    Column("kind", String(8), nullable=False),
    Column("name", String(64), nullable=False),
    Column("counter_id", ForeignKey("counter.id")),
    Column("offline_letter", String(1)),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    # Of screens: what they show. Of screens and kiosks: what they last said of themselves.
    Column("screen", JSON),
    Column("report", JSON),
    Column("reported_at", UtcDateTime),
    Column("agent", String(120), nullable=False, server_default=""),  # program and version, as it says itself
    Column("next_token_hash", String(64)),  # of the token that replaces the other with its first use
    Column("token_at", UtcDateTime),  # when that was made
    UniqueConstraint("centre_id", "name"),
    UniqueConstraint("centre_id", "offline_letter"),
    Index("uq_device_next_token_hash", "next_token_hash", unique=True),
)

# The letter in the numbers that a kiosk gives out by itself belongs to one journal (one disk) of that kiosk.
letter_grant = Table(
    "letter_grant",
    metadata,
    Column("centre_id", ForeignKey("centre.id"), primary_key=True),
    Column("letter", String(1), primary_key=True),
    Column("device_id", ForeignKey("device.id"), nullable=False),
    Column("journal", String(64), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),  # not given out any more; its paper may still be in the hall
    Index("ix_letter_grant_device_id", "device_id"),
)

# Every start of a kiosk's program says who it is. Two that are heard in turns are two kiosks with one name.
kiosk_start = Table(
    "kiosk_start",
    metadata,
    _centre(),
    Column("device_id", ForeignKey("device.id"), primary_key=True),
    Column("instance", String(64), nullable=False),
    Column("former", String(64), nullable=False, server_default=""),
    Column("journal", String(64), nullable=False),
    Column("heard_at", UtcDateTime, nullable=False),
    Column("twin_at", UtcDateTime),  # when two were last heard in turns
)

pairing = Table(
    "pairing",
    metadata,
    Column("code", String(8), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("expires_at", UtcDateTime, nullable=False),
)

# One a visit at most; which person it was is nowhere.
rating = Table(
    "rating",
    metadata,
    _id(),
    _centre(),
    Column("call_id", ForeignKey("call.id"), nullable=False, unique=True),
    Column("counter_id", ForeignKey("counter.id"), nullable=False),
    Column("department_id", ForeignKey("department.id"), nullable=False),
    Column("business_day", Date, nullable=False),
    Column("score", Integer, nullable=False),
    Column("reasons", JSON, nullable=False),
    Index("ix_rating_day", "centre_id", "business_day"),
)

# `done_at` without a `reason`: it is on paper.
reprint = Table(
    "reprint",
    metadata,
    _id(),
    _centre(),
    Column("ticket_id", ForeignKey("ticket.id"), nullable=False),
    Column("device_id", ForeignKey("device.id"), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("asked_by_id", BigInteger, nullable=False, server_default="0"),  # of staff
    Column("done_at", UtcDateTime),
    Column("reason", Text, nullable=False, server_default=""),
    Column("is_copy", Boolean, nullable=False, server_default=true()),
    Column("told_at", UtcDateTime),  # when the kiosk was first told
    Index("ix_reprint_open", "device_id", **_only("done_at IS NULL")),
    Index("ix_reprint_ticket", "ticket_id"),
)

announcement = Table(
    "announcement",
    metadata,
    _id(),
    _centre(),
    Column("text", JSON, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("written_by_id", BigInteger, nullable=False, server_default="0"),  # of staff
    Column("urgent", Boolean, nullable=False, server_default=false()),  # stands out, and stays until it is ended
    Column("spoken", Boolean, nullable=False, server_default=false()),
    Index("ix_announcement_centre_id_ends_at", "centre_id", "ends_at"),
)

staff = Table(
    "staff",
    metadata,
    _id(),
    _centre(),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=false()),  # a first password
    Column("pin_hash", Text),  # for shared counters
    Column("sessions", Integer, nullable=False, server_default="0"),  # one more ends every session
    Column("counters", JSON, nullable=False, server_default="[]"),  # codes; none: every counter
    Column("signed_in_at", UtcDateTime),
    Column("left_at", UtcDateTime),  # since when nobody may sign in by this name
    UniqueConstraint("centre_id", "name"),
)


def _member() -> Column[int]:
    return Column("staff_id", ForeignKey("staff.id"), nullable=False)


# Who is signed in where: the cookie holds a key, the row its hash. A row that is gone has ended its session.
staff_session = Table(
    "staff_session",
    metadata,
    _id(),
    _centre(),
    _member(),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("count", Integer, nullable=False),  # holds as long as it is the member's `sessions`
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # to within some minutes
    Column("how", String(16), nullable=False),  # password, pin, single sign-on
    Column("browser", String(60), nullable=False),  # "Firefox, Windows"
    Column("address_group", String(45), nullable=False),
    Index("ix_staff_session_staff_id", "staff_id"),
)

# Who signed in by PIN at which device, the last time.
pin_use = Table(
    "pin_use",
    metadata,
    _centre(),
    Column("device_id", ForeignKey("device.id"), primary_key=True),
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# `secret` is encrypted by the server's key file. Without `confirmed_at` it was shown, and no code has come back yet.
second_factor = Table(
    "second_factor",
    metadata,
    _centre(),
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("last_step", BigInteger, nullable=False, server_default="0"),  # of the last code taken: none is good twice
)

recovery_code = Table(
    "recovery_code",
    metadata,
    _centre(),
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

# Somebody at the single sign-on's provider. Without `confirmed_at` an administrator has not said yet that it is they.
staff_identity = Table(
    "staff_identity",
    metadata,
    _id(),
    _centre(),
    _member(),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    UniqueConstraint("staff_id", "issuer", "subject"),
    Index("uq_staff_identity_subject", "issuer", "subject", unique=True, **_only("confirmed_at IS NOT NULL")),
    Index("uq_staff_identity_member", "staff_id", unique=True, **_only("confirmed_at IS NOT NULL")),
)

# Wrong sign-ins by name and address, by address, and by name.
sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("key", String(160), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

# What the server keeps of itself: the health probe, the fingerprints of its keys. No secrets: they are in the key file.
server_state = Table(
    "server_state",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

# Written as literals: a partial index is used only where the query's text proves its condition.
ticket_waits = ticket.c.state == literal_column("'waiting'")
ticket_set_aside = ticket.c.state.in_([literal_column("'parked'"), literal_column("'no_show'")])
number_was_voided = journal.c.action == literal_column("'voided'")
call_is_open = call.c.ended_at.is_(None)
