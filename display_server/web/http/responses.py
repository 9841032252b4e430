"""How answers are dressed, and how their errors are described in /openapi.json."""

from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response
from pydantic import BaseModel

from config.text.personal_numbers import WARNING, looks_personal
from display_server.services.core.schemas import Warned, as_json
from display_server.web.http.problems import Problem

Responses = dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None]


def json_response(body: BaseModel, status: int = 200) -> Response:
    return Response(as_json(body), status, content_type="application/json")


Told = TypeVar("Told", bound=Warned)


def warned(shown: Told, *texts: str | None) -> Told:
    """The answer with a warning where one of the texts that were sent looks like holding a personal number."""
    is_personal = any(looks_personal(text) for text in texts if text)
    return shown.model_copy(update={"warning": WARNING}) if is_personal else shown


def problems(*statuses: int) -> Responses:
    """The error answers of an endpoint. Any may refuse a malformed request, or every one while the database is away."""
    schema = Problem.model_json_schema()
    content = {"application/problem+json": {"schema": schema}}
    return {status: {"description": "Problem", "content": content} for status in {*statuses, 422, 503}}
