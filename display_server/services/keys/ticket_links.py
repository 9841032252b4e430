"""The address of a visitor's page: a signed ticket id, so that nobody can try others."""

from itsdangerous import BadSignature, Signer

from display_server.services.keys.keys import Keys


class TicketLinkSigner:
    """Signed under the newest of the keys; addresses on slips printed under an older one still open."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def sign(self, ticket_id: int) -> str:
        return self._signer().sign(str(ticket_id)).decode()

    def read(self, signed: str) -> int | None:
        """The ticket's id, or None for anything that we did not sign."""
        try:
            return int(self._signer().unsign(signed))
        except (BadSignature, ValueError):
            return None

    def _signer(self) -> Signer:
        return Signer(self._keys.address_keys(), salt="ticket", sep="~")
