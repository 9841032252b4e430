"""Installing, renewing and going back, step by step. What fails leaves the version that ran before running."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from config.installer.errors import InstallError
from config.installer.files import has_token, place_files, place_settings, put_token
from config.installer.health import HEALTH_SECONDS
from config.installer.layout import WITH_DATABASE, Layout
from config.installer.machine import Machine, say
from config.installer.services import Services
from config.installer.versions import Source, make_version, remove_old

NOTE = "installed.json"


@dataclass(frozen=True)
class Note:
    """What stands beside a version: what ran before it, and the backup that was made then.

    `at`: since when it runs; empty while its first installation has not come to its end.
    """

    kind: str
    previous: str = ""
    backup: str = ""
    at: str = ""


@dataclass(frozen=True)
class Installer:
    """For one machine. `centre`: a folder that is imported where no hall is there yet."""

    layout: Layout
    machine: Machine
    kind: str
    centre: Path | None = None
    with_packages: bool = True
    health_seconds: float = HEALTH_SECONDS

    @property
    def services(self) -> Services:
        return Services(self.layout, self.machine, self.health_seconds)

    def install(self, source: Source) -> Path:
        """What `source` holds runs afterwards, whatever ran before. Safe to repeat. Raises `InstallError`."""
        old = self.layout.current()
        if self.with_packages and self.layout.is_real:
            self.machine.add_packages(self.kind)
        new = make_version(self.layout, source)
        if old is None or old == new or not read_note(old).at:
            self._set_up(new, old or new)
        else:
            self._upgrade(old, new)
        remove_old(self.layout, {new, self._previous(new)})
        return new

    def roll_back(self, *, with_backup: bool) -> Path:
        """To the version before. `with_backup`: also to its database, which loses what came after. `InstallError`."""
        now = self._current()
        note, old = read_note(now), self._previous(now)
        if old is None:
            raise InstallError(f"{now.name}: no version before it is kept on this machine")
        self.services.stop(note.kind)
        try:
            self._point_to(old)
            self._fit_database(old, note, may_restore=with_backup)
        except InstallError as error:
            self._point_to(now)
            self.services.start(note.kind, needs_kiosk=False)
            raise InstallError(f"{now.name} goes on: {error}") from error
        self.services.start(note.kind, needs_kiosk=False)
        return old

    def status(self) -> str:
        """One line: what runs, and what it would go back to."""
        now = self._current()
        note = read_note(now)
        before = f"; before it: {note.previous}, backup {note.backup or 'none'}" if note.previous else ""
        return f"{now.name} ({note.kind}, since {note.at}){before}"

    def _current(self) -> Path:
        now = self.layout.current()
        if now is None:
            raise InstallError(f"{self.layout.link}: Motcua is not installed here")
        return now

    def _previous(self, version: Path) -> Path | None:
        name = read_note(version).previous
        folder = self.layout.versions / name
        return folder if name and folder.is_dir() else None

    def _set_up(self, new: Path, old: Path) -> None:
        """The first version of this machine, or the one that runs, once more; `old`: what was there, whole or not."""
        if (old / NOTE).exists():
            self.services.retire(read_note(old).kind, self.kind)
        note = replace(read_note(new) if (new / NOTE).exists() else Note(""), kind=self.kind)
        write_note(new, note)
        self._point_to(new)
        place_settings(self.layout, new)
        self.machine.add_users_and_folders()
        if self.kind in WITH_DATABASE:
            if self.centre is not None:
                say(self.machine.motcua(new, "import", self.centre, what="the centre could not be imported"))
            else:
                self._prepare_database(new)
        if self.kind == "one-box" and not has_token(self.layout):
            self._enrol(new)
        self.services.start_servers(self.kind)
        write_note(new, replace(note, at=note.at or _now()))  # a hall from now on, even if its kiosk has no screen yet
        self.services.start_kiosk(self.kind)

    def _enrol(self, version: Path) -> None:
        """The kiosk of one box gets its token, where a centre is there."""
        try:
            token = self.machine.motcua(version, "device", "add", "kiosk", "kiosk-1", what="it is not enrolled")
            put_token(self.layout, token)
        except InstallError as error:
            say(f"the kiosk waits for its token ({error}): see docs/how-to/installation.md, 4")

    def _upgrade(self, old: Path, new: Path) -> None:
        kind = read_note(old).kind
        needs_kiosk = self.services.has_kiosk(kind)
        say(f"from {old.name} to {new.name}")
        backup = ""
        try:
            self.services.stop(kind)
            backup = self._back_up(old, new)
            self.services.retire(kind, self.kind)
            write_note(new, Note(self.kind, old.name, backup, _now()))
            self._point_to(new)
            self.machine.add_users_and_folders()
            if self.kind in WITH_DATABASE:
                self._prepare_database(new)
            self.services.start(self.kind, needs_kiosk=needs_kiosk)
        except InstallError as error:
            self._go_back(old, kind, backup, error)

    def _prepare_database(self, new: Path) -> None:
        what = "the database could not be brought up to date"
        say(f"the database has the schema {self.machine.motcua(new, 'server', '--prepare', what=what)}")

    def _go_back(self, old: Path, kind: str, backup: str, error: InstallError) -> None:
        say(f"{error}; going back to {old.name}")
        try:
            with suppress(InstallError):  # what does not stop is started anew below
                self.services.stop(self.kind)
            self._point_to(old)
            self._fit_database(old, Note(kind, backup=backup), may_restore=True)
            self.services.start(kind, needs_kiosk=False)
        except InstallError as other:
            raise InstallError(f"the upgrade failed ({error}), and {old.name} does not run again: {other}") from other
        raise InstallError(f"the upgrade failed and {old.name} runs again: {error}") from error

    def _back_up(self, old: Path, new: Path) -> str:
        if read_note(old).kind not in WITH_DATABASE:
            return ""
        file = self.layout.backups / f"before-{new.name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}.backup"
        self.machine.motcua(old, "backup", file, what="the backup failed")
        say(f"backup of the database: {file}")
        return str(file)

    def _fit_database(self, old: Path, note: Note, *, may_restore: bool) -> None:
        """`old` reads the database as it is, or the backup takes its place, which the newer one stays beside."""
        if note.kind not in WITH_DATABASE:
            return
        try:
            self.machine.motcua(old, "server", "--prepare", what=f"{old.name} cannot use the database")
        except InstallError as error:
            if not (may_restore and note.backup):
                hint = f"--restore-backup goes back to {note.backup}" if note.backup else "there is no backup"
                raise InstallError(f"{error}; {hint}") from error
            self.machine.motcua(old, "restore", note.backup, "--replace", what="the backup could not be restored")
            say(f"the database is that of the backup again: {note.backup}")

    def _point_to(self, version: Path) -> None:
        self.layout.point_to(version)
        place_files(self.layout, version, read_note(version).kind)


def read_note(version: Path) -> Note:
    """Raises `InstallError` when the version was not installed by this program."""
    try:
        return Note(**json.loads((version / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InstallError(f"{version / NOTE}: {error}") from error


def write_note(version: Path, note: Note) -> None:
    (version / NOTE).write_text(json.dumps(asdict(note)) + "\n", encoding="utf-8")


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """Raises `InstallError` while another one works on this machine."""
    layout.versions.mkdir(parents=True, exist_ok=True)
    with (layout.versions.parent / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InstallError("another installation is under way on this machine") from error
        yield
