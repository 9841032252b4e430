"""How long a call takes to become sound, and how large it is: the standard bank, espeak-ng's clips.

python -m tests.benchmarks.bench_voice
"""

import tempfile
import time
from pathlib import Path
from statistics import median

from config.settings import load_settings
from display_server.selftest.scratch import percentile
from display_server.services.call_audio.announcer import Announcer, CallText

CALLS = 60


def main() -> None:
    """Print the figures."""
    folder = Path(tempfile.mkdtemp(prefix="motcua-voices-"))
    announcer = Announcer(load_settings(voice={"data_dir": folder}).voice)
    began = time.perf_counter()
    words = announcer.all_words({})
    for language, word in words:
        announcer.ready(language, word)
    print(f"voice: {len(words)} clips made and read in {time.perf_counter() - began:.1f} s")
    announcer.announcement(CallText("Z999", "99", {}, "vi"))  # the chime is made with the first call
    for language, told in (("vi", "Vietnamese"), ("en", "Vietnamese and English")):
        times, used, made = [], [], []
        for number in range(CALLS):
            call = CallText(f"A{number:03}", str(number % 23 + 1), {}, language)
            began, process = time.perf_counter(), time.process_time()
            made.append(announcer.announcement(call))
            times.append((time.perf_counter() - began) * 1000)
            used.append((time.process_time() - process) * 1000)
        began = time.perf_counter()
        announcer.announcement(CallText("A000", "1", {}, language))
        kept = (time.perf_counter() - began) * 1000
        size = max(len(each.mp3) for each in made) / 1000
        print(
            f"voice: a call in {told}: median {median(times):.0f} ms, p95 {percentile(times, 0.95):.0f} ms"
            f" (processor {median(used):.0f} ms), again {kept:.1f} ms;"
            f" {median(each.seconds for each in made):.1f} s, at most {size:.0f} kB"
        )


if __name__ == "__main__":
    main()
