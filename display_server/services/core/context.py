"""What every service needs, and the one way to write.

A write transaction first takes its centre's row (`UPDATE centre SET version = version + 1`; on SQLite the connection
begins with BEGIN IMMEDIATE). Numbers without gaps, no double call and exact order all follow from this one lock.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Row, bindparam, case, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from config.rating_reasons import RatingReason, load_reasons
from config.request_id import NO_REQUEST_ID, current_request_id
from config.settings import Settings
from display_server.db import tables
from display_server.db.engine import read_transaction, write_transaction
from display_server.db.errors import is_damage, is_disk_error, reason_of
from display_server.db.files.damage import damage_in
from display_server.db.pg_notify import ChangeNotifier
from display_server.domain.audit_chain import line_hash
from display_server.domain.clock import DayStep, steady_seconds
from display_server.metrics import JOURNAL_ACTIONS, TRANSACTIONS
from display_server.services.catalogue.catalogue import Catalogue, CatalogueCache
from display_server.services.catalogue.queue_load import QueueLoad, QueueLoadCache
from display_server.services.catalogue.queue_usage import UsageBook
from display_server.services.core.actors import Actor, system_actor
from display_server.services.core.batching import Batcher
from display_server.services.core.business_day import Activity, is_synchronised, open_day
from display_server.services.errors import NotFound
from display_server.services.keys.commitments import seal
from display_server.services.keys.keys import Keys
from display_server.services.keys.ticket_links import TicketLinkSigner
from display_server.sse.broadcaster import Broadcaster

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
CLOCK_SKEW_TOLERANCE_SECONDS = 600  # more than a clock is set back by in its ordinary course
AHEAD_MICROSECONDS = 1_000_000  # the centre's clock may be this far ahead of the wall's: a burst of transactions


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class WriteFailure:
    """The disk would not take a write. `at`: of the monotonic clock."""

    at: float
    reason: str


@dataclass
class ServerContext:
    """The engine, the settings, the clock, and the hub that wakes the screens after each commit."""

    engine: Engine
    settings: Settings
    keys: Keys
    clock: Clock = utc_now
    activity: Activity = field(default_factory=Activity)
    catalogue_cache: CatalogueCache = field(default_factory=CatalogueCache)
    load_cache: QueueLoadCache = field(default_factory=QueueLoadCache)
    usage: UsageBook = field(default_factory=UsageBook)
    issue_batchers: dict[int, Batcher[Any, Any]] = field(default_factory=dict)  # each centre's taps of one moment
    call_batchers: dict[int, Batcher[Any, Any]] = field(
        default_factory=dict
    )  # and its clerks' presses for the next visitor
    last_write_failure: WriteFailure | None = None  # of the disk at the last write; None: it was taken
    damage: str = ""  # what was found broken in the database; empty: nothing was
    hub: Broadcaster = field(init=False)
    wakeups: ChangeNotifier = field(init=False)
    ticket_links: TicketLinkSigner = field(init=False)
    rating_reasons: list[RatingReason] = field(init=False)

    def __post_init__(self) -> None:
        self.hub = Broadcaster(self.settings.hall)
        self.wakeups = ChangeNotifier(self.engine)
        self._began = (self._last_written(), time.monotonic())
        # Seconds that no jump of the clock changes. A clock that is handed in is taken to pass evenly.
        self.steady: Callable[[], float] = steady_seconds if self.clock is utc_now else lambda: self.clock().timestamp()
        self.is_synchronised: Callable[[], bool] = is_synchronised if self.clock is utc_now else lambda: False
        self.ticket_links = TicketLinkSigner(self.keys)
        file = self.settings.hall.rating_file
        self.rating_reasons = load_reasons(Path(file) if file else None)

    def close(self) -> None:
        """Let go of the database. Nothing is asked of the site afterwards."""
        self.engine.dispose()

    def clock_behind(self) -> int:
        """Seconds by which the clock is behind what was written before this process began, and the time since then.

        A cheap PC without a battery wakes up in 1970. What is written meanwhile, in 1970, makes it no better. 0 while
        the difference is an ordinary correction, nothing had been written, or it was written by a clock that was
        ahead, as an administrator has confirmed since.
        """
        last, began = self._began
        behind = int((last.at - self.clock()).total_seconds() + time.monotonic() - began) if last is not None else 0
        if last is not None and behind > CLOCK_SKEW_TOLERANCE_SECONDS and not self._is_confirmed_since(last.id):
            return behind
        return self._behind_the_day()

    def _is_confirmed_since(self, line: int) -> bool:
        with self.read() as connection:
            return connection.execute(_CONFIRMED_SINCE, {"line": line}).first() is not None

    def _behind_the_day(self) -> int:
        """Seconds until the newest business day begins, by a clock that says an earlier one."""
        now, behind = self.clock(), 0
        with self.read() as connection:
            for row in connection.execute(_NEWEST_DAYS).all():
                hours = self.catalogue(connection, row.id).hours
                if hours.business_day(now) < row.business_day:
                    behind = max(behind, int((hours.start_of(row.business_day) - now).total_seconds()))
        return behind

    def _last_written(self) -> Row[Any, Any] | None:
        with self.read() as connection:
            return connection.execute(_LAST_WRITTEN).one_or_none()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; never waits for a writer."""
        try:
            with read_transaction(self.engine) as connection:
                yield connection
        except DBAPIError as error:
            self._note(error)
            raise

    def _note(self, error: DBAPIError) -> None:
        """What readiness tells from now on: of the disk for a while, of damage until a backup was restored."""
        if is_damage(error):
            self.damage = reason_of(error)
        elif is_disk_error(error):
            self.last_write_failure = WriteFailure(time.monotonic(), reason_of(error))

    @contextmanager
    def write(self, actor: Actor, ticks: int = 1) -> Iterator["UnitOfWork"]:
        """One transaction of the actor's centre; one announcement after its commit. An error undoes everything.

        `ticks`: how many places in its lines it may give out; `logical_clock` is the last of them.
        """
        began = time.perf_counter()
        try:
            with write_transaction(self.engine) as connection:
                transaction = self.begin(connection, actor, ticks)
                yield transaction
                transaction.end()
        except DBAPIError as error:
            self._note(error)
            raise
        self.last_write_failure = None
        self.activity.wrote(actor.centre_id, transaction.now, self.steady())
        TRANSACTIONS.observe(time.perf_counter() - began)
        if transaction.counters_changed:  # minutes come, and go, with the counter
            self.load_cache.forget(actor.centre_id)
        transaction.log_committed()
        if transaction.changed:
            self.announce(actor.centre_id, urgent=transaction.urgent)

    def look_for_damage(self) -> str:
        """Read the whole of SQLite's file; what is broken in it, which readiness tells from now on."""
        found = damage_in(self.engine)
        self.damage = self.damage or found
        return found

    def announce(self, centre_id: int, *, urgent: bool) -> None:
        """A transaction of this centre was committed: the screens of this process and of the others hear of it."""
        self.hub.notify_changed(centre_id, urgent=urgent)
        self.wakeups.publish(centre_id, urgent=urgent)

    def heard(self, centre_id: int, *, urgent: bool) -> None:
        """Another process committed a transaction of this centre."""
        self.activity.heard(centre_id, self.steady())
        self.hub.notify_changed(centre_id, urgent=urgent)

    def begin(self, connection: Connection, actor: Actor, ticks: int = 1) -> "UnitOfWork":
        """Takes the centre's lock on a connection that writes; `write` does it for everything but a first import.

        Whoever calls it also calls the transaction's `end`.
        """
        return _begin(self, connection, actor, ticks)

    @contextmanager
    def write_without_lock(self) -> Iterator[Connection]:
        """A write that no screen shows and no queue depends on (when a device was last seen)."""
        try:
            with write_transaction(self.engine) as connection:
                yield connection
        except DBAPIError as error:
            self._note(error)
            raise

    def catalogue(self, connection: Connection, centre_id: int) -> Catalogue:
        """The centre's departments, procedures, counters and hours, as of now."""
        version = connection.execute(_CATALOGUE_VERSION, {"the_centre": centre_id}).scalar()
        if version is None:
            raise NotFound("there is no such centre")
        return self.catalogue_cache.get(connection, centre_id, version)


