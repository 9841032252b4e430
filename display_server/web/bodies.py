"""Bodies of requests: strict JSON. What two readers could understand differently is refused."""

import json
from typing import Any, NoReturn

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from display_server.services.errors import Invalid


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
        try:
            found = json.loads(body, parse_constant=_no_number, object_pairs_hook=_each_key_once)
        except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
            raise Invalid(f"the body is not JSON: {error}") from error
        if isinstance(found, str):  # flask-openapi3 would read JSON inside the string
            raise Invalid("the body is a string, not an object")
        return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found
