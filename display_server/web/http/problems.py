"""Every error becomes `application/problem+json` (RFC 9457), here and nowhere else."""

import ipaddress
import json
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, render_template, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from config.input.validation_messages import plain_reason
from config.text.types import for_messages
from display_server.services.errors import DatabaseFailure, DatabaseGone, ServiceError, Unavailable, UnfitForDatabase
from display_server.web.auth.sign_in import sign_in_again

MOST_PROBLEMS = 20  # told of one request


class Problem(BaseModel):
    """An error's document; some carry further fields of their own."""

    type: str
    title: str
    status: int
    detail: str


def problem(status: int, name: str, title: str, detail: str, **fields: Any) -> Response:
    document = Problem(type=f"/problems/{name}", title=title, status=status, detail=detail).model_dump() | fields
    return Response(json.dumps(document, ensure_ascii=False), status, content_type="application/problem+json")


def malformed(error: ValidationError) -> Response:
    """What flask-openapi3 answers for a request that does not fit its types."""
    problems = [
        {"field": _where(each["loc"]), "reason": plain_reason(each)}
        for each in error.errors(include_input=False)[:MOST_PROBLEMS]
    ]
    detail = "; ".join(f"{each['field'] or 'body'}: {each['reason']}" for each in problems)
    return problem(422, "invalid", "The request is malformed", detail, errors=problems)


def _where(location: tuple[int | str, ...]) -> str:
    # A key that there is not is named as it was sent.
    return for_messages(".".join(map(str, location)))


def register(app: Flask) -> None:
    app.register_error_handler(ServiceError, _service_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DatabaseFailure, _database_error)
    app.register_error_handler(DatabaseGone, _database_gone)
    app.register_error_handler(Exception, _unexpected)


def _answer(status: int, name: str, title: str, detail: str, **fields: Any) -> Any:
    if _is_page():
        return render_template("error.html", name=name, status=status, title=title, detail=detail), status
    response = problem(status, name, title, detail, **fields)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _is_page() -> bool:
    if request.path.startswith(("/api/", "/openapi", "/healthz", "/metrics")):
        return False
    # A browser names HTML; a machine that takes anything gets the problem.
    return request.accept_mimetypes.best_match(["application/problem+json", "text/html"]) == "text/html"


def _service_error(error: ServiceError) -> Any:
    if isinstance(error, Unavailable):
        current_app.logger.error("the database cannot be used: %s", error)
        return _answer(error.status, error.problem, error.title, _for_this_asker(str(error)), **error.fields)
    return _answer(error.status, error.problem, error.title, str(error), **error.fields)


def _csrf_error(error: CSRFError) -> Any:
    """A page whose session is over gets the sign-in form; what is signed in is told that the page was too old."""
    if _is_page() and not current_user.is_authenticated:
        return sign_in_again()
    return _answer(403, "csrf", "The page is too old", str(error.description))


def _http_error(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    status = error.code or 500
    answer = current_app.make_response(
        _answer(status, error.name.lower().replace(" ", "-"), error.name, error.description or "")
    )
    for header, value in error.get_headers():
        if header in ("Allow", "Retry-After"):
            answer.headers[header] = value
    return answer


def _database_error(error: DatabaseFailure) -> Any:
    if isinstance(error, UnfitForDatabase):  # the last net: each endpoint refuses such values itself
        what = " ".join((error.statement or "").split()[:3])
        current_app.logger.warning("%s: the database cannot hold a value: %s", what, type(error.orig).__name__)
        return _answer(422, "invalid", "The request is malformed", "the database cannot hold one of the values")
    current_app.logger.error("the database failed", exc_info=error)
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return _answer(503, "database", "The database cannot be used now", _for_this_asker(reason))


def _for_this_asker(reason: str) -> str:
    """Paths and what the database's driver says are for who asks from this machine; the log has them for staff."""
    try:
        is_here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        is_here = False
    return reason if is_here else "The reason was written to the server's log."


def _database_gone(error: DatabaseGone) -> Any:
    current_app.logger.error("%s", error)
    return _answer(503, "database", "The database cannot be used now", _for_this_asker(str(error)))


def _unexpected(error: Exception) -> Any:
    current_app.logger.error("unexpected error", exc_info=error)
    return _answer(500, "unexpected", "Something went wrong here", "The error was written to the server's log.")
