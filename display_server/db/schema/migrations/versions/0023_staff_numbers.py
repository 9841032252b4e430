"""Slips of numbers that staff gave: the kiosk's first slip of a ticket, and when it was told to print"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("reprint", sa.Column("is_copy", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("reprint", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_reprint_ticket", "reprint", ["ticket_id"])


def downgrade() -> None:
    op.drop_index("ix_reprint_ticket", "reprint")
    op.drop_column("reprint", "told_at")
    op.drop_column("reprint", "is_copy")
