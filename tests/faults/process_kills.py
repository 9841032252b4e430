"""kill -9 of the kiosk at every step between tap and paper, and on to the server; and of the server."""

import subprocess
import sys
from pathlib import Path

from tests.faults.environment import Counts, Scene
from tests.faults.failpoints import live, load_before
from tests.faults.kiosk_failpoints import OFFLINE, ONLINE, live_once
from tests.kiosk.driver import until
from tests.server_process import ROOT, ServerProcess, clean_environment

LONG_TIME = 30.0

load_before("tests.faults.kiosk_failpoints", "tests.printer.failpoints")


def kiosk_killed(folder: Path, times: int, step: str) -> Counts:
    """Each time a kiosk is started, tapped once and killed at `step`; a last one only finishes what is left."""
    with Scene(folder) as scene:
        scene.machine.stop()  # the lives are the kiosk
        for _ in range(times):
            live(live_once, scene.settings, until=step, taps=True, away=step in OFFLINE)
        live(live_once, scene.settings, taps=False, away=False)
        # A tap that was not on disk was never answered: that visitor taps again. Every other one has a number.
        scene.taps = [] if step == ONLINE[0] else ["?"] * times
        scene.start_kiosk()
        return scene.counts()


def box_killed(folder: Path, times: int) -> Counts:
    """The power of a one-box hall is cut: kiosk and server die together, at each of the kiosk's steps in turn."""
    with Scene(folder) as scene:
        scene.machine.stop()  # the lives are the kiosk
        for _ in range(times):
            for step in [*ONLINE, *OFFLINE]:
                live(live_once, scene.settings, until=step, taps=True, away=step in OFFLINE)
                scene.hall.kill()
                scene.hall.start()
        live(live_once, scene.settings, taps=False, away=False)
        scene.taps = ["?"] * times * (len([*ONLINE, *OFFLINE]) - 1)  # all but the one that was never on disk
        scene.start_kiosk()
        return scene.counts()


def server_killed(folder: Path, times: int, step: str) -> Counts:
    """Each time a server is started that dies at `step` of a ticket or of a hand-in; then one that lives."""
    with Scene(folder, {"refresh_seconds": 0.1}) as scene:
        scene.online()
        scene.hall.stop()
        for _ in range(times):
            until(lambda: scene.machine.watch.online is False, "its absence")
            if "hand" in step:
                scene.tap()
            server = _start_and_die(scene.hall, step)
            if "hand" not in step:
                scene.online()
                scene.tap()
            assert server.wait(LONG_TIME) == -9, step
            server.communicate()
        scene.hall.start()
        scene.handed_in()
        return scene.counts()


def _start_and_die(hall: ServerProcess, step: str) -> "subprocess.Popen[str]":
    """A server that will die at `step`; it serves when this returns."""
    command = [sys.executable, "-m", "tests.faults.server_failpoints", step]
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
