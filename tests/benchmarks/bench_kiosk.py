"""How long a visitor waits for the machine: the real kiosk at 1080×1920, the real server, a virtual printer on TCP.

python -m tests.benchmarks.bench_kiosk                    the figures, about a minute
python -m tests.benchmarks.bench_kiosk --visitors 2000    memory over so many visitors, about a second each
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from display_server.selftest.command import CENTRES
from display_server.selftest.scratch import TemporaryServer, percentile
from tests.benchmarks import frame_recorder as kiosk_frames
from tests.benchmarks.bench_printing import StopWatch
from tests.benchmarks.frame_recorder import Frame, Frames
from tests.kiosk.driver import Kiosk, until

VISITS = 40
PAGE_TURNS = 40
DEPARTMENT = "department:KHDT"
SETTLE, SOAK_SETTLE = 0.25, 0.02  # seconds: for so long a new screen takes no touches; for less in the soak
DRAWING = ("libLLVM", "swrast_dri", "libgallium", "libz3")  # the software renderer, which a graphics card replaces
EVERY_SO_OFTEN = 10  # visitors, then one who looks around
TOLD_AT = (10, 100, 250, 500, 1000, 1500)


class Hand:
    """Touches a kiosk and waits for the frames that follow."""

    def __init__(self, kiosk: Kiosk, frames: Frames, settle_seconds: float) -> None:
        self.kiosk = kiosk
        self.frames = frames
        self._settle = settle_seconds + 0.02
        self._places: dict[str, tuple[float, float]] = {}

    def touch(self, name: str) -> float:
        """Touch a place that stands where it stood the first time; the moment."""
        if name not in self._places:
            place = until(lambda: self.kiosk.state()["targets"].get(name), name)
            self._places[name] = place["x"], place["y"]
        touched = time.monotonic()
        self.kiosk.tap(self._places[name])
        return touched

    def shows(self, screen: str, since: float) -> Frame:
        """The first frame of `screen` after a touch; waits until it takes touches."""
        frame = self.frames.first(since, lambda frame: frame.screen == screen)
        return self.settled(frame)

    def answer(self, name: str) -> Frame:
        """Touch a place; the first frame after."""
        before = self.frames.last.touches
        return self.frames.first(self.touch(name), lambda frame: frame.touches > before)

    def turns(self, name: str, page: int) -> Frame:
        """Touch a place; the first frame of that page."""
        return self.settled(self.frames.first(self.touch(name), lambda frame: frame.page == page))

    def settled(self, frame: Frame) -> Frame:
        """Wait until what `frame` shows takes touches."""
        time.sleep(max(frame.seen + self._settle - time.monotonic(), 0))
        return frame


def resident_mib(process_id: int) -> tuple[float, float, float]:
    """Resident memory; of it what no other process shares; of it the software renderer's libraries."""
    resident = private = drawing = 0
    name = ""
    for line in Path(f"/proc/{process_id}/smaps").read_text().splitlines():
        key, _, rest = line.partition(":")
        if key == "Rss":
            resident += int(rest.split()[0])
            drawing += int(rest.split()[0]) * any(part in name for part in DRAWING)
        elif key.startswith("Private_") and "Hugetlb" not in key:
            private += int(rest.split()[0])
        elif "-" in key and "Vm" not in key:
            name = line
    return resident / 1024, private / 1024, drawing / 1024


def visit(hand: Hand, watch: StopWatch, department: str = DEPARTMENT) -> tuple[float, float, float]:
    """One visitor from the start screen to the paper and back.

    Seconds from the tap on the department to the first frame that answers it, to the number, to the first byte at the
    printer.
    """
    hand.shows("departments", hand.touch("begin"))
    watch.first_byte = 0.0
    watch.cut.clear()
    before = hand.frames.last.touches
    offset = time.perf_counter() - time.monotonic()
    tapped = hand.touch(department)
    number = hand.frames.first(tapped, lambda frame: frame.screen == "number" and bool(frame.number))
    visible = hand.frames.first(tapped, lambda frame: frame.touches > before)
    assert watch.cut.wait(30), "no paper came"
    hand.settled(number)
    hand.shows("start", hand.touch("done"))
    return visible.seen - tapped, number.seen - tapped, watch.first_byte - offset - tapped


def look_around(hand: Hand) -> None:
    """A visitor who changes the language, turns pages, asks about priority and leaves without a number."""
    hand.settled(hand.answer("language:en"))
    hand.shows("departments", hand.touch("begin"))
    for turn, page in (("next", 1), ("previous", 0)):
        hand.turns(turn, page)
    hand.shows("priority", hand.touch("ask_priority"))
    hand.shows("departments", hand.touch("back"))
    hand.shows("start", hand.touch("back"))


