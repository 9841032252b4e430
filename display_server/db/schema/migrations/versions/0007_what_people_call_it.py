"""What people call each procedure"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("procedure", sa.Column("also", sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("procedure", "also")
