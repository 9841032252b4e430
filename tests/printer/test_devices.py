import errno
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from printer.errors import DeviceError, DeviceHungError, DeviceUrlError
from printer.jobs.devices import TimeoutGuard, device_factory, open_device
from printer.rendering.escpos_raster import encode
from printer.rendering.image import render_slip
from printer.slip.layout import load_layout
from printer.transports.status import PaperState, PrinterStatus
from printer.transports.tcp import TcpTransport
from printer.virtual.printer import VirtualPrinter
from tests.printer.conftest import LONG_TIME, Hall, Work, make_slip, same

SLIP = Image.new("1", (576, 40), 0)
DATA = encode(SLIP, "full")


@pytest.mark.parametrize(
    "url",
    [
        "printer",
        "ftp://host",
        "tcp://",
        "tcp://host:99999",
        "tcp://host/path",
        "usb://",
        "usb://04b8",
        "usb://04b8:xyz",
        "serial://",
        "serial:///dev/ttyS0?baud=fast",
        "serial:///dev/ttyS0?baud=0",
        "serial:///dev/ttyS0?speed=9600",
        "serial:///dev/ttyS0?flow=wild",
        "file://",
        "file://dev/lp0",
        "cups://",
        "cups://-oops",
        "win://",
        "virtual://folder",
        "virtual:///folder?width=wide",
    ],
)
def test_a_malformed_url_is_one_clear_line_with_the_url_in_it(url: str) -> None:
    with pytest.raises(DeviceUrlError) as caught:
        device_factory(url)
    assert url in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        "tcp://192.168.1.50",
        "tcp://printer.local:9101",
        "usb://04b8:0202",
        "usb://04b8:0202/J6NF1",
        "serial:///dev/ttyUSB0?baud=9600&flow=rtscts",
        "serial:///COM3",
        "file:///dev/usb/lp0",
        "cups://Kiosk%201",
        "win://POS-80",
        "virtual://",
    ],
)
def test_a_right_url_is_taken_without_touching_the_printer(url: str) -> None:
    assert callable(device_factory(url))


def test_over_tcp_the_picture_arrives_dot_by_dot_and_is_confirmed(paper_hall: Hall) -> None:
    device = open_device(paper_hall.url, 2.0)
    device.write(DATA)
    assert device.wait_until_processed(5.0) is True
    device.close()
    assert same(paper_hall.pictures(1)[0], SLIP)


def test_status_over_tcp_is_what_the_printer_says(paper_hall: Hall) -> None:
    device = open_device(paper_hall.url, 2.0)
    assert device.status().problems == ()
    paper_hall.set(paper="low", cover_open=True)
    assert device.status().problems == ("cover_open", "paper_low")
    device.close()


def test_status_and_confirmation_do_not_mix_up_their_answers(paper_hall: Hall) -> None:
    device = open_device(paper_hall.url, 2.0)
    paper_hall.set(paper_left_mm=2)
    device.write(DATA)
    assert device.wait_until_processed(0.05) is False
    assert device.status().paper is PaperState.OUT
    paper_hall.set(paper="ok")
    paper_hall.pictures(1)
    assert device.status().paper is PaperState.OK
    assert device.wait_until_processed(5.0) is True
    device.close()


def test_a_confirmation_belongs_to_the_last_write(paper_hall: Hall) -> None:
    device = open_device(paper_hall.url, 2.0)
    device.write(DATA)
    assert device.wait_until_processed(5.0) is True
    paper_hall.set(paper_left_mm=2)
    device.write(DATA)
    assert device.wait_until_processed(0.05) is False
    device.close()


@contextmanager
def mute_printer(speak: Callable[[socket.socket], None] = lambda _line: None) -> Iterator[str]:
    """A port that takes a connection and says only what `speak` says."""
    listener = socket.create_server(("127.0.0.1", 0))
    lines: list[socket.socket] = []

    def accept() -> None:
        line, _ = listener.accept()
        lines.append(line)
        speak(line)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    thread.join(LONG_TIME)
    for each in [*lines, listener]:
        each.close()


def test_a_printer_that_never_answers_is_unknown_not_well() -> None:
    with mute_printer() as url:
        device = open_device(url, 0.1)
        status = device.status()
        assert (status.reachable, status.online, status.paper) == (True, None, PaperState.UNKNOWN)
        device.close()


