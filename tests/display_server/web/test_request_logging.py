"""One id from the kiosk's tap to the server's commit; figures with buckets; logs that a collector reads."""

import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kiosk.api.client import ServerClient
from kiosk.api.models import Wish
from tests.server_process import ROOT, ServerProcess, new_id


@pytest.fixture
def telling_hall(tmp_path: Path) -> ServerProcess:
    return ServerProcess(
        tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau", environment={"MOTCUA_LOG__FORMAT": "json"}
    )


def log_of(hall: ServerProcess) -> list[dict[str, object]]:
    return [json.loads(line) for line in (hall.folder / "server.log").read_text().splitlines()]


def test_a_tap_is_followed_from_the_kiosk_to_its_commit(telling_hall: ServerProcess) -> None:
    hall = telling_hall.start()
    try:
        wish = Wish(request_id=new_id(), department="HT", language="vi")
        ticket = ServerClient(hall.url, hall.token("kiosk"), 10).issue(wish)
        secret = ticket.status_url.rpartition("/")[2]
        hall.ask("GET", f"/t/{secret}")
        call = hall.call_next("1")
    finally:
        hall.stop()
    lines = log_of(hall)
    of_the_tap = [line for line in lines if line["request_id"] == wish.request_id]
    assert [line["name"] for line in of_the_tap] == ["display_server.services.core.context", "motcua.access"]
    assert f"issued {ticket.number} in version" in str(of_the_tap[0]["message"])
    assert (of_the_tap[1]["route"], of_the_tap[1]["status"]) == ("/api/v1/tickets", 201)
    assert any(f"called {call['number']} in version" in str(line["message"]) for line in lines)
    everything = (hall.folder / "server.log").read_text()
    assert secret not in everything
    assert hall.token("kiosk") not in everything


def test_an_id_that_is_none_is_replaced(telling_hall: ServerProcess) -> None:
    hall = telling_hall.start()
    try:
        sent = hall.ask("GET", "/healthz", headers={"X-Request-ID": "tap-1"})
        forged = hall.ask("GET", "/healthz", headers={"X-Request-ID": 'x" level="critical'})
    finally:
        hall.stop()
    assert sent.headers["X-Request-ID"] == "tap-1"
    assert forged.headers["X-Request-ID"].isalnum()


def test_the_figures_of_a_morning(telling_hall: ServerProcess) -> None:
    hall = telling_hall.start()
    try:
        for _ in range(3):
            hall.take("HT")
        hall.call_next("1")
        for count in range(5):
            hall.ask(f"INVENTED{count}", "/hall")
        text = hall.ask("GET", "/metrics").body.decode()
    finally:
        hall.stop()
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    centre, queue = (("centre", "xa_mau"),), (("centre", "xa_mau"), ("department", "HT"))
    assert found["motcua_steps_total", (("action", "issued"), *centre)] == 3
    assert found["motcua_steps_total", (("action", "called"), *centre)] == 1
    assert found["motcua_waiting", queue] == 2
    assert found["motcua_longest_wait_seconds", queue] >= 0
    assert "INVENTED" not in text
    assert 'method="other"' in text
    answered = (("method", "POST"), ("route", "/api/v1/tickets"), ("status", "201"))
    assert found["motcua_http_request_seconds_count", answered] == 3
    assert found["motcua_transaction_seconds_count", ()] >= 4


def test_every_figure_of_the_dashboard_is_one_of_ours(telling_hall: ServerProcess) -> None:
    hall = telling_hall.start()
    try:
        hall.take("HT")
        text = hall.ask("GET", "/metrics").body.decode()
    finally:
        hall.stop()
    names = {family.name for family in text_string_to_metric_families(text)}
    dashboard = json.loads((ROOT / "config" / "deploy" / "grafana-motcua.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert len(asked) >= 10
    for expression in asked:
        assert any(name in expression for name in names), expression
