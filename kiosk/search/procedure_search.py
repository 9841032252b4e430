"""Finds procedures and departments as one types: without diacritics, in any order of words, from their beginnings.

Every word must be the beginning of a word. Where nothing is found so, words that say nothing ("tôi muốn làm") are left
out; then a slip of the finger is forgiven in long words, and what is found is a guess, to be shown as one. A few words
of many may be strange in a guess. Whatever fits badly is left out: nothing is better than nonsense.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kiosk.api.models import Centre, Department, Elsewhere, Procedure

MOST = 60
WORDS = re.compile(r"[^\W_]+")
NAME, CODE, OF_DEPARTMENT = 1.0, 0.9, 0.35
MIN_TYPO_LENGTH = 5  # letters: a shorter word with a slip could be any of many others
JOINED = 5  # letters: "khaisinh" is looked for without its spaces
JOINED_SLIP = 7  # letters of two words and more: "khia sinh"
MOST_JOINED_WORDS, LONGEST_JOINED = 4, 24
SLIPPED = 0.6  # what a word is worth that fits but for a slip
LEAST_GUESS, LEAST_STRANGE = 0.5, 0.7  # of what a perfect fit would have; where words are strange
FEW, MANY = 3, 5  # words: of so many one, two may be strange in a guess
SCORE_CUTOFF_RATIO = 0.45  # than the best one: not worth showing
MOST_SCORED = 200
MOST_WORDS = 12
WORDS_KEPT = 200
FILLERS = frozenset(
    re.findall(
        r"\w+",
        "toi em anh chi ong ba chau con bac muon can xin hoi di lam duoc cho de o dau nhu the nao gi bi moi giup voi "
        "va thu tuc to i we want need would like a my for of how get please where is",
    )
)

Matches = dict[str, float]
Fits = dict[int, float]


def fold(text: str) -> str:
    """Lower-case words without diacritics, one space between them; đ is d."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join(WORDS.findall("".join(sign for sign in letters if not unicodedata.combining(sign))))


@dataclass(frozen=True)
class SearchResult:
    """A procedure, or a department as a whole."""

    department: Department
    procedure: Procedure | None = None

    @property
    def code(self) -> str:
        return self.procedure.code if self.procedure else self.department.code


@dataclass(frozen=True)
class Answer:
    """What was found, best first. `guessed`: not as it was typed. `elsewhere`: what another office does."""

    found: tuple[SearchResult, ...] = ()
    guessed: bool = False
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True)
class _Reading:
    """One way to read what was typed."""

    best: float
    found: tuple[SearchResult, ...]
    guessed: bool


@dataclass
class _Entry:
    found: SearchResult
    texts: list[str]  # as written, lower-case, and
    folded: list[str]  # folded: each with a space before it
    weights: dict[str, float] = field(default_factory=dict)  # of each folded word