def test_garbage_for_a_status_is_no_answer() -> None:
    with mute_printer(lambda line: line.sendall(b"\xff\x00\x93\x81GABAGE" * 3)) as url:
        device = open_device(url, 0.1)
        assert not device.status().reports_status
        device.close()


def test_a_printer_that_hangs_up_is_an_error() -> None:
    with mute_printer(lambda line: line.close()) as url:
        device = open_device(url, 0.5)
        with pytest.raises(DeviceError, match="line"):
            device.status()
        device.close()


def test_a_refused_connection_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DeviceError, match=f"tcp://127.0.0.1:{port}: cannot be reached: Connection refused"):
        open_device(f"tcp://127.0.0.1:{port}", 0.5)


def test_a_printer_that_takes_no_more_bytes_is_told_apart_from_one_that_went_away() -> None:
    with mute_printer() as url:
        port = int(url.rpartition(":")[2])
        line = TcpTransport("127.0.0.1", port, 0.1)
        taken = line.write(bytes(50_000_000))
        assert 0 < taken < 50_000_000
        while line.write(bytes(1_000_000)):
            pass  # what the system still has room for
        deadline = time.monotonic() + LONG_TIME
        while not line.status().stalled:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert line.status().problems == ("stalled",)
        line.close()


def test_two_senders_share_a_printer_that_serves_one_connection_at_a_time(paper_hall: Hall) -> None:
    first, second = (open_device(paper_hall.url, 5.0) for _ in range(2))
    first.write(DATA)
    assert first.wait_until_processed(5.0)
    first.release()
    assert second.status().online
    second.write(DATA)
    assert second.wait_until_processed(5.0)
    second.release()
    assert first.status().online
    assert len(paper_hall.pictures(2)) == 2
    first.close()
    second.close()


def test_a_printer_that_somebody_else_has_is_not_ready_and_gets_no_byte_of_a_slip(paper_hall: Hall) -> None:
    ours = open_device(paper_hall.url, 0.5)
    assert ours.status().online
    ours.release()
    theirs = open_device(paper_hall.url + "?hold=yes", 5.0)
    assert theirs.status().online
    status = ours.status()
    assert status.blocked
    assert "another computer is printing" in status.detail
    theirs.close()
    assert ours.status().online
    ours.close()


