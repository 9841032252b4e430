"""The audit log's chain: each line carries a hash of itself and of the line before it: none can be changed alone.

A line holds ids, codes, numbers and times. Free text, names and addresses stand beside it: the line holds their
commitments, so that a text can be erased while the chain still verifies, and none can be changed.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

GENESIS_HASH = ""  # before the first line of a centre
FORM = 2  # of the hashed line; the first one held names and texts themselves
SALT_BYTES = 32


def line_hash(previous: str, line: Mapping[str, Any]) -> str:
    """The hash of a journal's `line` (columns by name) after the line whose hash is `previous`."""
    told = [
        FORM,
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
        line["actor_id"],
        line["details"],
        line["sealed"],
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def commitment(salt: bytes, text: str) -> str:
    """What stands in the chain for `text`: tells nothing of it, and fits no other text. `salt`: 32 random bytes."""
    return hashlib.sha256(salt + text.encode()).hexdigest()
