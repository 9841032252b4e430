"""The kiosk's real client against the real server: both sides mean the same by the same words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from kiosk.api.client import Refused, ServerClient, ServerUnavailable
from kiosk.api.models import Centre, HandInResults, OfflineTicket, Ticket, Wish
from tests.server_process import ServerProcess, new_id


@pytest.fixture
def client(hall: ServerProcess) -> Iterator[ServerClient]:
    found = ServerClient(hall.url, hall.token("kiosk"), timeout_seconds=10)
    yield found
    found.close()


def missing(shape: Any, value: Any, place: str = "") -> list[str]:
    """Fields that the kiosk reads and the server's answer lacks, at any depth."""
    if value is None:
        return []
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        fields = shape.model_fields
        absent = [f"{place}.{name}" for name in fields if name not in value]
        present = [(name, field.annotation) for name, field in fields.items() if name in value]
        return absent + [gap for name, inner in present for gap in missing(inner, value[name], f"{place}.{name}")]
    if get_origin(shape) in (Union, UnionType):
        return [gap for inner in get_args(shape) for gap in missing(inner, value, place)]
    if get_origin(shape) is tuple and isinstance(value, list):
        return [gap for n, item in enumerate(value) for gap in missing(get_args(shape)[0], item, f"{place}[{n}]")]
    return []


def offline(client: ServerClient, department: str = "KHDT", **wish: Any) -> OfflineTicket:
    """A number as the kiosk would give it out by itself."""
    place = client.centre().department(department)
    assert place is not None
    number = f"{place.offline_prefix}001"
    return OfflineTicket(
        request_id=new_id(), department=department, number=number, issued_at=datetime.now(UTC), age_seconds=3, **wish
    )


def test_the_check_for_missing_fields_finds_one(hall: ServerProcess) -> None:
    answer = hall.ask("GET", "/api/v1/centre", token=hall.token("kiosk")).json()
    del answer["departments"][3]["offline_prefix"], answer["procedures"][0]["limit"]["unit"]
    assert missing(Centre, answer) == [".departments[3].offline_prefix", ".procedures[0].limit.unit"]


def test_the_centre_has_every_field_that_a_kiosk_reads(hall: ServerProcess, client: ServerClient) -> None:
    answer = hall.ask("GET", "/api/v1/centre", token=hall.token("kiosk")).json()
    assert missing(Centre, answer) == []
    centre = client.centre()
    assert [department.code for department in centre.departments] == [one["code"] for one in answer["departments"]]
    assert all(department.offline_prefix for department in centre.departments)
    assert centre.open
    assert centre.procedures_of("KHDT")
    assert centre.priority("elderly") is not None


def test_a_ticket_has_every_field_that_a_kiosk_reads(hall: ServerProcess) -> None:
    answer = hall.take("KHDT")
    assert missing(Ticket, answer) == []


def test_the_same_wish_again_is_the_same_ticket(client: ServerClient) -> None:
    wish = Wish(request_id=new_id(), department="KHDT", procedure="KHDT-001", priority="elderly", language="en")
    ticket = client.issue(wish)
    assert ticket.number == "A001"
    assert client.issue(wish).number == ticket.number
    assert ticket.status_url is not None


def test_a_wish_that_differs_under_the_same_id_is_refused(client: ServerClient) -> None:
    first = Wish(request_id=new_id(), department="KHDT")
    client.issue(first)
    with pytest.raises(Refused) as refusal:
        client.issue(Wish(request_id=first.request_id, department="XD"))
    assert (refusal.value.problem.status, refusal.value.problem.kind) == (409, "request-id-reused")


def test_refusals_have_a_kind_that_the_kiosk_knows(client: ServerClient) -> None:
    with pytest.raises(Refused) as refusal:
        client.issue(Wish(request_id=new_id(), department="NOBODY"))
    assert (refusal.value.problem.status, refusal.value.problem.kind) == (404, "not-found")


def test_a_wrong_token_is_a_refusal_with_status_401(hall: ServerProcess) -> None:
    stranger = ServerClient(hall.url, "no such token", timeout_seconds=10)
    with pytest.raises(Refused) as refusal:
        stranger.centre()
    assert refusal.value.problem.status == 401
    stranger.close()


def test_offline_numbers_are_taken_in_once(hall: ServerProcess, client: ServerClient) -> None:
    given = offline(client, priority="elderly", language="en")
    raw = [given.model_dump(mode="json", exclude_none=True)]
    assert [result.status for result in client.hand_in([given])] == ["accepted"]
    answer = hall.ask("POST", "/api/v1/tickets/offline", raw, hall.token("kiosk")).json()
    assert missing(HandInResults, answer) == []
    assert [result["status"] for result in answer["results"]] == ["already"]
    assert answer["results"][0]["ticket"]["number"] == given.number


def test_an_offline_number_of_an_unknown_department_is_rejected_with_a_reason(client: ServerClient) -> None:
    good = offline(client)
    bad = good.model_copy(update={"request_id": new_id(), "department": "NOBODY"})
    results = {result.request_id: result for result in client.hand_in([good, bad])}
    assert results[good.request_id].status == "accepted"
    assert results[bad.request_id].status == "rejected"
    assert results[bad.request_id].problem is not None


def test_a_dead_server_is_away_and_back_again(hall: ServerProcess, client: ServerClient) -> None:
    wish = Wish(request_id=new_id(), department="KHDT")
    ticket = client.issue(wish)
    hall.kill()
    with pytest.raises(ServerUnavailable):
        client.issue(Wish(request_id=new_id(), department="KHDT"))
    hall.start()
    assert client.issue(wish).number == ticket.number
