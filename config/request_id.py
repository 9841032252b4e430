"""One id follows a tap or a press through every log line that it causes: the request's own id."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-ID"
NO_REQUEST_ID = "-"  # outside a request

_followed: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST_ID)


@contextmanager
def bind_request_id(request_id: str) -> Iterator[None]:
    """Whatever this thread (or greenlet) logs within it bears `request_id`."""
    before = _followed.set(request_id)
    try:
        yield
    finally:
        _followed.reset(before)


def current_request_id() -> str:
    """The id that log lines bear now; `NOBODY` outside a request."""
    return _followed.get()


class RequestIdFilter(logging.Filter):
    """Gives each record its `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _followed.get()
        return True
