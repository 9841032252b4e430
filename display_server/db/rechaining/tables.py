"""The columns that migration 0016 reads and writes, in both forms. Frozen as of that revision."""

import sqlalchemy as sa
from sqlalchemy import column, table

_WHEN = sa.DateTime(timezone=True)

journal = table(
    "journal",
    column("id", sa.BigInteger()),
    column("centre_id", sa.BigInteger()),
    column("at", _WHEN),
    column("tick", sa.BigInteger()),
    column("business_day", sa.Date()),
    column("action", sa.String()),
    column("ticket_id", sa.BigInteger()),
    column("number", sa.String()),
    column("counter_id", sa.BigInteger()),
    column("actor_kind", sa.String()),
    column("actor", sa.String()),
    column("actor_id", sa.BigInteger()),
    column("address", sa.String()),
    column("details", sa.JSON()),
    column("sealed", sa.JSON(none_as_null=True)),
    column("hash", sa.String()),
)
audit_text = table(
    "audit_text",
    column("commitment", sa.String()),
    column("centre_id", sa.BigInteger()),
    column("kind", sa.String()),
    column("at", _WHEN),
    column("salt", sa.LargeBinary()),
    column("text", sa.Text()),
    column("plain", sa.Text()),
)
centre = table("centre", column("id", sa.BigInteger()), column("journal_hash", sa.String()))
staff = table(
    "staff",
    column("id", sa.BigInteger()),
    column("name", sa.String()),
    column("active", sa.Boolean()),
    column("left_at", _WHEN),
)
device = table(
    "device",
    column("id", sa.BigInteger()),
    column("centre_id", sa.BigInteger()),
    column("kind", sa.String()),
    column("name", sa.String()),
    column("created_at", _WHEN),
    column("revoked_at", _WHEN),
)
ticket = table("ticket", column("id", sa.BigInteger()), column("centre_id", sa.BigInteger()), column("note", sa.Text()))
counter = table(
    "counter",
    column("id", sa.BigInteger()),
    column("centre_id", sa.BigInteger()),
    column("break_reason", sa.Text()),
    column("last_step", sa.JSON(none_as_null=True)),
)
request = table(
    "request",
    column("centre_id", sa.BigInteger()),
    column("request_id", sa.String()),
    column("fingerprint", sa.Text()),
    column("answer", sa.JSON()),
)
