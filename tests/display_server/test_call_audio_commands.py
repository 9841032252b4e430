"""`motcua voice`: what a technician does with the clips."""

import os
from pathlib import Path

import pytest

from display_server.services.call_audio import audio as sound
from tests.display_server.test_commands import motcua
from tests.voice_bank import bank_of_tones, tone


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A whole bank of tones, in a site's own folder, named by its settings."""
    folder = bank_of_tones(tmp_path / "bank")
    settings = tmp_path / "site.toml"
    settings.write_text(f'[voice]\nbank = "{folder}"\ndata_dir = "{tmp_path}/voices"\n', encoding="utf-8")
    return settings


def test_a_bank_is_made_listed_and_checked(bank: Path, tmp_path: Path) -> None:
    for word in ("6", "7"):
        (tmp_path / "bank" / "vi" / f"{word}.wav").unlink()
    missing = motcua("voice", "list", "--missing", "--config", bank)
    assert missing.stdout == "vi/6.wav\tmissing\tsáu\nvi/7.wav\tmissing\tbảy\n"
    unmade = motcua("voice", "check", "--config", bank)
    assert (unmade.returncode, unmade.stdout.count("missing: motcua voice make")) == (1, 2)
    assert motcua("voice", "make", "--config", bank).stdout == f"2 clips made in {tmp_path}/voices\n"
    assert "generated" in motcua("voice", "list", "--missing", "--config", bank).stdout
    done = motcua("voice", "check", "--config", bank)
    assert (done.returncode, done.stdout) == (0, "")


def test_recordings_that_cannot_be_used_are_named_with_the_reason(bank: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bank" / "vi"
    quiet, distorted = tone(300), tone(300)
    for index in range(len(quiet)):
        quiet[index] //= 200
        distorted[index] = 32767 if distorted[index] > 0 else -32768
    (folder / "1.wav").write_bytes(sound.as_wav(quiet))
    (folder / "2.wav").write_bytes(sound.as_wav(distorted))
    (folder / "3.wav").write_bytes(sound.as_wav(tone(300, 5)))
    (folder / "4.wav").write_bytes(b"nothing")
    rate = (22050).to_bytes(4, "little"), (44100).to_bytes(4, "little")
    (folder / "5.wav").write_bytes(sound.as_wav(tone(300)).replace(*rate))
    done = motcua("voice", "check", "--config", bank)
    assert done.returncode == 1
    told = {Path(line.split("\t")[0]).stem: line.split("\t")[2] for line in done.stdout.splitlines()}
    assert set(told) == {"1", "2", "3", "4", "5"}
    assert "too quiet" in told["1"]
    assert "distorted" in told["2"]
    assert "5.00 s" in told["3"]
    assert "not a WAV" in told["4"]
    assert "must be 22050 Hz" in told["5"]


def test_a_sample_call_is_written(bank: Path, tmp_path: Path) -> None:
    done = motcua("voice", "say", "A021", "21", "--language", "en", "--out", tmp_path / "call.mp3", "--config", bank)
    assert done.returncode == 0
    assert "hai, mươi, mốt" in done.stderr
    assert "please come to counter, twenty, one" in done.stderr
    assert 5_000 < (tmp_path / "call.mp3").stat().st_size <= 60_000


@pytest.mark.parametrize("arguments", [["a007", "3"], ["A 7", "3"], ["A007", "3", "--language", "xx"]])
def test_what_cannot_be_said(bank: Path, arguments: list[str]) -> None:
    done = motcua("voice", "say", *arguments, "--config", bank)
    assert done.returncode == 1
    assert "a call is a number such as A007" in done.stderr


def test_a_bank_that_is_not_there(tmp_path: Path) -> None:
    settings = tmp_path / "site.toml"
    settings.write_text('[voice]\nbank = "nowhere"\n', encoding="utf-8")
    done = motcua("voice", "check", "--config", settings)
    assert done.returncode == 1
    assert "voice.bank" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_machine_without_sound_is_told_in_one_line(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = tmp_path / "bin" / "pw-play"
    player.parent.mkdir()
    player.write_text(
        "#!/bin/sh\nfor n in 1 2 3; do echo 'ALSA lib conf.c: step' >&2; done\necho 'no card' >&2\nexit 1\n"
    )
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{player.parent}:{os.environ['PATH']}")
    said = motcua("voice", "say", "A001", "--config", bank)
    assert (said.returncode, said.stderr.splitlines()[1:]) == (
        1,
        ["motcua: pw-play: no card; write the call into a file with --out"],
    )
