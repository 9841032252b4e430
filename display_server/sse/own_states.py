"""A state of their own for each of some watchers, such as a clerk's counter: built anew after a change of the centre,
and sent only where it differs from what that watcher was sent last.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import gevent
from gevent.event import Event as Signal

from display_server.sse.connection import SseConnection, SseFrame

MIN_INTERVAL_SECONDS = 0.3  # between two rounds of one centre: a burst of changes is one round

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OwnState:
    """`body`: JSON. `key`: what of it must differ before it is sent again; minutes that pass are no change."""

    name: str
    key: bytes
    body: bytes

    def as_event(self) -> SseFrame:
        return SseFrame.of(b"event: %b\ndata: %b\n\n" % (self.name.encode(), self.body))


# The state as it is now; None: whoever watches may not see it any more.
Build = Callable[[], OwnState | None]


@dataclass
class _Watched:
    build: Build
    sent: bytes


@dataclass
class OwnStates:
    """Those of one centre."""

    changed: Signal = field(default_factory=Signal)
    _watched: dict[SseConnection, _Watched] = field(default_factory=dict)
    _pinged_at: float = 0.0

    def __len__(self) -> int:
        return len(self._watched)

    def watchers(self) -> list[SseConnection]:
        return list(self._watched)

    def add(self, watcher: SseConnection, build: Build, sent: OwnState) -> None:
        """`sent`: what this watcher has got already; a change since then follows at once."""
        self._watched[watcher] = _Watched(build, sent.key)
        self.changed.set()

    def discard(self, watcher: SseConnection) -> None:
        self._watched.pop(watcher, None)

    def send_heartbeat(self, ping: SseFrame, seconds: float) -> None:
        """At most every so many seconds; a busy hall sends its displays states instead, but these nothing."""
        now = time.monotonic()
        if now - self._pinged_at < seconds:
            return
        self._pinged_at = now
        for watcher in self.watchers():
            if not watcher.is_slow:
                watcher.send_latest(ping)

    def keep_sending(self) -> None:
        """Without end, in a greenlet of its own: the displays never wait for these."""
        while True:
            self.changed.wait()
            self.changed.clear()
            for watcher, watched in list(self._watched.items()):
                self._send(watcher, watched)
                gevent.sleep(0)  # others of the process get their turn
            gevent.sleep(MIN_INTERVAL_SECONDS)

    def _send(self, watcher: SseConnection, watched: _Watched) -> None:
        try:
            state = watched.build()
        except Exception:  # a database that is away for a minute must not end this; the next change sends it
            log.exception("a watcher's own state could not be built")
            return
        if state is None:
            watcher.close()
        elif state.key != watched.sent:
            watched.sent = state.key
            watcher.send_latest(state.as_event())
