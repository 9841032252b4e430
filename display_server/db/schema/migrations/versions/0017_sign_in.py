"""Sign-in: names by centre, second factor, sessions on the server, identities of the single sign-on"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("staff") as batch_op:
        batch_op.drop_constraint("uq_staff_name", type_="unique")
        batch_op.create_unique_constraint("uq_staff_centre_id_name", ["centre_id", "name"])
    _sessions()
    _second_factor()
    _identities()


def _member() -> list[sa.Column[int]]:
    return [sa.Column("centre_id", ID, nullable=False), sa.Column("staff_id", ID, nullable=False)]


def _of_member(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f(f"fk_{table}_centre_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id")),
    ]


def _sessions() -> None:
    op.create_table(
        "staff_session",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *_member(),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("address_group", sa.String(45), nullable=False),
        *_of_member("staff_session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_staff_session_key_hash")),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_table(
        "pin_use",
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("device_id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_pin_use_device_id")),
        *_of_member("pin_use"),
        sa.PrimaryKeyConstraint("device_id", "staff_id", name=op.f("pk_pin_use")),
    )


def _second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0"),
        *_of_member("second_factor"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("centre_id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        *_of_member("recovery_code"),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_recovery_code")),
    )


def _identities() -> None:
    op.create_table(
        "staff_identity",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        *_member(),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        *_of_member("staff_identity"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_identity")),
        sa.UniqueConstraint("staff_id", "issuer", "subject", name=op.f("uq_staff_identity_staff_id_issuer_subject")),
    )
    confirmed: dict[str, Any] = {
        "sqlite_where": sa.text("confirmed_at IS NOT NULL"),
        "postgresql_where": sa.text("confirmed_at IS NOT NULL"),
    }
    op.create_index("uq_staff_identity_subject", "staff_identity", ["issuer", "subject"], unique=True, **confirmed)
    op.create_index("uq_staff_identity_member", "staff_identity", ["staff_id"], unique=True, **confirmed)


def downgrade() -> None:
    for table in ("staff_identity", "recovery_code", "second_factor", "pin_use", "staff_session"):
        op.drop_table(table)
    _name_apart()
    with op.batch_alter_table("staff") as batch_op:
        batch_op.drop_constraint("uq_staff_centre_id_name", type_="unique")
        batch_op.create_unique_constraint("uq_staff_name", ["name"])


def _name_apart() -> None:
    """The older schema has each name once: of several with one name, all but the first are called NAME-ID."""
    staff = sa.table("staff", sa.column("id"), sa.column("name"))
    connection, seen = op.get_bind(), set()
    for row in connection.execute(sa.select(staff).order_by(staff.c.id)).all():
        if row.name in seen:
            ending = f"-{row.id}"
            name = row.name[: 64 - len(ending)] + ending
            connection.execute(sa.update(staff).where(staff.c.id == row.id).values(name=name))
        seen.add(row.name)
