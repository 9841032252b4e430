"""`make chaos`: the server is killed (kill -9) again and again while visitors take numbers and counters call.

After every round each acknowledged ticket and call must be there; at the end no number may repeat or be missing.
Prints a table; exit 1 on any fault. `--rounds N` (200 unless given; a round takes about three seconds).
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from display_server.selftest import measure
from display_server.selftest.command import CENTRES
from display_server.selftest.measure import Findings
from display_server.selftest.scratch import ScratchServer

CLIENTS = 8
SHORTEST, LONGEST = 0.2, 2.0  # seconds of work before the kill


def run(folder: Path, rounds: int) -> Findings:
    """`rounds` kills at random moments, and what was found after each."""
    findings = Findings()
    server = ScratchServer(folder, CENTRES / "thai_binh", f"sqlite:///{folder}/scratch.db")
    server.prepare()
    server.start()
    acknowledged, back = 0.0, []
    try:
        for _ in range(rounds):
            measure.killed_under_load(server, findings, CLIENTS, random.uniform(SHORTEST, LONGEST))
            acknowledged += findings.figures["acknowledged_before_kill"]
            back.append(server.start_seconds)
    finally:
        server.stop()
    numbers = server.all_numbers()
    findings.add_faults(gaps=measure.gaps(numbers), repeated_numbers=len(numbers) - len(set(numbers)))
    findings.figures = {
        "rounds": rounds,
        "acknowledged_tickets_and_calls": acknowledged,
        "numbers_given": len(numbers),
        "seconds_until_back_worst": max(back),
    }
    return findings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="motcua-chaos-") as folder:
        findings = run(Path(folder), arguments.rounds)
    for name, count in findings.must_be_zero.items():
        print(f"{name:<40}{count:>12}   {'ok' if count == 0 else 'FAULT'}")
    for name, figure in (findings.figures | {"seconds": time.monotonic() - started}).items():
        print(f"{name:<40}{figure:>12.1f}")
    sys.exit(any(findings.must_be_zero.values()))


if __name__ == "__main__":
    main()
