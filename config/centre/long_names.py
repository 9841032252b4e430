"""Long official names: which of them should have a short one beside them."""

from collections.abc import Iterable
from typing import Protocol

from config.centre.models import LONGEST_SHORT, Centre

LONG_PROCEDURE = 120  # procedures stand in lists with a line or two each; all else on cards, tiles and headers


class Named(Protocol):
    @property
    def name(self) -> dict[str, str]: ...

    @property
    def short(self) -> dict[str, str]: ...


def long_names(centre: Centre) -> list[str]:
    """One line for each official name that is long and has no short one in its language.

    Above 60 letters a name is long, above 120 that of a procedure. Nothing is wrong with these names: where space is
    short their beginning is shown.
    """
    return [
        *_long("centre.toml", [("centre", centre)], LONGEST_SHORT),
        *_long("departments.toml", ((one.code, one) for one in centre.departments), LONGEST_SHORT),
        *_long("counters.toml", ((one.code, one) for one in centre.counters), LONGEST_SHORT),
        *_long("procedures.csv", ((one.code, one) for one in centre.procedures), LONG_PROCEDURE),
    ]


def _long(file: str, named: Iterable[tuple[str, Named]], most: int) -> list[str]:
    return [
        f"{file}: {code}: the name has {len(words)} letters in language {language!r} and there is no short one"
        for code, one in named
        for language, words in one.name.items()
        if len(words) > most and language not in one.short
    ]