def page_turns(hand: Hand) -> tuple[list[float], list[float]]:
    """Seconds from a touch on the page bar to the other page, and of each frame drawn meanwhile."""
    hand.shows("departments", hand.touch("begin"))
    waits, drawn = [], []
    for turn in range(PAGE_TURNS):
        touched = time.monotonic()
        page = 1 - turn % 2
        waits.append(hand.turns("next" if page else "previous", page).seen - touched)
        drawn += [frame.seen - frame.begun for frame in hand.frames.since(touched)]
    hand.shows("start", hand.touch("back"))
    return waits, drawn


def told(what: str, seconds: Sequence[float]) -> None:
    first, *others = [1000 * one for one in seconds]
    print(
        f"kiosk: {what}: median {median(others):.0f} ms, p95 {percentile(others, 0.95):.0f} ms, first {first:.0f} ms"
        f" ({len(seconds)} times)",
        flush=True,
    )


def told_memory(kiosk: Kiosk, when: str) -> float:
    resident, private, drawing = resident_mib(kiosk.window_pid)
    print(
        f"kiosk: resident {when}: {resident:.1f} MiB, of it private {private:.1f},"
        f" libraries that draw in software {drawing:.1f}",
        flush=True,
    )
    return resident


@contextmanager
def running(settle_seconds: float) -> Iterator[tuple[Hand, StopWatch]]:
    """A centre's server, its printer and its kiosk, just started. `settle_seconds`: a new screen takes no touches."""
    watch, folder = StopWatch(), Path(tempfile.mkdtemp(prefix="motcua-bench-"))
    server = TemporaryServer(folder, CENTRES / "thai_binh", f"sqlite:///{folder}/scratch.db")
    server.prepare()
    server.start()
    settings: dict[str, Any] = {
        "KIOSK__TOKEN": server.kiosk_token,
        "KIOSK__ASK_PROCEDURE": "false",
        "KIOSK__REFRESH_SECONDS": "5",
        "PRINTER__URL": watch.url,
    }
    frames = Frames(folder / "frames")
    address, before = f"http://127.0.0.1:{server.port}", kiosk_frames.inside(folder / "frames", settle_seconds)
    try:
        began = time.monotonic()
        with Kiosk(address, folder / "kiosk", (1080, 1920), before=before, **settings) as kiosk:
            until(lambda: "begin" in kiosk.state()["targets"], "the start screen")
            start = frames.first(began, lambda frame: frame.screen == "start")
            print(
                f"kiosk: cold start to the first frame: {start.seen - began:.2f} s,"
                f" to a start screen that takes touches: {time.monotonic() - began:.2f} s",
                flush=True,
            )
            time.sleep(3)  # the screens that are built ahead
            yield Hand(kiosk, frames, settle_seconds), watch
    finally:
        server.stop()


def waits() -> None:
    """How long a visitor waits for what."""
    with running(SETTLE) as (hand, watch):
        told_memory(hand.kiosk, "at the start")
        visible, number, paper = zip(*(visit(hand, watch) for _ in range(VISITS)), strict=True)
        told("tap → first frame that answers", visible)
        told("tap → number on the screen", number)
        told("tap → first byte at the printer", paper)
        turned, drawn = page_turns(hand)
        told("tap → the other page", turned)
        print(f"kiosk: frames of a page turn: {1 / median(drawn):.0f} a second, p95 {1 / percentile(drawn, 0.95):.0f}")
        look_around(hand)
        told_memory(hand.kiosk, f"after {VISITS + 2} visitors")


def soak(visitors: int) -> None:
    """Memory, again and again, over so many visitors in a row; every tenth looks around, the others take a number."""
    with running(SOAK_SETTLE) as (hand, watch):
        began, seen = time.monotonic(), {0: told_memory(hand.kiosk, "at the start")}
        departments = _departments(hand)
        met: Counter[str] = Counter()
        for visitor in range(1, visitors + 1):
            if visitor % EVERY_SO_OFTEN == 0:
                look_around(hand)
            else:
                visit(hand, watch, departments[visitor % len(departments)])
            met["looked around" if visitor % EVERY_SO_OFTEN == 0 else "took a number"] += 1
            if visitor in TOLD_AT or visitor == visitors:
                seen[visitor] = told_memory(hand.kiosk, f"after {visitor} visitors")
        growth = ", ".join(f"{seen[visitors] - mib:+.1f} MiB since {mark}" for mark, mib in seen.items() if mark)
        print(f"kiosk: {dict(met)} in {(time.monotonic() - began) / 60:.0f} min; growth: {growth}")


def _departments(hand: Hand) -> list[str]:
    hand.shows("departments", hand.touch("begin"))
    names = [name for name in hand.kiosk.state()["targets"] if name.startswith("department:")]
    hand.shows("start", hand.touch("back"))
    return names


def main(visitors: int = 0) -> None:
    """Print the figures."""
    soak(visitors) if visitors else waits()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=0)
    main(parser.parse_args().visitors)
