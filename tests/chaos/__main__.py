"""`make chaos`: halls at work while servers are killed, stopped, cut off, their disks filled and their clocks set.

Every client writes down what it asked and was told; afterwards a checker (`checker.py`) holds it against the database.
Prints what was found by rule and by fault; exit 1 on anything. `--rounds N` (200), `--seed N`, `--keep DIR`;
`--on patroni` lets the primary of three nodes die instead.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.chaos.episode import Episode, Outcome
from tests.chaos.faults import FAULTS
from tests.chaos.history import counted

AN_EPISODE = 14  # rounds in one database, each fault twice: then the history is checked, and another hall begins


def play(kind: str, rounds: int, seed: int, stop_seconds: float, keep: Path | None = None) -> Outcome:
    """One hall from its opening to the checker; its history is kept in `keep` where something was found."""
    with (
        tempfile.TemporaryDirectory(prefix="motcua-chaos-") as folder,
        Episode(Path(folder), kind, seed, stop_seconds) as episode,
    ):
        outcome = episode.run(rounds)
        if keep is not None and any(outcome.problems.values()):
            keep.mkdir(parents=True, exist_ok=True)
            episode.history.write(keep / f"{kind}-{seed}.jsonl")
        return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--on", nargs="+", choices=FAULTS, default=["sqlite", "postgresql"], help="in turn")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--stop-seconds", type=float, default=10.0, help="how long SIGSTOP holds a server")
    parser.add_argument("--keep", type=Path, help="where histories go in which something was found")
    asked = parser.parse_args()
    logging.getLogger("kiosk").setLevel(logging.ERROR)  # each number without the server is a warning
    began, left, seed = time.monotonic(), asked.rounds, asked.seed
    found: Counter[str] = Counter()
    figures: Counter[str] = Counter()
    back: dict[str, list[float]] = {}
    slowest_tap = 0.0
    while left > 0:
        kind = asked.on[(seed - asked.seed) % len(asked.on)]
        outcome = play(kind, min(AN_EPISODE, left), seed, asked.stop_seconds, asked.keep)
        for name, problems in outcome.problems.items():
            for problem in problems[:5]:
                print(f"FAULT {kind}, seed {seed}: {name}: {problem}", file=sys.stderr)
        found.update(counted(outcome.problems))
        figures.update(outcome.figures)
        slowest_tap = max(slowest_tap, outcome.slowest_tap)
        for name, seconds in outcome.back_after.items():
            back.setdefault(f"{kind}: {name}", []).extend(seconds)
        left, seed = left - AN_EPISODE, seed + 1
        print(f"{asked.rounds - max(left, 0)} rounds, {time.monotonic() - began:.0f} s", file=sys.stderr)
    _tell(found, figures | Counter({"rounds": asked.rounds, "seconds": round(time.monotonic() - began)}), back)
    print(f"{'slowest tap at the kiosk with paper':<44}{slowest_tap:>8.2f} s")
    sys.exit(any(found.values()))


def _tell(found: Counter[str], figures: Counter[str], back: dict[str, list[float]]) -> None:
    print(f"seeds and rounds as asked; {figures['rounds']} faults")
    for name, count in found.items():
        print(f"{name:<44}{count:>8}   {'ok' if count == 0 else 'FAULT'}")
    for name, count in figures.items():
        print(f"{name:<44}{count:>8}")
    print(f"{'fault':<44}{'times':>8}{'next number after, median':>28}{'worst':>10}")
    for name, seconds in sorted(back.items()):
        ordered = sorted(seconds)
        print(f"{name:<44}{len(ordered):>8}{ordered[len(ordered) // 2]:>26.2f} s{ordered[-1]:>8.2f} s")


if __name__ == "__main__":
    main()
