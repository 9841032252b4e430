"""Sound as 16-bit samples, mono, `RATE` a second: read, trimmed, levelled, encoded. Only the encoder is not Python."""

import io
import math
import sys
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import lameenc

from display_server.services.errors import Unavailable

RATE = 22050  # what espeak-ng writes; speech needs no more
LEVEL = -20.0  # dBFS that every clip is brought to, measured over its speech (`loudness`)
PEAK = 10 ** (-1 / 20)  # a sample is never louder
FRAME = RATE // 100
# A frame this much quieter than the clip's loudest one is silence (trimmed), or not speech (not measured).
SILENCE_BELOW = 40.0
SPEECH_BELOW = 20.0
KEPT_FRAMES = 2  # of silence around a clip, so that no consonant is cut
BIT_RATES = (48, 40, 32, 24, 16)  # kbit/s; the best that keeps a call within `MOST_BYTES`
MOST_BYTES = 60_000
ENCODER_QUALITY = 7  # 0 slow to 9 fast; no difference is heard in speech at 48 kbit/s
FULL = 32767

Samples: TypeAlias = "array[int]"


class SoundError(Unavailable):
    """A WAV that cannot be used; the text names the file and says why."""

    problem = "voice"
    title = "This cannot be said now"


def read_wav(path: Path) -> Samples:
    """The samples of a WAV of 16 bits, mono, `RATE`. Raises `SoundError`."""
    try:
        with wave.open(str(path), "rb") as file:
            form = file.getparams()
            frames = file.readframes(form.nframes)
    except (OSError, wave.Error, EOFError) as error:
        raise SoundError(f"{path}: not a WAV that can be read: {error}") from error
    if (form.nchannels, form.sampwidth, form.framerate) != (1, 2, RATE):
        has = f"{form.framerate} Hz, {8 * form.sampwidth} bits, {form.nchannels} channels"
        raise SoundError(f"{path}: must be {RATE} Hz, 16 bits, mono; it has {has}")
    samples = array("h", frames)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def as_wav(samples: Samples) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(samples.tobytes())
    return made.getvalue()


def as_mp3(samples: Samples) -> bytes:
    """MP3 at a constant rate: at most `MOST_BYTES` for up to half a minute."""
    seconds = len(samples) / RATE + 0.15  # the encoder's own padding
    bit_rate = next((rate for rate in BIT_RATES if seconds * rate * 125 <= MOST_BYTES), BIT_RATES[-1])
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(bit_rate)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_quality(ENCODER_QUALITY)
    encoder.silence()
    # Second by second: between two of them another thread may run.
    parts = [encoder.encode(samples[at : at + RATE].tobytes()) for at in range(0, len(samples), RATE)]
    return b"".join([*parts, encoder.flush()])


def seconds(samples: Samples) -> float:
    return len(samples) / RATE


def silence(length: float) -> Samples:
    return array("h", bytes(2 * int(length * RATE)))


def loudness(samples: Samples) -> float:
    """dBFS: the root mean square over the frames of 10 ms that are speech; -inf for silence."""
    powers = _powers(samples)
    loudest = max(powers, default=0.0)
    speech = [power for power in powers if power > loudest * 10 ** (-SPEECH_BELOW / 10)]
    return 10 * math.log10(sum(speech) / len(speech)) if speech else -math.inf


def peak(samples: Samples) -> float:
    """The loudest sample, 0 to 1."""
    return max(max(samples, default=0), -min(samples, default=0)) / (FULL + 1)


def trim_silence(samples: Samples) -> Samples:
    """Without the silence at both ends."""
    powers = _powers(samples)
    floor = max(powers, default=0.0) * 10 ** (-SILENCE_BELOW / 10)
    sounding = [index for index, power in enumerate(powers) if power > floor]
    if not sounding:
        return array("h")
    first, last = max(0, sounding[0] - KEPT_FRAMES), sounding[-1] + 1 + KEPT_FRAMES
    return samples[first * FRAME : last * FRAME]


def normalize_loudness(samples: Samples, volume: float) -> Samples:
    """At the common loudness times `volume` (0 to 1), so that all words sound alike; never distorted."""
    level = loudness(samples)
    if math.isinf(level):
        return samples
    return _scaled(samples, min(10 ** ((LEVEL - level) / 20), PEAK / peak(samples)) * volume)


def chime() -> Samples:
    """Two soft strokes of a bell."""
    length = int(1.5 * RATE)
    strokes = ((0, 659.25), (int(0.42 * RATE), 523.25))
    partials = ((1, 0.7, 4.0), (2, 0.22, 6.0), (3.01, 0.07, 9.0))
    wave_form = [0.0] * length
    for start, pitch in strokes:
        for times, loud, fades in partials:
            turn = 2 * math.pi * pitch * times / RATE
            for at in range(length - start):
                rise = min(1.0, at / 200)
                wave_form[start + at] += loud * rise * math.exp(-fades * at / RATE) * math.sin(turn * at)
    ends = [min(1.0, (length - at) / 1000) for at in range(length)]
    return array("h", [int(9000 * value * end) for value, end in zip(wave_form, ends, strict=True)])


def concatenate(pieces: Sequence[Samples]) -> Samples:
    whole = array("h")
    for piece in pieces:
        whole.extend(piece)
    return whole


def _powers(samples: Samples) -> list[float]:
    """The mean square of each frame, 1 is full scale."""
    frames = (samples[at : at + FRAME] for at in range(0, len(samples), FRAME))
    return [sum(value * value for value in frame) / len(frame) / (FULL + 1) ** 2 for frame in frames]


def _scaled(samples: Samples, gain: float) -> Samples:
    return array("h", [max(-FULL, min(FULL, int(value * gain))) for value in samples])
