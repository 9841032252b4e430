"""Each fault of a printer and what must come of it, against the virtual printer on a real TCP port."""

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from printer.errors import DeviceError, DeviceHungError, DeviceUrlError, JobError, LayoutError
from printer.jobs.store import JobStore
from printer.jobs.worker import PrintWorker
from printer.rendering.escpos_raster import end_torn_picture
from printer.rendering.image import render_slip
from printer.slip.layout import load_layout
from printer.transports.status import PaperState, PrinterStatus
from tests.printer.conftest import Hall, Work, make_slip, same

Start = Callable[..., Work]
LAYOUT = load_layout("standard_80mm")
TORN_END = end_torn_picture(LAYOUT.width)


def drawn(*, copy: bool = False, number: str = "A001") -> Image.Image:
    return render_slip(make_slip(number=number, copy=copy), LAYOUT)


def test_a_slip_comes_out_dot_by_dot_and_is_confirmed(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url)
    one.worker.submit("k", make_slip())
    assert one.until_state("k", "printed").attempts == 1
    assert same(paper_hall.pictures(1)[0], drawn())
    assert paper_hall.warnings() == [[]]
    assert one.worker.status.problems == ()


def test_slips_come_in_the_order_of_the_visitors(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url)
    numbers = [f"A{count:03d}" for count in range(1, 6)]
    for number in numbers:
        one.worker.submit(number, make_slip(number=number))
    pictures = paper_hall.pictures(5)
    assert all(same(picture, drawn(number=number)) for picture, number in zip(pictures, numbers, strict=True))


def test_the_same_key_is_printed_once(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url)
    for _ in range(3):
        one.worker.submit("k", make_slip())
    one.worker.submit("next", make_slip(number="A002"))
    one.until_state("next", "printed")
    assert len(paper_hall.pictures(2)) == 2


def test_a_reprint_says_copy(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url)
    one.worker.submit("k", make_slip())
    one.until_state("k", "printed")
    one.worker.reprint("k")
    assert same(paper_hall.pictures(2)[1], drawn(copy=True))


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ({"paper": "out"}, "paper_out"),
        ({"cover_open": True}, "cover_open"),
        ({"cutter_error": True}, "cutter_error"),
        ({"offline": True}, "offline"),
    ],
)
def test_while_the_printer_cannot_print_jobs_wait_and_staff_are_told(
    paper_hall: Hall, work: Start, condition: dict[str, object], problem: str
) -> None:
    paper_hall.set(**condition)
    one = work(paper_hall.url)
    one.until_problem(problem)
    one.worker.submit("k", make_slip())
    job = one.worker.job("k")
    assert job is not None
    assert (job.state, job.attempts) == ("queued", 0)
    assert one.worker.status.message("vi")
    paper_hall.set(paper="ok", cover_open=False, cutter_error=False, offline=False)
    one.until_state("k", "printed")
    assert same(paper_hall.pictures(1)[0], drawn())


def test_low_paper_is_told_and_still_prints(paper_hall: Hall, work: Start) -> None:
    paper_hall.set(paper="low")
    one = work(paper_hall.url)
    one.until_problem("paper_low")
    one.worker.submit("k", make_slip())
    one.until_state("k", "printed")


def test_paper_that_ends_in_the_middle_of_a_slip_is_waited_for_and_no_second_slip_made(
    paper_hall: Hall, work: Start
) -> None:
    paper_hall.set(paper_left_mm=40)
    one = work(paper_hall.url)
    one.worker.submit("k", make_slip())
    one.until_problem("paper_out")
    job = one.worker.job("k")
    assert job is not None
    assert job.state == "sending"
    paper_hall.set(paper="ok")
    one.until_state("k", "printed")
    (picture,) = paper_hall.pictures(1)
    assert same(picture, drawn())


def test_a_line_cut_in_the_middle_of_a_slip_is_tried_again_as_a_copy(
    paper_hall: Hall, work: Start, store: JobStore
) -> None:
    one = work(paper_hall.url)
    one.until(lambda: one.worker.status.reports_status)
    paper_hall.set(cut_line_after=9_000)
    one.worker.submit("k", make_slip())
    one.until_state("k", "printed")
    broken, whole = paper_hall.pictures(2)
    assert broken.height < drawn().height
    assert same(whole, drawn(copy=True))
    assert [event.state for event in store.history("k")] == ["queued", "sending", "failed", "sending", "printed"]


