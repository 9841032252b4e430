"""The line between kiosk and server breaks while visitors take numbers."""

from pathlib import Path

from tests.faults.consistency_check import in_database
from tests.faults.environment import Counts, Scene
from tests.faults.proxy import Mood
from tests.kiosk.driver import until


def broken_line(folder: Path, times: int, mood: Mood) -> Counts:
    """Each time: a visitor before, one who meets the fault, two while it lasts, and the line is well again."""
    with Scene(folder) as scene:
        for _ in range(times):
            scene.online()
            scene.tap()
            scene.proxy.mood = mood
            for _ in range(3):
                scene.tap()
            scene.proxy.mood = "well"
            scene.handed_in()
        assert scene.in_line() == scene.taps
        return scene.counts()


def hand_in_lost(folder: Path, times: int) -> Counts:
    """The server takes the numbers in, but the kiosk never hears of it: it hands them in again."""
    with Scene(folder) as scene:
        for _ in range(times):
            scene.online()
            scene.proxy.mood = "half_open"
            scene.tap()
            scene.tap()
            scene.proxy.mood = "lost"
            until(lambda: len(in_database(scene.hall.site)) == len(scene.taps), "the server has them")
            scene.proxy.mood = "well"
            scene.handed_in()
        return scene.counts()
