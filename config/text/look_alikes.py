"""Look-alikes from Word, old encodings and other keyboards become the letters that were meant; each kind is said.

Code points and their names: the Unicode Character Database. Old Vietnamese encodings write Đ as Ð (both are 0xD0), and
Windows-1258 writes tones as marks behind their letters.
"""

import re
import unicodedata
from typing import Any

HYPHENS = 'hyphens that are none became "-"'
BLANKS = "special blanks became plain ones"
D = "Ð, Ɖ and their small letters became Đ and đ"
PIECES = "letters in pieces were put together"
WIDE = "fullwidth letters and digits became plain ones"
QUOTES = "curly quotes around a code were left out"
UNSEEN = "soft hyphens and byte-order marks were left out"

# Of these keys the values are codes: nothing in them is a matter of typography.
CODES = frozenset({
    "code", "prefix", "department", "departments", "procedures", "papers", "official_code", "limit_unit", "limit_value",
    "minutes", "country", "timezone", "languages", "pictogram", "kind", "order", "mode", "transferred",
})  # fmt: skip

_NO_HYPHEN = re.compile("[\u2010-\u2012\u2043\u2212\ufe63\uff0d]")
# A dash between blanks, or between the numbers of a range, is meant; one between letters is Word's hyphen.
_GLUED_DASH = re.compile(r"(?<=[^\W\d_])[\u2013-\u2015](?=\w)|(?<=\w)[\u2013-\u2015](?=[^\W\d_])")
_ANY_DASH = re.compile("[\u2013-\u2015]")
_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_QUOTES = re.compile("[\u2018-\u201f\u00ab\u00bb\u2032\u2033]")
_UNSEEN = re.compile("[\u00ad\ufeff]")
_D = str.maketrans({"\u00d0": "Đ", "\u0189": "Đ", "\u00f0": "đ", "\u0256": "đ"})
_LATE_SHAPE = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")  # the tone before the circumflex or breve
_SPACING_TONE = re.compile("(?<=[AEIOUYaeiouyÂÊÔĂƠƯâêôăơư])[\u00b4\u02ca\u02cb\u02dc]")
_TONES = {"\u00b4": "\u0301", "\u02ca": "\u0301", "\u02cb": "\u0300", "\u02dc": "\u0303"}


def fold(text: str, *, is_code: bool = False) -> tuple[str, set[str]]:
    """`text` with the letters that were meant, and which kinds of look-alikes were in it."""
    kinds = set()
    for kind, change in (
        (PIECES, _whole), (D, lambda words: words.translate(_D)), (BLANKS, lambda words: _BLANK.sub(" ", words)),
        (HYPHENS, _hyphens if not is_code else lambda words: _ANY_DASH.sub("-", _hyphens(words))),
        (WIDE, _narrow if not is_code else lambda words: unicodedata.normalize("NFKC", words)),
        (UNSEEN, lambda words: _UNSEEN.sub("", words)),
        (QUOTES, (lambda words: _QUOTES.sub("", words)) if is_code else lambda words: words),
    ):  # fmt: skip
        changed = change(text)
        if changed != text:
            kinds.add(kind)
        text = changed
    return text, kinds


def fold_values(value: Any, *, key: str = "") -> tuple[Any, set[str]]:
    """The same for every string in what TOML or a table's row holds; `key`: whose value it is."""
    if isinstance(value, str):
        return fold(value, is_code=key in CODES)
    if isinstance(value, dict):
        parts = {name: fold_values(part, key=str(name)) for name, part in value.items()}
        return {name: part for name, (part, _) in parts.items()}, set().union(*(kinds for _, kinds in parts.values()))
    if isinstance(value, list):
        listed = [fold_values(part, key=key) for part in value]
        return [part for part, _ in listed], set().union(*(kinds for _, kinds in listed))
    return value, set()


def _whole(text: str) -> str:
    parted = unicodedata.normalize("NFD", _SPACING_TONE.sub(lambda found: _TONES[found[0]], text))
    return unicodedata.normalize("NFC", _LATE_SHAPE.sub(r"\2\1", parted))


def _hyphens(text: str) -> str:
    return _GLUED_DASH.sub("-", _NO_HYPHEN.sub("-", text))


def _narrow(text: str) -> str:
    return _WIDE.sub(lambda found: chr(ord(found[0]) - 0xFEE0), text)
