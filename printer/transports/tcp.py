"""A network printer on its raw TCP port, usually 9100.

Most network printers serve one connection at a time. The connection is therefore closed after each use
(`release`), so that two kiosks can share a printer; `?hold=yes` keeps it open.
"""

import select
import socket
import struct
import time
from contextlib import suppress

from printer.errors import DeviceError
from printer.transports.base import GS_A_ALL, Transport, push, reason_of
from printer.transports.status import PrinterStatus, unreachable

try:
    import fcntl
    import termios
except ImportError:  # Windows does not tell how much waits
    fcntl = None  # type: ignore[assignment]

# Small, so that "taken by the system" stays close to "taken by the printer": the kernel would keep several slips.
SEND_BUFFER = 4096
LINGER_SECONDS = 0.05


class TcpTransport(Transport):
    """A network printer, or a print server, at `host`:`port`. `hold`: keep the connection between uses."""

    def __init__(self, host: str, port: int, timeout: float, *, hold: bool = False) -> None:
        super().__init__(timeout)
        self._address = (host, port)
        self._hold = hold
        self._socket: socket.socket | None = None
        self._fresh = True  # nothing was heard on this connection yet
        self._connected()

    def unsent(self) -> int:
        """Bytes that the printer's side has not yet acknowledged (SIOCOUTQ)."""
        if self._socket is None or fcntl is None:
            return 0
        return int(struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0" * 4))[0])

    def release(self) -> None:
        """Close the connection, unless bytes still wait in it, so that others reach the printer."""
        if not self._hold and self._still_taking() is None:
            self.close()

    def _silence(self) -> PrinterStatus:
        if not self._fresh or self._works_until > time.monotonic():
            return super()._silence()
        self.close()
        return unreachable("takes the connection and is silent: another computer is printing, or it hangs")

    def _connected(self) -> socket.socket:
        if self._socket is not None:
            return self._socket
        host, port = self._address
        try:
            found = socket.create_connection(self._address, self._timeout)
        except OSError as error:
            raise DeviceError(f"tcp://{host}:{port}: cannot be reached: {reason_of(error)}") from error
        # Status questions are three bytes: Nagle's algorithm would hold them back for 40 ms.
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        found.setblocking(False)
        self._socket, self._fresh = found, True
        if self._way is not None:  # what it told by itself ended with the connection before
            self._automatic = None
            self._push(GS_A_ALL, self._timeout)
        return found

    def _push(self, data: bytes, seconds: float) -> int:
        line = self._connected()
        return push(line, data, seconds, line.send)

    def _receive(self, seconds: float) -> bytes:
        line = self._connected()
        try:
            received = line.recv(256) if select.select([line], [], [], seconds)[0] else None
        except BlockingIOError:
            received = None
        except (OSError, ValueError) as error:
            raise DeviceError(f"the line to the printer broke: {error}") from error
        if received == b"":
            raise DeviceError("the printer closed the line")
        if received:
            self._fresh = False
        return received or b""

    def close(self) -> None:
        """Close the connection. What came in is read first: else the system would break it off and drop what waits."""
        line, self._socket = self._socket, None
        if line is None:
            return
        self._answers.clear()
        self._message.clear()
        self._owed, self._left, self._taking, self._asked_to_confirm = None, 0, False, False
        with suppress(OSError):  # it is broken already
            line.shutdown(socket.SHUT_WR)
            while select.select([line], [], [], LINGER_SECONDS)[0] and line.recv(4096):
                pass
        line.close()
