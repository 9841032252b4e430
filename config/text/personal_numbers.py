"""Numbers that a note should not hold: of an identity card, of a phone. The same rule as static/js/note_check.js."""

import re
import unicodedata

WARNING = "personal-number"
"""What an answer says in `warning` when a text looks like holding one."""

_RUN = re.compile(r"[0-9](?:[\s.]*[0-9])*")  # digits, also with spaces or dots between them
_CARDS = {9, 12}  # digits of an old identity card; of today's, and of the personal number
_PHONE = re.compile(r"0[0-9]{9}")


def looks_personal(text: str) -> bool:
    """Whether `text` has a run of digits as long as an identity number or a phone number; fullwidth digits too."""
    runs = (re.sub(r"[\s.]", "", run) for run in _RUN.findall(unicodedata.normalize("NFKC", text)))
    return any(len(digits) in _CARDS or _PHONE.fullmatch(digits) for digits in runs)
