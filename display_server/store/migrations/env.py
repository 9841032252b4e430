"""Alembic's entry: uses the engine that `display_server.store.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import text

from display_server.store.engine import WRITE
from display_server.store.tables import UtcDateTime, metadata


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Migrations stand by themselves: they name no type of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


engine = context.config.attributes["engine"]
with engine.connect().execution_options(**{WRITE: True}) as connection:
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
