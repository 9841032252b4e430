"""A line to the server that can be cut, slowed and broken: a TCP proxy on 127.0.0.1 that listens to what passes."""

import select
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Literal, Self

Mood = Literal["well", "cut", "half_open", "slow", "reset", "lost"]
SLOW_SECONDS = 2.0
LOOK_SECONDS = 0.02
PIECE = 65536
UNTIL_RESET = 20  # bytes of the answer that come through: the middle of its first line


class Proxy:
    """`url` (`address`) leads to the server at `port`, in whatever `mood` this line is:

    cut: nothing arrives any more, and no connection comes about; what was sent arrives when the line is well again
    half_open: connections come about, but nothing is ever answered
    slow: every answer comes two seconds late
    reset: the connection breaks in the middle of the answer
    lost: the server does what is posted, and the connection is closed without the answer; what is read comes through
    """

    def __init__(self, port: int) -> None:
        self.mood: Mood = "well"
        self._upstream = port
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=0)
        self._address = self._listener.getsockname()
        self.address = f"127.0.0.1:{self._address[1]}"
        self.url = f"http://{self.address}"
        self._fillers: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join(10)
        for sock in [self._listener, *self._fillers, *self._open]:
            sock.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            if self.mood == "cut":
                self._fill_backlog()
                self._closing.wait(LOOK_SECONDS)
                continue
            for filler in self._fillers:
                filler.close()
            self._fillers = []
            if select.select([self._listener], [], [], LOOK_SECONDS)[0]:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _fill_backlog(self) -> None:
        """Connections that nobody accepts: once they fill the queue, further ones hang, as on a dead line."""
        while len(self._fillers) < 8:
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self._address)
            self._fillers.append(filler)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, socket.create_connection(("127.0.0.1", self._upstream)) as server:
            self._open |= {connection, server}
            for each in (connection, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._carry(connection, server)
            finally:
                self._open -= {connection, server}

    def _carry(self, kiosk: socket.socket, server: socket.socket) -> None:
        method = b""
        while not self._closing.is_set():
            for ready in select.select([kiosk, server], [], [], LOOK_SECONDS)[0]:
                while self.mood == "cut" and not self._closing.wait(LOOK_SECONDS):
                    pass
                data = ready.recv(PIECE)
                if not data:
                    return
                if self.mood == "half_open":
                    continue
                if ready is kiosk:
                    method = data[:4] if data[:4] in {b"GET ", b"POST"} else method
                    server.sendall(data)
                elif not self._answer(kiosk, data, method):
                    return

    def _answer(self, kiosk: socket.socket, data: bytes, method: bytes) -> bool:
        """Carry an answer to the kiosk; False where that ends the connection."""
        if self.mood == "lost" and method == b"POST":
            return False
        if self.mood == "reset":
            kiosk.sendall(data[:UNTIL_RESET])
            time.sleep(LOOK_SECONDS)  # so that the half answer is not lost with the reset
            kiosk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if self.mood == "slow":
            self._closing.wait(SLOW_SECONDS)
        kiosk.sendall(data)
        return True
