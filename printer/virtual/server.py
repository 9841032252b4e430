"""The virtual printer's line: raw TCP, as on port 9100 of a network printer."""

import select
import socket
import threading
from contextlib import suppress
from functools import partial

from printer.errors import DeviceError
from printer.virtual.machine import Session, VirtualPrinter

PIECE = 4096
LOOK_AGAIN_SECONDS = 0.05


class PrinterServer:
    """Listens on `host`:`port` (0: a free one); each connection is a session of `printer`. Raises `DeviceError`."""

    def __init__(self, printer: VirtualPrinter, host: str, port: int) -> None:
        self._printer = printer
        self._closing = threading.Event()
        self._connections: set[socket.socket] = set()
        try:
            self._listener = socket.create_server((host, port))
        except OSError as error:
            raise DeviceError(f"tcp://{host}:{port}: cannot listen: {error.strerror}") from error
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="virtual-printer", daemon=True).start()

    def close(self) -> None:
        """Stop listening and end the connections."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._connections):
            _break(connection)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._connections.add(connection)
        session = self._printer.connect(partial(_answer, connection))
        try:
            while self._take(connection, session):
                pass
        finally:
            self._connections.discard(connection)
            _break(connection)
            session.close()

    def _take(self, connection: socket.socket, session: Session) -> bool:
        """One piece of data; False when the line is over."""
        conditions = self._printer.conditions
        if conditions.dead or session.full:
            return not self._closing.wait(LOOK_AGAIN_SECONDS)
        try:
            data = connection.recv(PIECE)
        except OSError:
            return False
        while self._printer.conditions.dead and not self._closing.wait(LOOK_AGAIN_SECONDS):
            pass  # it died while we listened
        if conditions.slow_seconds:
            self._closing.wait(conditions.slow_seconds)
        taken = self._printer.before_the_break(data)
        session.receive(taken)
        return bool(data) and len(taken) == len(data)


def _answer(connection: socket.socket, data: bytes) -> None:
    """Carry an answer back; a client that does not read does not hold the printer up."""
    with suppress(OSError, ValueError):  # ValueError: the line is closed, its last job prints on
        if select.select([], [connection], [], 0)[1]:
            connection.send(data)


def _break(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
