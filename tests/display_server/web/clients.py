"""Test clients of the application for each kind of device and role, on any database."""

from typing import Any

from flask.testing import FlaskClient

from display_server.app import create_app
from display_server.db import tables
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.staff.staff import Role, add_staff, find_row
from tests.display_server.signed_in import cookie_of

PASSWORD = "mot cua hai cua"


class Clients:
    """`of(who)`: a client that sends the credentials of a device's kind or of a role; "anyone": none."""

    def __init__(self, site: ServerContext) -> None:
        self.site, self.app = site, create_app(site)
        self.app.config["WTF_CSRF_METHODS"] = []  # what is tried here is not from which page
        self.centre_id = find_centre(site, None)
        self._made: dict[str, FlaskClient] = {}

    def of(self, who: str) -> FlaskClient:
        if who not in self._made:
            client = self.app.test_client()
            if who in set(DeviceKind):
                client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self._token(who)}"
            elif who != "anyone":
                self._sign_in(client, Role(who))
            self._made[who] = client
        return self._made[who]

    def ask(self, who: str, method: str, path: str, **sent: Any) -> Any:
        return self.of(who).open(path, method=method, **sent)

    def _token(self, kind: str) -> str:
        counter = "1" if kind in {"counter", "button"} else None
        return add_device(self.site, self.centre_id, DeviceKind(kind), f"a {kind}", counter)

    def _sign_in(self, client: FlaskClient, role: Role) -> None:
        add_staff(self.site, self.centre_id, role, role, PASSWORD)
        row = find_row(self.site, tables.staff.c.name == role)
        assert row is not None
        with client.session_transaction() as session:
            session.update(cookie_of(self.site, row))
