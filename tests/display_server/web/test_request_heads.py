"""Requests that a proxy and this server could read differently are refused, over a real socket."""

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.server_process import ServerProcess

BODY = b"{}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("heads")
    hall = ServerProcess(folder, f"sqlite:///{folder}/hall.db", "xa_mau").start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()


def status_of(hall: ServerProcess, *lines: bytes, body: bytes = BODY) -> int:
    head = b"\r\n".join([b"POST /api/v1/device/pairing HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", *lines])
    with socket.create_connection(("127.0.0.1", hall.port), timeout=20) as connection:
        connection.sendall(head + b"\r\n\r\n" + body)
        answer = connection.recv(4096)
    return int(answer.split()[1])


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: 2", b"Transfer-Encoding: chunked"],
        [b"Content-Length: 2", b"Content-Length: 2"],
        [b"Content-Length: 2", b"Content-Length: 3"],
        [b"Content-Length : 2"],
        [b"Content-Length: +2"],
        [b"Content-Length: 2, 2"],
        [b"Content-Length: 0x2"],
        [b"Content-Length: 2_0"],
        [b"Content-Length: -2"],
        ["Content-Length: ٢".encode()],
        [b"Content-Length:"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"],
        [b"Transfer-Encoding: xchunked"],
        [b"Transfer-Encoding: chunked, identity"],
        [b"Transfer-Encoding : chunked"],
        [b"Content-Length: 2", b"Host: evil.example"],
        [b"X-A: b", b" folded: c", b"Content-Length: 2"],
        [b"no colon at all", b"Content-Length: 2"],
        [b"X A: b", b"Content-Length: 2"],
    ],
)
def test_an_unclear_head_is_refused_and_the_connection_ends(running: ServerProcess, lines: list[bytes]) -> None:
    body = b"2\r\n{}\r\n0\r\n\r\n" if any(b"chunked" in line for line in lines) else BODY
    assert status_of(running, *lines, body=body) == 400


@pytest.mark.parametrize(
    ("lines", "body"),
    [
        ([b"Content-Length: 2"], BODY),
        ([b"content-length:2"], BODY),
        ([b"Transfer-Encoding: chunked"], b"2\r\n{}\r\n0\r\n\r\n"),
        ([b"X-Empty:", b"Content-Length: 2"], BODY),
    ],
)
def test_a_clear_head_is_taken(running: ServerProcess, lines: list[bytes], body: bytes) -> None:
    assert status_of(running, b"Content-Type: application/json", *lines, body=body) in (200, 201)


@pytest.mark.parametrize("target", [b"/hall?centre=\xff", b"/?\xc4\x90", b"/t/\xff?x=1", b"/healthz?\x80", b"/\xff"])
def test_a_target_that_is_not_ascii_is_refused(running: ServerProcess, target: bytes) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = connection.recv(4096)
    assert answer.split()[1] == b"400"


@pytest.mark.parametrize(
    "lines",
    [
        [b"X-%d: y" % number for number in range(101)],
        [b"X-%d: y" % number for number in range(5000)],
        [b"X-Long: " + b"y" * 70_000],
        [b"X" * 70_000 + b": y"],
        [b"Cookie: " + b"a=b; " * 20_000],
    ],
)
def test_a_head_without_end_is_refused_without_a_traceback(running: ServerProcess, lines: list[bytes]) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        with suppress(OSError):  # it may be refused before all was sent
            connection.sendall(b"\r\n".join([b"GET /healthz HTTP/1.1", b"Host: x", *lines, b"", b""]))
        answer = connection.recv(4096)
    assert answer.split()[1] in (b"400", b"431")
    assert status_of(running, b"Content-Type: application/json", b"Content-Length: 2") in (200, 201)
    assert "Traceback" not in (running.folder / "server.log").read_text()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x", b"GET / HTTP/1.1\r\nHost: x\r\nX-A"])
def test_a_connection_that_is_reset_within_its_head_leaves_no_traceback(running: ServerProcess, sent: bytes) -> None:
    connection = socket.create_connection(("127.0.0.1", running.port), timeout=20)
    connection.sendall(sent)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # the end is a reset
    connection.close()
    assert status_of(running, b"Content-Type: application/json", b"Content-Length: 2") in (200, 201)
    assert "Traceback" not in (running.folder / "server.log").read_text()
