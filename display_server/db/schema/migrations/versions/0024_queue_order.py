"""Which queues kiosks show first"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("centre", sa.Column("queues_first", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("centre", "queues_first")
