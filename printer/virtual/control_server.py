"""The virtual printer's small web server: its paper to look at, its conditions to set. This machine only."""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pydantic import ValidationError

from config.input.validation_messages import plain_reason
from config.package_data import package_folder
from printer.errors import DeviceError
from printer.virtual.printer import VirtualPrinter
from printer.virtual.slip_archive import SlipArchive

PAGE = package_folder("printer.virtual") / "page.html"
LONGEST_BODY = 4096


class ControlServer:
    """Answers on 127.0.0.1:`port` (0: a free one): the page, `/slips`, `/slips/NAME.png`, `/conditions`."""

    def __init__(self, printer: VirtualPrinter, folder: SlipArchive, port: int) -> None:
        handler = type("Handler", (_Handler,), {"printer": printer, "folder": folder})
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError as error:
            raise DeviceError(f"http://127.0.0.1:{port}: cannot listen: {error.strerror}") from error
        self.port: int = self._server.server_port
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="virtual-printer-web", daemon=True
        ).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    printer: VirtualPrinter
    folder: SlipArchive
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/":
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", PAGE.read_bytes())
        elif path == "/slips":
            self._send_json(HTTPStatus.OK, self.folder.slips())
        elif path == "/conditions":
            self._send_json(HTTPStatus.OK, self.printer.conditions.model_dump())
        elif picture := self.folder.picture(path.removeprefix("/slips/")):
            self._send(HTTPStatus.OK, "image/png", picture)
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"detail": f"nothing at {path}"})

    def do_POST(self) -> None:
        if self.path != "/conditions":
            self._send_json(HTTPStatus.NOT_FOUND, {"detail": f"nothing at {self.path}"})
            return
        try:
            conditions = self.printer.set_conditions(json.loads(self._body()))
        except ValidationError as error:
            problem = error.errors()[0]
            self._refuse(f"{'.'.join(map(str, problem['loc']))}: {plain_reason(problem)}")
        except ValueError as error:
            self._refuse(str(error))
        else:
            self._send_json(HTTPStatus.OK, conditions.model_dump())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Silent: the page asks every second."""

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length") or ""
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True
            raise ValueError(f"the body must have a length of at most {LONGEST_BODY}")
        return self.rfile.read(int(length))

    def _refuse(self, detail: str) -> None:
        self._send_json(HTTPStatus.UNPROCESSABLE_ENTITY, {"detail": detail})

    def _send_json(self, status: HTTPStatus, value: Any) -> None:
        self._send(status, "application/json", json.dumps(value, ensure_ascii=False).encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)
