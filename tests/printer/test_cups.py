"""A real CUPS with a raw queue to the virtual printer: own port, own folders, ended with the test."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from printer.errors import DeviceError
from printer.jobs.devices import open_device
from printer.rendering.image import render_slip
from printer.slip.layout import load_layout
from printer.transports.discovery import find_cups
from tests.printer.conftest import LONG_TIME, Hall, Work, make_slip, same

ENVIRONMENT_PATH = f"{os.environ['PATH']}:/usr/sbin"
OPEN_TO_ALL = "Order allow,deny\n  Allow from 127.0.0.1"
CONFIGURATION = f"""
Listen 127.0.0.1:{{port}}
WebInterface No
Browsing No
DefaultAuthType None
<Location />
  {OPEN_TO_ALL}
</Location>
<Location /admin>
  {OPEN_TO_ALL}
</Location>
<Policy default>
  <Limit All>
  {OPEN_TO_ALL}
  </Limit>
</Policy>
"""
FILES = """
ServerRoot {folder}/root
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
CacheDir {folder}/cache
StateDir {folder}/state
DataDir /usr/share/cups
ServerBin /usr/lib/cups
AccessLog {folder}/access.log
ErrorLog {folder}/error.log
PageLog {folder}/page.log
Sandboxing relaxed
"""


class Cups:
    """A CUPS of our own. Its clients find it by CUPS_SERVER."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        for name in ("root/ppd", "spool/tmp", "cache", "state/certs"):
            (folder / name).mkdir(parents=True)
        (folder / "cupsd.conf").write_text(CONFIGURATION.format(port=self.port))
        (folder / "cups-files.conf").write_text(FILES.format(folder=folder))
        command = ["cupsd", "-f", "-c", folder / "cupsd.conf", "-s", folder / "cups-files.conf"]
        self._process = subprocess.Popen(
            command, env=os.environ | {"PATH": ENVIRONMENT_PATH}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._until(lambda: "is running" in self.run("lpstat", "-r").stdout, "CUPS does not start")

    def queue(self, name: str, port: int) -> None:
        """A raw queue to a printer on a TCP port of this machine."""
        added = self.run("lpadmin", "-p", name, "-E", "-v", f"socket://127.0.0.1:{port}", "-m", "raw")
        assert added.returncode == 0, added.stderr

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PATH": ENVIRONMENT_PATH, "CUPS_SERVER": f"127.0.0.1:{self.port}"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=20)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(LONG_TIME)

    def _until(self, true: Callable[[], bool], words: str) -> None:
        deadline = time.monotonic() + LONG_TIME
        while not true():
            assert self._process.poll() is None, (self.folder / "error.log").read_text()
            assert time.monotonic() < deadline, words
            time.sleep(0.05)


@pytest.fixture
def cups(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cups]:
    # Not pytest's folder: the programs that CUPS starts are not root and must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="motcua-cups-"))
    folder.chmod(0o755)
    cups = Cups(folder)
    monkeypatch.setenv("CUPS_SERVER", f"127.0.0.1:{cups.port}")
    yield cups
    cups.close()
    shutil.rmtree(folder)


def test_slips_through_a_raw_queue_come_out_dot_by_dot_and_in_order(
    cups: Cups, paper_hall: Hall, work: Callable[..., Work]
) -> None:
    cups.queue("KIOSK", paper_hall.server.port)
    one = work("cups://KIOSK", timeout_seconds=10.0)
    numbers = [f"A00{count}" for count in range(1, 4)]
    for number in numbers:
        one.worker.submit(number, make_slip(number=number))
        # A queue cannot say that paper came out, and we do not pretend.
        assert one.until_state(number, "sent", "printed", "failed", "given_up").state == "sent"
    layout = load_layout("standard_80mm")
    for slip, number in zip(paper_hall.pictures(3), numbers, strict=True):
        assert same(slip, render_slip(make_slip(number=number), layout))
    assert paper_hall.warnings() == [[], [], []]


def test_the_queue_is_found_and_its_state_is_told(cups: Cups, paper_hall: Hall) -> None:
    cups.queue("KIOSK", paper_hall.server.port)
    assert [found.url for found in find_cups()] == ["cups://KIOSK"]
    device = open_device("cups://KIOSK", 10.0)
    status = device.status()
    assert (status.online, status.problems) == (True, ())
    assert cups.run("cupsdisable", "KIOSK").returncode == 0
    assert device.status().problems == ("offline",)
    device.close()


def test_a_stopped_queue_keeps_the_slip_waiting_until_it_runs_again(
    cups: Cups, paper_hall: Hall, work: Callable[..., Work]
) -> None:
    cups.queue("KIOSK", paper_hall.server.port)
    cups.run("cupsdisable", "KIOSK")
    one = work("cups://KIOSK", timeout_seconds=10.0)
    one.until_problem("offline")
    one.worker.submit("k", make_slip())
    assert one.until_state("k", "queued").attempts == 0
    cups.run("cupsenable", "KIOSK")
    one.until_state("k", "sent")
    assert same(paper_hall.pictures(1)[0], render_slip(make_slip(), load_layout("standard_80mm")))


def test_a_queue_that_is_not_there_is_named(cups: Cups) -> None:
    with pytest.raises(DeviceError, match="cups://NOPE"):
        open_device("cups://NOPE", 10.0)
