"""The clip bank, and calls joined from it: what is heard is what was put together."""

import math
from array import array
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import miniaudio
import numpy as np
import pytest

from config.settings import VoiceSettings, load_settings
from display_server.services.call_audio import audio as sound
from display_server.services.call_audio.announcer import BETWEEN_WORDS, Announcer, CallText
from display_server.services.call_audio.clip_library import ClipLibrary, VoiceError
from tests.voice_bank import bank_of_tones, tone

CALL = CallText("A007", "3", {}, "vi")
ENGLISH_CALL = CallText("AK105", "21", {}, "en")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where espeak-ng's clips are, made once for all tests."""
    return tmp_path_factory.mktemp("voices")


@pytest.fixture
def voice(clips: Path) -> Callable[..., Announcer]:
    return lambda **settings: Announcer(voice_settings(clips, **settings))


def voice_settings(clips: Path, **settings: Any) -> VoiceSettings:
    return load_settings(voice={"data_dir": clips, **settings}).voice


def decoded(mp3: bytes) -> np.ndarray:
    """The samples that a decoder which is not ours finds in it, -1 to 1."""
    found = miniaudio.decode(mp3, output_format=miniaudio.SampleFormat.FLOAT32, nchannels=1, sample_rate=sound.RATE)
    return np.frombuffer(found.samples, np.float32)


def found_at(clip: np.ndarray, heard: np.ndarray, after: int, before: int) -> tuple[int, float]:
    """Where in heard[after:before] the clip is, and how alike both are there (1: the same but for the volume)."""
    part = heard[after:before]
    size = 1 << (len(part) + len(clip)).bit_length()
    whole = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(clip, size)), size)
    sums = np.concatenate([[0], np.cumsum(part.astype(np.float64) ** 2)])
    power = np.sqrt(np.maximum(sums[len(clip) :] - sums[: -len(clip)], 1e-9) * np.sum(clip**2))
    likeness = whole[: len(part) - len(clip) + 1] / power
    best = int(np.argmax(likeness))
    return after + best, float(likeness[best])


@pytest.mark.parametrize("call", [CALL, ENGLISH_CALL])
def test_every_clip_is_heard_in_order_in_the_decoded_call(voice: Callable[..., Announcer], call: CallText) -> None:
    announcer = voice()
    heard = decoded(announcer.announcement(call).mp3)
    words = [(language, word) for language, sentence in announcer.words(call) for word in sentence]
    at = len(announcer.bank.chime())  # it comes first
    places = []
    said = "vi"
    for language, word in words:
        path = announcer.bank.clip(language, word).path
        clip = np.array(sound.trim_silence(sound.read_wav(path)), np.float32)
        slack = 0.3 if language == said else 0.8  # seconds: less than the shortest word, or the pause as well
        place, likeness = found_at(clip, heard, at, at + len(clip) + int(slack * sound.RATE))
        said = language
        assert likeness > 0.8, word
        places.append((place, len(clip)))
        at = place + len(clip) - sound.FRAME
    gaps = [later - (place + length) for (place, length), (later, _) in pairwise(places)]
    assert min(gaps) > 0
    within_a_sentence = gaps[: len(announcer.words(call)[0][1]) - 1]
    assert max(within_a_sentence) < (BETWEEN_WORDS + 0.02) * sound.RATE


def test_the_words_of_a_call(voice: Callable[..., Announcer]) -> None:
    assert voice().words(CALL) == (
        ("vi", ("Mời công dân có số", "A", "không", "không", "bảy", "đến quầy số", "ba")),
    )  # fmt: skip
    vietnamese, english = voice(digits="read").words(ENGLISH_CALL)
    assert " ".join(vietnamese[1]) == "Mời công dân có số A K một trăm linh năm đến quầy số hai mươi mốt"
    assert " ".join(english[1]) == "Number A K one hundred and five please come to counter twenty one"


def test_languages_come_in_the_sites_order_and_none_twice(voice: Callable[..., Announcer]) -> None:
    def languages(order: list[str], language: str) -> list[str]:
        return [code for code, _ in voice(order=order).words(CallText("A001", "1", {}, language))]

    assert languages(["vi", "visitor"], "vi") == ["vi"]
    assert languages(["vi", "visitor"], "en") == ["vi", "en"]
    assert languages(["visitor", "vi"], "en") == ["en", "vi"]
    assert languages(["vi", "en"], "vi") == ["vi", "en"]
    assert languages(["vi", "visitor"], "fr") == ["vi"]  # nobody has made a French bank


def test_a_counter_with_a_name_is_called_by_it(voice: Callable[..., Announcer]) -> None:
    call = CallText("A001", "", {"vi": "Bàn hướng dẫn", "en": "Information desk"}, "en")
    vietnamese, english = voice().words(call)
    assert vietnamese[1][-2:] == ("đến", "Bàn hướng dẫn")
    assert english[1][-2:] == ("please come to", "Information desk")
    assert voice().announcement(call).seconds > 5


