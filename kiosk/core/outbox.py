"""The kiosk's memory: one SQLite file, every step on disk before it is acted on (WAL, synchronous=FULL).

    tapped ──► issued                    the server's number
      │  ├───► offline ──► handed_in     a number of our own series, and the server has taken it in
      │  │            └──► rejected      the server will not have it; staff must know
      │  ├───► refused                   closed, unknown …: the visitor was told why
      └──────► void                      never answered, and nobody holds a number (docs/reference/kiosk.md)

Oldest first means first written down, whatever the clock said then.
A step that does not start from the state it expects changes nothing and says so: two threads cannot both take it.
"""

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from config.errors import MotcuaError
from config.private_files import make_private_file, make_private_folder
from kiosk.api.models import Centre, Ticket, Wish
from kiosk.core.machine_id import hardware_name

# Of the pages that SQLite keeps in memory; by itself it would take 2 MB within a few hundred visitors.
PAGES_KIB = 256
SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE request (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL
        CHECK (state IN ('tapped', 'issued', 'offline', 'handed_in', 'rejected', 'refused', 'void')),
    wish TEXT NOT NULL,
    ticket TEXT,
    printed INTEGER NOT NULL DEFAULT 0,
    tapped_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    prefix TEXT,
    business_day TEXT,
    sequence INTEGER,
    UNIQUE (prefix, business_day, sequence)
);
CREATE INDEX request_open ON request (state) WHERE state IN ('tapped', 'offline');
CREATE INDEX request_unprinted ON request (id) WHERE printed = 0;
CREATE TABLE series (
    prefix TEXT NOT NULL,
    business_day TEXT NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (prefix, business_day)
) WITHOUT ROWID;
CREATE TABLE centre (only INTEGER PRIMARY KEY CHECK (only = 1), answer TEXT NOT NULL);
"""
IDENTITY = """
CREATE TABLE identity (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    name TEXT NOT NULL,
    hardware TEXT NOT NULL,
    epoch INTEGER
);
"""
LOST_AT_MOST = timedelta(days=1)  # whoever holds older paper has gone
COLUMNS = "state, wish, ticket, printed, tapped_at, note"


class JournalError(MotcuaError):
    """The journal cannot be read or written. One clear line that names the file."""


class RequestState(StrEnum):
    TAPPED = "tapped"
    ISSUED = "issued"
    OFFLINE = "offline"
    HANDED_IN = "handed_in"
    REJECTED = "rejected"
    REFUSED = "refused"
    VOID = "void"


@dataclass(frozen=True)
class Entry:
    """One request. `ticket`: what the visitor got. `printed`: its slip lies safe with the printer's jobs."""

    state: RequestState
    wish: Wish
    ticket: Ticket | None
    printed: bool
    tapped_at: datetime
    note: str