@dataclass(frozen=True, slots=True)
class Epoch:
    """What the last restore left (services/epoch.py): until which day numbers carry which letter and go on after which
    one, and the first id.
    """

    mark: int
    day: date | None
    letter: str | None
    first_id: int | None
    start: int = 0

    def is_on(self, day: date) -> bool:
        """Whether `day` is the restored one still."""
        return self.day is not None and day <= self.day


@dataclass
class UnitOfWork:
    """An open write transaction; `version` is the centre's after it.

    `logical_clock`: the centre's own clock in microseconds, past every place in today's lines.
    """

    site: ServerContext
    connection: Connection
    actor: Actor
    catalogue: Catalogue
    now: datetime
    logical_clock: int
    day: date
    version: int
    journal_hash: str  # of the journal's last line before it
    call_seq: int  # of the centre's last call
    epoch: Epoch
    urgent: bool = False  # a call was made: screens hear of it at once
    changed: bool = True
    counters_changed: bool = False  # one was opened or closed
    journal: list[dict[str, Any]] = field(default_factory=list)

    @property
    def centre_id(self) -> int:
        return self.actor.centre_id

    def load(self) -> QueueLoad:
        """How busy the centre is, at most a second old."""
        return self.site.load_cache.get(self.connection, self.catalogue, self.day)

    def write_journal(
        self,
        action: str,
        *,
        ticket_id: int | None = None,
        number: str | None = None,
        counter_id: int | None = None,
        texts: Mapping[str, str | None] | None = None,
        **details: Any,
    ) -> dict[str, str]:
        """Append one line: who did what, when, to which ticket, and why. It is written with the transaction's end.

        `texts`: free text and names by field (services/sealing.py). They are kept beside the log, which cannot forget;
        so is the address of whoever acts elsewhere than at a counter. Gives the commitments. `details`: ids, codes and
        times alone.
        """
        if self.actor.role == "hall":  # who works at no counter, and still may end a visit there
            details["role"] = self.actor.role
        said = dict(texts or {})
        if self.actor.kind == "staff" and counter_id is None:
            said["address"] = self.actor.address
        sealed = {field: self.seal(field, text) for field, text in said.items() if text}
        self.journal.append({
            "centre_id": self.centre_id,
            "at": self.now,
            "tick": self.logical_clock,
            "business_day": self.day,
            "action": action,
            "ticket_id": ticket_id,
            "number": number,
            "counter_id": counter_id,
            "actor_kind": self.actor.kind,
            "actor_id": self.actor.id,
            "details": details or None,
            "sealed": sealed or None,
        })  # fmt: skip
        return sealed

    def seal(self, field: str, text: str) -> str:
        """Keep a text beside the log; its commitment, which a line of this transaction must hold."""
        return seal(self.connection, self.site.keys, self.centre_id, self.now, field, text)

    def next_call_seq(self) -> int:
        """The centre's next call number; it is kept with the transaction's end."""
        self.call_seq += 1
        return self.call_seq

    def end(self) -> None:
        """Everything that waits to be written, before the commit. A call is always in the journal."""
        if self.journal:
            for line in self.journal:
                line["hash"] = self.journal_hash = line_hash(self.journal_hash, line)
            self.connection.execute(_WRITE_JOURNAL, self.journal)
            kept = {"the_centre": self.centre_id, "new_hash": self.journal_hash, "new_seq": self.call_seq}
            self.connection.execute(_KEEP, kept)

    def log_committed(self) -> None:
        """After the commit: count and log what was done. Screens that show this version have seen it."""
        for line in self.journal:
            JOURNAL_ACTIONS.labels(self.catalogue.code, line["action"]).inc()
            log.log(
                logging.DEBUG
                if current_request_id() == NO_REQUEST_ID
                else logging.INFO,  # a command says itself what it did
                "%s %s in version %d of %s",
                line["action"],
                line["number"] or "",
                self.version,
                self.catalogue.code,
            )


