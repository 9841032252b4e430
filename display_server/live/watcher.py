"""One screen that watches: ready-made bytes go straight to its socket, and never wait for it.

A greenlet that is woken for every event takes several times as long as the write itself. Here the writer offers the
bytes; what the socket does not take at once goes out when it can, and a watcher that is still busy then gets the newest
state, not a backlog.
"""

import time
from typing import Any

from gevent import get_hub
from gevent.event import Event

READABLE, WRITABLE = 1, 2  # libev's EV_READ and EV_WRITE
READ_BYTES = 4096
STUCK_SECONDS = 30.0  # a socket that takes nothing for so long leads nowhere (a dead Wi-Fi)


class Watcher:
    """`sock`: the connection after its response header was sent. `chunked`: HTTP/1.1 frames, else plain bytes."""

    def __init__(self, sock: Any, *, chunked: bool, device_id: int | None = None) -> None:
        self.device_id = device_id
        sock.settimeout(0.0)
        self._socket = sock
        self._chunked = chunked
        self._rest = b""
        self._next: bytes | None = None
        self._stuck_since = 0.0
        self._when_readable = get_hub().loop.io(sock.fileno(), READABLE)
        self._when_writable = get_hub().loop.io(sock.fileno(), WRITABLE)
        self._closed = Event()

    @property
    def is_slow(self) -> bool:
        return bool(self._rest)

    def offer(self, event: bytes) -> None:
        """Send `event` now, or as the next one once the socket has taken what it is busy with."""
        if self._rest:
            self._next = event
            if time.monotonic() - self._stuck_since > STUCK_SECONDS:
                self.close()
        else:
            self._send(_frame(event) if self._chunked else event)

    def wait_until_closed(self) -> None:
        """Returns when the other side is gone, or after `close`."""
        # Not a greenlet that reads: with thousands of watchers it would cost as much memory as all the rest.
        self._when_readable.start(self._read)
        self._closed.wait()
        self._when_readable.close()
        self._when_writable.close()
        self._socket.settimeout(None)

    def close(self) -> None:
        """No more is sent; the waiting greenlet ends the connection."""
        self._when_writable.stop()
        self._when_readable.stop()
        self._rest = b""
        self._closed.set()

    def _send(self, data: bytes) -> None:
        if self._closed.is_set():
            return
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        self._keep(data[sent:], progress=sent > 0)

    def _keep(self, rest: bytes, *, progress: bool) -> None:
        if rest and (progress or not self._rest):
            self._stuck_since = time.monotonic()
        if rest and not self._rest:
            self._when_writable.start(self._go_on)
        elif self._rest and not rest:
            self._when_writable.stop()
        self._rest = rest

    def _go_on(self) -> None:
        self._send(self._rest)
        if not self._rest and self._next is not None:
            event, self._next = self._next, None
            self.offer(event)

    def _read(self) -> None:
        """A screen says nothing more; an empty read is its end."""
        try:
            while self._socket.recv(READ_BYTES):
                pass
        except BlockingIOError:
            return
        except OSError:
            pass
        self.close()


def _frame(event: bytes) -> bytes:
    """One chunk of HTTP/1.1 (RFC 9112, 7.1)."""
    return b"%x\r\n%b\r\n" % (len(event), event)
