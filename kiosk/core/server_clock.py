"""The kiosk's time: the server's last word and the seconds since. A wall clock that jumps has no say in it."""

import threading
import time
from datetime import UTC, datetime, timedelta


class ServerClock:
    """Until the server has told the time, it is the wall clock's. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: tuple[datetime, float] | None = None

    def sync(self, now: datetime) -> None:
        """The server says that it is `now`."""
        with self._lock:
            self._told = now, time.monotonic()

    def now(self) -> datetime:
        """UTC."""
        with self._lock:
            told = self._told
        if told is None:
            return datetime.now(UTC)
        moment, then = told
        return (moment + timedelta(seconds=time.monotonic() - then)).astimezone(UTC)
