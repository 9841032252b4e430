"""Lines of the log. Of an exception they hold where it happened and the first line of what it says.

What follows the first line are values: a database names the whole row that it refused, a validator what was sent.
"""

import logging
import traceback
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

CAUSE = "The above exception was the direct cause of the following exception:"
LONGEST = 300  # letters of a message

Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def told(error: BaseException) -> str:
    """An exception in one line: its type and the first line of its text."""
    first = str(error).strip().partition("\n")[0][:LONGEST]
    return f"{type(error).__module__}.{type(error).__qualname__}: {first}"


def trace(error: BaseException) -> str:
    """The exception with its causes, oldest first, as Python prints them, each text cut to its first line."""
    parts: list[str] = []
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        parts.append("".join(traceback.format_tb(each.__traceback__)) + told(each))
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return f"\n\n{CAUSE}\n\n".join("Traceback (most recent call last):\n" + part for part in reversed(parts))


class TextLines(logging.Formatter):
    """For people and journald."""

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - logging's name
        return trace(ei[1]) if ei[1] is not None else ""


class JsonLines(JsonFormatter):
    """One object a line."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return trace(ei[1]) if ei[1] is not None else ""
