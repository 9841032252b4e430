"""Secrets that the server makes for itself, kept in its database so that every process shares them."""

import secrets

from itsdangerous import BadSignature, Signer
from sqlalchemy import Engine

from display_server.store import tables
from display_server.store.engine import writing
from display_server.store.upsert import Upsert


class TicketAddresses:
    """What stands in the address of a visitor's page: a signed ticket id, so that nobody can try others."""

    def __init__(self, key: str) -> None:
        self._signer = Signer(key, salt="ticket", sep="~")

    def sign(self, ticket_id: int) -> str:
        return self._signer.sign(str(ticket_id)).decode()

    def read(self, signed: str) -> int | None:
        """The ticket's id, or None for anything that we did not sign."""
        try:
            return int(self._signer.unsign(signed))
        except (BadSignature, ValueError):
            return None


def server_secret(engine: Engine, name: str) -> str:
    """The secret called `name`, made at the first call: 256 random bits."""
    table = tables.secret
    make = Upsert(table, ["name"], {"name": table.c.name}, table.c.value)  # of several processes one makes it
    with writing(engine) as connection:
        return str(make.run(connection, {"name": name, "value": secrets.token_urlsafe(32)}))