_NEWEST_DAYS = select(tables.centre.c.id, tables.centre.c.business_day).where(tables.centre.c.business_day.is_not(None))
_LAST_WRITTEN = select(tables.journal.c.id, tables.journal.c.at).order_by(tables.journal.c.id.desc()).limit(1)
_CONFIRMED_SINCE = select(tables.journal.c.id).where(
    tables.journal.c.id > bindparam("line"), tables.journal.c.action == "clock_confirmed"
)
_NOW = bindparam("now_us", type_=BigInteger)
_CENTRE = bindparam("the_centre", type_=BigInteger)
_WRITE_JOURNAL = insert(tables.journal)
_KEEP = (
    update(tables.centre)
    .where(tables.centre.c.id == _CENTRE)
    .values(journal_hash=bindparam("new_hash"), call_seq=bindparam("new_seq"))
)
_CATALOGUE_VERSION = select(tables.centre.c.catalogue_version).where(tables.centre.c.id == _CENTRE)
_TICKS = bindparam("ticks", type_=BigInteger)
_NEXT_TICK = case((tables.centre.c.tick >= _NOW, tables.centre.c.tick + _TICKS), else_=_NOW + _TICKS - 1)
_LAST_PLACE = select(func.max(tables.ticket.c.place)).where(
    tables.ticket.c.centre_id == _CENTRE, tables.ticket.c.business_day == bindparam("day")
)
_SET_TICK = update(tables.centre).where(tables.centre.c.id == _CENTRE).values(tick=bindparam("new_tick"))
_TAKE_CENTRE = (
    update(tables.centre)
    .where(tables.centre.c.id == _CENTRE)
    .values(version=tables.centre.c.version + 1, tick=_NEXT_TICK)
    .returning(
        tables.centre.c.tick,
        tables.centre.c.catalogue_version,
        tables.centre.c.version,
        tables.centre.c.journal_hash,
        tables.centre.c.call_seq,
        tables.centre.c.business_day,
        tables.centre.c.clock_doubted,
        tables.centre.c.epoch,
        tables.centre.c.epoch_told,
        tables.centre.c.epoch_day,
        tables.centre.c.epoch_letter,
        tables.centre.c.epoch_start,
        tables.centre.c.first_id,
    )
)


