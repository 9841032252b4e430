"""The virtual printer's line: raw TCP, as on port 9100 of a network printer, which serves one connection at a time."""

import select
import socket
import threading
from contextlib import suppress
from functools import partial

from printer.errors import DeviceError
from printer.virtual.printer import BUFFER, Connection, VirtualPrinter

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
            # Connections inherit it: what a printer has not read waits at the sender.
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
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
        self._printer.switch_off()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._serve(connection)

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

    def _take(self, connection: socket.socket, session: Connection) -> bool:
        """One piece of data; False when the line is over."""
        conditions = self._printer.conditions
        room = self._printer.room
        if conditions.unresponsive or not room:
            return not (self._closing.wait(LOOK_AGAIN_SECONDS) or _is_over(connection))
        try:
            if not select.select([connection], [], [], LOOK_AGAIN_SECONDS)[0]:
                return not self._closing.is_set()
            data = connection.recv(min(PIECE, room))
        except (OSError, ValueError):
            return False
        while self._printer.conditions.unresponsive and not self._closing.wait(LOOK_AGAIN_SECONDS):
            pass  # it died while we listened
        if conditions.bytes_per_second:
            self._closing.wait(len(data) / conditions.bytes_per_second)
        taken = self._printer.bytes_before_disconnect(data)
        left = taken
        while left := left[session.receive(left) :]:  # the paper ended while these bytes came in
            if self._closing.wait(LOOK_AGAIN_SECONDS):
                return False
        return bool(data) and len(taken) == len(data)


def _is_over(connection: socket.socket) -> bool:
    """The other side has broken the connection off; bytes of its own may still wait to be read."""
    try:
        return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
    except OSError:
        return True


def _answer(connection: socket.socket, data: bytes) -> None:
    """Carry an answer back; a client that does not read does not hold the printer up."""
    with suppress(OSError, ValueError):  # ValueError: the line is closed, its last job prints on
        if select.select([], [connection], [], 0)[1]:
            connection.send(data)


def _break(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
