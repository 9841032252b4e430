"""Screens of the hall: what they show and report, their pairing, breaks with an end, ratings"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0003"


def upgrade() -> None:
    an_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("counter", sa.Column("back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("device", sa.Column("screen", sa.JSON(), nullable=True))
    op.add_column("device", sa.Column("report", sa.JSON(), nullable=True))
    op.add_column("device", sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "pairing",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pairing")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pairing_token_hash")),
    )
    op.create_table(
        "rating",
        sa.Column("id", an_id, autoincrement=True, nullable=False),
        sa.Column("centre_id", an_id, nullable=False),
        sa.Column("call_id", an_id, nullable=False),
        sa.Column("counter_id", an_id, nullable=False),
        sa.Column("department_id", an_id, nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_rating_centre_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_rating_call_id")),
        sa.ForeignKeyConstraint(["counter_id"], ["counter.id"], name=op.f("fk_rating_counter_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_rating_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("call_id", name=op.f("uq_rating_call_id")),
    )
    op.create_index("ix_rating_day", "rating", ["centre_id", "business_day"])


def downgrade() -> None:
    op.drop_index("ix_rating_day", table_name="rating")
    op.drop_table("rating")
    op.drop_table("pairing")
    for column in ("reported_at", "report", "screen"):
        op.drop_column("device", column)
    op.drop_column("counter", "back_at")
