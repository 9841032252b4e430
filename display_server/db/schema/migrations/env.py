"""Alembic's entry: uses the engine that `display_server.db.schema.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, text

from display_server.db.sqlite import WRITE
from display_server.db.tables import UtcDateTime, metadata


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Migrations stand by themselves: they name no type of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def migrate(connection: Connection) -> None:
    """In a transaction of its own, or in the one that `connection` is in."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render,
        transactional_ddl=True,  # true of SQLite too, as we say BEGIN ourselves: half a migration never stays
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":  # of several processes that start at once, one migrates
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(7726)"))
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with context.config.attributes["engine"].connect().execution_options(**{WRITE: True}) as own:
        migrate(own)
