"""One sound per call: chime, the sentence in each language, repeated as the site wishes; joined once and kept."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from config.settings import VoiceSettings
from display_server.domain.number_to_words import number_to_words, spell_out
from display_server.services.call_audio import audio as sound
from display_server.services.call_audio.clip_library import PLACEHOLDER, PUNCTUATION, ClipLibrary, Language

VISITOR = "visitor"  # in `voice.order`: the language of the visitor's ticket
AFTER_CHIME = 0.1  # seconds
BETWEEN_WORDS = 0.04
LONGEST = 26.0  # seconds after the chime: repetitions beyond it are left out
KEPT = 200  # announcements

Words = tuple[tuple[str, tuple[str, ...]], ...]


class Form(StrEnum):
    """How much of a call is said. While many wait: BRIEF, the chime and the short sentence of the first language, then
    SHORT, the same without the chime.
    """

    FULL = "full"
    BRIEF = "brief"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class CallText:
    """What is said of one call. `counter`: a number, or empty where `place`, by language, names it."""

    number: str
    counter: str
    place: Mapping[str, str]
    language: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """A whole call as MP3; `tag` differs where the sound does."""

    mp3: bytes
    tag: str
    seconds: float


class Announcer:
    """Joins announcements. `apart(function, *arguments)` runs what takes processor time, so that the hall's stream and
    the taps go on meanwhile.
    """

    def __init__(self, settings: VoiceSettings, apart: Callable[..., Any] | None = None) -> None:
        self.settings = settings
        self.bank = ClipLibrary(settings)
        self._apart = apart or (lambda function, *arguments: function(*arguments))
        self._kept: OrderedDict[tuple[Words, Form], Announcement] = OrderedDict()
        self._clips: dict[str, tuple[int, sound.Samples]] = {}

    def words(self, call: CallText, form: Form = Form.FULL) -> Words:
        """The words of a call, by language, in the order of `voice.order`."""
        wanted = [call.language if each == VISITOR else each for each in self.settings.order]
        known = [each for each in dict.fromkeys(wanted) if each in self.bank.languages]
        said = known if form is Form.FULL else known[:1]
        return tuple((each, tuple(self._sentence(each, call, form))) for each in said)

    def announcement(self, call: CallText, form: Form = Form.FULL) -> Announcement:
        """The call as one sound. Raises `VoiceError`, `SoundError` for a clip that is missing and cannot be made."""
        return self._whole(self.words(call, form), form)

    def text(self, texts: Mapping[str, str]) -> Announcement:
        """A free text in each language that the voice knows, after the chime. Raises `VoiceError`, `SoundError`."""
        return self._whole(tuple((each, (texts[each],)) for each in texts if each in self.bank.languages), Form.FULL)

    def _whole(self, words: tuple[tuple[str, tuple[str, ...]], ...], form: Form) -> Announcement:
        # Programs are started here, not apart: a server's worker threads cannot.
        files = [self.bank.make(language, word).path for language, sentence in words for word in sentence]
        changed = hashlib.sha256(str([(str(file), file.stat().st_mtime_ns) for file in files]).encode()).hexdigest()
        found = self._kept.get((words, form))
        if found is None or not found.tag.startswith(changed[:16]):
            found = self._apart(self._join, words, form, changed[:16])
            self._kept[words, form] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def chime(self) -> Announcement:
        """The chime alone."""
        made: Announcement = self._apart(lambda: self._encode(self._chime(), "chime"))
        return made

    def ready(self, language: str, word: str) -> None:
        """Make the word's clip where there is none, and read it. Raises `VoiceError`, `SoundError`."""
        self.bank.make(language, word)
        self._apart(self._clip, language, word)

    def all_words(self, places: Mapping[str, str]) -> list[tuple[str, str]]:
        """Every (language, word) that a call may need; `places`: one named counter's name by language."""
        found = []
        for code, language in self.bank.languages.items():
            words = [*language.phrases(), *language.digits, *language.clips, *(chr(sign) for sign in range(65, 91))]
            words += [places[code]] if code in places else []
            found += [(code, word) for word in dict.fromkeys(words)]
        return found

    def _sentence(self, code: str, call: CallText, form: Form) -> list[str]:
        language = self.bank.languages[code]
        sentence = language.sentence(is_numbered=bool(call.counter), is_short=form is not Form.FULL)
        spoken: list[str] = []
        for index, part in enumerate(PLACEHOLDER.split(sentence)):
            if index % 2:
                spoken += self._value(code, language, part, call)
            elif phrase := part.strip(PUNCTUATION):
                spoken.append(phrase)
        return spoken

    def _value(self, code: str, language: Language, part: str, call: CallText) -> list[str]:
        if part == "number":
            is_read = self.settings.digits == "read"
            return (
                number_to_words(call.number, code, language.digits)
                if is_read
                else spell_out(call.number, language.digits)
            )
        if part == "counter":
            return number_to_words(call.counter, code, language.digits)
        return [call.place.get(code) or call.place.get("vi") or next(iter(call.place.values()))]

    def samples(self, call: CallText) -> sound.Samples:
        """The call as it is before it is encoded; its clips must be there."""
        return self._joined(self.words(call), Form.FULL)

    def _join(self, words: Words, form: Form, changed: str) -> Announcement:
        return self._encode(self._joined(words, form), changed)

    def _joined(self, words: Words, form: Form) -> sound.Samples:
        pause = sound.silence(self.settings.pause_seconds)
        gap = BETWEEN_WORDS if form is Form.FULL else 0.0
        sentences = [self._said(language, sentence, gap) for language, sentence in words]
        if form is Form.SHORT:
            return sound.concatenate(sentences)
        pieces = [self._chime(), sound.silence(AFTER_CHIME)]
        whole = sum(map(sound.seconds, sentences)) + len(sentences) * self.settings.pause_seconds
        repeat = min(self.settings.repeat, max(1, int(LONGEST / whole))) if form is Form.FULL else 1
        for sentence in sentences * repeat:
            pieces += [sentence, pause]
        return sound.concatenate(pieces[:-1])

    def _said(self, language: str, words: tuple[str, ...], between: float) -> sound.Samples:
        gap = sound.silence(between)
        return sound.concatenate([piece for word in words for piece in (self._clip(language, word), gap)])

    def _clip(self, language: str, word: str) -> sound.Samples:
        """Trimmed and levelled; read again only when the file has changed."""
        path = self.bank.clip(language, word).path
        changed = path.stat().st_mtime_ns
        held = self._clips.get(str(path))
        if held is None or held[0] != changed:
            held = (
                changed,
                sound.normalize_loudness(sound.trim_silence(sound.read_wav(path)), self.settings.volume / 100),
            )
            self._clips[str(path)] = held
        return held[1]

    def _chime(self) -> sound.Samples:
        held = self._clips.get("chime")
        if held is None:
            held = (0, sound.normalize_loudness(self.bank.chime(), self.settings.volume / 100))
            self._clips["chime"] = held
        return held[1]

    def _encode(self, samples: sound.Samples, changed: str) -> Announcement:
        mp3 = sound.as_mp3(samples)
        return Announcement(mp3, f"{changed}-{hashlib.sha256(mp3).hexdigest()[:16]}", sound.seconds(samples))
