"""The printer fails while visitors take numbers: each still has a number, and what could not be printed comes later."""

import json
import urllib.request
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from tests.faults.environment import Counts, Scene, all_printed
from tests.faults.proxy import Mood, Proxy
from tests.faults.serial_cable import SerialCable
from tests.kiosk.driver import until

PATIENT = 1.0  # seconds until a hanging printer is abandoned: the site's ten would make the tests long
WELL = {"paper": "ok", "paper_left_mm": None, "cover_open": False, "unresponsive": False, "speaks": "all"}


def broken_printer(folder: Path, times: int, *, serial: bool = False, **conditions: Any) -> Counts:
    """Each time: a visitor before, two while the printer is so, and it is well again. `serial`: by a serial line."""
    with _scene(folder) as scene, SerialCable(_port(scene)) if serial else nullcontext() as cable:
        if cable is not None:
            scene.print_through(f"{cable.url}&profile=text")
        known = conditions.get("speaks") != "garbage"  # then what it says is rubbish, but it prints
        for _ in range(times):
            _two_visitors(scene, lambda: _set(scene, **conditions), lambda: _set(scene, **WELL), known=known)
        return scene.counts()


def unplugged_printer(folder: Path, times: int, mood: Mood) -> Counts:
    """The printer's cable is out, or breaks, for two visitors."""
    with _scene(folder) as scene, Proxy(_port(scene)) as cable:
        scene.print_through(f"tcp://{cable.address}?profile=text")
        for _ in range(times):
            _two_visitors(scene, lambda: setattr(cable, "mood", mood), lambda: setattr(cable, "mood", "well"))
        return scene.counts()


def unplugged_serial_printer(folder: Path, times: int) -> Counts:
    """A serial cable is out for two visitors: nothing breaks, and nothing answers."""
    with _scene(folder) as scene, SerialCable(_port(scene)) as cable:
        scene.print_through(f"{cable.url}&profile=text")
        for _ in range(times):
            _two_visitors(scene, lambda: setattr(cable, "out", True), lambda: setattr(cable, "out", False))
        return scene.counts()


def _scene(folder: Path) -> Scene:
    return Scene(folder, printer={"timeout_seconds": PATIENT})


def _port(scene: Scene) -> int:
    return int(scene.printer.url.rpartition(":")[2])


def _two_visitors(scene: Scene, breaks: Callable[[], None], mends: Callable[[], None], *, known: bool = True) -> None:
    """A visitor before, two while it is broken, and all their paper. `known`: the kiosk can notice it."""
    scene.online()
    scene.tap()
    until(lambda: all_printed(scene.machine), "the paper before")
    breaks()
    for _ in range(2):
        scene.tap()
    if known:
        until(lambda: scene.machine.printer.status.problems, "the trouble is known")
    mends()
    until(lambda: all_printed(scene.machine), "all on paper", 60)


def _set(scene: Scene, **conditions: Any) -> None:
    request = urllib.request.Request(f"{scene.printer.web}/conditions", json.dumps(conditions).encode())
    urllib.request.urlopen(request, timeout=10).close()
