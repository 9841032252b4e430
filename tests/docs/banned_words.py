"""Words that documents do not use, and what they say instead. The one list of them.

Identifiers of the code may be tried against it too.
"""

import re

BANNED = {
    r"doors?": "endpoint",
    r"houses?": "system, application",
    r"furniture": "(leave it out)",
    r"hand(s|ed|ing)? in|hand-ins?": "sync, upload",
    r"aloud": "speech",
    r"gather(s|ed|ing)?": "batch",
    r"wish(es)?": "request",
    r"patience": "timeout",
    r"signs? of life": "heartbeat",
    r"knock(s|ed|ing)?": "connect, probe",
    r"dear(er|est)": "expensive, costly",
}
"""A pattern of whole words, in any case: the word of the field."""

IN_TITLES = {
    r"rooms?": "package",
    r"walls?": "import contract, layer",
    r"taps?": "ticket request, touch",
    r"press(es)?": "command, action",
    r"(?<!no )paper(?! out| low)|papers": "slip, printed ticket; required documents",
    r"troubles?": "problem, error",
    r"told|heard|asked|wanted": "reported, received, requested",
    r"looks?": "poll",
    r"line": "queue",
    r"glance": "overview",
}
"""Besides, in headings and names of files."""


def found(text: str, *lists: dict[str, str]) -> list[str]:
    """Each banned word of `text` with what to write instead."""
    return [
        f"{match[0]}: {instead}"
        for banned in lists
        for pattern, instead in banned.items()
        for match in re.finditer(rf"\b({pattern})\b", text, re.IGNORECASE)
    ]
