"""The centre's emblem"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("centre", sa.Column("emblem", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("centre", "emblem")