class Search:
    """All that `centre` offers, indexed."""

    def __init__(self, centre: Centre) -> None:
        departments = {department.code: department for department in centre.departments}
        found = [SearchResult(department) for department in centre.departments]
        found += [
            SearchResult(departments[procedure.department], procedure)
            for procedure in centre.procedures
            if procedure.department in departments
        ]
        self._entries = [_entry(one) for one in found]
        self._places: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, entry in enumerate(self._entries):
            for word, weight in entry.weights.items():
                self._places[word].append((place, weight))
        self._all_texts = "".join(text for entry in self._entries for text in entry.texts)
        self._vocabulary = sorted(self._places)
        self._long_words = [word for word in self._vocabulary if len(word) >= MIN_TYPO_LENGTH]
        self._elsewhere = [(fold(said), one) for one in centre.elsewhere for said in one.said]
        self._joined_words: dict[str, set[int]] = {}
        # A key changes the last word only: what is known of the others is kept.
        self._fits = lru_cache(WORDS_KEPT)(self._fits_of)

    def find(self, typed: str, keys: str = "") -> Answer:
        """What fits `typed`, or `keys`, the same before letters were composed of it; at most `MOST`."""
        readings = [self._read(text) for text in dict.fromkeys(text for text in (typed, keys) if fold(text))]
        if not readings:
            return Answer()
        # Sure before guessed; the better fit; where both fit alike, what is seen on the screen.
        best = max(readings, key=lambda one: (bool(one.found), not one.guessed, one.best))
        if best.found and not best.guessed:
            return Answer(best.found)
        elsewhere, is_all = max((self._done_elsewhere(fold(text)) for text in (typed, keys)), key=lambda one: one[1])
        if elsewhere and (is_all or not best.found):
            return Answer(elsewhere=elsewhere)
        return Answer(best.found, bool(best.found))

    def _read(self, typed: str) -> _Reading:
        words = fold(typed).split()[:MOST_WORDS]
        strange = self._has_strange_accents(typed)
        if strange and len(words) == 1:
            return _Reading(0.0, (), guessed=False)
        for asked, guessed, fits in self._tries(words):
            if fits:
                return self._ranked(fits, asked, typed, guessed=guessed or strange)
        return _Reading(0.0, (), guessed=False)

    def _tries(self, words: list[str]) -> Iterable[tuple[list[str], bool, Fits]]:
        """From what is surely meant to what may be: the words that count, whether they are a guess, and what fits."""
        telling = [word for word in words if word not in FILLERS] or words
        yield words, False, self._sum(words, self._whole_words)
        yield words, False, dict.fromkeys(self._joined(words), 0.0)
        yield telling, False, self._sum(telling, self._whole_words)
        yield words, True, self._sum(words, self._beginnings_of)
        yield words, True, dict.fromkeys(self._joined_with_slip(words), LEAST_GUESS)
        strange = 0 if len(telling) < FEW else 1 if len(telling) < MANY else 2
        fits = self._sum(telling, self._with_slips, strange)
        least = LEAST_STRANGE if strange else LEAST_GUESS
        yield telling, True, {place: fit for place, fit in fits.items() if fit >= least}

    def _ranked(self, fits: Fits, words: list[str], typed: str, *, guessed: bool) -> _Reading:
        likely = sorted(fits, key=lambda place: (-fits[place], place))[:MOST_SCORED]
        scores = {place: self._score(fits[place], self._entries[place], words, typed) for place in likely}
        best = max(scores.values())
        shown = [place for place in scores if scores[place] >= best - abs(best) * SCORE_CUTOFF_RATIO]
        places = sorted(shown, key=lambda place: (-scores[place], place))[:MOST]
        return _Reading(best, tuple(self._entries[place].found for place in places), guessed)

    def _has_strange_accents(self, typed: str) -> bool:
        """Whether a word of `typed` has diacritics with which no word begins: "taxi" becomes "tãi" in Telex."""
        accented = [word for word in typed.casefold().split() if fold(word) != word.replace("đ", "d")]
        return any(f" {word}" not in self._all_texts for word in accented)

    def _whole_words(self, words: list[str]) -> list[Fits]:
        """Whole words, but for the last one, which may still be typed."""
        return [*(self._fits(word, "whole") for word in words[:-1]), self._fits(words[-1], "beginning")]

    def _beginnings_of(self, words: list[str]) -> list[Fits]:
        return [self._fits(word, "beginning") for word in words]

    def _with_slips(self, words: list[str]) -> list[Fits]:
        return [self._fits(word, "slip") for word in words]

    def _fits_of(self, word: str, how: Literal["whole", "beginning", "slip"]) -> Fits:
        """How well each entry has `word`, 0 to 1, by place; those that have it not are left out."""
        if how == "whole":
            others = {word: 1.0} if word in self._places else {}
        else:
            others = (self._typo_matches(word) if how == "slip" else {}) | self._beginnings(word)
        fits: Fits = {}
        for other, fit in others.items():
            for place, weight in self._places[other]:
                fits[place] = max(fits.get(place, 0.0), fit * weight)
        return fits

    def _sum(self, words: list[str], look: Callable[[list[str]], list[Fits]], strange: int = 0) -> Fits:
        """How well the entries fit that have the words, all but `strange` of them, 0 to 1; rare words count more."""
        fits = look(words)
        counts: dict[int, int] = defaultdict(int)
        sums: Fits = defaultdict(float)
        rarities = [log(2 + len(self._entries) / (1 + len(of_word))) for of_word in fits]
        whole = sum(rarities)
        for rare, of_word in zip(rarities, fits, strict=True):
            for place, fit in of_word.items():
                counts[place] += 1
                sums[place] += rare * fit / whole
        return {place: fit for place, fit in sums.items() if counts[place] >= len(words) - strange}

    def _beginnings(self, word: str) -> Matches:
        """Words that begin with `word`, and how well each fits, 0 to 1."""
        start = bisect_left(self._vocabulary, word)
        end = bisect_left(self._vocabulary, word + "\uffff", start)
        return {
            other: 1.0 if other == word else 0.7 + 0.2 * len(word) / len(other) for other in self._vocabulary[start:end]
        }

    def _typo_matches(self, word: str) -> Matches:
        """Long words that are `word` but for one letter too many, too few, wrong, or changed with its neighbour."""
        if len(word) < MIN_TYPO_LENGTH:
            return {}
        near = process.extract(word, self._long_words, scorer=OSA.distance, score_cutoff=1, limit=None)
        return {other: SLIPPED for other, _, _ in near if other[0] == word[0] or other[1:2] == word[:1]}

    def _joined(self, words: list[str]) -> list[int]:
        joined = "".join(words)
        if len(joined) < JOINED:
            return []
        return sorted(place for run, places in self._runs().items() if run.startswith(joined) for place in places)

    def _joined_with_slip(self, words: list[str]) -> list[int]:
        joined = "".join(words)
        if len(joined) < JOINED_SLIP:
            return []
        near = process.extract(joined, list(self._runs()), scorer=OSA.distance, score_cutoff=1, limit=None)
        return sorted({place for run, _, _ in near for place in self._runs()[run]})

    def _runs(self) -> dict[str, set[int]]:
        """A few neighbouring words of each name without their blanks, and where they stand."""
        if not self._joined_words:
            runs = defaultdict(set)
            for place, entry in enumerate(self._entries):
                for run in (run for text in entry.folded for run in _runs_of(text.split())):
                    runs[run].add(place)
            self._joined_words = dict(runs)
        return self._joined_words

    def _done_elsewhere(self, typed: str) -> tuple[Elsewhere | None, bool]:
        """What another office does, by a phrase in what was typed or the beginning of one; whether it is all of it."""
        telling = " ".join(word for word in typed.split() if word not in FILLERS) or typed
        fitting = [(self._share_of(said, typed, telling), one) for said, one in self._elsewhere]
        share, one = max(fitting, key=lambda pair: pair[0], default=(0.0, None))
        return (one, share >= 1) if share else (None, False)

    def _share_of(self, said: str, typed: str, telling: str) -> float:
        if typed in {said, said.replace(" ", "")} or (len(typed) > JOINED and said.startswith(typed)):
            return 1.0
        shares = (len(said) / len(text) for text in (typed, telling) if f" {said} " in f" {text} ")
        return max(shares, default=0.0)

    def _score(self, fit: float, entry: _Entry, words: list[str], typed: str) -> float:
        together = max(_in_order(text, words) for text in entry.folded)
        accents = _share((f" {word}" for word in typed.casefold().split()), entry.texts)
        return fit + 0.5 * together + 0.15 * accents - 0.004 * len(entry.weights)


def _runs_of(words: list[str]) -> Iterable[str]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + MOST_JOINED_WORDS, len(words)) + 1):
            run = "".join(words[start:end])
            if len(run) <= LONGEST_JOINED:
                yield run


def _entry(found: SearchResult) -> _Entry:
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
