"""When a call was announced, and which display speaks"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("call", sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "hall_speaker",
        sa.Column("centre_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shown_key", sa.String(64), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(96), nullable=False),
        sa.Column("always", sa.Boolean(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_hall_speaker_centre_id"),
        sa.PrimaryKeyConstraint("centre_id", "shown_key", name="pk_hall_speaker"),
    )


def downgrade() -> None:
    op.drop_table("hall_speaker")
    op.drop_column("call", "announced_at")
