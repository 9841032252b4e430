"""Speech mode: what is really synthesised, heard in order, cut off at once; a kiosk used by keys in the dark."""

import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.i18n import translations
from config.settings import SpeechSettings, load_settings
from kiosk.devices.speech_text import normalize_for_speech
from kiosk.devices.tts import SpeechSynthesizer, Utterance
from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer, department, real_centre

PLAYER = Path(__file__).with_name("fake_audio_player.py")
LONG = "Mời ông bà lấy số thứ tự, rồi ngồi chờ ở hàng ghế trước quầy, cho đến khi số của ông bà được gọi."


def player(folder: Path) -> str:
    return f"{sys.executable} {PLAYER} {folder}"


def speech(**changes: Any) -> SpeechSettings:
    return load_settings().speech.model_copy(update=changes)


def synthesised(text: str, voice: str, folder: Path, amplitude: int = 100) -> bytes:
    """What espeak-ng makes of `text`, asked by the test itself."""
    sound = folder / "expected.wav"
    command = ["espeak-ng", "-b", "1", "-v", voice, "-s", "150", "-a", str(amplitude), "-w", str(sound), text]
    subprocess.run(command, check=True)
    return sound.read_bytes()


def sounds(folder: Path) -> list[Path]:
    """What the player was given, without the silence that tries it out."""
    return sorted(folder.glob("*.wav"))[1:]


def played(folder: Path) -> list[str]:
    """What was heard to its end."""
    return (folder / "played").read_text().split()[1:]


@pytest.fixture
def voice(tmp_path: Path) -> Iterator[SpeechSynthesizer]:
    spoken = SpeechSynthesizer(speech(player=player(tmp_path / "sound")), lambda: None)
    spoken.start()
    until(lambda: not spoken.trouble, "the voice")
    yield spoken
    spoken.stop()


def test_utterances_are_heard_in_order_each_with_the_voice_of_its_language(
    voice: SpeechSynthesizer, tmp_path: Path
) -> None:
    folder = tmp_path / "sound"
    voice.say([Utterance("Lấy số", "vi"), Utterance("Take a number", "en")])
    voice.add([Utterance("A 0 0 7", "vi")])
    until(lambda: len(played(folder)) == 3, "three sounds")
    expected = [
        synthesised(text, name, tmp_path)
        for text, name in (("Lấy số", "vi"), ("Take a number", "en-gb"), ("A 0 0 7", "vi"))
    ]
    assert [sound.read_bytes() for sound in sounds(folder)] == expected
    with wave.open(str(sounds(folder)[0])) as sound:
        assert sound.getnframes() / sound.getframerate() > 0.3
    until(lambda: not voice.speaking, "silence")


def test_the_next_word_cuts_off_the_one_before_at_once(voice: SpeechSynthesizer, tmp_path: Path) -> None:
    folder = tmp_path / "sound"
    voice.say([Utterance(LONG, "vi"), Utterance("không bao giờ nghe thấy", "vi")])
    until(lambda: sounds(folder), "the long sentence")
    before = time.monotonic()
    voice.say([Utterance("Lấy số", "vi")])
    assert time.monotonic() - before < 0.1, "whoever speaks does not wait"
    until(lambda: played(folder), "the word")
    assert played(folder) == ["0003.wav"], "the long sentence was not heard to its end, the one after it not at all"
    assert sounds(folder)[1].read_bytes() == synthesised("Lấy số", "vi", tmp_path)
    voice.stop_speaking()
    assert not voice.speaking or until(lambda: not voice.speaking, "silence")


def test_the_volume_is_that_of_the_sound(voice: SpeechSynthesizer, tmp_path: Path) -> None:
    voice.volume = 20
    voice.say([Utterance("Lấy số", "vi")])
    until(lambda: played(tmp_path / "sound"), "the word")
    assert sounds(tmp_path / "sound")[0].read_bytes() == synthesised("Lấy số", "vi", tmp_path, amplitude=40)


def trouble_of(settings: SpeechSettings) -> tuple[str, str]:
    mute = SpeechSynthesizer(settings, lambda: None)
    mute.start()
    try:
        until(lambda: mute.trouble != "starting", "the voice's word")
        mute.say([Utterance("Lấy số", "vi")])
        return mute.trouble, mute.reason
    finally:
        mute.stop()


