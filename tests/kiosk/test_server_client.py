import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.api.client import Refused, ServerClient, ServerUnavailable
from kiosk.api.models import OfflineTicket, Wish
from tests.kiosk.fake_server import TOKEN, FakeServer, closed_until, tomorrow

WISH = Wish(request_id="r-1", department="TP", priority="elderly", language="en")


def a_client(url: str, token: str = TOKEN, seconds: float = 5) -> ServerClient:
    return ServerClient(url, token, seconds)


def offline(name: str = "r-1") -> OfflineTicket:
    return OfflineTicket(request_id=name, department="TP", number="AK001", issued_at=datetime.now(UTC), age_seconds=3.5)


@contextmanager
def raw_server(answer: bytes) -> Iterator[str]:
    """Answers every connection with the same bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def test_the_centre_is_understood(server: FakeServer) -> None:
    centre = a_client(server.url).centre()
    assert [one.code for one in centre.departments] == ["TP", "XD"]
    assert [one.code for one in centre.procedures_of("XD")] == ["XD-001", "XD-002", "XD-003"]
    assert centre.now.tzinfo is not None


def test_what_a_newer_server_adds_is_ignored(server: FakeServer) -> None:
    server.centre["weather"] = "fine"
    server.centre["departments"][0]["colour"] = "blue"
    assert a_client(server.url).centre().departments[0].code == "TP"


def test_the_same_request_gives_the_same_ticket(server: FakeServer) -> None:
    client = a_client(server.url)
    first = client.issue(WISH)
    assert first.number == "A001"
    assert client.issue(WISH) == first
    assert server.tickets["r-1"]["priority"] == "elderly"
    assert server.tickets["r-1"]["procedure"] is None


def test_one_connection_serves_many_requests(server: FakeServer) -> None:
    client = a_client(server.url)
    for _ in range(5):
        client.centre()
    assert server.connections == 1


def test_a_kept_connection_that_the_server_closed_is_opened_again() -> None:
    with FakeServer() as first:
        client = a_client(first.url)
        client.centre()
    with FakeServer(port=first.port):
        assert client.centre().code == "mau"


def test_offline_numbers_are_handed_in(server: FakeServer) -> None:
    client = a_client(server.url)
    assert [result.status for result in client.hand_in([offline("r-1"), offline("r-2")])] == ["accepted", "accepted"]
    assert server.handed_in[0]["number"] == "AK001"
    assert server.handed_in[0]["age_seconds"] == 3.5
    assert [result.status for result in client.hand_in([offline("r-1")])] == ["already"]


def test_a_refusal_carries_its_problem(server: FakeServer) -> None:
    server.refusal = closed_until(tomorrow())
    with pytest.raises(Refused) as caught:
        a_client(server.url).issue(WISH)
    assert caught.value.problem.kind == "closed"
    assert caught.value.problem.opens_at is not None


def test_a_wrong_token_is_a_refusal(server: FakeServer) -> None:
    with pytest.raises(Refused) as caught:
        a_client(server.url, token="stolen").centre()
    assert caught.value.problem.status == 401


@pytest.mark.parametrize("mood", ["garbage", "error", "hang_up", "lost"])
def test_a_server_that_misbehaves_is_away(server: FakeServer, mood: str) -> None:
    server.mood = mood
    with pytest.raises(ServerUnavailable):
        a_client(server.url).issue(WISH)


def test_a_slow_server_is_away(server: FakeServer) -> None:
    server.mood, server.slow_seconds = "slow", 5
    with pytest.raises(ServerUnavailable):
        a_client(server.url, seconds=0.1).issue(WISH)


def test_nobody_there_is_away() -> None:
    with pytest.raises(ServerUnavailable):
        a_client("http://127.0.0.1:1").centre()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot here\n",
        b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=["another 404", "409 without reason", "redirect", "bad chunks", "bad gzip", "cut", "empty", "ssh", "silence"],
)
def test_an_answer_that_is_not_the_servers_never_turns_a_visitor_away(answer: bytes) -> None:
    with raw_server(answer) as url, pytest.raises(ServerUnavailable):
        a_client(url, seconds=1).issue(WISH)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    status=st.sampled_from([200, 201, 204, 400, 401, 404, 409, 500, 999]),
    body=st.one_of(
        st.binary(max_size=200),
        st.sampled_from([b"null", b"[]", b'"text"', b"[" * 100_000, b'{"type": 5}', b'{"results": [1]}', b"1e999"]),
    ),
)
def test_any_bytes_are_one_of_two_errors(status: int, body: bytes) -> None:
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    with raw_server(head + body) as url:
        client = a_client(url, seconds=2)
        for call in (client.centre, lambda: client.issue(WISH), lambda: client.hand_in([offline()])):
            with pytest.raises((ServerUnavailable, Refused)):
                call()


def test_the_ticket_of_another_request_is_not_taken(server: FakeServer) -> None:
    client = a_client(server.url)
    client.issue(WISH)
    server.tickets["r-2"] = server.tickets["r-1"]
    with pytest.raises(ServerUnavailable, match="another request"):
        client.issue(WISH.model_copy(update={"request_id": "r-2"}))
