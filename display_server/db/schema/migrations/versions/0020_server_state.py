"""The table of secrets becomes one of the server's state: keys leave it at the first start, for the key file"""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.rename_table("secret", "server_state")


def downgrade() -> None:
    op.rename_table("server_state", "secret")