def test_a_machine_without_sound_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trouble_of(speech(player="no-such-player")) == ("no_player", "not installed: no-such-player")
    trouble, reason = trouble_of(speech(player="aplay -q -D no_such_device"))
    assert trouble == "no_sound"
    assert "no_such_device" in reason or "No such file" in reason or "cannot" in reason.lower(), reason
    monkeypatch.setenv("PATH", str(tmp_path))
    assert trouble_of(speech())[0] == "no_synthesiser"


def test_a_player_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.devices.tts.GRACE_SECONDS", 0.3)
    hanging = tmp_path / "hangs"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    assert trouble_of(speech(player=str(hanging))) == ("no_sound", f"{hanging} hangs")


@pytest.mark.parametrize(
    ("text", "vi", "en"),
    [
        ("A007", "A 0 0 7", "A 0 0 7"),
        ("AK001", "A K 0 0 1", "A K 0 0 1"),
        ("1001", "1 0 0 1", "1 0 0 1"),
        ("122 người", "122 người", "122 người"),
        ("07:30", "7 giờ 30", "7 30"),
        ("13:00", "13 giờ", "13 o'clock"),
        ("15–25", "15 đến 25", "15 to 25"),
        ("8.000 đồng", "8000 đồng", "8000 đồng"),
        ("1,250,000 VND", "1250000 VND", "1250000 VND"),
        ("1/3", "1 trên 3", "1 of 3"),
        ("‹  Back", "Back", "Back"),
        ("›", "", ""),
    ],
)
def test_numbers_are_said_sign_by_sign_and_ornaments_are_not(text: str, vi: str, en: str) -> None:
    assert normalize_for_speech(text, translations("vi").gettext) == vi
    assert normalize_for_speech(text, translations("en").gettext) == en


def hear(kiosk: Kiosk, *expected: str) -> list[str]:
    """Wait until all of these were said."""
    heard: list[str] = until(
        lambda: set(expected) <= set(heard := kiosk.state()["heard"]) and heard,
        f"{expected}; heard {kiosk.state()['heard']}",
    )
    return heard


def press_until(kiosk: Kiosk, key: str, words: str) -> int:
    """The same key until something that begins with `words` is the last of which one hears; how often it took."""
    for presses in range(1, 41):
        before = len(kiosk.state()["heard"])
        kiosk.press(key)
        until(lambda before=before: len(kiosk.state()["heard"]) > before, "a word")  # type: ignore[misc]
        if any(heard.startswith(words) for heard in kiosk.state()["heard"][before:]):
            return presses
    raise AssertionError(f"{words!r} was never read; heard {kiosk.state()['heard']}")


WAY = {
    "vi": ("Lấy số", "Sở Tư pháp", "Lấy số ngay", "Số của ông bà", "Mời ông bà nhận phiếu"),
    "en": ("Take a number", "Department of Justice", "Take a number now", "Your number", "Please take your slip"),
}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_from_the_start_to_the_number_by_keys_alone_in_the_dark(tmp_path: Path, language: str) -> None:
    begin, justice, now, your_number, take_slip = WAY[language]
    folder = tmp_path / "sound"
    with FakeServer(real_centre()) as server, Kiosk(server.url, tmp_path, SPEECH__PLAYER=player(folder)) as kiosk:
        kiosk.shows("start")
        until(lambda: not kiosk.state()["voice"], "the voice")
        kiosk.press("down")
        until(lambda: kiosk.state()["aloud"], "speech mode by one key")
        kiosk.press("f7")
        until(lambda: kiosk.state()["dark"], "the dark")
        if language == "en":
            kiosk.press("f6")
            until(lambda: kiosk.state()["language"] == "en", "English")
        press_until(kiosk, "down", begin)
        kiosk.press("enter")
        kiosk.shows("departments")
        press_until(kiosk, "down", f"{FROM[language]} {justice}")
        kiosk.press("enter")
        press_until(kiosk, "down", justice)
        kiosk.press("enter")
        kiosk.shows("procedures")
        press_until(kiosk, "down", now)
        kiosk.press("enter")
        number = kiosk.shows("number")["number"]
        heard = hear(kiosk, your_number, " ".join(number), take_slip)
        assert heard.index(your_number) < heard.index(" ".join(number)) < heard.index(take_slip)
        picture = Image.open(kiosk.picture(tmp_path / "dark.png")).convert("L")
        assert picture.getextrema() == (0, 0), "nobody reads over the shoulder"
        wanted = synthesised(" ".join(number), {"vi": "vi", "en": "en-gb"}[language], tmp_path)
        until(lambda: wanted in [sound.read_bytes() for sound in sounds(folder)], "the number, by ear")
        kiosk.press("home")
        press_until(kiosk, "up", WAY_OUT[language])
        kiosk.press("enter")
        state = kiosk.shows("start")
        assert (state["aloud"], state["dark"], state["language"], state["heard"]) == (False, False, "vi", [])


