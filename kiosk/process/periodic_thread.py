"""A thread that does one thing again and again."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

PAUSE_AFTER_FAULT = 5.0


class PeriodicThread:
    """Calls `step` until stopped; `step` answers how many seconds may pass before the next one."""

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._step = step
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """The next step comes now."""
        self._wake.set()

    def stop(self, seconds: float = 3.0) -> None:
        """Ask it to end, and wait at most `seconds` for that."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                pause = self._step()
            except Exception:  # the thread is the kiosk's memory or its eyes: it must outlive any single fault
                log.exception("%s", threading.current_thread().name)
                pause = PAUSE_AFTER_FAULT
            self._wake.wait(pause)
