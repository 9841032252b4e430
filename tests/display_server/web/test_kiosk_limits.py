"""One kiosk's token takes so many numbers a minute and no more; what it has on paper already is not lost."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.api.client import ServerClient, ServerUnavailable
from kiosk.api.models import Wish
from tests.display_server.postgres import Cluster
from tests.server_process import ServerProcess, new_id


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    database = f"sqlite:///{tmp_path}/hall.db"
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        database = cluster.url(cluster.make_database())
    limits = {
        "MOTCUA_SERVER__KIOSK_TICKET_LIMIT": "5 per minute",
        "MOTCUA_SERVER__KIOSK_HAND_IN_LIMIT": "3 per minute",
    }
    running = ServerProcess(tmp_path, database, "xa_mau", limits).start()
    yield running
    running.stop()
    running.site.engine.dispose()


def test_a_kiosk_takes_so_many_numbers_and_is_told_when_to_ask_again(hall: ServerProcess) -> None:
    for _ in range(5):
        hall.take("HT")
    body = {"request_id": new_id(), "department": "HT"}
    refused = hall.ask("POST", "/api/v1/tickets", body, hall.token("kiosk"))
    assert refused.status == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    client = ServerClient(hall.url, hall.token("kiosk"), 10)
    with pytest.raises(ServerUnavailable):  # so the visitor gets a number of the kiosk's own
        client.issue(Wish(request_id=new_id(), department="HT", language="vi"))
    client.close()


def test_what_is_handed_in_counts_by_the_ticket(hall: ServerProcess) -> None:
    centre = hall.ask("GET", "/api/v1/centre", token=hall.token("kiosk")).json()
    prefix = next(each["offline_prefix"] for each in centre["departments"] if each["code"] == "HT")
    papers = [
        {"request_id": new_id(), "department": "HT", "number": f"{prefix}{number:03d}", "age_seconds": 1}
        | {"issued_at": datetime.now(UTC).isoformat()}
        for number in range(1, 5)
    ]
    answers = [
        hall.ask("POST", "/api/v1/tickets/offline", some, hall.token("kiosk")).status
        for some in (papers, papers[:3], papers[3:])
    ]
    assert answers == [429, 200, 429]
