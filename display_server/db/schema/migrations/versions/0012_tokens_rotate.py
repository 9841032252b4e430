"""When a device's token was last replaced"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("device", sa.Column("token_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("device", "token_at")
