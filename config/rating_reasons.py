"""The reasons that a visitor may give with a rating, as data."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from config.centre.models import CentreModel, LocalizedText
from config.input.files import read_toml_file
from config.input.validation_messages import plain_reason
from config.package_data import package_folder
from config.settings import SettingsError
from config.text.types import Code

RATING_FILE = package_folder("config") / "rating.toml"


class RatingReason(CentreModel):
    """`scores`: the faces, 1 (worst) to 5 (best), that offer it."""

    code: Code
    text: LocalizedText
    scores: list[Annotated[int, Field(ge=1, le=5)]] = Field(min_length=1)


_REASONS = TypeAdapter(list[RatingReason])


def load_reasons(file: Path | None = None) -> list[RatingReason]:
    """The reasons of `file`, or the default ones. Raises `SettingsError`, one line that names file and place."""
    path = file or RATING_FILE
    try:
        stored = read_toml_file(path)
        reasons = _REASONS.validate_python(stored.get("reason", []))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{path}: reason.{'.'.join(map(str, first['loc']))}: {plain_reason(first)}") from error
    if len({reason.code for reason in reasons}) < len(reasons):
        raise SettingsError(f"{path}: a reason's code is given twice")
    return reasons
