"""Announcements that stand out and stay until they are ended, and those that are spoken."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

COLUMNS = ("urgent", "spoken")


def upgrade() -> None:
    """Those there are stay what they were."""
    for name in COLUMNS:
        op.add_column("announcement", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """What is urgent or spoken becomes an ordinary line."""
    with op.batch_alter_table("announcement") as batch:
        for name in COLUMNS:
            batch.drop_column(name)
