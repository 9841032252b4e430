"""The journal becomes the audit trail: from where, and a chain of hashes"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

REFUSED = "the journal is append-only"


def upgrade() -> None:
    op.add_column("centre", sa.Column("journal_hash", sa.String(64), nullable=False, server_default=""))
    op.add_column("journal", sa.Column("address", sa.String(45)))
    op.add_column("journal", sa.Column("hash", sa.String(64)))
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER journal_no_{event.lower()} BEFORE {event} ON journal "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_no_update")
        op.execute("DROP TRIGGER journal_no_delete")
    else:
        op.execute("DROP TRIGGER journal_append_only ON journal")
        op.execute("DROP FUNCTION journal_append_only()")
    op.drop_column("journal", "hash")
    op.drop_column("journal", "address")
    op.drop_column("centre", "journal_hash")
