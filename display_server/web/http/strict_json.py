"""What a request says, looked at before any endpoint: strict JSON, and text that every database can hold.

What two readers could understand differently is refused, and so is what SQLite would take and PostgreSQL not.
"""

import json
import math
from typing import Any, NoReturn

from flask import Request, request
from werkzeug.exceptions import RequestEntityTooLarge

from config.text.types import for_messages, is_storable
from display_server.services.errors import Invalid

DEEPEST = 16  # of lists and objects in one another; ours need five


class JsonRequest(Request):
    """No body counts as an empty object, so that a step that needs nothing can be sent with nothing."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:  # noqa: ARG002
        """The body. Raises `Invalid` for anything that is not plain JSON, whatever `silent` says."""
        body = self.get_data()
        if not body:
            return {}
        if self.content_length is None and len(body) >= (self.max_content_length or len(body) + 1):
            raise RequestEntityTooLarge  # Werkzeug cuts a chunked body off at the limit and says nothing
        if not self.is_json:
            raise Invalid("send JSON, with the header Content-Type: application/json")
        found = _parse(body)
        if isinstance(found, str):  # flask-openapi3 would read JSON inside the string
            raise Invalid("the body is a string, not an object")
        _check(found)
        return found


def refuse_bad_text() -> None:
    """Before every request: 422 for a NUL or a lone surrogate in its path, query or form, on every database."""
    fields = [("path", request.path), *request.args.items(multi=True)]
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        fields += request.form.items(multi=True)
    for name, value in fields:
        if not is_storable(name + value):
            raise Invalid(f"{for_messages(name, 40)}: has a NUL character")


def _parse(body: bytes) -> Any:
    try:
        # Decoded here: `json.loads` would take UTF-16, and surrogates that UTF-8 forbids (RFC 8259, 8.1).
        return json.loads(
            body.decode(), parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_each_key_once
        )
    except UnicodeDecodeError as error:
        raise Invalid("the body is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the body is not JSON: {error}") from error


def _check(found: Any) -> None:
    """Raises `Invalid` for what no database can hold, and for nesting without end."""
    level = [found]
    for _ in range(DEEPEST):
        strings = [each for each in level if isinstance(each, str)]
        if not all(map(is_storable, strings)):
            raise Invalid("the body has a NUL or half a character (a lone surrogate)")
        lists = [part for each in level if isinstance(each, list) for part in each]
        objects = [part for each in level if isinstance(each, dict) for pair in each.items() for part in pair]
        level = lists + objects
        if not level:
            return
    raise Invalid(f"the body is nested more than {DEEPEST} deep")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found
