"""Long names in little room: their lines, and where they end in "…". Plain Python: widths are measured outside.

A line ends at a blank, at a zero-width space (as Khmer and Lao are written), or between two Chinese characters or
Japanese kana but where a closing mark would begin a line or an opening one end it (UAX #14, classes ID, CL and OP).
"""

import unicodedata
from collections.abc import Callable, Iterator

ELLIPSIS = "…"
Measure = Callable[[str], float]

_JOINER = "\u200d"
_STACKERS = frozenset("\u0e3a\u0eba\u1039\u17d2")  # the next consonant stands below this one: Thai, Lao, Burmese, Khmer
_MARKS = frozenset({"Mn", "Mc", "Me"})
_DASHES = frozenset({"-", "–", "·"})
_LOOSE_ENDS = " ,;:.-–·(（、，"
_ZERO_WIDTH = "\u200b"
_WITHOUT_BLANKS = ("CJK UNIFIED", "CJK COMPAT", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH")
_BEGINS_NO_LINE = frozenset("、。，．：；！？）」』】〉》〕｝”’ー々…ぁぃぅぇぉっゃゅょァィゥェォッャュョ")
_ENDS_NO_LINE = frozenset("（「『【〈《〔｛“‘")


def clusters(text: str) -> list[str]:
    """Letters, each with the marks that stand on it: where a word may be cut without spoiling a letter."""
    found: list[str] = []
    for letter in text:
        joins = unicodedata.category(letter) in _MARKS or letter == _JOINER
        if found and (joins or found[-1].endswith(_JOINER) or found[-1][-1] in _STACKERS):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def parts(text: str) -> list[str]:
    """What a line may end behind; a part that follows a blank begins with it.

    A dash stays with the word before it ("Lao động - Thương binh" never begins a line with "-").
    """
    found: list[str] = []
    for word in text.split():
        blank = " " if found else ""
        if word in _DASHES and found:
            found[-1] += f" {word}"
        else:
            first, *others = _without_blanks(word)
            found += [blank + first, *others]
    return found or [""]


def _without_blanks(word: str) -> list[str]:
    found = [""]
    for cluster in clusters(word):
        if cluster == _ZERO_WIDTH:
            found.append("")
        elif found[-1] and _may_part(found[-1][-1], cluster[0]):
            found.append(cluster)
        else:
            found[-1] += cluster
    return [part for part in found if part] or [word]


def _may_part(before: str, after: str) -> bool:
    if before.isascii() and after.isascii():
        return False
    ideographs = any(unicodedata.name(letter, "").startswith(_WITHOUT_BLANKS) for letter in (before, after))
    return ideographs and after not in _BEGINS_NO_LINE and before not in _ENDS_NO_LINE


def breaks_without_blanks(text: str) -> bool:
    """Whether a line may end elsewhere than at a blank."""
    return not text.isascii() and any(not part.startswith(" ") for part in parts(text)[1:])


def fitting(text: str, width: float, measure: Measure) -> list[str]:
    """The parts of `text`; those wider than `width` broken between letters, where they must be."""
    found: list[str] = []
    for part in parts(text):
        bare = part.lstrip(" ")
        pieces = [bare] if measure(bare) <= width else _broken(bare, width, measure)
        found += [part[: len(part) - len(bare)] + pieces[0], *pieces[1:]]
    return found


def _broken(word: str, width: float, measure: Measure) -> list[str]:
    pieces = [""]
    for cluster in clusters(word):
        if pieces[-1] and measure(pieces[-1] + cluster) > width:
            pieces.append("")
        pieces[-1] += cluster
    return pieces


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """The lines of `text`, each at most `width` wide by `measure`, as the words come. Line ends in it are kept."""
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, width, measure)]


def _lines(paragraph: str, width: float, measure: Measure) -> Iterator[str]:
    line = ""
    for part in fitting(paragraph, width, measure):
        longer = line + part
        if line and measure(longer) > width:
            yield line
            line = part.lstrip(" ")
        else:
            line = longer
    yield line


def shortened(text: str, width: float, most_lines: int, measure: Measure) -> list[str]:
    """At most `most_lines` lines of `text`; what is cut off is replaced by "…" behind a whole word.

    A word is cut, between two letters, only where it alone is too wide for the last line.
    """
    lines = wrapped(text, width, measure)
    if len(lines) <= most_lines:
        return lines
    kept = lines[: max(1, most_lines)]
    return [*kept[:-1], _with_ellipsis(kept[-1], width, measure)]


def _with_ellipsis(line: str, width: float, measure: Measure) -> str:
    found = parts(line)
    while len(found) > 1 and measure(_closed("".join(found))) > width:
        found.pop()
    letters = clusters("".join(found))
    while len(letters) > 1 and measure(_closed("".join(letters))) > width:
        letters.pop()
    return _closed("".join(letters))


def _closed(line: str) -> str:
    return line.rstrip(_LOOSE_ENDS) + ELLIPSIS
