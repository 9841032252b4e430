"""Short names"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


NAMED = ("centre", "department", "procedure", "counter")


def upgrade() -> None:
    for table in NAMED:
        op.add_column(table, sa.Column("short", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    for table in NAMED:
        op.drop_column(table, "short")
