"""`motcua demo --once`: the short morning, looked at afterwards."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from display_server.demo.batch.screenshot_set import ScreenshotSet
from display_server.demo.batch.summary import FAULTS, repeated_and_missing, summarise, write
from display_server.demo.environment import DemoEnvironment
from display_server.demo.errors import DemoError
from display_server.demo.http_client import Session
from display_server.demo.simulation.event_log import EventLog
from display_server.demo.simulation.short_scenario import ShortScenario
from display_server.demo.simulation.visitors import KioskTrouble
from display_server.services.staff.staff import Role


def play_once(hall: DemoEnvironment, start_page: str) -> Path:
    """The path of the summary to read. Raises `DemoError` when anything is as it must not be."""
    started, clock = datetime.now(UTC), time.monotonic()
    album = ScreenshotSet(hall, start_page, hall.wish.folder / "pictures")
    try:
        record = ShortScenario(hall, album.kiosk, album.pages).play()
        look_back(hall, record)
    except (KioskTrouble, OSError, ValueError) as error:
        raise DemoError(f"the morning broke off: {error!r}") from error
    summary = summarise(hall.centre, record, album, time.monotonic() - clock, started)
    file = write(summary, hall.wish.folder)
    if record.faults:
        bad = ", ".join(f"{FAULTS.get(kind, kind)}: {count}" for kind, count in record.faults.items())
        raise DemoError(f"{bad}; see {file}")
    return file


def look_back(hall: DemoEnvironment, record: EventLog) -> None:
    """Compare what visitors, clerks and the screen saw with what the server and the printer say."""
    numbers = [taken.number for taken in record.taken]
    repeated, missing = repeated_and_missing(numbers)
    shown = hall.server.get("/api/v1/hall").json()
    overview = _overview(hall)
    slips = hall.printer_web.get("/slips").json()
    _count(record, "repeated_numbers", repeated)
    _count(record, "missing_numbers", missing)
    _count(record, "calls_not_shown", sorted(set(range(1, shown["seq"] + 1)) - record.shown))
    _count(record, "odd_slips", [f"{slip['name']} {slip['warnings']}" for slip in slips if slip["warnings"]])
    issued = sum(department["issued"] for department in overview["departments"])
    waiting = sum(department["waiting"] for department in overview["departments"])
    at_kiosk = sum(taken.at_kiosk for taken in record.taken)
    _difference(record, "lost_tickets", len(numbers), issued)
    _difference(record, "missing_slips", at_kiosk, len(slips))
    _difference(record, "left_waiting", 0, waiting)


def _overview(hall: DemoEnvironment) -> Any:
    supervisor = hall.access.person(Role.SUPERVISOR)
    session = Session(hall.server.host, hall.server.port)
    session.sign_in(supervisor.name, supervisor.password, "/admin")
    return session.get("/api/v1/admin/overview").json()


def _count(record: EventLog, kind: str, found: list[Any]) -> None:
    for one in found:
        record.fault(kind, str(one))


def _difference(record: EventLog, kind: str, expected: int, found: int) -> None:
    if expected != found:
        record.fault(kind, f"expected {expected}, found {found}")
