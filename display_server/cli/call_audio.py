"""`motcua voice`: make, check and try the clips of the hall's voice."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from config.cli import MotcuaGroup
from config.i18n import available_languages
from config.settings import Settings
from display_server.services.call_audio import audio as sound
from display_server.services.call_audio.announcer import Announcer, CallText
from display_server.services.call_audio.clip_library import Clip, VoiceError
from display_server.services.errors import Invalid

PLAYERS = ("pw-play", "paplay", "aplay")
LONGEST_WORD = 4.0  # seconds
SHORTEST_WORD = 0.08
QUIETEST = -40.0  # dBFS; below it the noise of the room would be raised with the voice
CLIPPED = 0.999

_place_option = click.option(
    "--place", "places", multiple=True, metavar="LANGUAGE=NAME", help="A counter's name, where counters have names."
)


@click.group(cls=MotcuaGroup)
def voice() -> None:
    """The hall's voice: make, check and try its clips."""


@voice.command("make")
@_place_option
@click.pass_obj
def make(settings: Settings, places: tuple[str, ...]) -> None:
    """Make every clip that is missing with espeak-ng. Recordings stay; a running server needs no restart."""
    announcer = Announcer(settings.voice)
    missing = [(language, clip.word) for language, clip in _clips(announcer, places) if not clip.exists()]
    for language, word in missing:
        announcer.bank.make(language, word)
    click.echo(f"{len(missing)} clips made in {settings.voice.data_dir}")


@voice.command("list")
@click.option("--missing", is_flag=True, help="Only the words that nobody has recorded.")
@_place_option
@click.pass_obj
def list_clips(settings: Settings, missing: bool, places: tuple[str, ...]) -> None:
    """Every word, with the file that a recording of it must have."""
    announcer = Announcer(settings.voice)
    for language, clip in _clips(announcer, places):
        if not (missing and clip.recorded):
            state = "recorded" if clip.recorded else "generated" if clip.exists() else "missing"
            name = announcer.bank.languages[language].file_name(clip.word)
            click.echo(f"{language}/{name}.wav\t{state}\t{clip.word}")


@voice.command("check")
@_place_option
@click.pass_obj
def check(settings: Settings, places: tuple[str, ...]) -> None:
    """Look at every clip: is it there, its rate, its length, its loudness. Ends with 1 when one cannot be used."""
    announcer = Announcer(settings.voice)
    clips = _clips(announcer, places)
    troubles = [(clip, trouble) for _, clip in clips for trouble in _troubles(clip)]
    for clip, trouble in troubles:
        click.echo(f"{clip.path}\t{clip.word}\t{trouble}")
    recorded = sum(clip.recorded for _, clip in clips)
    click.echo(f"{len(clips)} clips, {recorded} of them recorded, {len(troubles)} to be mended", err=True)
    if troubles:
        raise VoiceError(f"{len(troubles)} clips to be mended")


def _troubles(clip: Clip) -> Iterator[str]:
    if not clip.exists():
        yield "missing: motcua voice make"
        return
    try:
        samples = sound.read_wav(clip.path)
    except sound.SoundError as error:
        yield str(error).removeprefix(f"{clip.path}: ")
        return
    if sound.peak(samples) >= CLIPPED:
        yield "distorted: record it at a lower level"
    if sound.loudness(samples) < QUIETEST:
        yield f"too quiet: {sound.loudness(samples):.0f} dBFS, at least {QUIETEST:.0f}"
    length = sound.seconds(sound.trim_silence(samples))
    if not SHORTEST_WORD <= length <= LONGEST_WORD:
        yield f"{length:.2f} s of sound, not {SHORTEST_WORD} to {LONGEST_WORD}"


@voice.command("say")
@click.argument("number", default="A007")
@click.argument("counter", default="3")
@click.option("--language", default="vi", help="The visitor's language.", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the MP3 here instead of playing it."
)
@_place_option
@click.pass_obj
def say(
    settings: Settings, number: str, counter: str, language: str, out: Path | None, places: tuple[str, ...]
) -> None:
    """Say a sample call: NUMBER to COUNTER."""
    if not (number.isascii() and number.isalnum() and number.isupper()) or language not in available_languages():
        raise Invalid(f"a call is a number such as A007 in a language of {', '.join(available_languages())}")
    announcer = Announcer(settings.voice)
    place = _by_language(places) or {"vi": counter}
    call = CallText(number, counter if counter.isdecimal() else "", place, language)
    click.echo(" | ".join(f"{code}: {', '.join(words)}" for code, words in announcer.words(call)), err=True)
    announcement = announcer.announcement(call)
    if out is not None:
        out.write_bytes(announcement.mp3)
        click.echo(f"{out}: {announcement.seconds:.1f} s, {len(announcement.mp3)} bytes")
        return
    _play(sound.as_wav(announcer.samples(call)))


def _play(wav: bytes) -> None:
    player = next((name for name in PLAYERS if shutil.which(name)), None)
    if player is None:
        raise VoiceError(f"none of {', '.join(PLAYERS)} is installed; write the call into a file with --out")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        file.write(wav)
        file.flush()
        done = subprocess.run([player, file.name], capture_output=True, text=True, check=False)
    if done.returncode:
        raise VoiceError(f"{player}: {_last_line(done.stderr) or 'it failed'}; write the call into a file with --out")


def _last_line(told: str) -> str:
    """Of a player's complaints the one that counts: the sound library tells each of its steps before."""
    return next((line.strip() for line in reversed(told.splitlines()) if line.strip()), "")


def _clips(announcer: Announcer, places: tuple[str, ...]) -> list[tuple[str, Clip]]:
    words = announcer.all_words(_by_language(places))
    return [(language, announcer.bank.clip(language, word)) for language, word in words]


def _by_language(places: tuple[str, ...]) -> dict[str, str]:
    pairs = [place.partition("=") for place in places]
    if not all(code and name for code, _, name in pairs):
        raise Invalid("--place is written LANGUAGE=NAME")
    return {code: name for code, _, name in pairs}
