"""Bases of whatever a request says: JSON's own types as they are, and whole numbers of a query written as such.

Pydantic would take `true`, `1.0` and `"1"` for 1, and `1` for true: what a client meant by it nobody knows.
"""

import json
import re
from typing import Any, Self, get_args

from pydantic import BaseModel, model_validator
from pydantic_core import to_jsonable_python

WHOLE = re.compile(r"-?[0-9]+", re.ASCII)


class JsonBody(BaseModel):
    """A body. Each value must have the JSON type that it is asked for in; an integer does for a number."""

    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> Self:
        """Raises `ValidationError`. By way of JSON text, as only then a date may be a string and a tuple a list."""
        return cls.model_validate_json(json.dumps(obj, default=to_jsonable_python), strict=True)


class QueryValues(BaseModel):
    """The values behind a `?`, which are all text. A whole number is digits alone: neither `1.0` nor `1_000`."""

    @model_validator(mode="before")
    @classmethod
    def _whole_numbers(cls, values: Any) -> Any:
        for name, field in cls.model_fields.items():
            given = values.get(name) if isinstance(values, dict) else None
            is_whole = int in (field.annotation, *get_args(field.annotation))
            if is_whole and isinstance(given, str) and not WHOLE.fullmatch(given):
                raise ValueError(f"{name} must be a whole number")
        return values
