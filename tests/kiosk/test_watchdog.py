"""A window that really hangs is killed and started anew within ten seconds, and no number is lost."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kiosk.process.watchdog import ALIVE, notify
from tests.kiosk.driver import Kiosk, free_port, until
from tests.kiosk.fake_server import FakeServer

MOST_SECONDS = 10.0
# The window's own thread runs Python's signal handlers: this one never gives it back.
BUSY_LOOP = """
import signal
def spin(*_):
    while True:
        pass
signal.signal(signal.SIGUSR1, spin)
"""


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def answer(kiosk: Kiosk) -> dict[str, Any]:
    """The state once the door answers again."""
    until(kiosk._answers, f"the kiosk; {kiosk.log()}", patience=60)
    return kiosk.state()


@pytest.mark.parametrize("hang", [signal.SIGSTOP, signal.SIGUSR1], ids=["stopped", "busy loop"])
def test_a_window_that_hangs_is_back_within_ten_seconds_with_the_visitors_number(tmp_path: Path, hang: int) -> None:
    with (
        FakeServer() as server,
        Kiosk(server.url, tmp_path, watched=True, before=BUSY_LOOP, KIOSK__ANSWER_SECONDS=5) as kiosk,
    ):
        server.mood, server.slow_seconds = "slow", 1.5
        kiosk.touch("begin")
        kiosk.touch("department:TP")
        until(lambda: server.requests.count("POST /api/v1/tickets"), "the request")
        hung = kiosk.window_pid
        os.kill(hung, hang)
        hung_at = time.monotonic()
        until(lambda: is_gone(hung), "the end of the window that hangs")
        server.mood = "well"
        state = answer(kiosk)
        seconds = time.monotonic() - hung_at
        print(f"hung for {seconds:.1f} s")
        assert seconds < MOST_SECONDS
        assert kiosk.window_pid != hung
        # Stopped, it could print nothing: the number comes after the start. Otherwise the slip was out meanwhile.
        if hang == signal.SIGSTOP:
            assert kiosk.shows("number")["number"] == "A001", state
            kiosk.touch("done")
        until(lambda: len(list((tmp_path / "paper").glob("**/*.png"))) == 1, "the visitor's paper")
        for name in ("begin", "department:TP"):
            kiosk.touch(name)
        assert kiosk.shows("number")["number"] == "A002"
        assert "it is killed" in kiosk.log()
        until(lambda: len(list((tmp_path / "paper").glob("**/*.png"))) == 2, "two slips of paper")
        assert kiosk.end() == 0
        assert sorted(ticket["number"] for ticket in server.tickets.values()) == ["A001", "A002"]


def test_a_number_that_only_the_screen_has_is_shown_again(tmp_path: Path) -> None:
    printer = f"tcp://127.0.0.1:{free_port()}"
    with FakeServer() as server, Kiosk(server.url, tmp_path, watched=True, PRINTER__URL=printer) as kiosk:
        for name in ("begin", "department:TP"):
            kiosk.touch(name)
        assert kiosk.shows("number")["number"] == "A001"
        hung = kiosk.window_pid
        os.kill(hung, signal.SIGSTOP)
        until(lambda: is_gone(hung), "the end of the window that hangs")
        answer(kiosk)
        assert kiosk.shows("number")["number"] == "A001"
        kiosk.touch("done")
        kiosk.shows("start")


FAULT = """
import signal
def fault(*_):
    from kivy.clock import Clock
    Clock.schedule_once(lambda _: 1 / 0)
signal.signal(signal.SIGUSR1, fault)
"""


def test_a_fault_in_the_window_leads_back_to_the_start_and_many_to_a_new_window(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path, watched=True, before=FAULT) as kiosk:
        kiosk.touch("begin")
        kiosk.shows("departments")
        first = kiosk.window_pid
        os.kill(first, signal.SIGUSR1)
        kiosk.shows("start")
        assert kiosk.window_pid == first
        for faults in range(2, 7):
            os.kill(first, signal.SIGUSR1)
            until(lambda faults=faults: kiosk.log().count("ZeroDivisionError") >= faults, "the fault")  # type: ignore[misc]
        until(lambda: is_gone(first), "its end")
        answer(kiosk)
        kiosk.touch("begin")
        kiosk.shows("departments")


def test_a_window_that_dies_is_started_again_and_ends_with_its_watchdog(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path, watched=True) as kiosk:
        first = kiosk.window_pid
        os.kill(first, signal.SIGKILL)
        until(lambda: is_gone(first), "its end")
        answer(kiosk)
        second = kiosk.window_pid
        kiosk.kill()
        until(lambda: is_gone(second), "the window without a watchdog ends too")


def test_wrong_use_is_not_tried_again(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from config.cli import main; main()", "kiosk", "--watched"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MOTCUA_")}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("kiosk.token is not set") == 1


def test_systemd_hears_that_the_window_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same datagrams that systemd would get (Type=notify, WatchdogSec)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd, FakeServer() as server:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with Kiosk(server.url, tmp_path / "kiosk", watched=True) as kiosk:
            heard = [systemd.recv(4096).decode() for _ in range(6)]
            assert f"READY=1\n{ALIVE}" in heard
            assert heard[-1] == ALIVE
            assert kiosk.end() == 0
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
        notify(ALIVE)  # nobody listens: no harm


TOLD_WHILE_STARTING = """
import os, signal, subprocess
from kiosk.process import watchdog
class Told(subprocess.Popen):
    def __init__(self, *told, **how):
        super().__init__(*told, **how)
        os.kill(os.getpid(), signal.SIGTERM)
watchdog.subprocess.Popen = Told
raise SystemExit(watchdog.Watchdog(["sleep", "60"]).run())
"""


def test_who_tells_it_to_end_while_it_starts_a_window_is_heard() -> None:
    ended = subprocess.run([sys.executable, "-c", TOLD_WHILE_STARTING], timeout=30, check=False)
    assert ended.returncode == 0
