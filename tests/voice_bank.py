"""Banks of clips for tests: the words of the standard bank as short tones, so that a call is said in two seconds."""

import math
import shutil
from array import array
from pathlib import Path

from config.settings import load_settings
from display_server.services.call_audio import audio as sound
from display_server.services.call_audio.announcer import Announcer
from display_server.services.call_audio.clip_library import VOICES

TONE_SECONDS = 0.1


def tone(pitch: float, seconds: float = TONE_SECONDS) -> sound.Samples:
    turn = 2 * math.pi * pitch / sound.RATE
    return array("h", [int(8000 * math.sin(turn * at)) for at in range(int(seconds * sound.RATE))])


def bank_of_tones(folder: Path, chime_seconds: float = 0.2) -> Path:
    """A bank whose every word somebody has "recorded"; its folder."""
    for file in (VOICES / "standard").glob("*.toml"):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder)
    announcer = Announcer(load_settings(voice={"bank": str(folder)}).voice)
    for index, (language, word) in enumerate(announcer.all_words({})):
        path = folder / language / f"{announcer.bank.languages[language].file_name(word)}.wav"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(sound.as_wav(tone(200 + 30 * index)))
    (folder / "chime.wav").write_bytes(sound.as_wav(tone(880, chime_seconds)))
    return folder
