"""One screen that watches: ready-made bytes go straight to its socket, and never wait for it.

A greenlet that is woken for every event takes several times as long as the write itself, and one that only waits for
the screen to go holds thirty kilobytes. Here the writer offers the bytes; what the socket does not take at once goes
out when it can, and a watcher that is still busy then gets the newest state, not a backlog.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gevent import get_hub
from gevent.monkey import get_original

READABLE, WRITABLE = 1, 2  # libev's EV_READ and EV_WRITE
READ_BYTES = 4096
LAST_CHUNK = b"0\r\n\r\n"
WRITE_TIMEOUT_SECONDS = 30.0  # a socket that takes nothing for so long leads nowhere (a dead Wi-Fi)

# gevent's own socket asks in Python whether it would block; these writes never wait.
_PlainSocket = get_original("socket", "socket")


@dataclass(frozen=True, slots=True)
class SseFrame:
    """The bytes of a server-sent event, as they are and as one chunk of HTTP/1.1 (RFC 9112, 7.1): made once for all."""

    plain: bytes
    chunk: bytes

    @staticmethod
    def of(data: bytes) -> "SseFrame":
        return SseFrame(data, b"%x\r\n%b\r\n" % (len(data), data))


class SseConnection:
    """`sock`: the connection after its response header was sent; it is the watcher's from now on.

    `chunked`: HTTP/1.1 frames, else plain bytes. `on_close(watcher)`: the other side is gone, or `close` was called.
    """

    __slots__ = (
        "_chunked", "_is_closed", "_loop", "_next", "_on_close", "_rest", "_socket", "_stuck_since", "_when_readable",
        "_when_writable", "device_id", "session_id",
    )  # fmt: skip

    def __init__(
        self,
        sock: Any,
        *,
        chunked: bool,
        on_close: Callable[["SseConnection"], None],
        device_id: int | None = None,
        session_id: int | None = None,
    ) -> None:
        self.device_id = device_id
        self.session_id = session_id
        self._socket = _PlainSocket(fileno=sock.detach())
        self._socket.setblocking(False)
        self._chunked = chunked
        self._on_close = on_close
        self._rest = b""
        self._next: SseFrame | None = None
        self._stuck_since = 0.0
        self._is_closed = False
        self._loop = get_hub().loop
        self._when_writable: Any = None
        self._when_readable = self._loop.io(self._socket.fileno(), READABLE)
        self._when_readable.start(self._read)

    @property
    def is_slow(self) -> bool:
        return bool(self._rest)

    def send_latest(self, event: SseFrame) -> None:
        """Send `event` now, or as the next one once the socket has taken what it is busy with."""
        if self._rest:
            self._next = event
            if time.monotonic() - self._stuck_since > WRITE_TIMEOUT_SECONDS:
                self.close()
        else:
            self._send(event.chunk if self._chunked else event.plain)

    def close(self) -> None:
        """No more is sent, and the connection ends."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._chunked and not self._rest:
            with suppress(OSError):  # most often the other side is gone
                self._socket.send(LAST_CHUNK)
        self._rest = b""
        for each in (self._when_readable, self._when_writable):
            if each is not None:
                each.stop()
                each.close()
        self._socket.close()
        self._on_close(self)

    def _send(self, data: bytes) -> None:
        if self._is_closed:
            return
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        if sent == len(data) and not self._rest:
            return
        self._buffer_rest(data[sent:], progress=sent > 0)

    def _buffer_rest(self, rest: bytes, *, progress: bool) -> None:
        if rest and (progress or not self._rest):
            self._stuck_since = time.monotonic()
        if rest and not self._rest:
            if self._when_writable is None:
                self._when_writable = self._loop.io(self._socket.fileno(), WRITABLE)
            self._when_writable.start(self._flush)
        elif self._rest and not rest:
            self._when_writable.stop()
        self._rest = rest

    def _flush(self) -> None:
        self._send(self._rest)
        if not self._rest and self._next is not None:
            event, self._next = self._next, None
            self.send_latest(event)

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
