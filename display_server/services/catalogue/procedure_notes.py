"""What visitors are told of a procedure besides its papers: words on its time limit, its fee, the number of its form.

They stand as JSON in the column `limit_note`. Older halls have plain text there, a remark of whoever made the table,
which nobody is shown.
"""

import json
from dataclasses import dataclass, field

from config.centre.loader import LocalizedText, Procedure


@dataclass(frozen=True, slots=True)
class Remarks:
    """`until`: "15:00"; what is handed in later is done on the next working day; None: that makes no difference."""

    words: LocalizedText = field(default_factory=dict)
    until: str | None = None
    fee: LocalizedText = field(default_factory=dict)
    form: str = ""


def dump_remarks(procedure: Procedure) -> str:
    """As the column holds them; nothing where there are none."""
    until = f"{procedure.same_day_until:%H:%M}" if procedure.same_day_until else None
    told = {"words": procedure.limit_words, "until": until, "fee": procedure.fee, "form": procedure.form}
    told = {name: value for name, value in told.items() if value}
    return json.dumps(told, ensure_ascii=False) if told else ""


def read_remarks(stored: str) -> Remarks:
    """The remarks in the column."""
    try:
        told = json.loads(stored) if stored.startswith("{") else {}
        return Remarks(**told)
    except (ValueError, TypeError):
        return Remarks()
