"""Staff: a first password, a PIN, own counters, sessions that end everywhere; devices: what they run, and rotation"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

STAFF = ["must_change", "pin_hash", "sessions", "counters", "signed_in_at"]
DEVICE = ["agent", "next_token_hash"]


def upgrade() -> None:
    op.add_column("staff", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("staff", sa.Column("pin_hash", sa.Text()))
    op.add_column("staff", sa.Column("sessions", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("counters", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("staff", sa.Column("signed_in_at", sa.DateTime(timezone=True)))
    op.add_column("device", sa.Column("agent", sa.String(120), nullable=False, server_default=""))
    op.add_column("device", sa.Column("next_token_hash", sa.String(64)))
    op.create_index("uq_device_next_token_hash", "device", ["next_token_hash"], unique=True)
    op.create_table(
        "sign_in_failure",
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_failure")),
    )


def downgrade() -> None:
    op.drop_table("sign_in_failure")
    op.drop_index("uq_device_next_token_hash", table_name="device")
    for name in DEVICE:
        op.drop_column("device", name)
    for name in STAFF:
        op.drop_column("staff", name)
