"""Where the numbers of a restored day begin"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("centre", sa.Column("epoch_start", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("centre", "epoch_start")
