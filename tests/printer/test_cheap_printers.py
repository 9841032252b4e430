"""Slow, stalled, shared and half-deaf printers: exactly one slip, or a second one that says that it is a copy."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from printer.jobs.store import JobStore
from printer.jobs.worker import PrintWorker
from printer.rendering.image import render_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import load_layout
from tests.printer.conftest import Hall, Work, make_slip, same

Start = Callable[..., Work]
LAYOUT = load_layout("standard_80mm")
SLOWEST, SLOW = 960, 2_000  # bytes a second: 9,600 and 19,200 baud
SHORT = make_slip(status_url=None, counters=(), wait_low=None, wait_high=None, centre={"vi": "Xã"})


@pytest.mark.parametrize("rate", [SLOWEST, SLOW, 4_000])
def test_a_slow_network_printer_prints_one_slip_however_long_it_takes(
    paper_hall: Hall, work: Start, store: JobStore, rate: int
) -> None:
    """The answer to a question stands behind the slip: the time-out is a tenth of what the slip takes."""
    paper_hall.set(bytes_per_second=rate)
    seconds = len(render_slip_bytes(SHORT, "standard_80mm")) / rate
    one = work(paper_hall.url, timeout_seconds=max(seconds / 10, 0.3))
    one.worker.submit("k", SHORT)
    one.until_state("k", "printed")
    assert [event.state for event in store.history("k")] == ["queued", "sending", "printed"]
    assert len(paper_hall.pictures(1)) == 1


@pytest.mark.parametrize("speaks", ["all", "automatic", "transmit", "nothing"])
def test_a_printer_that_stops_reading_without_paper_goes_on_with_the_same_slip(
    paper_hall: Hall, work: Start, store: JobStore, speaks: str
) -> None:
    paper_hall.set(speaks=speaks, paper_left_mm=30)
    one = work(paper_hall.url, timeout_seconds=0.3)
    one.worker.submit("k", make_slip())
    one.until(lambda: one.worker.status.blocked)
    problems = one.worker.status.problems
    assert problems == (("paper_out",) if speaks in {"all", "automatic"} else ("stalled",))
    time.sleep(1.0)  # several time-outs
    paper_hall.set(paper="ok")
    one.until_state("k", "printed", "sent")
    assert [event.state for event in store.history("k")][:2] == ["queued", "sending"]
    assert len(store.history("k")) == 3
    assert same(paper_hall.pictures(1)[0], render_slip(make_slip(), LAYOUT))


def test_slips_behind_one_that_waits_for_paper_are_given_up_in_time(paper_hall: Hall, work: Start) -> None:
    paper_hall.set(paper_left_mm=30)
    one = work(paper_hall.url, timeout_seconds=0.2, hold_after=timedelta(seconds=0.5))
    one.worker.submit("first", make_slip())
    one.until_problem("paper_out")
    one.worker.submit("second", make_slip(number="A002"))
    one.until_state("second", "given_up")
    paper_hall.set(paper="ok")
    one.until_state("first", "printed")
    assert len(paper_hall.pictures(1)) == 1


def test_a_printer_that_takes_nothing_after_somebody_has_seen_to_it_is_opened_again(
    paper_hall: Hall, work: Start, store: JobStore
) -> None:
    paper_hall.set(paper_left_mm=30, speaks="nothing")
    one = work(paper_hall.url, timeout_seconds=0.3)
    one.worker.submit("k", make_slip())
    one.until_problem("stalled")
    one.worker.retry_now()
    one.until(lambda: (job := one.worker.job("k")) is not None and job.state == "failed")
    paper_hall.set(paper="ok", speaks="all")
    one.until_state("k", "printed")
    events = store.history("k")
    assert "after somebody had seen to it" in events[2].reason
    assert same(paper_hall.pictures(2)[-1], render_slip(make_slip(copy=True), LAYOUT))


@pytest.mark.parametrize("after", [100, 3_000, 9_000, 13_000])
def test_a_copy_after_a_broken_line_is_whole_though_the_printer_stands_in_a_picture(
    paper_hall: Hall, work: Start, after: int
) -> None:
    one = work(paper_hall.url, timeout_seconds=1.0)
    one.until(lambda: one.worker.status.reports_status)
    paper_hall.set(cut_line_after=after)
    one.worker.submit("k", make_slip())
    one.until_state("k", "printed")
    torn, copy = paper_hall.pictures(2)
    assert torn.height < render_slip(make_slip(), LAYOUT).height + 64
    assert same(copy, render_slip(make_slip(copy=True), LAYOUT))
    assert paper_hall.warnings()[-1] == []


def test_a_copy_after_a_power_cut_of_the_kiosk_is_whole_too(paper_hall: Hall, work: Start, store: JobStore) -> None:
    store.add("k", make_slip(), "standard_80mm")
    store.mark_sending("k")
    with socket.create_connection(("127.0.0.1", paper_hall.server.port)) as line:
        line.sendall(render_slip_bytes(make_slip(), "standard_80mm")[:7_000])
        line.shutdown(socket.SHUT_WR)
        line.recv(1)
    one = work(paper_hall.url, timeout_seconds=1.0)
    one.until_state("k", "printed")
    assert same(paper_hall.pictures(2)[-1], render_slip(make_slip(copy=True), LAYOUT))


def test_two_kiosks_share_one_printer(paper_hall: Hall, tmp_path: Path) -> None:
    stores = [JobStore(tmp_path / f"{name}.db") for name in "ab"]
    kiosks = [Work(store, paper_hall.url, poll_seconds=0.05, timeout_seconds=5.0) for store in stores]
    for kiosk in kiosks:
        kiosk.worker.start()
    for count in range(4):
        for name, kiosk in zip("AB", kiosks, strict=True):
            kiosk.worker.submit(str(count), make_slip(number=f"{name}{count:03d}"))
    for kiosk in kiosks:
        for count in range(4):
            assert kiosk.until_state(str(count), "printed").attempts == 1
        kiosk.worker.stop()
    slips = paper_hall.pictures(8)
    expected = [render_slip(make_slip(number=f"{name}{count:03d}"), LAYOUT) for name in "AB" for count in range(4)]
    assert len(slips) == 8
    assert all(any(same(slip, each) for slip in slips) for each in expected)
    for store in stores:
        store.close()


class Mute:
    """A port that takes connections and bytes and says nothing: a printer that hangs, or somebody else's."""

    def __init__(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.received = 0
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        try:
            while True:
                line, _ = self._listener.accept()
                self._lines.append(line)
                threading.Thread(target=self._read, args=(line,), daemon=True).start()
        except OSError:
            return

    def _read(self, line: socket.socket) -> None:
        try:
            while data := line.recv(4096):
                self.received += len(data)
        except OSError:
            return

    def close(self) -> None:
        for each in (*self._lines, self._listener):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def test_after_a_restart_a_silent_printer_that_used_to_answer_gets_no_slip(
    tmp_path: Path, store: JobStore, work: Start
) -> None:
    well = Hall(tmp_path / "slips")
    first = PrintWorker(store, well.url, "standard_80mm", 1.0)
    first.start()
    first.submit("a", make_slip())
    well.pictures(1)
    first.stop()
    well.server.close()
    port = well.server.port
    mute = Mute(port)
    one = work(f"tcp://127.0.0.1:{port}", timeout_seconds=0.3)
    one.worker.submit("k", make_slip(number="A002"))
    one.until_problem("unreachable")
    time.sleep(0.5)
    job = one.worker.job("k")
    assert job is not None
    assert (job.state, job.attempts) == ("queued", 0)
    assert mute.received < 1_000  # questions, no slip
    mute.close()
    back = Hall(tmp_path / "back", port=port)
    one.until_state("k", "printed")
    assert len(back.pictures(1)) == 1
    back.server.close()


def test_a_printer_that_was_replaced_by_a_silent_one_is_used_once_somebody_has_looked(
    store: JobStore, work: Start
) -> None:
    mute = Mute()
    url = f"tcp://127.0.0.1:{mute.port}"
    store.note_answered(url)
    one = work(url, timeout_seconds=0.3)
    one.worker.submit("k", make_slip())
    one.until_problem("unreachable")
    one.worker.retry_now()
    one.until_state("k", "sent")
    assert not one.worker.status.reports_status
    mute.close()
