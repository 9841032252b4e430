"""What machines ask: readiness, metrics, the description of the doors."""

import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.server_process import ROOT, ServerProcess

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def description(open_hall: ServerProcess) -> Any:
    answer = open_hall.ask("GET", "/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def test_ready(open_hall: ServerProcess) -> None:
    answer = open_hall.ask("GET", "/healthz")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_not_ready_when_the_database_file_is_away(tmp_path: Path, what: str) -> None:
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau").start()
    assert hall.ask("GET", "/healthz").status == 200
    file = tmp_path / "hall.db"
    file.rename(tmp_path / "elsewhere.db")
    if what == "replaced":
        file.write_bytes((tmp_path / "elsewhere.db").read_bytes())
    answer = hall.ask("GET", "/healthz")
    assert answer.status == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/database"
    file.unlink(missing_ok=True)
    (tmp_path / "elsewhere.db").rename(file)
    assert hall.ask("GET", "/healthz").status == 200
    hall.stop()
    hall.site.engine.dispose()


def test_metrics_are_read_by_prometheus(open_hall: ServerProcess) -> None:
    answer = open_hall.ask("GET", "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.body.decode())}
    assert {"motcua_hall_watchers", "motcua_hall_publications"} <= set(families)
    assert all(family.documentation for family in families.values())


def test_every_door_in_the_contract_is_described(description: Any) -> None:
    contract = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    named = re.findall(r"`(GET|POST) (/[^ `?]*)", contract)
    assert len(named) > 8
    described = {(method.upper(), path) for path, doors in description["paths"].items() for method in doors}
    described.add(("GET", "/openapi.json"))  # the description itself
    missing = [(method, path) for method, path in named if (method, path) not in described]
    assert missing == []
    for step in (
        "recall",
        "start",
        "finish",
        "no-show",
        "park",
        "call",
        "transfer",
        "cancel",
        "open",
        "close",
        "break",
    ):
        assert ("POST", f"/api/v1/counters/{{code}}/{step}") in described


def test_the_description_is_openapi(description: Any) -> None:
    assert description["openapi"].startswith("3.")
    assert description["info"]["title"]
    assert description["info"]["version"]
    for path, doors in description["paths"].items():
        assert path.startswith("/")
        assert set(doors) <= METHODS
        for door in doors.values():
            assert door["summary"] or door["description"]
            assert door["responses"]
            named = {each["name"] for each in door.get("parameters", []) if each["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


def test_every_reference_in_the_description_leads_somewhere(description: Any) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, list):
            return [found for each in part for found in references(each)]
        if not isinstance(part, dict):
            return []
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for each in part.values() for found in references(each)]

    found = references(description)
    assert found
    for reference in found:
        target = description
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_every_answer_of_every_door_is_described(description: Any) -> None:
    for path, doors in description["paths"].items():
        for method, door in doors.items():
            responses = door["responses"]
            expected = {"422", "503"} | ({"200"} if "204" not in responses else {"204"})
            if path.startswith("/api/"):
                expected |= {"401", "403"}
            if method == "post":
                expected |= {"413"}
            if "{" in path:
                expected |= {"404"}
            assert expected <= set(responses), (method, path)
            for status, response in responses.items():
                assert response["description"], (method, path, status)
                if status.startswith(("4", "5")):
                    assert "application/problem+json" in response["content"], (method, path, status)


def test_security_headers_are_on_every_answer(open_hall: ServerProcess) -> None:
    for path in ("/", "/api/v1/hall", "/nowhere", "/metrics"):
        headers = open_hall.ask("GET", path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
