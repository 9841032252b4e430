"""Long names in little room: their lines, and where they end in "…". Plain Python: widths are measured outside."""

import unicodedata
from collections.abc import Callable, Iterator

ELLIPSIS = "…"
Measure = Callable[[str], float]

_JOINER = "\u200d"
_DASHES = frozenset({"-", "–", "·"})
_LOOSE_ENDS = " ,;:.-–·("


def clusters(text: str) -> list[str]:
    """Letters, each with the marks that stand on it: where a word may be cut without spoiling a letter."""
    found: list[str] = []
    for letter in text:
        joins = unicodedata.category(letter) in {"Mn", "Mc", "Me"} or letter == _JOINER
        if found and (joins or found[-1].endswith(_JOINER)):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def words(text: str) -> list[str]:
    """Words; a dash stays with the word before it ("Lao động - Thương binh" never begins a line with "-")."""
    found: list[str] = []
    for word in text.split():
        if word in _DASHES and found:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found or [""]


def fitting(word: str, width: float, measure: Measure) -> list[str]:
    """The word; one wider than `width` in parts, broken between letters where it must be."""
    if measure(word) <= width:
        return [word]
    parts = [""]
    for cluster in clusters(word):
        if parts[-1] and measure(parts[-1] + cluster) > width:
            parts.append("")
        parts[-1] += cluster
    return parts


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """The lines of `text`, each at most `width` wide by `measure`, as the words come. Line ends in it are kept."""
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, width, measure)]


def _lines(paragraph: str, width: float, measure: Measure) -> Iterator[str]:
    line = ""
    for part in (part for word in words(paragraph) for part in fitting(word, width, measure)):
        longer = f"{line} {part}" if line else part
        if line and measure(longer) > width:
            yield line
            line = part
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
    found = words(line)
    while len(found) > 1 and measure(_closed(" ".join(found))) > width:
        found.pop()
    line = " ".join(found)
    letters = clusters(line)
    while len(letters) > 1 and measure(_closed("".join(letters))) > width:
        letters.pop()
    return _closed("".join(letters))


def _closed(line: str) -> str:
    return line.rstrip(_LOOSE_ENDS) + ELLIPSIS
