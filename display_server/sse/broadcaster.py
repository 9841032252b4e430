"""One encoding for all who watch a hall.

A commit announces its centre. A publisher per watched centre builds the hall's state once, encodes it once, and offers
it to every watcher. Bursts are conflated: a call goes out at once (a burst of calls at most every 20 ms), mere counts
at most `counts_per_second`.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn

import gevent
from gevent.event import Event as Signal
from gevent.lock import BoundedSemaphore

from config.settings import HallSettings
from display_server.metrics import BROADCAST_SECONDS
from display_server.sse.connection import SseConnection, SseFrame
from display_server.sse.own_states import Build, OwnState, OwnStates

THROTTLE_SECONDS = 0.02  # calls closer together than this share one state; it holds them all
POLL_INTERVAL_SECONDS = 1.0  # how often another process's commits are looked for
REBUILD_SECONDS = 30.0  # opening hours and waits change without a commit

EMPTY_FRAME = SseFrame(b"", b"")
AT_ONCE = 250  # watchers served before others of the process get their turn

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HallState:
    """A hall's whole state at `version`, as JSON bytes. `called`: the numbers that are called to a counter now."""

    version: int
    body: bytes
    called: frozenset[str] = frozenset()

    def as_event(self) -> SseFrame:
        return SseFrame.of(b"event: hall\nid: %d\ndata: %b\n\n" % (self.version, self.body))


@dataclass
class _Channel:
    """One watched centre."""

    dirty: Signal = field(default_factory=Signal)
    urgent: Signal = field(default_factory=Signal)
    publishing: BoundedSemaphore = field(default_factory=BoundedSemaphore)  # no older state comes after a newer one
    failure: tuple[float, Exception | None] = (0.0, None)  # when a state could not be built, and why
    state: HallState | None = None
    event: SseFrame = EMPTY_FRAME
    watchers: set[SseConnection] = field(default_factory=set)
    own: OwnStates = field(default_factory=OwnStates)
    expecting: dict[str, set[Signal]] = field(default_factory=dict)  # who waits for a number to be called
    publications: int = 0
    published_at: float = 0.0
    sent_at: float = 0.0

    def is_watched(self) -> bool:
        return bool(self.watchers or self.own or self.expecting)

    def all_watchers(self) -> list[SseConnection]:
        return [*self.watchers, *self.own.watchers()]

    def tell_called(self, before: HallState | None) -> None:
        """Wake those whose number has been called since the state `before`."""
        now = self.state.called if self.state is not None else frozenset()
        for number in now - (before.called if before is not None else frozenset()):
            for signal in self.expecting.get(number, ()):
                signal.set()