def _begin(site: ServerContext, connection: Connection, actor: Actor, ticks: int) -> UnitOfWork:
    now = site.clock()
    microseconds = int(now.timestamp() * 1_000_000)
    taken = connection.execute(
        _TAKE_CENTRE, {"the_centre": actor.centre_id, "now_us": microseconds, "ticks": ticks}
    ).one_or_none()
    if taken is None:
        raise NotFound("there is no such centre")
    catalogue = site.catalogue_cache.get(connection, actor.centre_id, taken.catalogue_version)
    day, step = open_day(site, connection, catalogue, now, taken)
    tick = taken.tick
    if tick - microseconds > AHEAD_MICROSECONDS:
        tick = _rewind_logical_clock(connection, actor.centre_id, day, now, ticks)
    transaction = UnitOfWork(
        site,
        connection,
        actor,
        catalogue,
        now,
        tick,
        day,
        taken.version,
        taken.journal_hash,
        taken.call_seq,
        Epoch(taken.epoch, _epoch_day(taken, day, step), taken.epoch_letter, taken.first_id, taken.epoch_start),
    )
    _tell_of_the_day(transaction, taken, step)
    return transaction


def _epoch_day(taken: Any, day: date, step: DayStep) -> date | None:
    went_on = step is DayStep.GO_ON and taken.epoch_day == taken.business_day
    return day if went_on else taken.epoch_day


def _tell_of_the_day(transaction: UnitOfWork, taken: Any, step: DayStep) -> None:
    """What the journal should say before everything else: a restore, a day that went on under another date."""
    server = replace(transaction, actor=system_actor(transaction.centre_id))
    if step is DayStep.GO_ON:
        log.warning(
            "%s goes on under the date %s with the queues and numbers of %s: if the date is wrong, set the clock right;"
            " docs/how-to/operations.md, A clock that is wrong",
            transaction.catalogue.code,
            transaction.day,
            taken.business_day,
        )
        server.write_journal("day_went_on", was=str(taken.business_day))
    if taken.epoch != taken.epoch_told:
        start = {"start": taken.epoch_start} if taken.epoch_start else {}
        server.write_journal("restored", day=str(taken.epoch_day), letter=taken.epoch_letter, **start)
        known = update(tables.centre).where(tables.centre.c.id == transaction.centre_id)
        transaction.connection.execute(known.values(epoch_told=taken.epoch))


def _rewind_logical_clock(connection: Connection, centre_id: int, day: date, now: datetime, ticks: int) -> int:
    """The wall clock was put back: the centre's clock follows as far as today's lines keep their order.

    Otherwise a clock that was once wrong by a year would stop every wait, and the bound on it, for that year.
    """
    key = {"the_centre": centre_id, "day": day}
    last_place = connection.execute(_LAST_PLACE, key).scalar() or 0
    tick = max(int(now.timestamp() * 1_000_000), last_place + 1) + ticks - 1
    connection.execute(_SET_TICK, {"the_centre": centre_id, "new_tick": tick})
    return tick
