"""A bank of clips: one WAV a word. A recording beats the generated clip of the same name.

`config/voices/BANK/LANGUAGE.toml` holds a language's sentences and words, `config/voices/BANK/LANGUAGE/NAME.wav` its
recordings; what espeak-ng makes goes into `voice.data_dir`. A further language is one more file.
"""

import hashlib
import os
import re
import subprocess
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from config.input.files import read_toml_file
from config.input.validation_messages import plain_reason
from config.package_data import package_folder
from config.settings import VoiceSettings
from display_server.services.call_audio import audio as sound
from display_server.services.errors import Unavailable

VOICES = package_folder("config") / "voices"
LONGEST_NAME = 80
SYNTHESISER = "espeak-ng"
SYNTHESIS_SECONDS = 10
CHIME = "chime"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
PUNCTUATION = " ,.;:!?"


class VoiceError(Unavailable):
    """A bank that cannot be read, or a clip that cannot be had; one line."""

    problem = "voice"
    title = "This cannot be said now"


class Language(BaseModel):
    """One language of a bank. `short`, `short_to`: the sentences while many wait; without them `call` and `call_to` are
    said without their first words, so that a bank recorded before needs no new word.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    espeak_voice: str = Field(min_length=1)
    words_per_minute: int = Field(ge=80, le=450)
    call: str
    call_to: str
    short: str = ""
    short_to: str = ""
    digits: list[str] = Field(min_length=10, max_length=10)
    clips: dict[str, str]
    say: dict[str, str] = {}

    @field_validator("call", "call_to", "short", "short_to")
    @classmethod
    def _has_its_places(cls, text: str) -> str:
        if text and set(PLACEHOLDER.findall(text)) not in ({"number", "counter"}, {"number", "place"}):
            raise ValueError("must hold {number} and {counter} (call) or {place} (call_to), and nothing else in braces")
        return text

    @field_validator("clips")
    @classmethod
    def _plain_names(cls, clips: dict[str, str]) -> dict[str, str]:
        wrong = [name for name in clips.values() if not re.fullmatch(r"[A-Za-z0-9_-]+", name)]
        if wrong or len(set(clips.values())) < len(clips):
            raise ValueError("each word has a file name of its own, of letters without marks, digits, - and _")
        return clips

    def sentence(self, *, is_numbered: bool, is_short: bool) -> str:
        """What is said, with its places; `is_numbered`: the counter has a number, not a name."""
        whole, short = (self.call, self.short) if is_numbered else (self.call_to, self.short_to)
        return (short or whole[whole.index("{") :]) if is_short else whole

    def phrases(self) -> list[str]:
        """The fixed parts of the sentences."""
        parts = [PLACEHOLDER.split(text)[::2] for text in (self.call, self.call_to, self.short, self.short_to)]
        return [phrase for part in parts for text in part if (phrase := text.strip(PUNCTUATION))]

    def file_name(self, word: str) -> str:
        """The name of a word's clip; a word that is not listed (a counter's name) gets one made of its letters."""
        if word in self.clips or len(word) == 1:
            return self.clips.get(word, word)
        plain = unicodedata.normalize("NFD", word.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
        marks = hashlib.sha256(unicodedata.normalize("NFC", word).encode()).hexdigest()[:6]
        return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] + "-" + marks


@dataclass(frozen=True)
class Clip:
    """Where a word's sound is. `recorded`: somebody's own voice; else made by espeak-ng, once it `exists`."""

    word: str
    path: Path
    recorded: bool

    def exists(self) -> bool:
        return self.path.is_file()


class ClipLibrary:
    """`settings.bank`: a name in `config/voices`, or a folder of the site. Raises `VoiceError`."""

    def __init__(self, settings: VoiceSettings) -> None:
        # A name stands for a bank of ours, whatever the folder holds that a command is typed in.
        self.folder = VOICES / settings.bank
        self._data = settings.data_dir
        self.languages = {path.stem: _read_language(path) for path in sorted(self.folder.glob("*.toml"))}
        if not self.languages:
            raise VoiceError(f"voice.bank: there is no bank of clips in {self.folder}")

    def clip(self, language: str, word: str) -> Clip:
        """The clip of a word: its recording, or the place of the generated one."""
        words = self.languages[language]
        name = words.file_name(word)[:LONGEST_NAME]  # what staff announce may be longer than a file's name
        recording = self.folder / language / f"{name}.wav"
        if recording.is_file():
            return Clip(word, recording, recorded=True)
        # The name tells how it was made: after a change of the data the clip is made anew.
        text = words.say.get(word, word)
        made = f"{words.espeak_voice} {words.words_per_minute} {text}"
        mark = hashlib.sha256(made.encode()).hexdigest()[:8]
        return Clip(word, self._data / language / f"{name}.{mark}.wav", recorded=False)

    def chime(self) -> sound.Samples:
        """The recording `chime.wav` of the bank, or two strokes of a bell."""
        recording = self.folder / f"{CHIME}.wav"
        return sound.read_wav(recording) if recording.is_file() else sound.chime()

    def make(self, language: str, word: str) -> Clip:
        """The word's clip, made by espeak-ng where there is none yet. Raises `VoiceError`."""
        clip = self.clip(language, word)
        if not clip.exists():
            words = self.languages[language]
            _synthesise(words.say.get(word, word), words, clip.path)
        return clip


def _read_language(path: Path) -> Language:
    try:
        return Language.model_validate(read_toml_file(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VoiceError(f"{path}: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        raise VoiceError(f"{path}: {'.'.join(map(str, problem['loc']))}: {plain_reason(problem)}") from error


def _synthesise(text: str, language: Language, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside it first: nobody ever reads half a clip, also when two make the same.
    half = path.with_suffix(f".{os.getpid()}-{id(text)}.part")
    command = [SYNTHESISER, "-b", "1", "-v", language.espeak_voice, "-s", str(language.words_per_minute)]
    try:
        subprocess.run(
            [*command, "-w", str(half), "--stdin"],
            input=text.encode(),
            capture_output=True,
            timeout=SYNTHESIS_SECONDS,
            check=True,
        )
        half.replace(path)
    except FileNotFoundError as error:
        raise VoiceError(f"the program {SYNTHESISER} is not installed, and {path.stem} is not recorded") from error
    except (OSError, subprocess.SubprocessError) as error:
        raise VoiceError(f"{SYNTHESISER} cannot make {path}: {error}") from error
    finally:
        half.unlink(missing_ok=True)
