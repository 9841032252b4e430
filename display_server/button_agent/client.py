"""The server's endpoints for buttons. A press is tried again under the same request id until it is answered."""

import uuid
from typing import Any

import requests
from pydantic import BaseModel, ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from config.errors import MotcuaError

FIRST_REFUSAL, FIRST_FAULT = 400, 500
RETRYABLE_STATUSES = frozenset({408, 425, 429})
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0


class Feedback(BaseModel):
    """How the button's counter is."""

    counter: str
    state: str
    number: str | None
    waiting: int
    text: str


class ServerUnavailable(MotcuaError):
    """No usable answer in time."""


class RequestRejected(MotcuaError):
    """The server understood and said no."""


class ButtonClient:
    """One button, known by its `token`. For one thread."""

    def __init__(
        self, server_url: str, token: str, answer_seconds: float, try_seconds: float, ca_file: str = ""
    ) -> None:
        self._door = f"{server_url}/api/v1/button"
        self._answer_seconds = answer_seconds
        self._session = requests.Session()
        if ca_file:
            self._session.verify = ca_file
        self._session.headers.update({"Authorization": f"Bearer {token}", "User-Agent": "motcua-buttons"})
        self._again = Retrying(
            retry=retry_if_exception_type(ServerUnavailable),
            stop=stop_after_delay(try_seconds),
            wait=wait_exponential_jitter(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
            reraise=True,
        )

    def press(self, key: str, request_id: str) -> Feedback:
        """Done once, however often it had to be sent. Raises `ServerAway`, `Refused`."""
        return self._again(self._ask, "POST", f"/{key}", {"request_id": request_id})

    def look(self) -> Feedback:
        """Asked once. Raises `ServerAway`, `Refused`."""
        return self._ask("GET", "", None)

    def _ask(self, method: str, path: str, body: Any) -> Feedback:
        try:
            answer = self._session.request(
                method, self._door + path, json=body, timeout=self._answer_seconds, allow_redirects=False
            )
            if answer.status_code in RETRYABLE_STATUSES or answer.status_code >= FIRST_FAULT:
                raise ServerUnavailable(f"status {answer.status_code}")
            if answer.status_code >= FIRST_REFUSAL:
                raise RequestRejected(_reason(answer))
            return Feedback.model_validate_json(answer.content)
        except (requests.RequestException, ValidationError) as error:
            raise ServerUnavailable(type(error).__name__) from error


def new_request() -> str:
    """An id for a press, made afresh for each."""
    return uuid.uuid4().hex


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
