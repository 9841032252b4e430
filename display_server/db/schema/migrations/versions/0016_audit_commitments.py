"""Free text and names stand beside the audit log"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from display_server.db.rechaining import rechaining

revision = "0016"
down_revision = "0015"

REFUSED = "the journal is append-only"
NAMES = (  # table, column of a name, its width, column of the id that takes its place
    ("call", "clerk", "clerk_id"),
    ("counter", "staff", "staff_id"),
    ("reprint", "asked_by", "asked_by_id"),
    ("announcement", "written_by", "written_by_id"),
)
REQUIRED = ("reprint", "announcement")
STAFF = sa.table("staff", sa.column("id", sa.BigInteger()), sa.column("name", sa.String()))


def upgrade() -> None:
    _make_tables()
    for table, _, number in NAMES:
        required = table in REQUIRED
        column = sa.Column(number, sa.BigInteger(), nullable=not required, server_default="0" if required else None)
        op.add_column(table, column)
    op.add_column("journal", sa.Column("actor_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("journal", sa.Column("sealed", sa.JSON()))
    op.add_column("staff", sa.Column("left_at", sa.DateTime(timezone=True)))
    _allow_changes()
    rechaining.up(op.get_bind())
    _refuse_changes()
    for table, name, number in NAMES:
        _look_up(table, name, number, STAFF.c.name, STAFF.c.id, 0)
    op.drop_index("ix_call_clerk", table_name="call")
    for table, name, _ in NAMES:
        op.drop_column(table, name)
    op.drop_column("journal", "actor")
    op.drop_column("journal", "address")
    op.create_index("ix_call_clerk", "call", ["centre_id", "clerk_id", "called_at"])
    is_sealed = sa.text("sealed IS NOT NULL")
    columns = ["centre_id", "actor_kind", "actor_id"]
    op.create_index("ix_journal_sealed", "journal", columns, sqlite_where=is_sealed, postgresql_where=is_sealed)


def downgrade() -> None:
    op.drop_index("ix_journal_sealed", table_name="journal")
    op.drop_index("ix_call_clerk", table_name="call")
    op.add_column("journal", sa.Column("actor", sa.String(64), nullable=False, server_default=""))
    op.add_column("journal", sa.Column("address", sa.String(45)))
    for table, name, number in NAMES:
        required = table in REQUIRED
        column = sa.Column(name, sa.String(64), nullable=not required, server_default="" if required else None)
        op.add_column(table, column)
        _look_up(table, number, name, STAFF.c.id, STAFF.c.name, "")
        op.drop_column(table, number)
    _allow_changes()
    rechaining.down(op.get_bind())
    _refuse_changes()
    op.create_index("ix_call_clerk", "call", ["centre_id", "clerk", "called_at"])
    op.drop_column("staff", "left_at")
    op.drop_column("journal", "sealed")
    op.drop_column("journal", "actor_id")
    op.drop_table("privacy_run")
    op.drop_table("audit_text")


def _look_up(table: str, known: str, wanted: str, by: Any, found: Any, otherwise: int | str) -> None:
    there = sa.table(table, sa.column(known), sa.column(wanted))
    one = sa.select(found).where(by == there.c[known]).scalar_subquery()
    value = sa.func.coalesce(one, otherwise) if table in REQUIRED else one
    op.execute(sa.update(there).values({wanted: value}))


def _make_tables() -> None:
    op.create_table(
        "audit_text",
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("centre_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("plain", sa.Text()),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_audit_text_centre_id"),
        sa.PrimaryKeyConstraint("commitment", name="pk_audit_text"),
    )
    op.create_index("ix_audit_text_age", "audit_text", ["centre_id", "kind", "at"])
    is_plain = sa.text("plain IS NOT NULL")
    op.create_index(
        "ix_audit_text_plain", "audit_text", ["commitment"], sqlite_where=is_plain, postgresql_where=is_plain
    )
    op.create_table(
        "privacy_run",
        sa.Column("centre_id", sa.Integer().with_variant(sa.BigInteger(), "postgresql"), nullable=False),
        sa.Column("ran_on", sa.Date()),
        sa.Column("counted_from", sa.Date()),
        sa.Column("visits_until", sa.Date()),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_privacy_run_centre_id"),
        sa.PrimaryKeyConstraint("centre_id", name="pk_privacy_run"),
    )


def _allow_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS journal_no_update")
        op.execute("DROP TRIGGER IF EXISTS journal_no_delete")
    else:
        op.execute("DROP TRIGGER IF EXISTS journal_append_only ON journal")


def _refuse_changes() -> None:
    """As migration 0009 made them."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_no_{event.lower()} BEFORE {event} ON journal "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()"
    )
