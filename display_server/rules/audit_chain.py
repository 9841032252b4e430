"""The journal's chain: each line carries a hash of itself and of the line before it: none can be changed alone."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

FIRST = ""  # before the first line of a centre


def line_hash(previous: str, line: Mapping[str, Any]) -> str:
    """The hash of a journal's `line` (columns by name) after the line whose hash is `previous`."""
    told = [
        previous,
        line["centre_id"],
        line["at"].astimezone(UTC).isoformat(),
        line["tick"],
        line["business_day"].isoformat(),
        line["action"],
        line["ticket_id"],
        line["number"],
        line["counter_id"],
        line["actor_kind"],
        line["actor"],
        line["address"],
        line["details"],
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
