"""Taking a step back, several services on one ticket, and whose day's work a call is"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("counter", sa.Column("break_reason", sa.Text(), nullable=True))
    op.add_column("counter", sa.Column("staff", sa.String(length=64), nullable=True))
    op.add_column("counter", sa.Column("last_step", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("counter_department", sa.Column("weight", sa.Float(), server_default="1", nullable=False))
    op.add_column("ticket", sa.Column("itinerary", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("ticket", sa.Column("transferred", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("ticket", sa.Column("no_shows", sa.Integer(), server_default="0", nullable=False))
    op.add_column("call", sa.Column("clerk", sa.String(length=64), nullable=True))
    op.create_index("ix_call_clerk", "call", ["centre_id", "clerk", "called_at"])
    waits = sa.text("state = 'waiting' AND transferred")
    op.create_index(
        "ix_ticket_transferred", "ticket", ["department_id", "place"], sqlite_where=waits, postgresql_where=waits
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_transferred", table_name="ticket")
    op.drop_index("ix_call_clerk", table_name="call")
    op.drop_column("call", "clerk")
    for column in ("no_shows", "transferred", "itinerary"):
        op.drop_column("ticket", column)
    op.drop_column("counter_department", "weight")
    for column in ("last_step", "staff", "break_reason"):
        op.drop_column("counter", column)
