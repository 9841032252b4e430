"""The server's endpoints that a kiosk uses, over HTTP with kept connections (docs/reference/api.md).

Whatever bytes come back, only `ServerAway` and `Refused` leave this module.
"""

import json
import ssl
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import urllib3
from pydantic import BaseModel, ValidationError
from urllib3.exceptions import HTTPError, ProtocolError

from config.errors import MotcuaError
from config.request_id import HEADER, bind_request_id, current_request_id
from kiosk.api.models import (
    Centre,
    HandInResult,
    HandInResults,
    KioskOrders,
    KioskReport,
    Message,
    OfflineTicket,
    Problem,
    Ticket,
    TicketStatus,
    TrialNumber,
    Wish,
)

# A province's thousand procedures with their papers stay far below this.
LARGEST_ANSWER = 16 * 1024 * 1024
CHUNK = 64 * 1024
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
FIRST_REFUSAL, FIRST_FAULT = 400, 500
# Refusals that say "not now" rather than "no".
RETRYABLE_STATUSES = frozenset({408, 413, 425, 429})

Answer = TypeVar("Answer", bound=Message)


class ServerUnavailable(MotcuaError):
    """No usable answer: no connection, no reply in time, a fault of the server, or bytes that mean nothing.

    Whether the server did what it was asked is not known.
    """


