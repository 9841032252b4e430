"""From the tap to the paper; without the server how long a number takes, and how long 300 take to be handed in.

python -m tests.benchmarks.bench_offline

The kiosk without its window, the real server, a line that is cut, a virtual printer on TCP.
"""

import logging
import tempfile
import time
from pathlib import Path

from display_server.selftest.scratch import percentile
from tests.benchmarks.bench_printing import StopWatch
from tests.faults.environment import Scene, all_printed
from tests.faults.kiosk_failpoints import tap
from tests.faults.offline_pair import VISITORS
from tests.kiosk.driver import until

FIRST_TAPS = 5
PAPERS = 100


def first_taps(scene: Scene) -> list[float]:
    """Seconds of the tap that meets the dead line, each after the server was there."""
    seconds = []
    for _ in range(FIRST_TAPS):
        scene.proxy.mood = "well"
        scene.online()
        scene.handed_in()
        scene.proxy.mood = "cut"
        seconds.append(timed_tap(scene))
    return seconds


def timed_tap(scene: Scene) -> float:
    began = time.perf_counter()
    scene.taps.append(tap(scene.machine).ticket.number)
    return time.perf_counter() - began


def papers() -> list[float]:
    """Seconds from each tap until the knife has fallen behind its slip, drawn in the layout that kiosks come with."""
    watch, seconds = StopWatch(), []
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder, Scene(Path(folder)) as scene:
        scene.print_through(watch.url)
        scene.online()
        until(lambda: scene.machine.printer.status.reports_status, "the printer")
        for _ in range(PAPERS):
            watch.cut.clear()
            began = time.perf_counter()
            tap(scene.machine)
            assert watch.cut.wait(10), "no paper"
            seconds.append(watch.last_byte - began)
            until(lambda: all_printed(scene.machine), "the printer's word")
    return seconds


def main() -> None:
    """Print the figures."""
    logging.getLogger("kiosk").setLevel(logging.ERROR)  # each number without the server is a warning
    paper = papers()
    print(
        f"tap to the last byte at the printer: median {percentile(paper, 0.5) * 1000:.0f} ms,"
        f" p95 {percentile(paper, 0.95) * 1000:.0f} ms, worst {max(paper) * 1000:.0f} ms"
    )
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder, Scene(Path(folder)) as scene:
        scene.online()
        first = first_taps(scene)
        known_away = [timed_tap(scene) for _ in range(VISITORS - 1)]
        assert scene.machine.hand_in.pending == VISITORS
        scene.proxy.mood = "well"
        scene.online()  # it looks for the server every few seconds: not a part of what is measured
        began = time.perf_counter()
        scene.handed_in()
        took = time.perf_counter() - began
        print(f"first tap without the server: worst of {FIRST_TAPS} {max(first) * 1000:.0f} ms")
        print(
            f"a tap while the server is known to be away: median {percentile(known_away, 0.5) * 1000:.0f} ms,"
            f" p95 {percentile(known_away, 0.95) * 1000:.0f} ms, worst {max(known_away) * 1000:.0f} ms"
        )
        print(f"{VISITORS} numbers handed in: {took:.2f} s after the server was seen", flush=True)
        counts = scene.counts(patience=600)
    print(
        f"tickets {counts['tickets']:.0f}, on paper {counts['on_paper']:.0f}, twice {counts['twice_without_copy']:.0f}"
    )


if __name__ == "__main__":
    main()