class Broadcaster:
    """`build(centre_id)` gives a state; `versions(centre_ids)` is cheap, and gives each one's by its id;
    `revoked(device_ids)` and `ended(session_ids)` give those that may not watch any more.
    All are set by the application.
    """

    def __init__(self, settings: HallSettings) -> None:
        self._settings = settings
        self._channels: dict[int, _Channel] = {}
        self._is_looking = False
        self._is_over = False
        self.build: Callable[[int], HallState] = _not_connected
        self.versions: Callable[[Collection[int]], Mapping[int, int]] = _not_connected
        self.revoked: Callable[[Collection[int]], Collection[int]] = _not_connected
        self.ended: Callable[[Collection[int]], Collection[int]] = _not_connected

    def notify_changed(self, centre_id: int, *, urgent: bool) -> None:
        """A transaction of this centre was committed; `urgent`: with a call in it."""
        channel = self._channels.get(centre_id)
        if channel is not None:
            channel.dirty.set()
            if urgent:
                channel.urgent.set()

    def subscribe(
        self, centre_id: int, take_over: Callable[[], Any], *, chunked: bool, device_id: int | None = None
    ) -> Iterator[bytes]:
        """Server-sent events without end: the body of a response whose connection `take_over` gives away.

        Only the state now is yielded, so that the server sends its header; all that follows goes straight to the
        connection, and nothing of the request is kept for it. A state may be half a minute old: the sign of life
        before it tells the screen what time it is.
        """
        channel = self._open(centre_id)
        first = channel.event
        yield _sign_of_life().plain + first.plain
        watcher = SseConnection(take_over(), chunked=chunked, on_close=channel.watchers.discard, device_id=device_id)
        channel.watchers.add(watcher)
        if channel.event is not first:
            watcher.send_latest(channel.event)

    def subscribe_own(
        self,
        centre_id: int,
        first: OwnState,
        build: Build,
        take_over: Callable[[], Any],
        *,
        chunked: bool,
        session_id: int | None = None,
        device_id: int | None = None,
    ) -> Iterator[bytes]:
        """As `subscribe`, for a state of this watcher alone: `first` now, then what `build()` gives after a change
        of the centre, where it differs. The stream ends with the session or the device, or when `build()` gives None.
        """
        channel = self._open(centre_id)
        yield _sign_of_life().plain + first.as_event().plain
        watcher = SseConnection(
            take_over(), chunked=chunked, on_close=channel.own.discard, device_id=device_id, session_id=session_id
        )
        channel.own.add(watcher, build, first)

    def wait_for_call(self, centre_id: int, number: str, seconds: float) -> None:
        """Returns once the number is called to a counter, or after so many seconds.

        At once when the newest state has it called already: the asker looks again.
        """
        channel = self._open(centre_id)
        signal = Signal()
        channel.expecting.setdefault(number, set()).add(signal)
        try:
            is_called = channel.state is not None and number in channel.state.called
            if not is_called and not self._is_over:
                signal.wait(seconds)
        finally:
            channel.expecting[number].discard(signal)
            if not channel.expecting[number]:
                del channel.expecting[number]

    def stop(self) -> None:
        """At the end of the process: nobody waits for a call any more."""
        self._is_over = True
        for channel in self._channels.values():
            for signals in channel.expecting.values():
                for signal in signals:
                    signal.set()

    def subscriber_counts(self) -> dict[int, int]:
        """How many watch each centre."""
        return {centre_id: len(channel.watchers) + len(channel.own) for centre_id, channel in self._channels.items()}

    def broadcast_count(self) -> int:
        """States encoded since the start: one per change, however many watch."""
        return sum(channel.publications for channel in self._channels.values())

    def _open(self, centre_id: int) -> _Channel:
        """The centre's channel with a current state. Made before anything is waited for: all who come share it."""
        if not self._is_looking:
            self._is_looking = True
            gevent.spawn(self._version_poll_loop)
        channel = self._channels.get(centre_id)
        if channel is None:
            channel = self._channels[centre_id] = _Channel()
            gevent.spawn(self._broadcast_loop, centre_id, channel)
            gevent.spawn(channel.own.keep_sending)
        came = time.monotonic()
        with channel.publishing:
            failed_at, failure = channel.failure
            if failure is not None and failed_at > came:
                raise failure  # while this one waited: all who did fail together, not one after the other
            if channel.state is None or (not channel.is_watched() and not self._is_current(centre_id, channel)):
                try:
                    self._publish(centre_id, channel)
                except Exception as error:
                    channel.failure = (time.monotonic(), error)
                    raise
        return channel

    def _broadcast_loop(self, centre_id: int, channel: _Channel) -> None:
        while True:
            try:
                changed = channel.dirty.wait(POLL_INTERVAL_SECONDS)
                channel.dirty.clear()  # whether or not anybody watches
                is_old = time.monotonic() - channel.published_at > REBUILD_SECONDS
                if channel.is_watched() and (changed or is_old):
                    with channel.publishing:
                        self._publish(centre_id, channel)
                    self._pause(channel)
                self._send_heartbeat(channel)
            except Exception:  # whatever fails, the screens must hear of the next change
                log.exception("the hall's state could not be built")
                gevent.sleep(POLL_INTERVAL_SECONDS)

    def _is_current(self, centre_id: int, channel: _Channel) -> bool:
        return channel.state is not None and channel.state.version == self.versions([centre_id]).get(centre_id)

    def _version_poll_loop(self) -> None:
        """For all watched centres at once: a province's hundred cost one statement a second, not hundreds."""
        while True:
            gevent.sleep(POLL_INTERVAL_SECONDS)
            try:
                self._poll_versions()
            except Exception:  # a database that is away for a minute must not end this
                log.exception("other processes' commits could not be looked for")

    def _poll_versions(self) -> None:
        watched = {centre_id: channel for centre_id, channel in self._channels.items() if channel.is_watched()}
        if not watched:
            return
        versions = self.versions(list(watched))
        for centre_id, channel in watched.items():
            if channel.state is None or channel.state.version != versions.get(centre_id):
                channel.dirty.set()
        self._disconnect_revoked([watcher for channel in watched.values() for watcher in channel.all_watchers()])

    def _pause(self, channel: _Channel) -> None:
        gevent.sleep(THROTTLE_SECONDS)
        quiet_until = channel.published_at + 1 / self._settings.counts_per_second
        channel.urgent.wait(max(0.0, quiet_until - time.monotonic()))

    def _publish(self, centre_id: int, channel: _Channel) -> None:
        began = time.perf_counter()
        channel.urgent.clear()
        before, channel.state = channel.state, self.build(centre_id)
        channel.tell_called(before)
        channel.event = channel.state.as_event()
        channel.publications += 1
        channel.published_at = channel.sent_at = time.monotonic()
        _offer(channel, channel.event)
        channel.own.changed.set()
        BROADCAST_SECONDS.observe(time.perf_counter() - began)

    def _send_heartbeat(self, channel: _Channel) -> None:
        channel.own.send_heartbeat(_sign_of_life(), self._settings.ping_seconds)
        now = time.monotonic()
        if now - channel.sent_at < self._settings.ping_seconds:
            return
        channel.sent_at = now
        ping = _sign_of_life()
        for watcher in list(channel.watchers):
            if not watcher.is_slow:
                watcher.send_latest(ping)

    def _disconnect_revoked(self, watchers: list[SseConnection]) -> None:
        devices = {watcher.device_id for watcher in watchers if watcher.device_id is not None}
        sessions = {watcher.session_id for watcher in watchers if watcher.session_id is not None}
        revoked = self.revoked(devices) if devices else ()
        ended = self.ended(sessions) if sessions else ()
        for watcher in watchers:
            if watcher.device_id in revoked or watcher.session_id in ended:
                watcher.close()


def _sign_of_life() -> SseFrame:
    return SseFrame.of(b"event: ping\ndata: %b\n\n" % datetime.now(UTC).isoformat().encode())


def _offer(channel: _Channel, event: SseFrame) -> None:
    """To all who watch; among thousands of them a visitor at a kiosk need not wait for the last."""
    for count, watcher in enumerate(list(channel.watchers), 1):
        watcher.send_latest(event)
        if count % AT_ONCE == 0:
            gevent.sleep(0)


def _not_connected(_: Any) -> NoReturn:
    raise RuntimeError("the hub has no application")