class Stuck:
    """A device that never comes back from anything but opening."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.closed = threading.Event()

    def write(self, data: bytes) -> int:
        self.free.wait(LONG_TIME)
        return 0

    def status(self) -> PrinterStatus:
        self.free.wait(LONG_TIME)
        return PrinterStatus()

    def wait_until_processed(self, seconds: float) -> bool | None:
        return None

    def release(self) -> None:
        pass

    def close(self) -> None:
        self.closed.set()


def test_a_call_that_never_comes_back_is_left_behind_and_cleaned_up_later() -> None:
    stuck = Stuck()
    device = TimeoutGuard(lambda: stuck, 0.05)
    with pytest.raises(DeviceHungError, match=r"0\.05 s"):
        device.write(b"x")
    stuck.free.set()
    assert stuck.closed.wait(LONG_TIME)


def test_a_librarys_own_error_becomes_one_of_ours() -> None:
    class Odd(Stuck):
        def write(self, data: bytes) -> int:
            raise ZeroDivisionError("a driver's bug")

    device = TimeoutGuard(Odd, 1.0)
    with pytest.raises(DeviceError, match="ZeroDivisionError: a driver's bug"):
        device.write(b"x")
    device.close()


def test_an_opening_that_never_comes_back_is_left_behind_too() -> None:
    free = threading.Event()

    def never() -> Stuck:
        free.wait(LONG_TIME)
        return Stuck()

    with pytest.raises(DeviceHungError):
        TimeoutGuard(never, 0.05)
    free.set()


def test_a_file_takes_one_slip_after_the_other_and_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out put.bin"
    for _ in range(2):
        device = open_device(f"file://{tmp_path}/out%20put.bin", 1.0)
        device.write(DATA)
        assert device.wait_until_processed(0.0) is None
        assert device.status().paper is PaperState.UNKNOWN
        device.close()
    assert path.read_bytes() == DATA * 2


def test_a_pipe_that_nobody_empties_hangs_no_one(tmp_path: Path) -> None:
    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    with pytest.raises(DeviceError, match="cannot be opened"):
        open_device(f"file://{pipe}", 0.1)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    device = open_device(f"file://{pipe}", 0.1)
    assert 0 < device.write(bytes(1_000_000)) < 1_000_000
    device.close()
    os.close(reader)


def test_a_device_that_may_not_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="cannot be opened: Is a directory"):
        open_device(f"file://{tmp_path}", 1.0)
    told = "^serial:///dev/no-such-port: cannot be opened: No such file or directory$"
    with pytest.raises(DeviceError, match=told):
        open_device("serial:///dev/no-such-port", 1.0)


@pytest.mark.parametrize(
    ("url", "opens", "group"),
    [("file:///dev/usb/lp0", "os.open", "lp"), ("serial:///dev/ttyUSB0", "serial.serialposix.os.open", "dialout")],
)
def test_a_user_without_the_right_is_told_the_group(
    url: str, opens: str, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(opens, refused)
    with pytest.raises(DeviceError, match=f"Permission denied.*usermod -aG {group} USER"):
        open_device(url, 1.0)


@pytest.fixture
def serial_hall() -> Iterator[tuple[str, list[Image.Image], VirtualPrinter]]:
    """A virtual printer at the far end of a pseudo-terminal."""
    ours, theirs = os.openpty()
    slips: list[Image.Image] = []
    printer = VirtualPrinter(576, lambda sheet, _warnings: slips.append(sheet.cut_off()))
    session = printer.connect(lambda answer: os.write(ours, answer) and None)

    def carry() -> None:
        try:
            while data := os.read(ours, 4096):
                while data := data[session.receive(data) :]:
                    time.sleep(0.01)  # the buffer is full
        except OSError:
            return  # the near end is closed

    name = os.ttyname(theirs)
    carrier = threading.Thread(target=carry, daemon=True)
    carrier.start()
    yield f"serial://{name}?baud=115200", slips, printer
    os.close(theirs)
    carrier.join(LONG_TIME)
    os.close(ours)


def test_over_a_serial_line_the_picture_arrives_and_the_status_comes_back(
    serial_hall: tuple[str, list[Image.Image], VirtualPrinter],
) -> None:
    url, slips, printer = serial_hall
    device = open_device(url, 5.0)
    assert device.status().problems == ()
    device.write(DATA)
    assert device.wait_until_processed(10.0) is True
    assert same(slips[0], SLIP)
    printer.set_conditions({"paper": "out"})
    assert device.status().problems == ("paper_out",)
    device.close()


def test_jobs_go_over_a_serial_line_and_wait_there_for_paper(
    serial_hall: tuple[str, list[Image.Image], VirtualPrinter], work: Callable[..., Work]
) -> None:
    url, slips, printer = serial_hall
    one = work(url, timeout_seconds=5.0)
    one.worker.submit("a", make_slip(number="A001"))
    one.until_state("a", "printed")
    printer.set_conditions({"paper_left_mm": 40})  # ends in the middle of the next
    one.worker.submit("b", make_slip(number="A002"))
    one.until_problem("paper_out")
    printer.set_conditions({"paper": "ok"})
    assert one.until_state("b", "printed").attempts == 1
    layout = load_layout("standard_80mm")
    assert all(same(slip, render_slip(make_slip(number=f"A00{i}"), layout)) for i, slip in enumerate(slips, start=1))
    assert len(slips) == 2


def test_the_printer_in_this_process_keeps_its_slips_and_never_overwrites(tmp_path: Path) -> None:
    for _ in range(2):
        device = open_device(f"virtual://{tmp_path}/slips?width=576", 2.0)
        assert device.status().problems == ()
        device.write(DATA)
        assert device.wait_until_processed(1.0) is True
        device.close()
    assert sorted(path.name for path in (tmp_path / "slips").glob("*.png")) == ["slip-0001.png", "slip-0002.png"]
    assert same(Image.open(tmp_path / "slips" / "slip-0002.png"), SLIP)
