"""The kiosk's wall clock is set wrong while the server is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from unittest.mock import patch

import kiosk.core.core
import kiosk.core.outbox
import kiosk.core.server_clock
import kiosk.core.status_reporter
import kiosk.core.ticket_flow
import printer.jobs.store
import printer.jobs.worker
from tests.faults.environment import Counts, Scene

ALL_THAT_LOOK = (
    kiosk.core.server_clock,
    kiosk.core.status_reporter,
    kiosk.core.outbox,
    kiosk.core.core,
    kiosk.core.ticket_flow,
    printer.jobs.store,
    printer.jobs.worker,
)


class Wall(datetime):
    """The kiosk's wall clock, `wrong_by` ahead."""

    wrong_by = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz or UTC) + cls.wrong_by


@contextmanager
def _wall() -> Iterator[type[Wall]]:
    """The real clock but for what is set wrong; the server's own is never touched."""
    patches = [patch.object(module, "datetime", Wall) for module in ALL_THAT_LOOK]
    for each in patches:
        each.start()
    try:
        yield Wall
    finally:
        Wall.wrong_by = timedelta()
        for each in patches:
            each.stop()


def clock_jumps(folder: Path, times: int, days: int) -> Counts:
    """Each time: own numbers before the jump, after it, and after a start with the wrong clock."""
    with _wall() as wall, Scene(folder) as scene:
        for _ in range(times):
            scene.online()
            scene.tap()
            scene.proxy.mood = "cut"
            scene.tap()
            wall.wrong_by = timedelta(days=days)
            scene.tap()
            scene.machine.stop()
            scene.start_kiosk()
            scene.tap()
            scene.proxy.mood = "well"
            scene.handed_in()
            wall.wrong_by = timedelta()
        assert scene.in_line() == scene.taps
        return scene.counts()
