"""One encoding for all who watch a hall.

A commit announces its centre. A publisher per watched centre builds the hall's state once, encodes it once, and wakes
every watcher. Bursts are conflated: a call goes out at once (a burst of calls at most every 20 ms), mere counts at
most `counts_per_second`. A watcher that is slow to take its bytes finds the newest state afterwards, never a backlog.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NoReturn

import gevent
from gevent.event import Event

from config.settings import HallSettings

BURST_SECONDS = 0.02  # calls closer together than this share one state; it holds them all
LOOK_SECONDS = 1.0  # how often another process's commits are looked for
REBUILD_SECONDS = 30.0  # opening hours and waits change without a commit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HallState:
    """A hall's whole state at `version`, as JSON bytes."""

    version: int
    body: bytes

    def as_event(self) -> bytes:
        return b"event: hall\nid: %d\ndata: %b\n\n" % (self.version, self.body)


@dataclass
class _Channel:
    """One watched centre."""

    dirty: Event = field(default_factory=Event)
    urgent: bool = False
    changed: Event = field(default_factory=Event)  # replaced at every publication
    state: HallState | None = None
    event: bytes = b""
    watchers: int = 0
    publications: int = 0


class Hub:
    """`build(centre_id)` gives the state, `version(centre_id)` is cheap; both are set by the application."""

    def __init__(self, settings: HallSettings) -> None:
        self._settings = settings
        self._channels: dict[int, _Channel] = {}
        self.build: Callable[[int], HallState] = _not_connected
        self.version: Callable[[int], int] = _not_connected

    def announce(self, centre_id: int, *, urgent: bool) -> None:
        """A transaction of this centre was committed; `urgent`: with a call in it."""
        channel = self._channels.get(centre_id)
        if channel is not None:
            channel.urgent |= urgent
            channel.dirty.set()

    def watch(self, centre_id: int) -> Iterator[bytes]:
        """Server-sent events without end: the state now, then after every change; a ping in between."""
        channel = self._open(centre_id)
        channel.watchers += 1
        try:
            while True:
                changed = channel.changed
                yield channel.event
                while not changed.wait(self._settings.ping_seconds):
                    yield _ping()
        finally:
            channel.watchers -= 1

    def watchers(self) -> dict[int, int]:
        """How many watch each centre."""
        return {centre_id: channel.watchers for centre_id, channel in self._channels.items()}

    def publications(self) -> int:
        """States encoded since the start: one per change, however many watch."""
        return sum(channel.publications for channel in self._channels.values())

    def _open(self, centre_id: int) -> _Channel:
        channel = self._channels.get(centre_id)
        if channel is None:
            channel = _Channel()
            self._publish(centre_id, channel)
            self._channels[centre_id] = channel
            gevent.spawn(self._keep_publishing, centre_id, channel)
        elif channel.watchers == 0 and not self._is_current(centre_id, channel):
            self._publish(centre_id, channel)
        return channel

    def _keep_publishing(self, centre_id: int, channel: _Channel) -> None:
        while True:
            try:
                self._wait_for_change(centre_id, channel)
                if channel.watchers:
                    self._publish(centre_id, channel)
                self._pause(channel)
            except Exception:  # whatever fails, the screens must hear of the next change
                log.exception("the hall's state could not be built")
                gevent.sleep(LOOK_SECONDS)

    def _wait_for_change(self, centre_id: int, channel: _Channel) -> None:
        started = time.monotonic()
        while not channel.dirty.wait(LOOK_SECONDS):
            if not channel.watchers:
                started = time.monotonic()
            elif time.monotonic() - started > REBUILD_SECONDS or not self._is_current(centre_id, channel):
                return

    def _pause(self, channel: _Channel) -> None:
        gevent.sleep(BURST_SECONDS)
        quiet_until = time.monotonic() + 1 / self._settings.counts_per_second - BURST_SECONDS
        while not channel.urgent and (left := quiet_until - time.monotonic()) > 0:
            gevent.sleep(min(left, BURST_SECONDS))

    def _is_current(self, centre_id: int, channel: _Channel) -> bool:
        return channel.state is not None and channel.state.version == self.version(centre_id)

    def _publish(self, centre_id: int, channel: _Channel) -> None:
        channel.dirty.clear()
        channel.urgent = False
        channel.state = self.build(centre_id)
        channel.event = channel.state.as_event()
        channel.publications += 1
        changed, channel.changed = channel.changed, Event()
        changed.set()


def _not_connected(_: int) -> NoReturn:
    raise RuntimeError("the hub has no application")


def _ping() -> bytes:
    return b"event: ping\ndata: %b\n\n" % datetime.now(UTC).isoformat().encode()
