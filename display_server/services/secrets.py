"""Secrets that the server makes for itself, kept in its database so that every process shares them."""

import secrets

from sqlalchemy import Engine, select

from display_server.store import tables
from display_server.store.engine import WRITE


def server_secret(engine: Engine, name: str) -> str:
    """The secret called `name`, made at the first call: 256 random bits."""
    table = tables.secret
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        value = connection.execute(select(table.c.value).where(table.c.name == name)).scalar()
        if value is None:
            value = secrets.token_urlsafe(32)
            connection.execute(table.insert(), {"name": name, "value": value})
    return str(value)
