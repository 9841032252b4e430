"""Server-sent events: responses whose connection the broadcaster takes over."""

from collections.abc import Iterator
from typing import Any

from flask import Response, request

EVENT_STREAM: dict[str, Any] = {"content": {"text/event-stream": {}}}  # for /openapi.json


def connection() -> dict[str, Any]:
    """The connection of this request, as `watch` takes it: how to take it over, and whether its body is in chunks."""
    return {
        "take_over": request.environ["motcua.take_over"],
        "chunked": request.environ["SERVER_PROTOCOL"] == "HTTP/1.1",
    }


def event_stream(events: Iterator[bytes]) -> Response:
    """Neither kept by a cache nor held back by a proxy."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(events, headers=headers, content_type="text/event-stream")
