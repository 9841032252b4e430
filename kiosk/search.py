"""Finds procedures and departments as one types: without diacritics, in any order of words, from their beginnings.

First every word must be the beginning of a word. Where nothing is found so, a slip of the finger is forgiven in
each and half of the words are enough: people also type whole sentences.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import log

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kiosk.messages import Centre, Department, Procedure

MOST = 60
WORDS = re.compile(r"[^\W_]+")
NAME, CODE, OF_DEPARTMENT = 1.0, 0.9, 0.35
SHORTEST_SLIP = 3  # letters: any shorter word with a slip could be anything
JOINED = 5  # letters: "khaisinh" is looked for without its spaces
HALF = 0.5
MUCH_WORSE = 0.45  # than the best one: not worth showing
MOST_SCORED = 200
MOST_WORDS = 12
WORDS_KEPT = 200

Matches = dict[str, float]
Fits = dict[int, float]


def fold(text: str) -> str:
    """Lower-case words without diacritics, one space between them; đ is d."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join(WORDS.findall("".join(sign for sign in letters if not unicodedata.combining(sign))))


@dataclass(frozen=True)
class Found:
    """A procedure, or a department as a whole."""

    department: Department
    procedure: Procedure | None = None

    @property
    def code(self) -> str:
        return self.procedure.code if self.procedure else self.department.code


@dataclass
class _Entry:
    found: Found
    texts: list[str]  # as written, lower-case, and
    folded: list[str]  # folded: each with a space before it
    weights: dict[str, float] = field(default_factory=dict)  # of each folded word


class Search:
    """All that `centre` offers, indexed."""

    def __init__(self, centre: Centre) -> None:
        departments = {department.code: department for department in centre.departments}
        found = [Found(department) for department in centre.departments]
        found += [
            Found(departments[procedure.department], procedure)
            for procedure in centre.procedures
            if procedure.department in departments
        ]
        self._entries = [_entry(one) for one in found]
        self._places: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, entry in enumerate(self._entries):
            for word, weight in entry.weights.items():
                self._places[word].append((place, weight))
        self._vocabulary = sorted(self._places)
        self._cut: dict[int, dict[str, list[str]]] = {}
        # A key changes the last word only: what is known of the others is kept.
        self._fits = lru_cache(WORDS_KEPT)(self._fits_of)

    def find(self, typed: str) -> list[Found]:
        """What fits `typed`, best first, at most `MOST`; nothing for no words."""
        words = fold(typed).split()[:MOST_WORDS]
        if not words:
            return []
        fits = self._sum([self._fits(word, False) for word in words], len(words))
        fits = fits or dict.fromkeys(self._joined(words), 0.0)
        fits = fits or self._sum([self._fits(word, True) for word in words], max(len(words) * HALF, 1))
        likely = sorted(fits, key=lambda place: (-fits[place], place))[:MOST_SCORED]
        scores = {place: self._score(fits[place], self._entries[place], words, typed) for place in likely}
        best = max(scores.values(), default=0.0)
        shown = [place for place in scores if scores[place] >= best - abs(best) * MUCH_WORSE]
        return [self._entries[place].found for place in sorted(shown, key=lambda place: (-scores[place], place))[:MOST]]

    def _fits_of(self, word: str, with_slips: bool) -> Fits:
        """How well each entry has `word`, 0 to 1, by place; those that have it not are left out."""
        others = (self._slips(word) if with_slips else {}) | self._beginnings(word)
        fits: Fits = {}
        for other, fit in others.items():
            for place, weight in self._places[other]:
                fits[place] = max(fits.get(place, 0.0), fit * weight)
        return fits

    def _sum(self, fits: list[Fits], least: float) -> Fits:
        """How well the entries fit that have at least `least` of the words, 0 to 1; rare words count more."""
        counts: dict[int, int] = defaultdict(int)
        sums: Fits = defaultdict(float)
        rarities = [log(2 + len(self._entries) / (1 + len(of_word))) for of_word in fits]
        whole = sum(rarities)
        for rare, of_word in zip(rarities, fits, strict=True):
            for place, fit in of_word.items():
                counts[place] += 1
                sums[place] += rare * fit / whole
        return {place: fit for place, fit in sums.items() if counts[place] >= least}

    def _beginnings(self, word: str) -> Matches:
        """Words that begin with `word`, and how well each fits, 0 to 1."""
        start = bisect_left(self._vocabulary, word)
        end = bisect_left(self._vocabulary, word + "\uffff", start)
        return {
            other: 1.0 if other == word else 0.7 + 0.2 * len(word) / len(other) for other in self._vocabulary[start:end]
        }

    def _slips(self, word: str) -> Matches:
        """Words that begin with `word` but for one letter too many, too few, wrong, or changed with its neighbour."""
        if len(word) < SHORTEST_SLIP:
            return {}
        return {
            other: 0.4
            for length in (len(word) - 1, len(word), len(word) + 1)
            for start, _, _ in process.extract(
                word, list(self._cut_at(length)), scorer=OSA.distance, score_cutoff=1, limit=None
            )
            for other in self._cut_at(length)[start]
        }

    def _cut_at(self, length: int) -> dict[str, list[str]]:
        """The words by their first `length` letters."""
        if length not in self._cut:
            self._cut[length] = {}
            for word in self._vocabulary:
                self._cut[length].setdefault(word[:length], []).append(word)
        return self._cut[length]

    def _joined(self, words: list[str]) -> list[int]:
        joined = "".join(words)
        if len(joined) < JOINED:
            return []
        return [
            place
            for place, entry in enumerate(self._entries)
            if any(joined in text.replace(" ", "") for text in entry.folded)
        ]

    def _score(self, fit: float, entry: _Entry, words: list[str], typed: str) -> float:
        together = max(_in_order(text, words) for text in entry.folded)
        accents = _share((f" {word}" for word in typed.casefold().split()), entry.texts)
        return fit + 0.5 * together + 0.15 * accents - 0.004 * len(entry.weights)


def _entry(found: Found) -> _Entry:
    named = found.procedure or found.department
    also = found.procedure.also if found.procedure else ()
    texts = [f" {unicodedata.normalize('NFC', text).casefold()}" for text in (*named.name.values(), *also)]
    entry = _Entry(found, texts, [f" {fold(text)}" for text in texts])
    fields = [(text, NAME) for text in entry.folded] + [(fold(found.code), CODE)]
    if found.procedure:
        fields += [(fold(found.procedure.official_code), CODE)]
        fields += [(fold(text), OF_DEPARTMENT) for text in found.department.name.values()]
    for text, weight in fields:
        for word in text.split():
            entry.weights[word] = max(weight, entry.weights.get(word, 0.0))
    return entry


def _in_order(text: str, words: list[str]) -> float:
    """How much of `words` stands together in `text`, as it was typed, 0 to 1; more where `text` begins so."""
    if len(words) == 1:
        return 0.4 * text.startswith(f" {words[0]}") + 0.4 * (text.strip() == words[0])
    pairs = sum(f" {first} {second}" in text for first, second in pairwise(words))
    whole = " ".join(words)
    return 0.7 * pairs / (len(words) - 1) + 0.1 * text.startswith(f" {whole}") + 0.2 * (text.strip() == whole)


def _share(words: Iterable[str], texts: list[str]) -> float:
    found = [any(word in text for text in texts) for word in words]
    return sum(found) / max(len(found), 1)
