"""Print jobs that survive a power cut: one small SQLite file, every change on disk before it is acted on.

    queued ──► sending ──► printed      the printer said, after the slip, that it had come this far
      ▲           ├──────► sent         all bytes are out; this printer cannot confirm
      │           └──────► failed ──► (again, marked as a copy) … ──► given_up
      └── reprint

Whoever dies in `sending` may or may not have put paper into a hand: `recover` queues those jobs again, as copies.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from config.private_files import make_private_file, make_private_folder
from printer.errors import JobError
from printer.slip.slip import Slip

# Of the pages that SQLite keeps in memory: a slip is read once.
PAGES_KIB = 256
SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    slip TEXT NOT NULL,
    layout TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'printed', 'sent', 'failed', 'given_up')),
    copy INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE INDEX job_waiting ON job (id) WHERE state IN ('queued', 'failed', 'sending');
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX event_of_job ON event (job);
"""
# 2: printers that are known to answer, by URL.
SCHEMA_2 = "CREATE TABLE answers (url TEXT PRIMARY KEY);"


class JobState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    PRINTED = "printed"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given_up"


WAITING = (JobState.QUEUED, JobState.FAILED)
DONE = (JobState.PRINTED, JobState.SENT, JobState.GIVEN_UP)
# How the reason of a job begins that was given up because nobody stands there for it any more.
HELD = "held: "
# How the key of a list of documents begins. What somebody ticked is nobody else's business: such a job is deleted when
# its visitor has left and at the next start, and is never held, shown to staff or printed again.
LIST_KEY = "list-"


@dataclass(frozen=True)
class PrintJob:
    """One slip on its way to paper. `slip_json` as stored (see `Slip.from_json`); `copy`: the next print says so.

    `attempts` counts how often bytes went out since it was queued; `reason` says why it is in `state`; times are UTC.
    """

    id: int
    key: str
    slip_json: str
    layout: str
    state: JobState
    copy: bool
    attempts: int
    reason: str
    created_at: datetime
    changed_at: datetime

    @property
    def is_held(self) -> bool:
        """Whether its visitor had left before it could be printed: it comes out when somebody asks for it."""
        return self.state is JobState.GIVEN_UP and self.reason.startswith(HELD)


@dataclass(frozen=True)
class JobEvent:
    """One step in the life of a job."""

    at: datetime
    state: JobState
    reason: str


