"""A picture of the screen and taps over HTTP on 127.0.0.1, for demonstrations and tests. Knows nothing of Kivy.

GET  /frame.png                     the screen now
POST /tap   {"x": 0..1, "y": 0..1}  a touch there, y from the top; a list is as many fingers at once
POST /keys  ["down", "enter", "a"]  keys of a keyboard by Kivy's names, one after the other
GET  /state                         what is shown, as JSON
"""

import json
import logging
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from config.errors import MotcuaError
from config.input.validation_messages import plain_reason

log = logging.getLogger(__name__)

POLL_SECONDS = 0.05
LARGEST_BODY = 64 * 1024
LONGEST_LENGTH = 10  # digits of a Content-Length
LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class RemoteError(MotcuaError):
    """The remote control cannot be opened."""


class RemoteTarget(Protocol):
    """The window that is controlled. `frame` and `state` may raise TimeoutError when it hangs."""

    def frame(self) -> bytes: ...
    def tap(self, points: list[tuple[float, float]]) -> None: ...
    def press(self, keys: list[str]) -> None: ...
    def state(self) -> dict[str, Any]: ...


class Tap(BaseModel):
    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


TAPS: TypeAdapter[Tap | list[Tap]] = TypeAdapter(Tap | list[Tap])
KEYS: TypeAdapter[list[str]] = TypeAdapter(list[str])


class RemoteControlServer:
    """The HTTP server, open from `start` to `stop`. Raises `RemoteError` when the port is taken."""

    def __init__(self, port: int, seen: RemoteTarget) -> None:
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise RemoteError(f"kiosk.remote_port {port}: {error.strerror or error}") from error
        self._server.seen = seen
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="remote", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._thread.ident is not None:  # `shutdown` waits for a loop that may never have begun
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    seen: RemoteTarget


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        try:
            if path == "/frame.png":
                self._answer(HTTPStatus.OK, "image/png", self.server.seen.frame())
            elif path == "/state":
                self._json(HTTPStatus.OK, self.server.seen.state())
            else:
                self._json(HTTPStatus.NOT_FOUND, {"detail": "GET /frame.png, GET /state, POST /tap"})
        except TimeoutError as error:
            self._json(HTTPStatus.SERVICE_UNAVAILABLE, {"detail": str(error)})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal() and len(length) < LONGEST_LENGTH) or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"detail": "a small body with its length"})
            return
        body = self.rfile.read(int(length))
        act = {"/tap": self._tap, "/keys": self._press}.get(urlsplit(self.path).path)
        if act is None:
            self._json(HTTPStatus.NOT_FOUND, {"detail": "POST /tap, POST /keys"})
        elif not self._is_local():
            self._json(HTTPStatus.FORBIDDEN, {"detail": "only pages of this machine may tap"})
        else:
            try:
                act(body)
            except ValidationError as error:
                self._json(HTTPStatus.UNPROCESSABLE_ENTITY, {"detail": plain_reason(error.errors()[0])})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        log.debug(format, *args)

    def _tap(self, body: bytes) -> None:
        taps = TAPS.validate_json(body)
        fingers = taps if isinstance(taps, list) else [taps]
        self.server.seen.tap([(finger.x, finger.y) for finger in fingers])
        self._json(HTTPStatus.OK, {"taps": len(fingers)})

    def _press(self, body: bytes) -> None:
        keys = KEYS.validate_json(body)
        self.server.seen.press(keys)
        self._json(HTTPStatus.OK, {"keys": len(keys)})

    def _is_local(self) -> bool:
        """A page of another site must not press buttons here, whoever opens it on this machine."""
        origin = self.headers.get("Origin")
        return origin is None or urlsplit(origin).hostname in LOOPBACK

    def _json(self, status: HTTPStatus, value: Any) -> None:
        self._answer(status, "application/json", json.dumps(value, ensure_ascii=False).encode())

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if self._is_local() and self.headers.get("Origin"):
            self.send_header("Access-Control-Allow-Origin", self.headers["Origin"])
        self.end_headers()
        self.wfile.write(body)
