"""Several server processes on one PostgreSQL wake each other after a commit, by LISTEN and NOTIFY.

A wake-up is sent aside from the transaction: a NOTIFY inside it would make commits of different centres wait for one
another (PostgreSQL hands notifications out in commit order, under one lock). A wake-up that is lost costs a second:
every process also looks at the versions of the centres that are watched through it (live/hub.py).
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from sqlalchemy import Engine, text

if TYPE_CHECKING:
    import psycopg  # at run time only after gevent's patch, or each of its waits would hold up the whole process

CHANNEL = "motcua"
BURST_SECONDS = 0.01  # commits closer together are told of in one message: the first at once, the others after it
PAUSE_SECONDS = 1.0  # after the database went away
LOOK_SECONDS = 30.0  # how often a silent connection is asked for a sign of life

_NOTIFY = text("SELECT pg_notify(:channel, news) FROM unnest(CAST(:news AS text[])) AS news")

log = logging.getLogger(__name__)


class ChangeNotifier:
    """`say` tells the other processes of a commit; `start(heard)` begins to speak and to listen.

    Does nothing on SQLite, and before `start`: a command that ends at once leaves it to the others' look.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._name = secrets.token_hex(8)
        self._unsaid: dict[int, bool] = {}
        self._has_news = threading.Event()
        self._is_started = False
        self._is_over = False

    def publish(self, centre_id: int, *, urgent: bool) -> None:
        """Never waits and never fails; what is said within a burst is said once."""
        if self._is_started:
            self._unsaid[centre_id] = urgent or self._unsaid.get(centre_id, False)
            self._has_news.set()

    def start(self, heard: Callable[[int, bool], None]) -> None:
        """`heard(centre_id, urgent)` for every commit of another process, from a thread (or greenlet) of its own."""
        if self._engine.dialect.name == "postgresql":
            self._is_started = True
            for work in (self._speak, lambda: self._listen(heard)):
                threading.Thread(target=self._keep_at, args=(work,), daemon=True).start()

    def stop(self) -> None:
        """At the end of the process: neither speaks nor listens any more."""
        self._is_over = True
        self._has_news.set()

    def _speak(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not self._is_over:
                self._has_news.wait()
                self._has_news.clear()
                unsaid, self._unsaid = self._unsaid, {}
                news = [f"{self._name} {centre_id} {int(urgent)}" for centre_id, urgent in unsaid.items()]
                connection.execute(_NOTIFY, {"channel": CHANNEL, "news": news})
                time.sleep(BURST_SECONDS)

    def _listen(self, heard: Callable[[int, bool], None]) -> None:
        pooled = self._engine.raw_connection()
        connection = cast("psycopg.Connection", pooled.driver_connection)
        pooled.detach()
        with connection:
            connection.rollback()
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._is_over:
                for notify in connection.notifies(timeout=LOOK_SECONDS):
                    self._take(notify.payload, heard)
                connection.execute("SELECT 1")

    def _take(self, news: str, heard: Callable[[int, bool], None]) -> None:
        name, centre_id, urgent = news.split()
        if name != self._name:
            heard(int(centre_id), urgent == "1")

    def _keep_at(self, work: Callable[[], None]) -> None:
        while not self._is_over:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - the database is away: the others' look serves meanwhile
                log.warning("wake-ups between server processes pause: %s", str(error).strip().partition("\n")[0])
                time.sleep(PAUSE_SECONDS)