WAY_OUT = {"vi": "Xong", "en": "Done"}
FROM = {"vi": "Từ", "en": "From"}


def test_the_last_of_sixty_departments_is_a_few_keys_away(tmp_path: Path) -> None:
    many = [department(f"D{place}", "A", f"Cơ quan {place}", f"Office {place}") for place in range(1, 61)]
    with (
        FakeServer(real_centre(departments=many)) as server,
        Kiosk(server.url, tmp_path, SPEECH__PLAYER=player(tmp_path / "sound")) as kiosk,
    ):
        kiosk.shows("start")
        until(lambda: not kiosk.state()["voice"], "the voice")
        kiosk.press("down")
        until(lambda: kiosk.state()["aloud"], "speech mode")
        press_until(kiosk, "down", "Lấy số")
        kiosk.press("enter")
        kiosk.shows("departments")
        presses = press_until(kiosk, "down", "Từ Cơ quan 57 đến Cơ quan 60")
        kiosk.press("enter")
        presses += press_until(kiosk, "down", "Cơ quan 60")
        assert presses <= 16
        press_until(kiosk, "down", "Các cơ quan khác")
        kiosk.press("enter")
        press_until(kiosk, "down", "Từ Cơ quan 1 đến Cơ quan 8")


def test_two_large_areas_lead_to_a_number_without_eyes(tmp_path: Path) -> None:
    folder = tmp_path / "sound"
    with FakeServer() as server, Kiosk(server.url, tmp_path, SPEECH__PLAYER=player(folder)) as kiosk:
        until(lambda: "listen" in kiosk.shows("start")["targets"], "the button")
        kiosk.touch("listen")
        areas = until(lambda: "speech:next" in (state := kiosk.state())["targets"] and state["targets"], "the areas")
        assert kiosk.state()["clipped"] == []
        assert all(
            areas[name]["width"] > 0.4 and areas[name]["height"] > 0.25 for name in ("speech:next", "speech:choose")
        )
        hear(kiosk, "Trung tâm Phục vụ hành chính công mẫu")
        kiosk.touch("speech:next")
        hear(kiosk, "Lấy số")
        kiosk.press("8", "9", "enter")
        time.sleep(0.5)
        assert kiosk.shows("start")["aloud"], "the Enter of a scanner chooses nothing"
        kiosk.touch("speech:choose")
        kiosk.shows("departments")
        hear(kiosk, "Ông bà cần đến cơ quan nào?")
        kiosk.touch("speech:next")
        hear(kiosk, "Sở Tư pháp")
        kiosk.touch("speech:choose")
        number = kiosk.shows("number")["number"]
        hear(kiosk, " ".join(number))
        kiosk.touch("speech:end")
        until(lambda: "done" in kiosk.state()["targets"], "the screen as others see it")
        assert number in kiosk.state()["texts"]


def test_a_kiosk_without_a_voice_works_and_offers_none(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path, SPEECH__PLAYER="no-such-player") as kiosk:
        until(lambda: kiosk.state()["voice"] == "no_player", "the voice's word")
        assert "listen" not in kiosk.shows("start")["targets"]
        kiosk.press("down", "down")
        kiosk.touch("speech:end")
        for name in ("begin", "department:TP"):
            kiosk.touch(name)
        assert kiosk.shows("number")["number"] == "A001"
