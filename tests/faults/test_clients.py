"""Clients that misbehave, and the end of the server."""

import json
import resource
import select
import signal
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.display_server.web.sse_client import Watching
from tests.server_process import ServerProcess, new_id


def test_clients_that_never_finish_their_request_disturb_nobody(commune: ServerProcess) -> None:
    slow = [socket.create_connection(("127.0.0.1", commune.port)) for _ in range(100)]
    for number, sock in enumerate(slow):
        head = b"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\n"
        sock.sendall(head if number % 2 else head + b"Content-Length: 1000\r\n\r\n{")
    assert commune.take("HT")["number"] == "A001"
    assert commune.call_next("1")["number"] == "A001"
    for sock in slow:
        sock.close()
    assert commune.take("HT")["number"] == "A002"


def test_ten_thousand_connections_that_say_nothing_disturb_nobody(commune: ServerProcess) -> None:
    assert commune.process is not None
    before = memory_mib(commune)
    with ExitStack() as silent:
        own = resource.getrlimit(resource.RLIMIT_NOFILE)
        silent.callback(resource.setrlimit, resource.RLIMIT_NOFILE, own)
        resource.setrlimit(resource.RLIMIT_NOFILE, (own[1], own[1]))
        for _ in range(10_000):
            silent.enter_context(socket.create_connection(("127.0.0.1", commune.port), timeout=30))
        assert commune.take("HT")["number"] == "A001"
        assert commune.ask("GET", "/healthz").status == 200
        assert memory_mib(commune) - before < 300
        assert len(list(Path(f"/proc/{commune.process.pid}/fd").iterdir())) > 10_000  # it holds them all
    assert commune.take("HT")["number"] == "A002"


def test_a_client_that_is_cut_off_before_its_answer_has_its_ticket(commune: ServerProcess) -> None:
    body = {"request_id": new_id(), "department": "HT"}
    raw = json.dumps(body).encode()
    head = f"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {commune.token('kiosk')}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    sock = socket.create_connection(("127.0.0.1", commune.port))
    sock.sendall(head.encode() + raw)
    sock.close()
    answer = commune.ask("POST", "/api/v1/tickets", body, commune.token("kiosk"))
    assert (answer.status in (200, 201), answer.json()["number"]) == (True, "A001")
    assert commune.take("HT")["number"] == "A002"


def test_a_large_body_disturbs_nobody(commune: ServerProcess) -> None:
    answer = commune.ask("POST", "/api/v1/tickets", raw=b"x" * 2**20, token=commune.token("kiosk"))
    assert answer.status == 413
    assert commune.take("HT")["number"] == "A001"


@pytest.mark.parametrize("header", [f"Content-Length: {2**30}", "Transfer-Encoding: chunked"])
def test_a_body_of_a_gigabyte_fills_no_memory(commune: ServerProcess, header: str) -> None:
    head = f"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {commune.token('kiosk')}\r\n"
    before = memory_mib(commune)
    with socket.create_connection(("127.0.0.1", commune.port), timeout=30) as sock:
        sock.sendall(f"{head}Content-Type: application/json\r\n{header}\r\n\r\n".encode())
        piece = b"x" * 2**16
        with suppress(OSError):  # hung up on: that is as good an answer
            for _ in range(2**30 // len(piece)):
                sock.sendall(b"10000\r\n" + piece + b"\r\n" if "chunked" in header else piece)
                if select.select([sock], [], [], 0)[0]:
                    assert sock.recv(100).startswith(b"HTTP/1.1 413 ")
                    break
    assert memory_mib(commune) - before < 20
    assert commune.take("HT")["number"] == "A001"


def memory_mib(hall: ServerProcess) -> float:
    assert hall.process is not None
    lines = Path(f"/proc/{hall.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@pytest.mark.parametrize(
    "rubbish", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET\r\n\r\n", b"\0" * 5000, b"GET / HTTP/9.9\r\n\r\n"]
)
def test_rubbish_instead_of_http(commune: ServerProcess, rubbish: bytes) -> None:
    with socket.create_connection(("127.0.0.1", commune.port), timeout=30) as sock:
        sock.sendall(rubbish)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass
    assert commune.take("HT")["number"] == "A001"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_the_server_ends_cleanly_while_screens_watch(commune: ServerProcess, how: signal.Signals) -> None:
    screens = [Watching(commune) for _ in range(10)]
    for screen in screens:
        screen.next()
    commune.take("HT")
    assert commune.process is not None
    commune.process.send_signal(how)
    assert commune.process.wait(10) == 0
    assert all(screen.ends() for screen in screens)
    assert "Traceback" not in (commune.folder / "server.log").read_text()
    commune.stop()
    commune.start()
    assert commune.take("HT")["number"] == "A002"
