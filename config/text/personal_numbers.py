"""Numbers that a note should not hold: of an identity card, of a phone. The same rule as static/js/note_check.js."""

import re
import unicodedata

WARNING = "personal-number"
"""What an answer says in `warning` when a text looks like holding one."""

# Digits, also with spaces or dots between them; or with one dash or comma between two of them, and no letter before
# them: a dossier's number is H42-261128-0001.
_RUNS = (re.compile(r"[0-9](?:[\s.]*[0-9])*"), re.compile(r"(?<!\w)[0-9](?:[-\u2010-\u2015\u2212_\u00b7,]?[0-9])*"))
_CARDS = {9, 12}  # digits of an old identity card; of today's, and of the personal number
_PHONE = re.compile(r"0[0-9]{9,10}|84[0-9]{9,10}")  # of a mobile, of a house; with the country's code


def looks_personal(text: str) -> bool:
    """Whether `text` has a run of digits as long as an identity number or a phone number; fullwidth digits too."""
    plain = unicodedata.normalize("NFKC", text)
    runs = (re.sub("[^0-9]", "", run) for pattern in _RUNS for run in pattern.findall(plain))
    return any(len(digits) in _CARDS or _PHONE.fullmatch(digits) for digits in runs)
