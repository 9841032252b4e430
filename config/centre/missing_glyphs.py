"""Texts of a centre that would be blank on its slips and kiosks: told at import, each with its letters."""

import re
from collections.abc import Iterator
from typing import Any

from config.typefaces import why_not_drawn

# What people say ("also", synonyms) and where a row comes from are not drawn anywhere.
_DRAWN = re.compile(
    r"(name|short|fee|form)(_[a-z]{2,3})?|limit_words(_[a-z]{2,3})?|what|office|slip_note|address|area|note|paper|priority"
)


def letters_not_drawn(values: Any, key: str = "") -> Iterator[str]:
    """One message for each value that no font here can draw: '…: no font draws "行" (U+884C); install …'.

    `values`: an entry, a table's row, or the value of `key`; keys whose texts are not drawn are passed over.
    """
    found = {key: values} if key or not isinstance(values, dict) else values
    for name, value in found.items():
        if _DRAWN.fullmatch(name) and (reason := why_not_drawn(value)):
            yield f"{name}: {reason}"
