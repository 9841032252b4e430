"""Every frame of a kiosk with its moment, told by the kiosk's own process: asking it over HTTP would cost it time.

The clock is the machine's monotonic one, the same in all processes (Linux).
"""

import json
import time
from bisect import bisect
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LOOK_EVERY = 0.004  # seconds


@dataclass(frozen=True)
class Frame:
    """`begun`, `seen`: when drawing began, and when it was on the screen, in seconds. `touches`: how many had begun."""

    begun: float
    seen: float
    touches: int
    screen: str
    number: str
    page: int


def inside(file: Path, settle_seconds: float) -> str:
    """Code for the kiosk's process that makes it write its frames into `file`.

    `settle_seconds`: for so long a new screen takes no touches.
    """
    return f"from tests.benchmarks.frame_recorder import tell; tell({str(file)!r}, {settle_seconds})"


def tell(file: str, settle_seconds: float) -> None:
    """Frames go into `file` as soon as the window has been prepared: Kivy may not be imported earlier."""
    from kiosk import cli as commands

    prepare = commands.prepare

    def prepare_and_tell(**how: Any) -> None:
        prepare(**how)
        _attach(Path(file))
        _settle(settle_seconds)

    commands.prepare = prepare_and_tell


def _settle(seconds: float) -> None:
    from kiosk.ui import root_layout as frame

    frame.SETTLE_SECONDS = seconds


def _attach(file: Path) -> None:
    from kivy.app import App
    from kivy.core.window import Window

    log = file.open("a", buffering=1)
    flip, seen = Window.flip, {"touches": 0.0, "begun": 0.0}
    paged: dict[str, Any] = {}

    def flipped() -> None:
        flip()
        moment, kiosk = time.monotonic(), App.get_running_app()
        if kiosk.root:
            given, screen = kiosk.model.given, kiosk.root.screen
            number = given.ticket.number if given else ""
            if screen.name not in paged:
                paged[screen.name] = next((one for one in screen.walk() if hasattr(one, "pages")), None)
            page = int(paged[screen.name].page) if paged[screen.name] else 0
            told = Frame(seen["begun"], moment, int(seen["touches"]), screen.name, number, page)
            log.write(json.dumps(asdict(told)) + "\n")

    Window.flip = flipped
    Window.bind(
        on_draw=lambda _: seen.update(begun=time.monotonic()),
        on_touch_down=lambda *_: seen.update(touches=seen["touches"] + 1),
    )


class Frames:
    """What a kiosk has written into `file` so far."""

    def __init__(self, file: Path) -> None:
        file.touch()
        self._file = file.open()
        self._part = ""
        self._all: list[Frame] = []

    def first(self, after: float, wanted: Callable[[Frame], bool], patience: float = 30.0) -> Frame:
        """The first frame that was begun after a moment and is as `wanted`. Raises `TimeoutError`."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            self._read()
            for frame in self.since(after):
                if wanted(frame):
                    return frame
            time.sleep(LOOK_EVERY)
        raise TimeoutError(f"no such frame came; the last one: {self._all[-1:]}")

    def since(self, after: float) -> list[Frame]:
        """The frames begun after a moment, as far as they are known."""
        return self._all[bisect(self._all, after, key=lambda frame: frame.begun) :]

    @property
    def last(self) -> Frame:
        """The newest frame."""
        self._read()
        return self._all[-1]

    def _read(self) -> None:
        self._part += self._file.read()
        *lines, self._part = self._part.split("\n")
        self._all += [Frame(**json.loads(line)) for line in lines]
