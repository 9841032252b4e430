"""A monkey before the kiosk: fingers anywhere, keys, scans and a server that fails at random. A visit gets one number.

python -m tests.kiosk.monkey [--touches 10000] [--seed N]; exit 1 on any fault.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import time
import urllib.error
from collections import Counter
from contextlib import closing
from pathlib import Path

from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer, real_centre

MOODS = ("well", "well", "well", "slow", "garbage", "error", "hang_up", "lost")
KEYS = ("a", "enter", "escape", "f1", "f8", "up", "down", "left", "right", "tab", "1", "home", "f6", "f7")
SCANS = (
    "0123456789",
    "079063012345|281234567|Nguyen Van A|01011950|Nam|Thai Binh|01012021",
    "https://x/t/none",
    "||||",
)
AT_A_TARGET = 0.75  # otherwise anywhere
ONWARD, GOES_ON = ("begin", "number_now", "take", "done"), 0.4  # so that it comes to numbers too
PATIENT = 0.9  # otherwise it touches what is just changing
MOST_FINGERS = 10


class Monkey:
    """`touches` touches on `kiosk`, with keys and scans between them; `server` changes its mood."""

    def __init__(self, kiosk: Kiosk, server: FakeServer, seed: int) -> None:
        self._kiosk = kiosk
        self._server = server
        self._random = random.Random(seed)
        self.screens: Counter[str] = Counter()
        self.outside: set[str] = set()

    def play(self, touches: int) -> None:
        done = 0
        while done < touches:
            state = self._state()
            if not state["accepts_touch"] and self._random.random() < PATIENT:
                continue
            self.screens[state["screen"]] += 1
            if self._random.random() < 0.1:
                self._server.mood = self._random.choice(MOODS)
                self._server.slow_seconds = self._random.choice((0.1, 0.6, 2.0))
            if self._random.random() < 0.1:
                self._type()
            for _ in range(self._random.choice((1, 1, 1, 4))):
                points = self._points(state)
                self._kiosk.tap(*points)
                done += len(points)

    def rest(self) -> None:
        """Nobody touches any more and the server is well: the kiosk comes back by itself."""
        self._server.mood = "well"
        until(lambda: self._state()["screen"] == "start" and not self._state()["to_hand_in"], "the start screen", 90)

    def _state(self) -> dict[str, object]:
        for _ in range(20):
            try:
                return self._kiosk.state()
            except (urllib.error.URLError, TimeoutError):  # busy drawing
                time.sleep(0.2)
        return self._kiosk.state()

    def _stays_outside(self, name: str) -> bool:
        """Not only for the moment in which a screen is laid out anew."""
        time.sleep(0.5)
        targets: dict[str, dict[str, float]] = self._state()["targets"]  # type: ignore[assignment]
        place = targets.get(name)
        return place is not None and not (0 <= place["x"] <= 1 and 0 <= place["y"] <= 1)

    def _type(self) -> None:
        if self._random.random() < 0.5:
            self._kiosk.press(*self._random.choices(KEYS, k=3))
        else:
            letters = {"|": "|", "/": "/", ":": ":", " ": "spacebar", ".": "."}
            scan = self._random.choice(SCANS)
            self._kiosk.press(*[letters.get(sign, sign.lower()) for sign in scan], "enter")

    def _points(self, state: dict[str, object]) -> list[tuple[float, float]]:
        fingers = self._random.choice((1,) * 12 + (2, MOST_FINGERS))
        targets: dict[str, dict[str, float]] = state["targets"]  # type: ignore[assignment]
        for name, place in list(targets.items()):
            if not (0 <= place["x"] <= 1 and 0 <= place["y"] <= 1):
                del targets[name]
                if self._stays_outside(name):
                    self.outside.add(f"{name} on {state['screen']}, {state['modes']}")
        onward = [targets[name] for name in ONWARD if name in targets]
        places = onward if onward and self._random.random() < GOES_ON else list(targets.values())
        if places and self._random.random() < AT_A_TARGET:
            place = self._random.choice(places)
            return [(place["x"], place["y"])] * fingers
        return [(self._random.random(), self._random.random()) for _ in range(fingers)]


def faults(kiosk: Kiosk, server: FakeServer) -> list[str]:
    """What must not be: afterwards, with the kiosk at rest."""
    found = []
    with closing(sqlite3.connect(kiosk.folder / "data" / "journal.db")) as journal:
        rows = journal.execute("SELECT request_id, state, json_extract(ticket, '$.number') FROM request").fetchall()
    numbers = Counter(number for _, _, number in rows if number)
    found += [f"{number} was given {times} times" for number, times in numbers.items() if times > 1]
    held = {request for request, state, number in rows if number and state != "rejected"}
    found += [f"the server has never heard of {request}" for request in held - set(server.tickets)]
    slips = len(list(kiosk.paper.glob("**/*.png")))
    if slips != sum(numbers.values()):
        found.append(f"{sum(numbers.values())} numbers and {slips} slips of paper")
    if "a fault in the window" in kiosk.log() or "Traceback" in kiosk.log():
        found.append(f"the log tells of a fault: {kiosk.log()[-2000:]}")
    return found


def run(folder: Path, touches: int, seed: int) -> tuple[list[str], Counter[str], int]:
    """The faults, how often each screen was met, and how many numbers were given."""
    quick = {"KIOSK__IDLE_SECONDS": "4", "KIOSK__RESULT_SECONDS": "1", "KIOSK__ANSWER_SECONDS": "0.5"}
    with FakeServer(real_centre()) as server, Kiosk(server.url, folder, warn_seconds=2, **quick) as kiosk:
        process = kiosk._process
        monkey = Monkey(kiosk, server, seed)
        monkey.play(touches)
        monkey.rest()
        time.sleep(2)  # the last slips come out
        died = process is None or process.poll() is not None
        if not died:
            kiosk.end()  # it keeps its journal to itself
        found = faults(kiosk, server) + [f"outside the window: {place}" for place in sorted(monkey.outside)]
        return found + ["the kiosk died"] * died, monkey.screens, len(server.tickets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touches", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.touches} touches", flush=True)
    found, screens, tickets = run(Path(tempfile.mkdtemp(prefix="motcua-monkey-")), asked.touches, asked.seed)
    print(f"{tickets} tickets; screens met: {dict(screens)}")
    print("\n".join(found) or "no fault")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
