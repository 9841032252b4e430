"""A day of the journal is found without reading all of it"""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index("ix_journal_day", "journal", ["centre_id", "business_day"])


def downgrade() -> None:
    op.drop_index("ix_journal_day", table_name="journal")
