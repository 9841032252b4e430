"""Each way that a printer may speak, each trouble it may have, and what we know of it then; and garbage on the line."""

import re
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from printer.jobs.devices import open_device
from printer.rendering.image import render_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import load_layout
from printer.transports.status import PaperState
from printer.virtual.printer import VirtualPrinter
from tests.printer.conftest import Hall, Work, make_slip, same

Start = Callable[..., Work]
TROUBLES = {
    "paper_out": {"paper": "out"},
    "paper_low": {"paper": "low"},
    "cover_open": {"cover_open": True},
    "cutter_error": {"cutter_error": True},
    "offline": {"offline": True},
}


@pytest.mark.parametrize("speaks", ["all", "automatic"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_trouble_is_known_before_a_slip_is_sent(paper_hall: Hall, speaks: str, trouble: str) -> None:
    paper_hall.set(speaks=speaks)
    device = open_device(paper_hall.url, 1.0)
    assert device.status().problems == ()
    paper_hall.set(**TROUBLES[trouble])
    seen = device.status()
    for _ in range(40):  # what the printer tells by itself takes its time
        seen = device.status()
        if seen.problems:
            break
    assert seen.problems == (trouble,)
    device.close()


def test_a_printer_with_gs_r_alone_tells_of_its_paper_and_of_nothing_else(paper_hall: Hall) -> None:
    paper_hall.set(speaks="transmit")
    device = open_device(paper_hall.url, 0.3)
    status = device.status()
    assert (status.paper, status.online, status.cover, status.cutter) == (PaperState.OK, None, "unknown", "unknown")
    assert status.reports_status
    paper_hall.set(paper="low")
    assert device.status().problems == ("paper_low",)
    paper_hall.set(paper="out")  # it cannot answer now, and that is all we know
    assert device.status().problems == ("offline",)
    paper_hall.set(paper="ok")
    assert device.status().problems == ()
    device.close()


@pytest.mark.parametrize(
    ("speaks", "state"),
    [("all", "printed"), ("automatic", "printed"), ("transmit", "printed"), ("nothing", "sent"), ("garbage", "sent")],
)
def test_every_printer_prints_and_only_those_that_can_confirm_do(
    paper_hall: Hall, work: Start, speaks: str, state: str
) -> None:
    paper_hall.set(speaks=speaks)
    one = work(paper_hall.url, timeout_seconds=0.5)
    one.worker.submit("k", make_slip())
    assert one.until_state("k", "printed", "sent", "failed", "given_up").state == state
    (slip,) = paper_hall.pictures(1)
    assert same(slip, render_slip(make_slip(), load_layout("standard_80mm")))
    assert one.worker.status.problems == ()


def test_garbage_is_unknown_and_says_so(paper_hall: Hall) -> None:
    paper_hall.set(speaks="garbage", paper="out")
    device = open_device(paper_hall.url, 0.5)
    status = device.status()
    assert (status.reachable, status.online, status.paper, status.problems) == (True, None, PaperState.UNKNOWN, ())
    assert "bytes that mean nothing" in status.detail
    device.close()


def test_a_line_that_turns_to_garbage_and_back_stops_nothing(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url, timeout_seconds=0.5)
    one.worker.submit("a", make_slip(number="A001"))
    one.until_state("a", "printed")
    paper_hall.set(speaks="garbage")
    one.until(lambda: one.worker.status.invalid_response)
    one.worker.submit("b", make_slip(number="A002"))
    one.until_state("b", "sent", "printed")
    paper_hall.set(speaks="all")
    one.until(lambda: one.worker.status.reports_status)
    one.worker.submit("c", make_slip(number="A003"))
    one.until_state("c", "printed")
    layout = load_layout("standard_80mm")
    slips = paper_hall.pictures(3)
    assert all(same(slip, render_slip(make_slip(number=f"A00{i}"), layout)) for i, slip in enumerate(slips, start=1))


@pytest.fixture
def wire() -> Iterator[tuple[str, bytearray]]:
    """A printer on TCP, and every byte that went to it in its order."""
    seen = bytearray()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        session = VirtualPrinter(576, lambda sheet, _warnings: sheet.cut_off() and None).connect(line.sendall)
        while data := line.recv(512):  # small pieces, so that a poll would have room between them
            seen.extend(data)
            session.receive(data)
        line.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", seen
    listener.close()


def test_a_poll_never_lands_in_the_middle_of_a_slip(wire: tuple[str, bytearray], work: Start) -> None:
    url, seen = wire
    one = work(url, poll_seconds=0.0)  # polls without a pause
    for count in range(20):
        one.worker.submit(str(count), make_slip(number=f"A{count:03d}"))
    for count in range(20):
        one.until_state(str(count), "printed")
    one.worker.stop()
    between = bytes(seen)
    for count in range(20):
        slip = render_slip_bytes(make_slip(number=f"A{count:03d}"), "standard_80mm")
        assert between.count(slip) == 1, f"slip {count} did not go out in one piece"
        between = between.replace(slip, b"|")
    assert re.fullmatch(rb"(\x10\x04[\x01-\x04]|\x1dr\x01|\x1da\xff|\|)*", between, re.DOTALL)
    assert between.count(b"\x10\x04\x01") >= 20


def test_the_printers_state_is_seen_within_a_second_of_polling(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url)
    one.until(lambda: one.worker.status.reports_status)
    for trouble, condition in TROUBLES.items():
        paper_hall.set(**condition)
        one.until_problem(trouble)
        paper_hall.set(paper="ok", cover_open=False, cutter_error=False, offline=False)
        one.until_problem()
