"""Slips that staff have printed again"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    an_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "reprint",
        sa.Column("id", an_id, autoincrement=True, nullable=False),
        sa.Column("centre_id", an_id, nullable=False),
        sa.Column("ticket_id", an_id, nullable=False),
        sa.Column("device_id", an_id, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_reprint_centre_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_reprint_ticket_id")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_reprint_device_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprint")),
    )
    op.create_index(
        "ix_reprint_open",
        "reprint",
        ["device_id"],
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_reprint_open", table_name="reprint")
    op.drop_table("reprint")
