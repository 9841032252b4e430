"""Whether letters may become a Vietnamese syllable. What cannot is another language and stays as it was typed."""

import re
import unicodedata


def _listed(parts: str) -> list[str]:
    return parts.split()


_FIRST = _listed("b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")
_VOWELS = _listed(
    "a e i o u y ai ao au ay eo eu ia ie iu oa oe oi oo ua ue ui uo uu uy ya ye "
    "ieu oai oao oay oeo uao uay uai uoi uou uya uye uyu yeu ueo"
)
_LAST = _listed("c ch k m n ng nh p t")
_STOPPED = ("c", "ch", "k", "p", "t")
_TONES_OF_STOPPED = {"\u0301", "\u0323"}
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


def _beginnings(parts: list[str]) -> str:
    return "|".join(sorted({part[:end] for part in parts for end in range(1, len(part) + 1)}, key=len, reverse=True))


def _any(parts: list[str]) -> str:
    return "|".join(sorted(parts, key=len, reverse=True))


_SHAPE = re.compile(rf"(?:{_beginnings(_FIRST)})?|(?:{_any(_FIRST)})?(?:{_any(_VOWELS)})(?P<last>{_any(_LAST)})?")


def may_be_syllable(word: str) -> bool:
    """Whether `word`, as far as it is typed and composed, is a Vietnamese syllable or the beginning of one."""
    parts = unicodedata.normalize("NFD", word.casefold().replace("đ", "d"))
    shape = _SHAPE.fullmatch("".join(part for part in parts if not unicodedata.combining(part)))
    if shape is None:
        return False
    tones = _TONES.intersection(parts)
    return shape["last"] not in _STOPPED or tones <= _TONES_OF_STOPPED