class Refused(MotcuaError):
    """The server understood and said no. `problem` says why; nothing was issued."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title or f"refused with status {problem.status}")
        self.problem = problem


class UnusableAuthority(MotcuaError):
    """The file `kiosk.ca_file` is missing or holds no certificate. Nothing else is trusted in its place."""


def _trust(ca_file: str) -> ssl.SSLContext | None:
    if not ca_file:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # an SSLError is one too
        raise UnusableAuthority(f"kiosk.ca_file: {ca_file}: {error.strerror or 'holds no certificate'}") from error


class ServerClient:
    """A kiosk's connection to the server at `url`, signed in by the device `token`.

    `timeout_seconds` bounds each call as a whole. `ca_file`: the authority that signed an https server's certificate,
    empty: those the system trusts. `journal`: the name of this kiosk's journal, by which the server knows its disk.
    Raises `UnusableAuthority`. Safe to use from several threads.
    """

    def __init__(self, url: str, token: str, timeout_seconds: float, ca_file: str = "", journal: str = "") -> None:
        self._journal = journal
        self._url = url.rstrip("/")
        self._timeout = timeout_seconds
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._pool = urllib3.PoolManager(maxsize=4, retries=False, ssl_context=_trust(ca_file))

    def centre(self, known: Centre | None = None) -> Centre:
        """`GET /api/v1/centre`; the procedures of `known` are not sent again. Raises `ServerAway` or `Refused`."""
        query = f"?known={known.catalogue}" if known is not None and known.catalogue is not None else ""
        centre = self._ask("GET", f"/api/v1/centre{query}", None, Centre, self._own_numbers(known))
        if known is not None and known.catalogue is not None and centre.catalogue == known.catalogue:
            centre = centre.model_copy(update={"procedures": known.procedures, "elsewhere": known.elsewhere})
        return centre

    def _own_numbers(self, known: Centre | None) -> dict[str, str]:
        """Whose own numbers the answer is about: this disk's, and their letter so far."""
        if not self._journal:
            return {}
        letter = known.own_letter() if known is not None else ""
        return {"X-Motcua-Journal": self._journal} | ({"X-Motcua-Letter": letter} if letter else {})

    def fetch_image(self, path: str) -> bytes:
        """A PNG at an address that the server named. Raises `ServerAway` or `Refused`."""
        data = self._fetch("GET", path, None)
        if not data.startswith(PNG_SIGNATURE):
            raise ServerUnavailable(f"{self._url}{path}: not a picture")
        return data

    def issue(self, wish: Wish) -> Ticket:
        """`POST /api/v1/tickets`: the ticket of this `request_id`, new or known. Raises `ServerAway` or `Refused`."""
        with bind_request_id(wish.request_id):
            ticket = self._ask("POST", "/api/v1/tickets", _as_json(wish), Ticket)
        if ticket.request_id != wish.request_id:
            raise ServerUnavailable(f"{self._url}: answered with the ticket of another request")
        return ticket

    def trial_number(self, request_id: str) -> TrialNumber:
        """`POST /api/v1/trial-numbers`. Raises `ServerAway` or `Refused`."""
        return self._ask("POST", "/api/v1/trial-numbers", {"request_id": request_id}, TrialNumber)

    def slip(self, secret: str) -> TicketStatus:
        """`GET /api/v1/tickets/by-address/SECRET`. Raises `ServerAway` or `Refused`."""
        return self._ask("GET", f"/api/v1/tickets/by-address/{secret}", None, TicketStatus)

    def hand_in(self, tickets: Sequence[OfflineTicket]) -> tuple[HandInResult, ...]:
        """`POST /api/v1/tickets/offline`. Results of requests that were not asked for are left out.

        Raises `ServerAway` or `Refused`.
        """
        asked = {ticket.request_id for ticket in tickets}
        answer = self._ask("POST", "/api/v1/tickets/offline", [_as_json(ticket) for ticket in tickets], HandInResults)
        return tuple(result for result in answer.results if result.request_id in asked)

    def report(self, report: KioskReport) -> KioskOrders:
        """`POST /api/v1/kiosks/report`. Raises `ServerAway` or `Refused`."""
        return self._ask("POST", "/api/v1/kiosks/report", _as_json(report), KioskOrders)

    def close(self) -> None:
        """Drop the kept connections."""
        self._pool.clear()

    def _ask(
        self, method: str, path: str, body: Any, shape: type[Answer], headers: dict[str, str] | None = None
    ) -> Answer:
        data = self._fetch(method, path, body, headers)
        try:
            return shape.model_validate_json(data)
        except (ValidationError, ValueError, RecursionError) as error:
            raise ServerUnavailable(f"{self._url}{path}: an answer that cannot be read") from error

    def _fetch(self, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> bytes:
        status, data = self._exchange(method, path, body, headers or {})
        if status >= FIRST_FAULT or status in RETRYABLE_STATUSES:
            raise ServerUnavailable(f"{self._url}{path}: status {status}")
        if status >= FIRST_REFUSAL:
            raise Refused(_problem(status, data))
        return data

    def _exchange(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        deadline = time.monotonic() + self._timeout
        try:
            try:
                return self._send(method, path, body, headers, deadline)
            except ProtocolError:
                # A kept connection that the server closed meanwhile. Every request may be repeated: its
                # request_id makes it the same request.
                return self._send(method, path, body, headers, deadline)
        except (HTTPError, OSError, ValueError) as error:
            raise ServerUnavailable(f"{self._url}{path}: {error}") from error

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str], deadline: float) -> tuple[int, bytes]:
        left = max(deadline - time.monotonic(), 0.001)
        response = self._pool.request(
            method,
            self._url + path,
            headers=self._headers | headers | {HEADER: current_request_id()},
            timeout=urllib3.Timeout(total=left),
            preload_content=False,
            redirect=False,
            **({} if body is None else {"json": body}),
        )
        try:
            return response.status, _read(response, deadline)
        finally:
            response.release_conn()


def _read(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    data = b""
    while chunk := response.read1(CHUNK):  # one receipt at a time, so that a drip cannot outlast the deadline
        data += chunk
        if len(data) > LARGEST_ANSWER or time.monotonic() > deadline:
            response.close()
            raise ServerUnavailable("an answer without end")
    return data


def _as_json(message: BaseModel) -> dict[str, Any]:
    return message.model_dump(mode="json", exclude_none=True)


def _problem(status: int, data: bytes) -> Problem:
    """The refusal, if it is one of ours: any other machine's "404" must not turn a visitor away."""
    try:
        fields = json.loads(data)
        if "type" in fields:
            return Problem.model_validate({**fields, "status": status})
    except (ValueError, TypeError, RecursionError) as error:
        raise ServerUnavailable(f"status {status} without a reason") from error
    raise ServerUnavailable(f"status {status} without a reason")
