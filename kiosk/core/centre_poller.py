"""Keeps the kiosk's picture of the centre fresh, and knows whether the server is there."""

import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from config.typefaces import why_not_drawn
from kiosk.api.client import Refused, ServerUnavailable
from kiosk.api.models import Centre
from kiosk.core.logo_cache import Emblem
from kiosk.core.outbox import JournalError, Outbox
from kiosk.core.server_clock import ServerClock
from kiosk.process.periodic_thread import PeriodicThread

log = logging.getLogger(__name__)

AWAY_SECONDS = 1.0  # how often a server that is away is looked for
KEEP_AT_LEAST_EVERY = 600.0
# What changes with every visitor: not worth a write to the kiosk's disk each time.
NOT_DRAWN: dict[str, Any] = {"now": True, "procedures": {"__all__": {"also"}}}
VOLATILE: dict[str, Any] = {"now": True, "departments": {"__all__": {"waiting", "wait"}}}


class CentreApi(Protocol):
    def centre(self, known: Centre | None = None) -> Centre: ...


class CentrePoller:
    """Fetches the centre every `refresh_seconds`; the last answer is kept in the journal for a start without a server.

    `clock` is told the server's time.

    `on_change()`: called in this watch's thread when `centre`, `online` or `refused` changed.
    `on_back()`: called when the server answers after it did not.
    """

    def __init__(
        self,
        client: CentreApi,
        journal: Outbox,
        clock: ServerClock,
        emblem: Emblem,
        refresh_seconds: float,
        on_change: Callable[[], None],
        on_back: Callable[[], None],
    ) -> None:
        self._client = client
        self._journal = journal
        self._clock = clock
        self.emblem = emblem
        self._refresh_seconds = refresh_seconds
        self._on_change = on_change
        self._on_back = on_back
        self._kept = ""
        self._kept_at = -KEEP_AT_LEAST_EVERY
        self._loop = PeriodicThread("centre-watch", self._step)
        self.centre = journal.centre()
        self.online: bool | None = None
        self.refused = ""

    def start(self) -> None:
        self._loop.start()

    def poll_now(self) -> None:
        """Something happened that changes the queues: do not wait for the next turn."""
        self._loop.wake()

    def mark_offline(self) -> None:
        """A tap found no server: nobody else need wait for it, until it is seen again."""
        if self.online is not False:
            self.online = False
            self._on_change()
        self._loop.wake()

    def stop(self) -> None:
        self._loop.stop()

    def _step(self) -> float:
        before = self._snapshot()
        self._look()
        if self._snapshot() != before:
            self._on_change()
        return self._refresh_seconds if self.online else min(AWAY_SECONDS, self._refresh_seconds)

    def _snapshot(self) -> tuple[Any, ...]:
        return self.centre, self.online, self.refused, self.emblem.path

    def _look(self) -> None:
        try:
            centre = self._client.centre(self.centre)
        except ServerUnavailable as away:
            if self.online is not False:
                log.warning("server away: %s", away)
            self.online = False
            return
        except Refused as refusal:
            if not self.refused:
                log.error("the server refuses this kiosk: %s", refusal)  # noqa: TRY400
            self.refused = str(refusal)
            return
        was_online = self.online
        self._clock.sync(centre.now)
        was_online = was_online and not self._met_epoch(centre)
        self.centre, self.online, self.refused = centre, True, ""
        self._keep(centre)
        self.emblem.update(centre)
        if not was_online:
            self._on_back()

    def _met_epoch(self, centre: Centre) -> bool:
        """Whether the server was restored, so that numbers are to be handed in again."""
        try:
            again = self._journal.meet_epoch(centre.epoch, centre.now)
        except JournalError as error:
            log.error("%s", error)  # noqa: TRY400 - one line says it all
            return False
        if again:
            log.warning("the server was restored: %d numbers of the last day are handed in again", again)
        return again > 0

    def _keep(self, centre: Centre) -> None:
        lasting = centre.model_dump_json(exclude=VOLATILE)
        if lasting == self._kept and time.monotonic() - self._kept_at < KEEP_AT_LEAST_EVERY:
            return
        if lasting != self._kept and (reason := why_not_drawn(centre.model_dump(exclude=NOT_DRAWN))):
            log.warning("a name of the centre will be blank in part: %s", reason)
        try:
            self._journal.cache_centre(centre)
        except JournalError as error:
            log.error("%s", error)  # noqa: TRY400 - one line says it all
            return
        self._kept, self._kept_at = lasting, time.monotonic()
