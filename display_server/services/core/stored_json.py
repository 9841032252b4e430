"""What an older Motcua kept as JSON may not fit today's types: then it is as if nothing had been said."""

import logging
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)

log = logging.getLogger(__name__)


def read_stored(model: type[Model], stored: Any) -> Model | None:
    """`stored` as a `model`; None where there is nothing, or nothing that fits."""
    if not stored:
        return None
    try:
        return model.model_validate(stored)
    except ValidationError:
        log.debug("what is stored does not fit %s", model.__name__)
        return None