class JobStore:
    """The durable print jobs of one kiosk, in the SQLite file `path`. Safe to use from several threads.

    All methods raise `JobError`, one clear line, when the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        with self._errors():
            make_private_folder(self._path.parent)
            make_private_file(self._path)
            # Autocommit: each transaction is opened by hand in _write.
            self._db = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=5)
            self._prepare()

    def add(self, key: str, slip: Slip, layout: str, asked: str = "") -> PrintJob:
        """Queue `slip`; on disk when this returns. The same `key` again changes nothing and gives the job there is.

        `asked`: names the asking of staff that it meets, as in `reprint`.
        """
        now, reason = _now(), f"reprint {asked}" if asked else ""
        with self._write() as db:
            added = db.execute(
                "INSERT INTO job (key, slip, layout, state, copy, reason, created_at, changed_at)"
                " VALUES (?, ?, ?, 'queued', ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                (key, slip.to_json(), layout, slip.copy, reason, now, now),
            )
            if added.rowcount:
                _record(db, added.lastrowid, now, JobState.QUEUED, reason)
            return _job(db, key)

    def get(self, key: str) -> PrintJob | None:
        """The job of `key`, or None."""
        with self._read() as db:
            return _find(db, key)

    def waiting(self) -> list[PrintJob]:
        """Jobs that still have to be printed, oldest first."""
        with self._read() as db:
            return _select(db, "WHERE state IN ('queued', 'failed') ORDER BY id", ())

    def held(self, since: datetime, count: int = 20) -> list[PrintJob]:
        """Jobs that were held after `since` and are not yet printed, newest first."""
        with self._read() as db:
            return _select(
                db,
                "WHERE state = 'given_up' AND reason LIKE ? AND changed_at > ? ORDER BY id DESC LIMIT ?",
                (HELD + "%", since.astimezone(UTC).isoformat(), count),
            )

    def latest(self, count: int = 20) -> list[PrintJob]:
        """The newest jobs, newest first, for a service screen; lists of documents are left out."""
        with self._read() as db:
            return _select(db, "WHERE key NOT LIKE ? ORDER BY id DESC LIMIT ?", (LIST_KEY + "%", count))

    def history(self, key: str) -> list[JobEvent]:
        """Every step of a job, oldest first."""
        with self._read() as db:
            rows = db.execute(
                "SELECT at, event.state, event.reason FROM event JOIN job ON job.id = event.job"
                " WHERE key = ? ORDER BY event.id",
                (key,),
            ).fetchall()
        return [JobEvent(datetime.fromisoformat(at), JobState(state), reason) for at, state, reason in rows]

    def mark_sending(self, key: str) -> PrintJob:
        """Bytes are about to go out. From here on every further print of this job is a copy."""
        return self._change(key, JobState.SENDING, "", "attempts = attempts + 1")

    def finish(self, key: str, state: JobState, reason: str = "") -> PrintJob:
        """The attempt ended in `state`: printed, sent, failed or given_up."""
        return self._change(key, state, reason, "copy = max(copy, attempts > 0)")

    def reprint(self, key: str, asked: str = "") -> PrintJob:
        """Print once more. A job that is still on its way is left alone; one that never left is no copy.

        `asked`: names the asking; the same one again changes nothing, also after a power cut.
        """
        reason, now = f"reprint {asked}".rstrip(), _now()
        with self._write() as db:
            job = _find(db, key)
            if job is None:
                raise JobError(f"{self._path}: no print job {key!r}")
            known = (
                asked and db.execute("SELECT 1 FROM event WHERE job = ? AND reason = ?", (job.id, reason)).fetchone()
            )
            if known:
                return job
            again = job.state in DONE
            if again:
                db.execute(
                    "UPDATE job SET state = 'queued', reason = ?, changed_at = ?, copy = max(copy, attempts > 0),"
                    " attempts = 0 WHERE id = ?",
                    (reason, now, job.id),
                )
            if again or asked:
                _record(db, job.id, now, JobState.QUEUED if again else job.state, reason)
            return _job(db, key)

    def recover(self) -> list[PrintJob]:
        """After a start: jobs that were being sent when the power went are queued again, as copies.

        A power cut is not the printer's fault, so it does not count as an attempt.
        """
        reason = "interrupted while sending"
        with self._read() as db:
            interrupted = _select(db, "WHERE state = 'sending' ORDER BY id", ())
        return [
            self._change(job.key, JobState.QUEUED, reason, "copy = 1, attempts = attempts - 1") for job in interrupted
        ]

    def purge_before(self, when: datetime) -> int:
        """Delete finished jobs last changed before `when`; the number deleted."""
        with self._write() as db:
            return db.execute(
                "DELETE FROM job WHERE state IN ('printed', 'sent', 'given_up') AND changed_at < ?",
                (when.astimezone(UTC).isoformat(),),
            ).rowcount

    def delete(self, key: str) -> bool:
        """Delete a finished job; whether it is gone, as one that there never was."""
        with self._write() as db:
            db.execute("DELETE FROM job WHERE key = ? AND state IN ('printed', 'sent', 'given_up')", (key,))
            return _find(db, key) is None

    def delete_lists(self) -> None:
        """After a start: nobody stands there any more for a list of documents."""
        with self._write() as db:
            db.execute("DELETE FROM job WHERE key LIKE ?", (LIST_KEY + "%",))

    def has_answered(self, url: str) -> bool:
        """Whether the printer at `url` has ever answered: its silence then means that it does not print."""
        with self._read() as db:
            return db.execute("SELECT 1 FROM answers WHERE url = ?", (url,)).fetchone() is not None

    def note_answered(self, url: str) -> None:
        """The printer at `url` answers status requests."""
        with self._write() as db:
            db.execute("INSERT INTO answers (url) VALUES (?) ON CONFLICT DO NOTHING", (url,))

    def forget_answered(self, url: str) -> None:
        """Whether the printer at `url` answers is to be seen anew."""
        with self._write() as db:
            db.execute("DELETE FROM answers WHERE url = ?", (url,))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(f"PRAGMA cache_size = -{PAGES_KIB}")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")  # what a visitor ticked is gone, not only out of sight
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise JobError(f"{self._path}: print jobs of a newer Motcua (version {version})")
        missing = {0: SCHEMA + SCHEMA_2, 1: SCHEMA_2}.get(version)
        if missing is not None:
            self._db.executescript(f"BEGIN IMMEDIATE; {missing} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    def _change(self, key: str, state: JobState, reason: str, also: str) -> PrintJob:
        now = _now()
        with self._write() as db:
            changed = db.execute(
                f"UPDATE job SET state = ?, reason = ?, changed_at = ?, {also} WHERE key = ? RETURNING id",  # noqa: S608
                (state, reason, now, key),
            ).fetchone()
            if changed is None:
                raise JobError(f"{self._path}: no print job {key!r}")
            _record(db, changed[0], now, state, reason)
            return _job(db, key)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise JobError(f"{self._path}: print jobs cannot be kept: {error}") from error

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


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _record(db: sqlite3.Connection, job: int | None, at: str, state: JobState, reason: str) -> None:
    db.execute("INSERT INTO event (job, at, state, reason) VALUES (?, ?, ?, ?)", (job, at, state, reason))


def _select(db: sqlite3.Connection, rest: str, values: tuple[object, ...]) -> list[PrintJob]:
    columns = "id, key, slip, layout, state, copy, attempts, reason, created_at, changed_at"
    return [_from_row(row) for row in db.execute(f"SELECT {columns} FROM job {rest}", values)]  # noqa: S608


def _from_row(row: tuple[int, str, str, str, str, int, int, str, str, str]) -> PrintJob:
    number, key, slip, layout, state, copy, attempts, reason, created_at, changed_at = row
    times = datetime.fromisoformat(created_at), datetime.fromisoformat(changed_at)
    return PrintJob(number, key, slip, layout, JobState(state), bool(copy), attempts, reason, *times)


def _find(db: sqlite3.Connection, key: str) -> PrintJob | None:
    found = _select(db, "WHERE key = ?", (key,))
    return found[0] if found else None


def _job(db: sqlite3.Connection, key: str) -> PrintJob:
    job = _find(db, key)
    assert job is not None  # noqa: S101 - inside the transaction that wrote it
    return job