def test_repetitions_pauses_and_the_limit_of_size(voice: Callable[..., Announcer]) -> None:
    once, twice = voice(pause_seconds=1), voice(pause_seconds=1, repeat=2)
    chime = sound.seconds(sound.normalize_loudness(once.bank.chime(), 1)) + 0.1
    said = once.announcement(CALL).seconds - chime
    assert twice.announcement(CALL).seconds == pytest.approx(chime + 2 * said + 1, abs=0.01)
    longest = voice(repeat=3, pause_seconds=5, digits="read", order=["vi", "en"]).announcement(ENGLISH_CALL)
    for made in (once.announcement(CALL), twice.announcement(ENGLISH_CALL), longest):
        assert len(made.mp3) <= 60_000
        assert len(decoded(made.mp3)) / sound.RATE == pytest.approx(made.seconds, abs=0.2)


def test_all_words_are_equally_loud_and_follow_the_volume(voice: Callable[..., Announcer]) -> None:
    announcer, quiet = voice(), voice(volume=25)
    for word in ("không", "bảy", "Mời công dân có số"):
        announcer.ready("vi", word)
        loud, soft = (each._clip("vi", word) for each in (announcer, quiet))
        assert sound.loudness(loud) == pytest.approx(sound.LEVEL, abs=2.5)
        assert sound.loudness(soft) == pytest.approx(sound.loudness(loud) - 12, abs=0.3)
        assert sound.peak(loud) <= 0.9


def test_silence_around_a_recording_is_trimmed() -> None:
    recording = sound.concatenate([sound.silence(0.7), tone(300, 0.5), sound.silence(1.3)])
    assert sound.seconds(sound.trim_silence(recording)) == pytest.approx(0.5, abs=0.06)
    assert sound.trim_silence(sound.silence(1)) == array("h")
    assert math.isinf(sound.loudness(sound.silence(1)))


def test_a_recording_replaces_one_word_and_is_heard_at_once(clips: Path, tmp_path: Path) -> None:
    folder = bank_of_tones(tmp_path / "bank")
    for each in folder.rglob("*.wav"):
        each.unlink()
    announcer = Announcer(voice_settings(clips, bank=str(folder)))
    before = announcer.announcement(CALL)
    assert announcer.announcement(CALL) is before  # kept
    own = folder / "vi" / "7.wav"
    own.write_bytes(sound.as_wav(tone(440, 1.0)))
    after = announcer.announcement(CALL)
    assert after.tag != before.tag
    likeness = found_at(np.array(tone(440, 0.9), np.float32), decoded(after.mp3), 0, 10**9)[1]
    assert likeness > 0.9
    assert announcer.bank.clip("vi", "bảy").recorded
    assert not announcer.bank.clip("vi", "tám").recorded


def test_a_clip_with_another_rate_says_so(tmp_path: Path) -> None:
    file = tmp_path / "7.wav"
    file.write_bytes(sound.as_wav(tone(440)).replace((22050).to_bytes(4, "little"), (48000).to_bytes(4, "little")))
    with pytest.raises(sound.SoundError, match="must be 22050 Hz"):
        sound.read_wav(file)
    file.write_bytes(b"RIFF")
    with pytest.raises(sound.SoundError, match=r"7\.wav"):
        sound.read_wav(file)


def test_without_a_synthesiser_what_is_not_recorded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceError, match="espeak-ng is not installed"):
        Announcer(voice_settings(tmp_path)).announcement(CALL)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{number}", "{name}", "call"),
        ('"7"', '"bảy"', "clips"),
        ('"8"', '"7"', "clips"),
        ("words_per_minute = 150", "words_per_minute = 5", "words_per_minute"),
        ("[clips]", "[clip]", "clip"),
    ],
)
def test_a_broken_bank_says_where(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = bank_of_tones(tmp_path / "bank") / "vi.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(VoiceError, match=rf"vi\.toml: .*{said}"):
        ClipLibrary(voice_settings(tmp_path, bank=str(file.parent)))


def test_a_bank_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"voice\.bank"):
        ClipLibrary(voice_settings(tmp_path, bank="nowhere"))


def test_a_third_language_is_one_more_file(clips: Path, tmp_path: Path) -> None:
    folder = bank_of_tones(tmp_path / "bank")
    text = (folder / "en.toml").read_text(encoding="utf-8")
    for english, french in (("en-gb", "fr-fr"), ("Number", "Numéro"), ("please come to counter", "au guichet")):
        text = text.replace(english, french)
    (folder / "fr.toml").write_text(text, encoding="utf-8")
    announcer = Announcer(voice_settings(clips, bank=str(folder)))
    words = announcer.words(CallText("A1", "2", {}, "fr"))
    assert words[1] == ("fr", ("Numéro", "A", "one", "au guichet", "two"))
    assert announcer.announcement(CallText("A1", "2", {}, "fr")).seconds > 2


def test_a_folder_where_a_command_is_typed_is_no_bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "standard").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "vi" in ClipLibrary(load_settings().voice).languages
