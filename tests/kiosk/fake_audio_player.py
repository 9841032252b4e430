"""An audio player for machines without a loudspeaker: a real program that keeps what it was given, for as long as
the sound would take.

    python player.py FOLDER FILE.wav     FOLDER/0001.wav, and a line in FOLDER/played when it was heard to its end
"""

import shutil
import sys
import time
import wave
from pathlib import Path

folder, sound = Path(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
kept = folder / f"{len(list(folder.glob('*.wav'))) + 1:04}.wav"
shutil.copy(sound, kept)
with wave.open(str(sound)) as opened:
    time.sleep(opened.getnframes() / opened.getframerate())
with (folder / "played").open("a") as played:
    played.write(f"{kept.name}\n")
