"""A kiosk's printer room that names each step between `submit` and paper. Only tests load it."""

import threading
from pathlib import Path
from typing import Any

import printer.jobs.worker
from printer.jobs.devices import Device, open_device
from printer.jobs.store import JobState, JobStore, PrintJob
from printer.jobs.worker import PrintWorker
from printer.rendering.escpos_raster import end_torn_picture
from printer.rendering.sample import sample_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import load_layout
from printer.slip.slip import Slip
from printer.transports.status import PrinterStatus
from tests.faults.failpoints import At
from tests.printer.conftest import LONG_TIME, make_slip

LAYOUT = "standard_80mm"
TORN_END = end_torn_picture(load_layout(LAYOUT).width)
STEPS = (
    "not on disk yet",
    "queued on disk",
    "chosen and drawn",
    "sending on disk, no byte out",
    "half the bytes out",
    "all bytes out",
    "the printer has said that it is out",
    "printed on disk",
)
# What every life needs is drawn once, in the process that the lives are forked from.
render_slip_bytes(make_slip(), LAYOUT)
render_slip_bytes(sample_slip(), LAYOUT)


class SteppedStore(JobStore):
    """Names the steps of the job `key`; those of others, left over from earlier lives, pass without a word."""

    def __init__(self, path: Path, at: At, key: str) -> None:
        self._at, self._mine, self.now = at, key, ""
        super().__init__(path)

    def step(self, name: str) -> None:
        if self.now == self._mine:
            self._at(name)

    def add(self, key: str, slip: Slip, layout: str, asked: str = "") -> PrintJob:
        self._at("not on disk yet")
        job = super().add(key, slip, layout, asked)
        self._at("queued on disk")
        return job

    def mark_sending(self, key: str) -> PrintJob:
        self.now = key
        self.step("chosen and drawn")
        job = super().mark_sending(key)
        self.step("sending on disk, no byte out")
        return job

    def finish(self, key: str, state: JobState, reason: str = "") -> PrintJob:
        job = super().finish(key, state, reason)
        if state is JobState.PRINTED:
            self.step("printed on disk")
        return job


class SteppedDevice:
    """The real device, its bytes sent in two halves."""

    def __init__(self, device: Device, store: SteppedStore) -> None:
        self._device, self._store = device, store

    def write(self, data: bytes) -> int:
        if data == TORN_END:
            return self._device.write(data)
        half = len(data) // 2
        taken = self._device.write(data[:half])
        if taken < half:
            return taken
        self._store.step("half the bytes out")
        taken += self._device.write(data[half:])
        if taken == len(data):
            self._store.step("all bytes out")
        return taken

    def status(self) -> PrinterStatus:
        return self._device.status()

    def wait_until_processed(self, seconds: float) -> bool | None:
        confirmed = self._device.wait_until_processed(seconds)
        if confirmed:
            self._store.step("the printer has said that it is out")
        return confirmed

    def release(self) -> None:
        self._device.release()

    def close(self) -> None:
        self._device.close()


def life(at: At, file: Path, url: str, number: str | None) -> None:
    """Start as after a power cut, print what is left over, and submit a slip of `number`; None: nothing new."""
    store = SteppedStore(file, at, number or "")
    done = threading.Event()

    def stepped(url: str, timeout: float) -> Any:
        return SteppedDevice(open_device(url, timeout), store)

    printer.jobs.worker.open_device = stepped  # type: ignore[attr-defined]
    worker = PrintWorker(store, url, LAYOUT, 5.0, lambda: done.set() if not store.waiting() else None)
    if number is not None and number not in {job.key for job in store.latest(1000)}:
        worker.submit(number, make_slip(number=number))
    worker.start()
    while any(job.state in {JobState.QUEUED, JobState.SENDING, JobState.FAILED} for job in store.latest(1000)):
        assert done.wait(LONG_TIME)
    worker.stop()
