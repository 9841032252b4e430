"""schemathesis sends to every door of /openapi.json what fits its description and what does not.

No answer is a server error, and each is one that the description promises. `make test` tries a few of each with a fixed
seed; MOTCUA_FUZZ=500 tries so many, another set each time.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Err
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.settings import load_settings
from display_server.app import create_app
from display_server.services.devices import DeviceKind, add_device
from display_server.services.hall import find_centre
from display_server.services.staff import Role, add_staff, find_row
from display_server.services.start import open_site
from display_server.store import tables
from tests.display_server.small_centre import small_centre
from tests.display_server.small_hall import SmallHall

EXAMPLES = int(os.environ.get("MOTCUA_FUZZ", "0"))
ENDLESS = "/api/v1/hall/stream"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TRIED = settings(
    max_examples=EXAMPLES or 4,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Fuzzed:
    schema: Any
    who: dict[str, dict[str, Any]]  # what each kind of device and each role sends with every request

    def credentials(self, path: str) -> dict[str, Any]:
        """Of somebody who may use the door."""
        part = path.removeprefix("/api/v1/").split("/")[0]
        kind = {"admin": "administrator", "counters": "counter", "hall": "display"}.get(part, "kiosk")
        return self.who["province" if path.endswith("/province") else kind]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    url = f"sqlite:///{tmp_path_factory.mktemp('fuzz')}/hall.db"
    SmallHall.prepare(url, small_centre())
    often = dict.fromkeys(("sign_in_limit", "pairing_limit", "page_limit", "hall_limit"), "99999 per minute")
    site = open_site(load_settings(server={"database": url, "always_open": True, **often}))
    centre_id = find_centre(site, None)
    who = {}
    for kind in DeviceKind:
        token = add_device(site, centre_id, kind, f"a {kind}", "1" if kind in {"counter", "button"} else None)
        who[kind.value] = {"headers": {"Authorization": f"Bearer {token}"}}
    app = create_app(site)
    app.config["WTF_CSRF_METHODS"] = []
    for role in (Role.ADMINISTRATOR, Role.PROVINCE):
        add_staff(site, centre_id, role, role, "mot cua hai cua")
        row = find_row(site, tables.staff.c.name == role)
        assert row is not None
        client = app.test_client()
        with client.session_transaction() as session:
            session |= {"_user_id": str(row.id), "_fresh": True, "since": 2**40, "sessions": row.sessions}
        cookie = client.get_cookie("session")
        assert cookie is not None
        who[role.value] = {"cookies": {"session": cookie.value}}
    yield Fuzzed(schemathesis.openapi.from_wsgi("/openapi.json", app), who)
    site.engine.dispose()


def test_no_door_fails_or_answers_what_it_does_not_promise(fuzzed: Fuzzed) -> None:
    failures = []
    tried = 0
    for found in fuzzed.schema.get_all_operations():
        if isinstance(found, Err):
            failures.append(f"the description itself: {found.err()}")
            continue
        operation = found.ok()
        if operation.path == ENDLESS:
            continue
        tried += 1
        try:
            _fuzz(operation, fuzzed.credentials(operation.path))
        except Exception as error:  # noqa: BLE001 - all doors are tried before any is told
            failures.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert tried > 50
    assert failures == [], "\n\n".join(failures)


def _fuzz(operation: Any, credentials: dict[str, Any]) -> None:
    for mode in GenerationMode:

        @given(case=operation.as_strategy(generation_mode=mode))
        @TRIED
        def attempt(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, **credentials)

        with suppress(Unsatisfiable, SkipTest):  # a door without parameters or a body takes nothing that is wrong
            attempt()