class Outbox:
    """The journal in the SQLite file `path`, owned by this process alone. Safe to use from several threads.

    `name`: of this journal, at random. On other hardware (a card that was copied or moved) it gets another name, and
    the kiosk gives no number of its own until the server has told it a letter again. `hardware`: for tests.

    Every method raises `JournalError` when the file fails it.
    """

    def __init__(self, path: Path, hardware: str | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._errors():
            make_private_folder(path.parent)
            make_private_file(path)
            # Autocommit: each transaction is opened by hand in _write.
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=1)
            self._prepare()
            self.name = self._identify(hardware_name() if hardware is None else hardware)

    def record_request(self, wish: Wish, now: datetime) -> bool:
        """Write a tap down before anything is sent. False when this request is known already."""
        with self._write() as db:
            return _changed(
                db.execute(
                    "INSERT INTO request (request_id, state, wish, tapped_at, changed_at)"
                    " VALUES (?, 'tapped', ?, ?, ?) ON CONFLICT DO NOTHING",
                    (wish.request_id, wish.model_dump_json(), _stamp(now), _stamp(now)),
                )
            )

    def issued(self, ticket: Ticket) -> bool:
        """The server's number. False when the request is not `tapped` any more."""
        return self._step(ticket.request_id, RequestState.TAPPED, RequestState.ISSUED, ticket=ticket)

    def refused(self, request_id: str, why: str) -> bool:
        """The server said no. False when the request is not `tapped` any more."""
        return self._step(request_id, RequestState.TAPPED, RequestState.REFUSED, why)

    def void(self, request_id: str, why: str) -> bool:
        """Nobody holds a number for this request. False when it is not `tapped` any more."""
        return self._step(request_id, RequestState.TAPPED, RequestState.VOID, why)

    def issue_offline(self, wish: Wish, prefix: str, day: date, now: datetime, after: int = 0) -> Ticket | None:
        """Give out the next number of `prefix`; None when the request is not `tapped` any more.

        `after`: the highest number of `prefix` that the server knows of.

        A series begins again at 001 when `day`, the server's last word, is past every day on which the server took in
        one of its numbers, and none is left to hand in. Number and state are one transaction, so a number is never
        given twice, whatever dies in between.
        """
        with self._write() as db:
            if _state(db, wish.request_id) != RequestState.TAPPED:
                return None
            run, last = _next_of_series(db, prefix, day.isoformat(), after)
            number = f"{prefix}{last:03d}"
            ticket = Ticket(request_id=wish.request_id, number=number, department=wish.department, issued_at=now)
            db.execute(
                "UPDATE request SET state = 'offline', ticket = ?, changed_at = ?,"
                " prefix = ?, business_day = ?, sequence = ? WHERE request_id = ?",
                (ticket.model_dump_json(), _stamp(now), prefix, run, last, wish.request_id),
            )
        return ticket

    def mark_synced(self, request_id: str, how: str, today: date) -> bool:
        """The server has taken the number in. False when it was not waiting for that. `today`: the server's day."""
        return self._step(request_id, RequestState.OFFLINE, RequestState.HANDED_IN, how, today=today)

    def rejected(self, request_id: str, why: str, today: date) -> bool:
        """The server will not have the number. False when it was not waiting for that. `today`: the server's day."""
        return self._step(request_id, RequestState.OFFLINE, RequestState.REJECTED, why, today=today)

    def printed(self, request_id: str) -> None:
        """The slip lies safe with the printer's jobs."""
        with self._write() as db:
            db.execute("UPDATE request SET printed = 1 WHERE request_id = ?", (request_id,))

    def get(self, request_id: str) -> Entry | None:
        """The request, or None."""
        found = self._select("WHERE request_id = ?", request_id)
        return found[0] if found else None

    def unanswered(self) -> list[Entry]:
        """Taps without any answer, oldest first."""
        return self._select("WHERE state = 'tapped' ORDER BY id")

    def unprinted(self) -> list[Entry]:
        """Numbers whose slip never reached the printer's jobs, oldest first."""
        return self._select("WHERE printed = 0 AND ticket IS NOT NULL ORDER BY id")

    def to_hand_in(self, count: int) -> list[Entry]:
        """At most `count` offline numbers that the server does not know yet, oldest first."""
        return self._select("WHERE state = 'offline' ORDER BY id LIMIT ?", count)

    def rejections(self, count: int) -> list[tuple[str, str]]:
        """Numbers on paper that the server would not have, the last ones first, each with its reason."""
        number = "json_extract(ticket, '$.number')"
        query = f"SELECT {number}, note FROM request WHERE state = 'rejected' ORDER BY id DESC LIMIT ?"  # noqa: S608
        with self._read() as db:
            return [(str(number), str(note)) for number, note in db.execute(query, (count,))]

    def count(self, state: RequestState) -> int:
        """How many requests are in `state`."""
        with self._read() as db:
            return int(db.execute("SELECT count(*) FROM request WHERE state = ?", (state,)).fetchone()[0])

    def cache_centre(self, centre: Centre) -> None:
        """Remember the server's last word about the centre."""
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO centre VALUES (1, ?)", (centre.model_dump_json(),))

    def centre(self) -> Centre | None:
        """What `cache_centre` last kept, or None; None also where an older version kept it in another shape."""
        with self._read() as db:
            row = db.execute("SELECT answer FROM centre").fetchone()
        try:
            return Centre.model_validate_json(row[0]) if row else None
        except ValueError:
            return None

    def meet_epoch(self, epoch: int, now: datetime) -> int:
        """The server is in `epoch`. In another one than before it was restored, and may know nothing of what it gave
        since the backup: the numbers of the last day are handed in again. `now`: the server's. How many they are.
        """
        with self._write() as db:
            known = db.execute("SELECT epoch FROM identity").fetchone()[0]
            if known == epoch:
                return 0
            db.execute("UPDATE identity SET epoch = ?", (epoch,))
            if known is None:
                return 0
            given = db.execute("SELECT id, ticket FROM request WHERE state IN ('issued', 'handed_in')").fetchall()
            since = now - LOST_AT_MOST
            again = [(each,) for each, ticket in given if Ticket.model_validate_json(ticket).issued_at >= since]
            db.executemany("UPDATE request SET state = 'offline', note = 'the server was restored' WHERE id = ?", again)
        return len(again)

    def purge_before(self, now: datetime, days: int) -> int:
        """Delete requests settled more than `days` ago; the number deleted. The series stay: no number comes twice."""
        with self._write() as db:
            return db.execute(
                "DELETE FROM request WHERE state NOT IN ('tapped', 'offline') AND changed_at < ?",
                (_stamp(now - timedelta(days=days)),),
            ).rowcount

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        # Exclusive: a second kiosk on the same folder is told so, instead of handing in the same numbers.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(f"PRAGMA cache_size = -{PAGES_KIB}")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise JournalError(f"{self._path}: a journal of a newer Motcua (version {version})")
        missing = (SCHEMA if version == 0 else "") + (IDENTITY if version < SCHEMA_VERSION else "")
        if missing:
            self._db.executescript(f"BEGIN IMMEDIATE; {missing} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    def _identify(self, hardware: str) -> str:
        with self._write() as db:
            known = db.execute("SELECT name, hardware FROM identity").fetchone()
            if known is not None and (not hardware or known[1] in ("", hardware)):
                db.execute("UPDATE identity SET hardware = ? WHERE hardware = ''", (hardware,))
                return str(known[0])
            name = uuid.uuid4().hex
            db.execute(
                "INSERT INTO identity VALUES (1, ?, ?, NULL)"
                " ON CONFLICT DO UPDATE SET name = excluded.name, hardware = excluded.hardware",
                (name, hardware),
            )
            if known is not None:
                _forget_letter(db)
            return name

    def _step(
        self,
        request_id: str,
        start: RequestState,
        end: RequestState,
        note: str = "",
        ticket: Ticket | None = None,
        today: date | None = None,
    ) -> bool:
        with self._write() as db:
            changed = _changed(
                db.execute(
                    "UPDATE request SET state = ?, note = ?, changed_at = ?, ticket = coalesce(?, ticket)"
                    " WHERE request_id = ? AND state = ?",
                    (end, note, _stamp(datetime.now(UTC)), ticket and ticket.model_dump_json(), request_id, start),
                )
            )
            if changed and today is not None:
                _was_used(db, request_id, today.isoformat())
            return changed

    def _select(self, rest: str, *values: object) -> list[Entry]:
        with self._read() as db:
            return [_entry(row) for row in db.execute(f"SELECT {COLUMNS} FROM request {rest}", values)]  # noqa: S608

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            busy = "locked" in str(error)
            why = "another kiosk is running with this folder" if busy else str(error)
            raise JournalError(f"{self._path}: the journal cannot be kept: {why}") from error

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._errors(), self._lock:
            yield self._db

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._errors(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")


def _forget_letter(db: sqlite3.Connection) -> None:
    row = db.execute("SELECT answer FROM centre").fetchone()
    try:
        centre = Centre.model_validate_json(row[0]) if row else None
    except ValueError:
        centre = None
    if centre is not None:
        db.execute("UPDATE centre SET answer = ?", (centre.without_own_letter().model_dump_json(),))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _changed(cursor: sqlite3.Cursor) -> bool:
    return cursor.rowcount == 1


def _state(db: sqlite3.Connection, request_id: str) -> str | None:
    row = db.execute("SELECT state FROM request WHERE request_id = ?", (request_id,)).fetchone()
    return row[0] if row else None


def _next_of_series(db: sqlite3.Connection, prefix: str, day: str, after: int) -> tuple[str, int]:
    """The day that the run of numbers goes by, and the next number in it."""
    newest = "SELECT max(business_day) FROM series WHERE prefix = ?"
    used = db.execute(newest, (prefix,)).fetchone()[0]
    left = db.execute("SELECT 1 FROM request WHERE prefix = ? AND state = 'offline' LIMIT 1", (prefix,)).fetchone()
    run = used if used is not None and (day <= used or left) else day
    return run, db.execute(
        "INSERT INTO series VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET last = max(last + 1, excluded.last) RETURNING last",
        (prefix, run, after + 1),
    ).fetchone()[0]


def _was_used(db: sqlite3.Connection, request_id: str, today: str) -> None:
    """The number may be one of today's: its run of numbers does not end before tomorrow."""
    run = "SELECT series.prefix, max(series.business_day) FROM series JOIN request USING (prefix) WHERE request_id = ?"
    db.execute(
        f"UPDATE series SET business_day = ? WHERE business_day < ? AND (prefix, business_day) = ({run})",  # noqa: S608
        (today, today, request_id),
    )


def _entry(row: tuple[str, str, str | None, int, str, str]) -> Entry:
    state, wish, ticket, printed, tapped_at, note = row
    return Entry(
        RequestState(state),
        Wish.model_validate_json(wish),
        Ticket.model_validate_json(ticket) if ticket else None,
        bool(printed),
        datetime.fromisoformat(tapped_at),
        note,
    )
