"""kill -9 of the server at every step of a ticket and of a hand-in, twenty times each; then a count."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.machine import Machine
from tests.end_to_end.paper import Printer
from tests.faults.count import check
from tests.faults.stepped_kiosk import settings, tap
from tests.faults.stepped_server import STEPS
from tests.kiosk.driver import free_port, until
from tests.scratch_hall import ROOT, ScratchHall, clean_environment

KILLS = 20
LONG_TIME = 30.0


def start_and_die(hall: ScratchHall, step: str) -> "subprocess.Popen[str]":
    """A server that will die at `step`; it serves when this returns."""
    command = [sys.executable, "-m", "tests.faults.stepped_server", step]
    server = subprocess.Popen(
        [*command, "server", "--port", str(hall.port), "--database", hall.database],
        env=clean_environment(MOTCUA_SERVER__ALWAYS_OPEN="true"),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert server.stdout is not None
    assert server.stdout.readline().startswith("http"), step
    return server


@pytest.mark.parametrize("step", STEPS)
def test_killed_there_paper_and_tickets_are_the_same(tmp_path: Path, step: str) -> None:
    hall = ScratchHall(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau", port=free_port())
    hall.start()
    with Printer(tmp_path / "slips") as printer:
        wanted = settings(
            hall.url, hall.token("kiosk"), f"{printer.url}?profile=text", tmp_path / "kiosk", refresh_seconds=0.1
        )
        machine = Machine(wanted, lambda: None)
        machine.start()
        until(lambda: machine.watch.online, "the server")
        hall.stop()
        taps = 0
        for _ in range(KILLS):
            if "hand" in step:
                until(lambda: machine.watch.online is False, "its absence")
                taps += len([tap(machine, "HT")])
            server = start_and_die(hall, step)
            if "hand" not in step:
                until(lambda: machine.watch.online, "the server")
                taps += len([tap(machine, "HT")])
            assert server.wait(LONG_TIME) == -9, step
            server.communicate()
        hall.start()
        until(lambda: machine.hand_in.pending == 0 and not machine.jobs.waiting(), "all handed in and printed", 60)
        machine.stop()
        counts = check(printer, hall.site)
    hall.stop()
    hall.site.engine.dispose()
    assert counts["tickets"] == taps == KILLS
    assert counts["copies"] == 0
