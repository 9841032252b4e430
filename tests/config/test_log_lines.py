"""A line of the log holds where something failed and no values."""

import json
import logging
import sys

import pytest
from pydantic import BaseModel, ValidationError

from config.log_format import JsonLines, TextLines, trace

VALUE = "geheim"


class Told(BaseModel):
    number: int


def record() -> logging.LogRecord:
    try:
        try:
            Told.model_validate({"number": VALUE})
        except ValidationError as error:
            raise RuntimeError(f"duplicate key\nDETAIL: Key (name)=({VALUE})") from error
    except RuntimeError:
        return logging.LogRecord("motcua", logging.ERROR, __file__, 1, "it failed", None, sys.exc_info())


@pytest.mark.parametrize("formatter", [TextLines("%(message)s"), JsonLines("%(message)s")])
def test_values_behind_the_first_line_stay_out(formatter: logging.Formatter) -> None:
    line = formatter.format(record())
    assert VALUE not in line
    for kept in ("it failed", "RuntimeError: duplicate key", "1 validation error for Told", "test_log_lines.py"):
        assert kept in line
    if isinstance(formatter, JsonLines):
        assert json.loads(line)["message"] == "it failed"


def test_errors_that_cause_each_other_in_a_ring_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert trace(one).count("ValueError") == 2
