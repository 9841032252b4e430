"""Two kiosks are without the server for an hour, with 300 visitors between them; then both are back at once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import kiosk.core.offline_sync
import kiosk.core.server_clock
from kiosk.core.core import KioskCore
from tests.end_to_end.printed_slips import Printer
from tests.faults.environment import Counts, Scene, all_printed
from tests.faults.kiosk_failpoints import tap
from tests.kiosk.driver import until

VISITORS = 300
HOUR = 3600.0
PATIENCE = 300.0  # a way out: on a busy machine three hundred slips take more than a minute


class BothPrinters:
    """The paper of two printers in one heap."""

    def __init__(self, *printers: Printer) -> None:
        self._printers = printers

    def slips(self) -> list[dict[str, Any]]:
        return [slip for printer in self._printers for slip in printer.slips()]


def _as_long_as_today() -> float:
    """An hour, or less just after midnight: a number of yesterday is nobody's turn today."""
    now = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
    return min(HOUR, 0.9 * (now - now.replace(hour=0, minute=0, second=0)).total_seconds())


@contextmanager
def _told_time() -> Iterator[SimpleNamespace]:
    """Seconds pass when they are told to (`gone`), on top of the real ones: nobody waits for the hour."""
    told = SimpleNamespace(gone=0.0)
    seconds = SimpleNamespace(monotonic=lambda: time.monotonic() + told.gone)
    with patch.object(kiosk.core.server_clock, "time", seconds), patch.object(kiosk.core.offline_sync, "time", seconds):
        yield told


def two_kiosks_away(folder: Path, times: int) -> Counts:
    """Visitors come to the two in turn, every twelve seconds. Each number is placed by when it was drawn."""
    with Printer(folder / "slips of the other") as paper, _told_time() as told, Scene(folder) as scene:
        other = _other_kiosk(scene, folder, paper)
        scene.paper = BothPrinters(scene.printer, paper)
        try:
            until(lambda: scene.machine.watch.online and other.watch.online, "the server")
            for _ in range(times):
                scene.proxy.mood, away = "cut", _as_long_as_today()
                for visitor in range(VISITORS):
                    if visitor % 2:
                        scene.taps.append(tap(other).ticket.number)
                    else:
                        scene.tap()
                    told.gone += away / VISITORS
                # The hall's own clock went on as well: both kiosks are heard of an hour later.
                scene.proxy.mood = "well"
                until(lambda: other.hand_in.pending == 0, "the other's numbers", 60)
                scene.handed_in()
            until(lambda: all_printed(other), "the other's paper", PATIENCE)
            assert scene.in_line() == scene.taps
            return scene.counts(PATIENCE)
        finally:
            other.stop()


def _other_kiosk(scene: Scene, folder: Path, paper: Printer) -> KioskCore:
    its_own = {"token": scene.enrol_kiosk("other kiosk"), "data_dir": folder / "other kiosk"}
    settings = scene.settings.model_copy(
        update={
            "kiosk": scene.settings.kiosk.model_copy(update=its_own),
            "printer": scene.settings.printer.model_copy(update={"url": f"{paper.url}?profile=text"}),
        }
    )
    machine = KioskCore(settings, lambda: None)
    machine.start()
    return machine
