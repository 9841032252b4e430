"""A demo starts where it can, notices what dies, and leaves nothing behind."""

import os
import signal
import socket
from pathlib import Path

import pytest

from display_server.demo.processes import MOST_RESTARTS, ManagedProcess
from tests.demo.demo import Demo, all_gone
from tests.kiosk.driver import until


def test_interrupted_it_takes_every_part_with_it(tmp_path: Path) -> None:
    with Demo(tmp_path) as demo:
        children = demo.children()
        assert set(children) == {"server", "printer", "kiosk"}
        assert demo.end(signal.SIGINT) == 0
        assert all_gone(list(children.values()))
    assert demo.talk().endswith("The demo has ended.\n")
    assert "Traceback" not in demo.talk()


def test_killed_it_takes_every_part_with_it(tmp_path: Path) -> None:
    with Demo(tmp_path) as demo:
        children = list(demo.children().values())
        demo.end(signal.SIGKILL)
        until(lambda: all_gone(children), f"the end of {children}")


def test_ended_while_it_starts_it_leaves_nothing(tmp_path: Path) -> None:
    demo = Demo(tmp_path).start()
    children = until(lambda: demo.process.poll() is None and demo.children(), "the first part")
    assert demo.end() == 0
    assert all_gone(list(children.values()))


def test_a_taken_port_is_told_and_another_one_used(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        taken = [str(one.getsockname()[1]) for one in (first, second)]
        with Demo(tmp_path, "--port", taken[0], "--hall-port", taken[1], "--centre", "xa_mau") as demo:
            assert f"Port {taken[0]} is taken: the start page is on " in demo.talk()
            assert f"Port {taken[1]} is taken: the hall is on " in demo.talk()
            assert set(demo.get("/state")["parts"].values()) == {True}
            children = list(demo.children().values())
            assert demo.end(signal.SIGTERM) == 0
            assert all_gone(children)


def test_a_part_that_dies_is_started_again(tmp_path: Path) -> None:
    with Demo(tmp_path) as demo:
        before = demo.children()
        os.kill(before["server"], signal.SIGKILL)
        demo.wait_for("The server was killed (SIGKILL)")
        until(lambda: demo.children().get("server", before["server"]) != before["server"], "another server", 60)
        until(lambda: demo.get("/state")["hall"], "the hall again", 60)
        os.kill(before["printer"], signal.SIGKILL)
        until(lambda: demo.children().get("printer", before["printer"]) != before["printer"], "another printer", 60)
        until(lambda: demo.get("/state")["printer"], "its paper again", 60)
        assert demo.children()["kiosk"] == before["kiosk"]


def test_a_part_that_dies_too_often_stays_dead(tmp_path: Path) -> None:
    part = ManagedProcess("server", [], tmp_path / "log", bool, {})
    assert [part.may_restart() for _ in range(MOST_RESTARTS + 1)] == [True] * MOST_RESTARTS + [False]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--centre", "nowhere"], "there are: thai_binh, xa_mau"), (["--port", "70000"], "70000 is not in the range")],
)
def test_wrong_use_is_one_line(tmp_path: Path, arguments: list[str], told: str) -> None:
    demo = Demo(tmp_path, *arguments).start()
    assert demo.process.wait(30) in (1, 2)
    assert told in demo.talk()
    assert "Traceback" not in demo.talk()
