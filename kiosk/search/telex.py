"""Telex: Vietnamese from plain letters. aa ee oo dd give â ê ô đ, w ă ơ ư; s f r x j set the tone, z takes it off.

Works over whole words: marks and tones may be typed where they belong or at the end ("tieengs", "tiengse"), and a tone
moves to its place as the word grows. A mark typed twice is taken back and stays as letters.
"""

import re
import unicodedata
from dataclasses import dataclass

from kiosk.search.syllables import may_be_syllable

TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
CIRCUMFLEX, BREVE, HORN, STROKE = "\u0302", "\u0306", "\u031b", "\u0335"
HOOKED = {"a": BREVE, "o": HORN, "u": HORN}
VOWELS = "aeiouy"
LENGTH_OF_TRIPHTHONG = 3
WORDS = re.compile(r"([^\W\d_]+)")


@dataclass
class _Letter:
    base: str
    mark: str = ""


class _Word:
    """A word taken apart: letters with the mark that makes them other letters, and one tone."""

    def __init__(self, word: str) -> None:
        self.letters: list[_Letter] = []
        self.tone = ""
        for sign in unicodedata.normalize("NFD", word):
            if sign in TONES.values():
                self.tone = sign
            elif unicodedata.combining(sign):
                self.letters[-1].mark = sign
            else:
                self.letters.append(_Letter("d", STROKE) if sign == "đ" else _Letter(sign))

    def __str__(self) -> str:
        place = self._tone_place()
        parts = (
            "đ" if letter.mark == STROKE else letter.base + letter.mark + (self.tone if index == place else "")
            for index, letter in enumerate(self.letters)
        )
        return unicodedata.normalize("NFC", "".join(parts))

    @property
    def nucleus(self) -> range:
        """Where the vowels stand; u after q and i after g before another vowel belong to the consonant."""
        bases = "".join(letter.base for letter in self.letters)
        start = next((index for index, base in enumerate(bases) if base in VOWELS), len(bases))
        if bases.startswith(("qu", "gi")) and len(bases) > len("qu") and bases[2] in VOWELS:
            start = 2
        end = start
        while end < len(bases) and bases[end] in VOWELS:
            end += 1
        return range(start, end)

    def _tone_place(self) -> int | None:
        nucleus = self.nucleus
        if not nucleus:
            return None
        marked = [index for index in nucleus if self.letters[index].mark]
        if marked:
            return marked[-1]
        if nucleus.stop < len(self.letters):
            return nucleus[-1]
        return nucleus[1] if len(nucleus) == LENGTH_OF_TRIPHTHONG else nucleus[0]


def compose(keys: str) -> str:
    """The text that `keys`, typed one after the other, give. Words that are not Vietnamese stay as they were typed.

    `keys` may hold letters that are composed already.
    """
    return "".join(_composed(part) if part[:1].isalpha() else part for part in WORDS.split(keys))


def without_last(keys: str) -> str:
    """Keys that give what `keys` give, but for the last letter."""
    left = compose(keys)[:-1]
    found = next((keys[:end] for end in range(len(keys) - 1, -1, -1) if compose(keys[:end]) == left), None)
    if found is not None:
        return found
    start = max(len(text) for text in ("", *(keys[: at.end()] for at in re.finditer(r"\s", keys))))
    return keys[:start] + left[len(compose(keys[:start])) :]


def _composed(word: str) -> str:
    text = ""
    for key in word:
        text = type_key(text, key)
    return text if may_be_syllable(text) else word


def type_key(text: str, key: str) -> str:
    """`text` after `key`, one sign, was typed at its end. Lower-case letters."""
    start = len(text)
    while start and text[start - 1].isalpha():
        start -= 1
    word = _Word(text[start:])
    if not (key.isascii() and key.isalpha()) or not _heeds(word, key):
        word.letters.append(_Letter(key))
        _spread_horn(word)
    return text[:start] + str(word)


def _heeds(word: _Word, key: str) -> bool:
    """Whether `key` was a tone or a mark for `word`, which then has it."""
    if key == "z" and word.tone:
        word.tone = ""
        return True
    if key in TONES and word.nucleus:
        return _set_tone(word, TONES[key], key)
    if key == "w":
        return _hook(word)
    if key in "aeo":
        return _circumflex(word, key)
    if key == "d" and word.letters and word.letters[0].base == "d":
        return _mark(word, word.letters[0], STROKE, key)
    return False


def _set_tone(word: _Word, tone: str, key: str) -> bool:
    if word.tone == tone:
        word.tone = ""
        word.letters.append(_Letter(key))
    else:
        word.tone = tone
    return True


def _mark(word: _Word, letter: _Letter, mark: str, key: str) -> bool:
    if letter.mark == mark:
        letter.mark = ""
        word.letters.append(_Letter(key))
    else:
        letter.mark = mark
    return True


def _circumflex(word: _Word, key: str) -> bool:
    found = [index for index in word.nucleus if word.letters[index].base == key]
    if not found:
        return False
    after = [letter.base for letter in word.letters[found[-1] + 1 :]]
    if key == "o" and after in (["a"], ["e"]):  # "ngoeo", "ngoao": no word has ôa or ôe
        return False
    return _mark(word, word.letters[found[-1]], CIRCUMFLEX, key)


def _hook(word: _Word) -> bool:
    bases = "".join(letter.base for letter in word.letters)
    nucleus = word.nucleus
    if not nucleus:
        if bases.startswith("q"):
            return False
        word.letters.append(_Letter("u", HORN))
        return True
    vowels = bases[nucleus.start : nucleus.stop]
    pair = next((vowels.index(two) for two in ("ua", "uu", "ui") if two in vowels), None)
    if "uo" in vowels:
        index = nucleus.start + vowels.index("uo") + 1
    elif pair is not None:
        index = nucleus.start + pair
    else:
        index = max((place for place in nucleus if bases[place] in HOOKED), default=-1)
    if index < 0:
        return False
    _mark(word, word.letters[index], HOOKED[bases[index]], "w")
    _spread_horn(word)
    return True


def _spread_horn(word: _Word) -> None:
    """uơ becomes ươ as soon as something follows ("thuở", but "thương")."""
    for first, second, _ in zip(word.letters, word.letters[1:], word.letters[2:], strict=False):
        if first == _Letter("u") and second == _Letter("o", HORN) and word.nucleus and first is not _after_q(word):
            first.mark = HORN


def _after_q(word: _Word) -> _Letter | None:
    return word.letters[1] if word.letters[0].base == "q" else None
