"""Each department's pictogram"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("department", sa.Column("pictogram", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("department", "pictogram")
