"""schemathesis sends to every endpoint of /openapi.json what fits its description and what does not.

A real server on each database, over the socket, with text of every kind stored in its hall first. No answer is a server
error, each is one that the description promises, and nothing of it is an error in the log. `make test` tries a few of
each with a fixed seed; MOTCUA_FUZZ=500 tries so many, another set each time.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
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

from config.centre.loader import load_centre
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.actors import Actor
from display_server.services.displays.notices import AnnouncementText, add_announcement
from tests.display_server.postgres import Cluster
from tests.display_server.web.test_sign_in import Browser
from tests.server_process import CENTRES, ServerProcess

EXAMPLES = int(os.environ.get("MOTCUA_FUZZ", "0"))
ENDLESS = {"/api/v1/hall/stream", "/api/v1/counters/{code}/stream"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TRIED = settings(
    max_examples=EXAMPLES or 3,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CENTRE = "xa_mau"
WORDS = (
    "Ủy ban nhân dân " + "Ễ" * 484,
    "ការិយាល័យ\u200bច្រក\u200cចេញ\u200dចូល",
    "דלת אחת باب واحد",
    "Chào 👨\u200d👩\u200d👧 🏳️\u200d🌈",
    "<script>&amp;\"'`${x}{{x}}",
)


@dataclass
class Fuzzed:
    hall: ServerProcess
    schema: Any
    who: dict[str, dict[str, Any]]  # what each kind of device and each role sends with every request

    def credentials(self, path: str) -> dict[str, Any]:
        """Of somebody who may use the endpoint."""
        part = path.removeprefix("/api/v1/").split("/")[0]
        kind = {"admin": "administrator", "counters": "counter", "hall": "display"}.get(part, "kiosk")
        return self.who["province" if path.endswith("/province") else kind]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fuzzed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    folder = tmp_path_factory.mktemp("fuzz")
    database = f"sqlite:///{folder}/hall.db"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        database = cluster.url(cluster.make_database())
    names = ("SIGN_IN", "PAIRING", "PAGE", "HALL")
    often = {f"MOTCUA_SERVER__{name}_LIMIT": "99999 per minute" for name in names}
    hall = ServerProcess(folder, database, CENTRE, often)
    store_odd_words(hall)
    hall.start()
    who = {kind: {"headers": {"Authorization": f"Bearer {hall.token(kind)}"}} for kind in ("kiosk", "display")}
    who["counter"] = {"headers": {"Authorization": f"Bearer {hall.token('counter', '1')}"}}
    who |= {role: staff(hall, role) for role in ("administrator", "province")}
    yield Fuzzed(hall, schemathesis.openapi.from_url(f"{hall.url}/openapi.json"), who)
    hall.stop()
    hall.site.engine.dispose()


def staff(hall: ServerProcess, role: str) -> dict[str, Any]:
    browser = Browser(hall)
    browser.sign_in(*hall.add_staff(f"{role} Ễ", role))
    browser.ask("GET", "/account")
    return {"headers": {"X-CSRFToken": browser.token}, "cookies": browser.cookies}


def store_odd_words(hall: ServerProcess) -> None:
    """Names, notes and announcements of every kind that is taken."""
    centre = load_centre(CENTRES / CENTRE)
    departments = [
        each.model_copy(update={"name": {"vi": words, "en": words}})
        for each, words in zip(centre.departments, WORDS, strict=False)
    ]
    named = centre.model_copy(update={"departments": [*departments, *centre.departments[len(departments) :]]})
    import_centre(hall.site, named)
    actor, now = Actor("staff", 0, WORDS[1], hall.centre_id, role="administrator"), hall.site.clock()
    for words in WORDS:
        said = {"text": {"vi": words[:300]}, "starts_at": now, "ends_at": now + timedelta(days=1)}
        add_announcement(hall.site, actor, AnnouncementText.model_validate(said))


def test_no_endpoint_fails_or_answers_what_it_does_not_promise(fuzzed: Fuzzed) -> None:
    failures = []
    tried = 0
    for found in fuzzed.schema.get_all_operations():
        if isinstance(found, Err):
            failures.append(f"the description itself: {found.err()}")
            continue
        operation = found.ok()
        if operation.path in ENDLESS:
            continue
        tried += 1
        try:
            _fuzz(operation, fuzzed.credentials(operation.path))
        except Exception as error:  # noqa: BLE001 - all endpoints are tried before any is told
            failures.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert tried > 50
    assert failures == [], "\n\n".join(failures)
    log = (fuzzed.hall.folder / "server.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert " ERROR " not in log


def _fuzz(operation: Any, credentials: dict[str, Any]) -> None:
    for mode in GenerationMode:

        @given(case=operation.as_strategy(generation_mode=mode))
        @TRIED
        def attempt(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, **credentials)

        with suppress(Unsatisfiable, SkipTest):  # without parameters or a body nothing is wrong
            attempt()
