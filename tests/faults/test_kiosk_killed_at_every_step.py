"""kill -9 of the kiosk at every step between tap and paper, and on to the server, twenty times each; then a count."""

from pathlib import Path

import pytest

from tests.end_to_end.paper import Printer
from tests.faults.count import check
from tests.faults.stepped_kiosk import OFFLINE, ONLINE, live_once
from tests.faults.steps import live, load_before
from tests.scratch_hall import ScratchHall

KILLS = 20

load_before("tests.faults.stepped_kiosk", "tests.printer.stepped")


@pytest.mark.parametrize("step", [*ONLINE, *OFFLINE])
def test_killed_there_paper_and_tickets_are_the_same(tmp_path: Path, hall: ScratchHall, step: str) -> None:
    with Printer(tmp_path / "slips") as printer:
        way = (hall.url, hall.token("kiosk"), f"{printer.url}?profile=text", tmp_path / "kiosk")
        for _ in range(KILLS):
            live(live_once, *way, until=step, taps=True, away=step in OFFLINE)
        live(live_once, *way, taps=False, away=False)
        counts = check(printer, hall.site)
    # A tap that was not on disk was never answered: that visitor taps again. Every other one has a number.
    assert counts["tickets"] == (0 if step == ONLINE[0] else KILLS)
