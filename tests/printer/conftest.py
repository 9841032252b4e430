import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from printer.jobs.store import JobStore, PrintJob
from printer.jobs.worker import PrintWorker
from printer.slip.slip import Slip
from printer.virtual.printer import VirtualPrinter
from printer.virtual.server import PrinterServer
from printer.virtual.slip_archive import SlipArchive

LONG_TIME = 15.0


def make_slip(**changes: Any) -> Slip:
    facts: dict[str, Any] = {
        "number": "A001",
        "department": {"vi": "Sở Kế hoạch và Đầu tư", "en": "Department of Planning and Investment"},
        "centre": {"vi": "Trung tâm Hành chính công", "en": "Public Administration Centre"},
        "issued_at": datetime(2026, 11, 23, 1, 32, tzinfo=UTC),
        "ahead": 3,
        "wait_low": 5,
        "wait_high": 15,
        "counters": ("1", "2"),
        "status_url": "https://example.vn/t/abc",
    }
    return Slip(**(facts | changes))


def round_emblem(size: int = 400) -> bytes:
    """A PNG with tones, a hole and a blank rim."""
    picture = Image.new("RGBA", (size, size), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((size // 10, size // 10, size * 9 // 10, size * 9 // 10), fill="#d71920")
    pen.ellipse((size // 3, size // 3, size * 2 // 3, size * 2 // 3), fill="#ffcc00")
    png = BytesIO()
    picture.save(png, "png")
    return png.getvalue()


class Hall:
    """A virtual printer on a real TCP port; says when paper comes out."""

    def __init__(self, folder: Path, width: int = 576, port: int = 0) -> None:
        self.folder = SlipArchive(folder)
        self._read: list[tuple[Image.Image, list[str]]] = []
        self._out = threading.Condition()
        self.machine = VirtualPrinter(width, self._keep)
        self.server = PrinterServer(self.machine, "127.0.0.1", port)
        self.url = f"tcp://127.0.0.1:{self.server.port}"

    def _keep(self, sheet: Any, warnings: list[str]) -> None:
        with self._out:
            self.folder.keep(sheet, warnings)
            self._out.notify_all()

    def set(self, **conditions: Any) -> None:
        self.machine.set_conditions(conditions)

    def pictures(self, count: int) -> list[Image.Image]:
        """The first `count` slips, oldest first; waits until that many are out."""
        with self._out:
            assert self._out.wait_for(lambda: len(self._inked()) >= count, LONG_TIME), "no paper came out"
            return [picture for picture, _ in self._inked()]

    def warnings(self) -> list[list[str]]:
        return [warnings for _, warnings in self._inked()]

    def _inked(self) -> list[tuple[Image.Image, list[str]]]:
        """Slips with something on them, and their warnings: a blank piece is cut off before a copy."""
        slips = sorted((slip["name"], slip["warnings"]) for slip in self.folder.slips())
        for name, warnings in slips[len(self._read) :]:
            self._read.append((Image.open(self.folder.folder / name).convert("1"), warnings))
        return [(picture, warnings) for picture, warnings in self._read if picture.getextrema() != (255, 255)]


@pytest.fixture
def paper_hall(tmp_path: Path) -> Iterator[Hall]:
    hall = Hall(tmp_path / "slips")
    yield hall
    hall.server.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[JobStore]:
    store = JobStore(tmp_path / "jobs.db")
    yield store
    store.close()


class Work:
    """A worker, and a way to wait for what it does without sleeping."""

    def __init__(self, store: JobStore, url: str, **options: Any) -> None:
        self._changed = threading.Condition()
        self.timeout = options.pop("timeout_seconds", 2.0)
        self.worker = PrintWorker(store, url, "standard_80mm", self.timeout, self._on_change, **options)

    def _on_change(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LONG_TIME
        with self._changed:
            while not true():
                assert self._changed.wait(deadline - time.monotonic()), f"{self.worker.status}"

    def until_state(self, key: str, *states: str) -> PrintJob:
        self.until(lambda: (job := self.worker.job(key)) is not None and job.state in states)
        job = self.worker.job(key)
        assert job is not None
        return job

    def until_problem(self, *problems: str) -> None:
        self.until(lambda: self.worker.status.problems == problems)


@pytest.fixture
def work(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Work]]:
    """Makes started workers on the store, with short pauses; stops them in the end."""
    monkeypatch.setattr("printer.jobs.worker.BACKOFF_SECONDS", (0.02, 0.05))
    made: list[Work] = []

    def start(url: str, **options: Any) -> Work:
        made.append(Work(store, url, **({"poll_seconds": 0.05} | options)))
        made[-1].worker.start()
        return made[-1]

    yield start
    for one in made:
        one.worker.stop()


def same(left: Image.Image, right: Image.Image) -> bool:
    return left.size == right.size and left.convert("L").tobytes() == right.convert("L").tobytes()
