"""From a slip to the words of its layout: placeholders, conditions, languages. Plain Python."""

from collections.abc import Callable
from functools import cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date

from printer.slip.layout import (
    Block,
    ColumnsBlock,
    CutBlock,
    EmblemBlock,
    Layout,
    ListBlock,
    NumberBlock,
    QrBlock,
    TextBlock,
    placeholders,
)
from printer.slip.slip import Slip, Words

ENGLISH = "en"
LEAST_RANGE = 3  # counters; two are told apart
LONGEST_COUNTERS = 36  # letters


class TemplateContext:
    """A slip's texts, ready to be set. `leading` and `other` are the languages on the paper, `other` may be None.

    `lost_in`: the letters of a text that the paper will lack; such a text gives way to the next language's. `lost`:
    those that no language could avoid.
    """

    def __init__(self, slip: Slip, layout: Layout, lost_in: Callable[[str], list[str]] = lambda _: []) -> None:
        self.slip = slip
        self.leading, self.other = layout.order(slip.language)
        self.lost: set[str] = set()
        self._lost_in = lost_in
        self._fallbacks = tuple(sorted(layout.languages, key=lambda code: code != ENGLISH))
        self._conditions = conditions(slip)
        self._values: dict[str, dict[str, str | None]] = {}

    def is_true(self, when: str | None) -> bool:
        """Whether a block's condition is met."""
        if when is None:
            return True
        name = when.removeprefix("not ")
        return (name in self._conditions) is (name == when)

    def shows(self, block: Block) -> bool:
        """Whether there is anything to print."""
        if not self.is_true(block.when):
            return False
        match block:
            case TextBlock():
                shown: object = self.lines(block.text)
            case ColumnsBlock():
                shown = any(self.shows(inner) for column in block.column for inner in column.block)
            case QrBlock():
                shown = self.slip.status_url
            case ListBlock():
                shown = self.documents(block)
            case NumberBlock():
                shown = self.slip.number
            case EmblemBlock():
                shown = self.slip.emblem
            case _:
                shown = not isinstance(block, CutBlock)
        return bool(shown)

    def documents(self, block: ListBlock) -> list[tuple[Words, bool]]:
        """The papers that a list shows, each with whether its box is ticked."""
        slip = self.slip
        marked = list(zip(slip.papers, slip.ready or (False,) * len(slip.papers), strict=True))
        return marked if block.of == "all" else [one for one in marked if one[1] is (block.of == "ready")]

    def pair(self, words: Words) -> tuple[str, str | None]:
        """One of the slip's own texts in the leading and in the other language; None where that says the same."""
        leading = self._pick(words, self.leading)
        other = self._pick(words, self.other) if self.other else None
        return leading, other if other != leading else None

    def lines(self, text: dict[str, str]) -> tuple[str, str | None] | None:
        """A text in the leading and in the other language; None where the slip lacks what the text names.

        The other one is None where it would say the same again.
        """
        leading = self._filled(text, self.leading)
        if leading is None:
            return None
        other = self._filled(text, self.other) if self.other else None
        return leading, other if other != leading else None

    def _filled(self, text: dict[str, str], language: str) -> str | None:
        template = self._pick(text, language)
        if language not in self._values:
            self._values[language] = placeholder_values(self.slip, language, self._pick)
        values = self._values[language]
        wanted = {name: values[name] for name in placeholders(template)}
        if None in wanted.values():
            return None
        return template.format_map(wanted)

    def _pick(self, words: Words, language: str) -> str:
        """The text in `language`, else in English, else in another language of the layout, else in any."""
        order = dict.fromkeys((language, *self._fallbacks, *words))
        found = [words[code] for code in order if words.get(code)] or [""]
        text = next((each for each in found if not self._lost_in(each)), found[0])
        self.lost.update(self._lost_in(text))
        return text


def conditions(slip: Slip) -> frozenset[str]:
    """The conditions of a layout that hold for this slip."""
    holds = {
        "priority": bool(slip.priority),
        "procedure": bool(slip.procedure),
        "papers": bool(slip.papers),
        "counters": bool(slip.counters),
        "ahead": bool(slip.ahead),
        "next": slip.ahead == 0,
        "wait": wait_range(slip) is not None,
        "no_counter": slip.no_counter and wait_range(slip) is None,
        "status_url": bool(slip.status_url),
        "note": bool(slip.note),
        "offline": slip.offline,
        "copy": slip.copy,
        "emblem": slip.emblem is not None,
        "missing": bool(slip.ready) and not all(slip.ready),
        "ready": any(slip.ready),
        "unmarked": not slip.ready,
    }
    return frozenset(name for name, true in holds.items() if true)


def placeholder_values(
    slip: Slip, language: str, choose_language: Callable[[Words, str], str]
) -> dict[str, str | None]:
    """Every placeholder of a layout, in `language`; None where the slip does not know."""

    def word(words: Words | None) -> str | None:
        return choose_language(words, language) if words else None

    return {
        "number": slip.number or None,
        "department": word(slip.department),
        "centre": word(slip.centre),
        "counters": counter_ranges(slip.counters) or None,
        "ahead": None if slip.ahead is None else str(slip.ahead),
        "wait": wait_range(slip),
        "time": f"{slip.local_time:%H:%M}",
        "date": f"{slip.local_time:%d/%m/%Y}",
        "weekday": word({code: format_date(slip.local_time, "EEEE", _locale(code)) for code in (language, "en", "vi")}),
        "priority": word(slip.priority),
        "procedure": word(slip.procedure),
        "note": word(slip.note),
        "fee": word(slip.fee),
        "form": slip.form or None,
        "limit": word(slip.limit),
    }


def counter_ranges(counters: tuple[str, ...]) -> str:
    """The counters as they are read: "1–5, 8"; of very many only the first ones, then "…".

    Only neighbours that are plain numbers make a range, and only three or more of them.
    """
    runs: list[list[str]] = []
    for code in counters:
        if runs and code == _after(runs[-1][-1]):
            runs[-1].append(code)
        else:
            runs.append([code])
    parts = [part for run in runs for part in ([f"{run[0]}–{run[-1]}"] if len(run) >= LEAST_RANGE else run)]
    return _beginning(parts)


def _after(code: str) -> str | None:
    """The next number, or None for a code that is none ("A1", "01")."""
    is_number = code.isascii() and code.isdecimal() and not code.startswith("0")
    return str(int(code) + 1) if is_number else None


def _beginning(parts: list[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if kept and len(", ".join([*kept, part])) > LONGEST_COUNTERS:
            return ", ".join([*kept, "…"])
        kept.append(part)
    return ", ".join(kept)


def wait_range(slip: Slip) -> str | None:
    """The wait in minutes as "5–15" (one number where both ends agree), or None. Less than a minute is "< 1"."""
    ends = [minutes for minutes in (slip.wait_low, slip.wait_high) if minutes is not None]
    if not ends:
        return None
    low, high = ends[0], ends[-1]
    if high == 0:
        return "< 1"
    return str(high) if low == high else f"{low}–{high}"


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")
