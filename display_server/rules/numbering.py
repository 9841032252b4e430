"""The number on the paper: prefix and at least three digits, per business day from 001.

Visitors who see "101" first think that a hundred people are ahead of them: every series starts at 001.
"""

import re
from collections.abc import Collection, Iterable

PREFIX = re.compile(r"[A-Z]{1,3}")
NUMBER = re.compile(r"([A-Z]{1,3})([0-9]{3,6})")

# Marks of kiosks in offline numbers. Left out: I J O S W Y Z, which are read as digits or hard to say in Vietnamese.
OFFLINE_LETTERS = "KHPTXBCDEFGLMNQRUVA"


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
    prefixes = list(prefixes)
    for letter in OFFLINE_LETTERS:
        spells_another = any(prefix + letter in prefixes for prefix in prefixes)
        if letter not in taken and not spells_another:
            return letter
    return None
