"""A line to the server that can be bad: a small TCP proxy, for tests."""

import contextlib
import socket
import threading
import time
from typing import Self


class FlakyProxy:
    """Forwards to `port` of this machine; `url` is its own address.

    `frozen`: takes bytes and passes nothing on, in either direction, without closing (a dead Wi-Fi, half-open).
    `delay`: seconds by which every piece of an answer comes later. `hold_back`: bytes of a stream that a buffering
    proxy keeps until it has so many, or until the server ends the connection.
    """

    def __init__(self, port: int, delay: float = 0.0, hold_back: int = 0) -> None:
        self.port, self.delay, self.hold_back = port, delay, hold_back
        self.frozen = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                screen, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.port))
                self._sockets += [screen, server]
                threading.Thread(target=self._questions, args=(screen, server), daemon=True).start()
                threading.Thread(target=self._answers, args=(server, screen), daemon=True).start()

    def _questions(self, screen: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := screen.recv(65536):
                self._wait_while_frozen()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answers(self, server: socket.socket, screen: socket.socket) -> None:
        held, is_stream = b"", False
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                self._wait_while_frozen()
                time.sleep(self.delay)
                held += data
                is_stream = is_stream or b"text/event-stream" in data
                if len(held) >= self.hold_back or not is_stream:
                    screen.sendall(held)
                    held = b""
            screen.sendall(held)
            screen.shutdown(socket.SHUT_WR)

    def _wait_while_frozen(self) -> None:
        while self.frozen:
            time.sleep(0.05)