def test_a_printer_that_hangs_is_abandoned_and_opened_again(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url, timeout_seconds=0.3)
    one.until(lambda: one.worker.status.reports_status)
    paper_hall.set(unresponsive=True)
    one.until_problem("unreachable")
    one.worker.submit("k", make_slip())
    one.until(lambda: "silent" in one.worker.status.detail)
    paper_hall.set(unresponsive=False)
    one.until_state("k", "printed")
    assert same(paper_hall.pictures(1)[0], drawn())


def test_a_slow_printer_is_not_a_dead_one(paper_hall: Hall, work: Start) -> None:
    paper_hall.set(bytes_per_second=9_600)
    one = work(paper_hall.url, timeout_seconds=0.5)
    one.worker.submit("k", make_slip())
    assert one.until_state("k", "printed").attempts == 1


def test_a_refused_connection_is_tried_until_the_printer_is_there(tmp_path: Path, work: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    one = work(f"tcp://127.0.0.1:{port}")
    one.worker.submit("k", make_slip())
    one.until_problem("unreachable")
    assert "refused" in one.worker.status.detail
    late = Hall(tmp_path / "late", port=port)
    one.until_state("k", "printed")
    assert same(late.pictures(1)[0], drawn())
    late.server.close()


def test_a_printer_that_is_never_ready_lets_old_slips_go(work: Start, paper_hall: Hall) -> None:
    paper_hall.set(paper="out")
    one = work(paper_hall.url, hold_after=timedelta(seconds=0.05))
    one.worker.submit("k", make_slip())
    job = one.until_state("k", "given_up")
    assert "Paper out" in job.reason
    paper_hall.set(paper="ok")
    one.worker.reprint("k")
    one.until_state("k", "printed")
    assert same(paper_hall.pictures(1)[0], drawn())  # it never left the kiosk before: no copy


class FakeDevice:
    """A printer as wanted: `fault` is raised by write; `answers` are given by confirm in turn."""

    def __init__(self, fault: Exception | None = None, answers: tuple[bool | None, ...] = (None,)) -> None:
        self.fault = fault
        self.answers = list(answers)
        self.written: list[bytes] = []
        self.now = PrinterStatus(reachable=True, online=True, paper=PaperState.OK)

    def write(self, data: bytes) -> int:
        self.written.append(data)
        if self.fault and data != TORN_END:
            raise self.fault
        return len(data)

    def status(self) -> PrinterStatus:
        return self.now

    def wait_until_processed(self, seconds: float) -> bool | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def release(self) -> None:
        pass

    def close(self) -> None:
        pass


def use(monkeypatch: pytest.MonkeyPatch, device: FakeDevice) -> None:
    monkeypatch.setattr("printer.jobs.worker.open_device", lambda _url, _timeout: device)


@pytest.mark.parametrize("fault", [DeviceError("the line broke"), DeviceHungError("it hangs")])
def test_after_so_many_attempts_a_job_is_given_up_with_its_reason(
    work: Start, monkeypatch: pytest.MonkeyPatch, fault: Exception, store: JobStore
) -> None:
    device = FakeDevice(fault)
    use(monkeypatch, device)
    one = work("tcp://printer", attempts=3)
    one.worker.submit("k", make_slip())
    job = one.until_state("k", "given_up")
    assert (job.attempts, job.reason) == (3, str(fault))
    slips = [data for data in device.written if data != TORN_END]
    assert len(slips) == 3
    assert slips[0] != slips[1] == slips[2]  # the copy mark
    assert [event.state for event in store.history("k")][-2:] == ["sending", "given_up"]


def test_a_printer_that_cannot_confirm_is_not_said_to_have_printed(
    work: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FakeDevice(answers=(None,)))
    one = work("tcp://printer")
    one.worker.submit("k", make_slip())
    assert one.until_state("k", "sent", "printed").state == "sent"


def test_a_printer_that_used_to_confirm_and_does_not_is_a_failure(work: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, FakeDevice(answers=(True, False)))
    one = work("tcp://printer", timeout_seconds=0.05, attempts=1)
    one.worker.submit("a", make_slip())
    one.worker.submit("b", make_slip())
    assert one.until_state("a", "printed")
    assert "did not say that the slip is out" in one.until_state("b", "given_up").reason


def test_without_paper_a_slip_in_the_printer_is_waited_for_longer_than_any_time_out(
    work: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = FakeDevice(answers=(*[False] * 50, True))
    use(monkeypatch, device)
    one = work("tcp://printer", timeout_seconds=0.0001)
    one.until(lambda: one.worker.status.reports_status)

    def write(data: bytes) -> int:
        device.now = PrinterStatus(online=False, paper=PaperState.OUT)
        return len(data)

    monkeypatch.setattr(device, "write", write)
    one.worker.submit("k", make_slip())
    assert one.until_state("k", "printed").attempts == 1


def test_stopping_without_paper_leaves_the_job_to_the_next_start(
    store: JobStore, paper_hall: Hall, work: Start
) -> None:
    paper_hall.set(paper_left_mm=40)
    one = work(paper_hall.url)
    one.worker.submit("k", make_slip())
    one.until_problem("paper_out")
    one.worker.stop()
    assert [(job.key, job.copy) for job in store.recover()] == [("k", True)]


def test_a_full_disk_is_no_fault_of_the_printer(
    work: Start, paper_hall: Hall, store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = work(paper_hall.url)
    one.until(lambda: one.worker.status.reports_status)
    real, calls = store.mark_sending, []

    def full_once(key: str) -> object:
        calls.append(key)
        if len(calls) == 1:
            raise JobError("disk full")
        return real(key)

    monkeypatch.setattr(store, "mark_sending", full_once)
    one.worker.submit("k", make_slip())
    one.until_state("k", "printed")
    assert one.worker.status.problems == ()
    assert same(paper_hall.pictures(1)[0], drawn())


def test_a_printer_that_falls_silent_after_speaking_counts_as_unreachable(
    work: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = FakeDevice()
    use(monkeypatch, device)
    one = work("tcp://printer")
    one.until(lambda: one.worker.status.reports_status)
    device.now = PrinterStatus(reachable=True)
    one.until_problem("unreachable")


def test_a_slip_that_cannot_be_drawn_does_not_stop_the_next(paper_hall: Hall, work: Start, store: JobStore) -> None:
    store.add("bad", make_slip(), "standard_80mm")
    store._db.execute("UPDATE job SET slip = '{}' WHERE key = 'bad'")
    one = work(paper_hall.url)
    one.worker.submit("good", make_slip())
    assert "cannot be drawn" in one.until_state("bad", "given_up").reason
    one.until_state("good", "printed")


def test_drawing_that_fails_at_the_start_stops_nothing(
    paper_hall: Hall, work: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError("no font")

    monkeypatch.setattr("printer.jobs.worker.sample_slip", broken)
    one = work(paper_hall.url)
    one.worker.submit("k", make_slip())
    one.until_state("k", "printed")


def test_a_layout_that_is_gone_is_replaced_by_the_one_of_now(paper_hall: Hall, work: Start, store: JobStore) -> None:
    store.add("k", make_slip(), "/no/longer/there.toml")
    one = work(paper_hall.url)
    one.until_state("k", "printed")
    assert same(paper_hall.pictures(1)[0], drawn())


def test_a_stranger_in_on_change_does_not_stop_the_printer(paper_hall: Hall, store: JobStore) -> None:
    def on_change() -> None:
        raise RuntimeError("not your fault")

    worker = PrintWorker(store, paper_hall.url, "standard_80mm", 2.0, on_change)
    worker.start()
    worker.submit("k", make_slip())
    assert same(paper_hall.pictures(1)[0], drawn())
    worker.stop()


def test_wrong_settings_are_refused_before_the_first_visitor(store: JobStore) -> None:
    with pytest.raises(DeviceUrlError):
        PrintWorker(store, "printer", "standard_80mm", 2.0)
    with pytest.raises(LayoutError):
        PrintWorker(store, "tcp://printer", "nope", 2.0)


def test_stopping_leaves_what_waits_on_disk(paper_hall: Hall, store: JobStore) -> None:
    paper_hall.set(paper="out")
    first = PrintWorker(store, paper_hall.url, "standard_80mm", 2.0)
    first.start()
    first.submit("k", make_slip())
    first.stop()
    paper_hall.set(paper="ok")
    second = PrintWorker(store, paper_hall.url, "standard_80mm", 2.0)
    second.start()
    assert same(paper_hall.pictures(1)[0], drawn())
    second.stop()
