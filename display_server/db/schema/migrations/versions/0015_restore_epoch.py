"""A restored hall begins a new epoch; the newest business day; one letter for each disk of a kiosk"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

OF_THE_CENTRE = (
    "business_day", "clock_doubted", "epoch", "epoch_told", "epoch_day", "epoch_letter", "first_id", "sending_paused",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("centre", sa.Column("business_day", sa.Date()))
    op.add_column("centre", sa.Column("clock_doubted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("centre", sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("centre", sa.Column("epoch_told", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("centre", sa.Column("epoch_day", sa.Date()))
    op.add_column("centre", sa.Column("epoch_letter", sa.String(1)))
    op.add_column("centre", sa.Column("first_id", sa.BigInteger()))
    op.add_column("centre", sa.Column("sending_paused", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE centre SET business_day = (SELECT max(number_series.business_day) FROM number_series "
        "WHERE number_series.centre_id = centre.id)"
    )
    _make_letter_grant()
    _make_kiosk_start()


def downgrade() -> None:
    op.drop_table("kiosk_start")
    op.drop_table("letter_grant")
    for column in reversed(OF_THE_CENTRE):
        op.drop_column("centre", column)


def _make_letter_grant() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "letter_grant",
        sa.Column("centre_id", key, nullable=False),
        sa.Column("letter", sa.String(1), nullable=False),
        sa.Column("device_id", key, nullable=False),
        sa.Column("journal", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_letter_grant_centre_id")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_letter_grant_device_id")),
        sa.PrimaryKeyConstraint("centre_id", "letter", name=op.f("pk_letter_grant")),
    )
    op.create_index("ix_letter_grant_device_id", "letter_grant", ["device_id"])


def _make_kiosk_start() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "kiosk_start",
        sa.Column("centre_id", key, nullable=False),
        sa.Column("device_id", key, nullable=False),
        sa.Column("instance", sa.String(64), nullable=False),
        sa.Column("former", sa.String(64), nullable=False, server_default=""),
        sa.Column("journal", sa.String(64), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("twin_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_kiosk_start_centre_id")),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_kiosk_start_device_id")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_kiosk_start")),
    )
