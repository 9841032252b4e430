"""The table of docs/measurements/reliability.md: every fault of tests/faults/catalogue.py, often.

python -m tests.faults.report [--times N] [WORDS …]: only the faults whose name has one of the words. Exit 1 where
anything differs.
"""

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.catalogue import CASES, Case

HEAD = "| fault | times | visitors | on paper | tickets | copies | slowest tap | all handed in after |"


def row(case: Case, times: int) -> str:
    """Cause the fault and count. Raises AssertionError with what differs."""
    with tempfile.TemporaryDirectory(prefix="motcua-faults-") as folder:
        found = case.run(Path(folder), times)
    whole = (int(found[name]) for name in ("taps", "on_paper", "tickets", "copies"))
    seconds = (f"{found[name]:.2f} s" if found.get(name) else "" for name in ("slowest_tap", "handed_in_after"))
    return f"| {' | '.join([case.name, str(times), *map(str, whole), *seconds])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, help="instead of each fault's own number")
    parser.add_argument("words", nargs="*")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)  # faults are the point of it
    began, differ = time.monotonic(), 0
    print(HEAD, "|---|--:|--:|--:|--:|--:|--:|--:|", sep="\n")
    for case in CASES:
        if asked.words and not any(word in case.name for word in asked.words):
            continue
        try:
            print(row(case, asked.times or case.often), flush=True)
        except AssertionError as error:
            differ += 1
            print(f"| {case.name} | **{error}** |", flush=True)
    print(f"\n{differ} faults with a difference; {time.monotonic() - began:.0f} s")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
