"""Each request is timed and logged, under an id that its sender may choose (`X-Request-ID`)."""

import logging
import re
import time
import uuid
from contextlib import ExitStack
from http import HTTPStatus

from flask import Flask, Response, g, request

from config.request_id import HEADER, bind_request_id, current_request_id
from display_server.metrics import REQUESTS

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MAY_BE_AN_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

log = logging.getLogger("motcua.access")


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    sent = request.headers.get(HEADER, "")
    g.tracing = ExitStack()
    g.tracing.enter_context(bind_request_id(sent if MAY_BE_AN_ID.fullmatch(sent) else uuid.uuid4().hex))
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule is not None else "none"
    # An invented method is no label of its own: each would be kept until the next start.
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, route, str(response.status_code)).observe(seconds)
    response.headers[HEADER] = current_request_id()
    is_usual = method in ("GET", "HEAD") and response.status_code < HTTPStatus.BAD_REQUEST
    log.log(
        logging.DEBUG if is_usual else logging.INFO,
        "%s %s %d %.1f ms",
        method,
        # A ticket's secret address stays out of the log, and so does every query.
        route,
        response.status_code,
        seconds * 1000,
        extra={"route": route, "status": response.status_code, "milliseconds": round(seconds * 1000, 1)},
    )
    return response


def _forget(_: BaseException | None) -> None:
    tracing = g.pop("tracing", None)
    if tracing is not None:
        tracing.close()
