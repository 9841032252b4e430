"""The printer fails while visitors take numbers: each still has a number, and what could not be printed comes later."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from tests.faults.proxy import Mood, Proxy
from tests.faults.scene import Counts, Scene, all_printed
from tests.kiosk.driver import until

PATIENT = 1.0  # seconds until a hanging printer is abandoned: the site's ten would make the tests long
WELL = {"paper": "ok", "paper_left_mm": None, "cover_open": False, "dead": False, "speaks": "all", "slow_seconds": 0}


def broken_printer(folder: Path, times: int, **conditions: Any) -> Counts:
    """Each time: a visitor before, two while the printer is so, and it is well again."""
    with Scene(folder, printer={"timeout_seconds": PATIENT}) as scene:
        for _ in range(times):
            scene.online()
            scene.tap()
            until(lambda: all_printed(scene.machine), "the paper before")
            _set(scene, **conditions)
            for _ in range(2):
                scene.tap()
            if conditions.get("speaks") != "garbage":  # what it says is rubbish, but it prints
                until(lambda: scene.machine.printer.status.problems, "the trouble is known")
            _set(scene, **WELL)
            until(lambda: all_printed(scene.machine), "all on paper", 60)
        return scene.counts()


def unplugged_printer(folder: Path, times: int, mood: Mood) -> Counts:
    """The printer's cable is out, or breaks, for two visitors."""
    with Scene(folder, printer={"timeout_seconds": PATIENT}) as scene:
        port = scene.printer.url.rpartition(":")[2]
        with Proxy(int(port)) as cable:
            scene.machine.stop()
            scene.print_through(cable)
            scene.start_kiosk()
            for _ in range(times):
                scene.online()
                scene.tap()
                until(lambda: all_printed(scene.machine), "the paper before")
                cable.mood = mood
                for _ in range(2):
                    scene.tap()
                until(lambda: scene.machine.printer.status.problems, "the trouble is known")
                cable.mood = "well"
                until(lambda: all_printed(scene.machine), "all on paper", 60)
            return scene.counts()


def _set(scene: Scene, **conditions: Any) -> None:
    request = urllib.request.Request(f"{scene.printer.web}/conditions", json.dumps(conditions).encode())
    urllib.request.urlopen(request, timeout=10).close()
