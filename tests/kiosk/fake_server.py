"""A small server on a real socket that speaks docs/reference/api.md, and misbehaves when asked to."""

import json
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from config.centre.loader import Centre, Procedure, load_centre

CENTRES = Path(__file__).parents[2] / "config" / "centres"
TOKEN = "kiosk-token"
SECRET = "17~x7Yz-9_QRoaU9Yfm7K5aI2aYnph"  # of the slip that may be scanned, as the server signs them
HOURS = {day: [["00:00", "23:59"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


def department(code: str, prefix: str, vi: str, en: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "prefix": prefix,
        "offline_prefix": prefix + "K",
        "name": {"vi": vi, "en": en},
        "open": True,
        "waiting": 2,
        "wait": {"low": 5, "high": 15},
        "counters": ["1"],
    } | changes


def small_centre(**changes: Any) -> dict[str, Any]:
    """Two departments, one of them with procedures."""
    return {
        "code": "mau",
        "name": {"vi": "Trung tâm Phục vụ hành chính công mẫu", "en": "Model Public Service Centre"},
        "timezone": "Asia/Ho_Chi_Minh",
        "languages": ["vi", "en"],
        "version": 1,
        "open": True,
        "closes_at": None,
        "opens_at": None,
        "hours": HOURS,
        "departments": [
            department("TP", "A", "Sở Tư pháp", "Department of Justice"),
            department("XD", "B", "Sở Xây dựng", "Department of Construction", waiting=0),
        ],
        "procedures": [
            {
                "code": f"XD-00{number}",
                "department": "XD",
                "name": {"vi": f"Thủ tục số {number}", "en": f"Procedure {number}"},
                "limit": {"value": 3, "unit": "working_days"},
                "minutes": 12,
                "papers": [],
            }
            for number in (1, 2, 3)
        ],
        "priority_reasons": [
            {"code": "elderly", "name": {"vi": "Người cao tuổi", "en": "Elderly person"}},
            {"code": "pregnant", "name": {"vi": "Phụ nữ mang thai", "en": "Pregnant woman"}},
        ],
        "slip": {"note": {"vi": "Xin giữ phiếu", "en": "Please keep this slip"}},
    } | changes


def real_centre(folder: str = "thai_binh", **changes: Any) -> dict[str, Any]:
    """A centre from config/centres, as the server would tell it."""
    return as_told(load_centre(CENTRES / folder), **changes)


def as_told(centre: Centre, **changes: Any) -> dict[str, Any]:
    """`centre`, as the server would tell it."""
    return (
        small_centre(
            name=centre.name,
            short=centre.short,
            languages=centre.languages,
            departments=[
                department(
                    one.code,
                    one.prefix,
                    one.name["vi"],
                    one.name["en"],
                    waiting=place * 7 % 13,
                    wait={"low": place * 7 % 13 * 4, "high": place * 7 % 13 * 9},
                )
                | {"pictogram": one.pictogram, "name": one.name, "short": one.short}
                for place, one in enumerate(centre.departments)
            ],
            procedures=[one.model_dump(mode="json") | {"limit": limit_of(one)} for one in centre.procedures],
            elsewhere=[one.model_dump() for one in centre.elsewhere],
            priority_reasons=[one.model_dump(mode="json") for one in centre.priority.reasons],
        )
        | changes
    )


def limit_of(procedure: Procedure) -> dict[str, Any]:
    until = procedure.same_day_until.isoformat() if procedure.same_day_until else None
    note = procedure.limit_words
    return {"value": procedure.limit_value, "unit": procedure.limit_unit, "note": note, "until": until}


class FakeServer:
    """`mood`: well, slow (answers after `slow_seconds`), garbage, error, hang_up, lost (does it, then hangs up),
    strange (JSON of another shape), elsewhere (a redirect), endless (32 MiB of an answer).
    """

    def __init__(self, centre: dict[str, Any] | None = None, port: int = 0) -> None:
        self.centre = centre or small_centre()
        self.mood = "well"
        self.slow_seconds = 1.0
        self.refusal: dict[str, Any] | None = None
        self.tickets: dict[str, dict[str, Any]] = {}
        self.slip: dict[str, Any] | None = None
        self.page = "/t/secret"  # of a ticket's visitor
        self.handed_in: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.reports: list[dict[str, Any]] = []
        self.connections = 0
        self.lock = threading.Lock()
        self._next: Counter[str] = Counter()
        fake = self

        class Handler(_Handler):
            server_state = fake

        self._http = _Server(("127.0.0.1", port), Handler)
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._http.drop()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if (method, path) == ("GET", "/api/v1/centre"):
            return 200, {**self.centre, "now": datetime.now(UTC).isoformat()}
        if (method, path) == ("POST", "/api/v1/tickets"):
            return self._issue(body)
        if (method, path) == ("POST", "/api/v1/tickets/offline"):
            return 200, {"results": [self._take_in(ticket) for ticket in body]}
        if (method, path) == ("POST", "/api/v1/kiosks/report"):
            self.reports.append(body)
            return 200, {"reprints": []}
        if (method, path) == ("GET", "/api/v1/tickets/by-address/" + SECRET) and self.slip:
            return 200, self.slip
        return 404, {"type": "/problems/not-found", "status": 404}

    def _issue(self, wish: dict[str, Any]) -> tuple[int, Any]:
        if wish["request_id"] in self.tickets:
            return 200, self.tickets[wish["request_id"]]
        found = [one for one in self.centre["departments"] if one["code"] == wish["department"]]
        if not found:
            return 404, {"type": "/problems/unknown-department", "title": "Unknown", "status": 404}
        self._next[found[0]["prefix"]] += 1
        number = f"{found[0]['prefix']}{self._next[found[0]['prefix']]:03d}"
        self.tickets[wish["request_id"]] = self._ticket(wish, number)
        return 201, self.tickets[wish["request_id"]]

    def _ticket(self, wish: dict[str, Any], number: str) -> dict[str, Any]:
        return {
            "id": len(self.tickets) + 1,
            "procedure": None,
            "priority": None,
            **wish,
            "number": number,
            "state": "waiting",
            "ahead": 2,
            "wait": None if self._no_wait(wish) else {"low": 5, "high": 15},
            "no_wait": self._no_wait(wish),
            "issued_at": datetime.now(UTC).isoformat(),
            "status_url": self.url + self.page,
        }

    def _no_wait(self, wish: dict[str, Any]) -> str | None:
        departments = {one["code"]: one for one in self.centre["departments"]}
        found: str | None = departments.get(wish["department"], {}).get("no_wait")
        return found

    def _take_in(self, ticket: dict[str, Any]) -> dict[str, Any]:
        self.handed_in.append(ticket)
        known = self.tickets.get(ticket["request_id"])
        status = "accepted" if known is None else "already" if known["number"] == ticket["number"] else "renumbered"
        self.tickets[ticket["request_id"]] = self._ticket(ticket, ticket["number"])
        return {"request_id": ticket["request_id"], "status": status, "ticket": ticket, "problem": None}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        self.open_sockets: set[Any] = set()
        super().__init__(*args)

    def handle_error(self, *_: Any) -> None:
        """A kiosk that hangs up, or is killed, is no error here."""

    def drop(self) -> None:
        """A server that stops does not keep its callers' connections."""
        for connection in list(self.open_sockets):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_state: FakeServer

    def setup(self) -> None:
        super().setup()
        self.server_state.connections += 1
        self.server.open_sockets.add(self.connection)

    def do_GET(self) -> None:
        self._serve("GET", None)

    def do_POST(self) -> None:
        self._serve("POST", json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def log_message(self, *_: Any) -> None:
        pass

    def _serve(self, method: str, body: Any) -> None:
        state = self.server_state
        state.requests.append(f"{method} {self.path}")
        if state.mood == "slow":
            time.sleep(state.slow_seconds)
        if state.mood in {"garbage", "error", "hang_up", "strange", "elsewhere", "endless"}:
            self._misbehave(state.mood)
            return
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {"type": "/problems/unauthorized", "title": "Who are you?", "status": 401})
            return
        if state.refusal and method == "POST":
            self._answer(state.refusal["status"], state.refusal)
            return
        with state.lock:
            status, answer = state.answer(method, self.path, body)
        if state.mood == "lost" and method == "POST":
            self._misbehave("hang_up")
            return
        self._answer(status, answer)

    def _misbehave(self, mood: str) -> None:
        self.close_connection = True
        if mood == "strange":
            self._send(200, "application/json", b'{"id": "seventeen", "departments": {}, "number": null}')
        elif mood == "elsewhere":
            self._send(302, "text/html", b"", Location="http://127.0.0.1:1/login")
        elif mood == "endless":
            self._send(200, "application/json", b"[" * (32 * 1024 * 1024))
        elif mood == "garbage":
            self._send(200, "application/json", b'{"id": 17, \xff\x00 not json')
        elif mood == "error":
            self._send(500, "text/html", b"<h1>Internal Server Error</h1>")

    def _answer(self, status: int, answer: Any) -> None:
        kind = "application/json" if status < 400 else "application/problem+json"
        self._send(status, kind, json.dumps(answer).encode())

    def _send(self, status: int, kind: str, data: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def closed_until(moment: datetime) -> dict[str, Any]:
    """The refusal of a closed centre."""
    return {"type": "/problems/closed", "title": "Closed", "status": 409, "opens_at": moment.isoformat()}


def tomorrow() -> datetime:
    return datetime.now(UTC) + timedelta(days=1)
