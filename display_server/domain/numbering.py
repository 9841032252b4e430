"""The number on the paper: prefix and at least three digits, per business day from 001.

Visitors who see "101" first think that a hundred people are ahead of them: every series starts at 001.
"""

import re
from collections.abc import Collection, Iterable

PREFIX = re.compile(r"[A-Z]{1,3}")
NUMBER = re.compile(r"([A-Z]{1,3})([0-9]{3,6})")

# Marks of kiosks in offline numbers. Left out: I J O S W Y Z, which are read as digits or hard to say in Vietnamese.
OFFLINE_LETTERS = "KHPTXBCDEFGLMN"
# Marks of the server's own numbers for the rest of a day on which a backup was restored. No kiosk gets one of them.
EPOCH_LETTERS = "QRUVA"


def format_number(prefix: str, number: int) -> str:
    """`A` and 7 are `A007`; 1000 grows to four digits."""
    return f"{prefix}{number:03d}"


def parse_number(text: str) -> tuple[str, int] | None:
    """`A007` is `("A", 7)`; None for anything that `format_number` does not write."""
    match = NUMBER.fullmatch(text)
    if match is None:
        return None
    prefix, number = match[1], int(match[2])
    return (prefix, number) if number > 0 and format_number(prefix, number) == text else None


def free_offline_letter(prefixes: Iterable[str], taken: Collection[str]) -> str | None:
    """A letter for a kiosk's own numbers (`A` + `K` + `001`), or None when none is left.

    No other kiosk holds it, and no department's prefix is spelled by it.
    """
    return next(iter(free_letters(OFFLINE_LETTERS, prefixes, taken)), None)


def free_letters(letters: str, prefixes: Iterable[str], taken: Collection[str]) -> list[str]:
    """Those of `letters` that are not `taken` and spell no department's prefix after another one's."""
    known = set(prefixes)
    return [
        letter for letter in letters if letter not in taken and not any(prefix + letter in known for prefix in known)
    ]
