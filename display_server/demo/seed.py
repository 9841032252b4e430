"""A fresh centre in a folder of the demo's own: devices enrolled, staff with passwords made up on the spot."""

import json
import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from pydantic import BaseModel, ValidationError

from config.centre.loader import Centre, load_centre
from config.package_data import package_folder
from config.private_files import make_private_folder
from config.settings import Settings
from display_server.bootstrap import create_context
from display_server.demo.errors import DemoError
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.centres import find_centre
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.staff.staff import Role, add_staff

CENTRES = package_folder("config") / "centres"
ACCESS, LOCK = "access.json", "lock"
STAFF = {
    "lan": Role.CLERK,
    "minh": Role.HALL,
    "hoa": Role.SUPERVISOR,
    "quan": Role.ADMINISTRATOR,
    "tinh": Role.PROVINCE,
}
SYLLABLES = (
    "ban bien canh cau chim dau den dong giay hoa kem lua mai may nang ngo nui que rung sach sen song tre trau vang xe"
)


class Person(BaseModel):
    """Somebody who may sign in to the demo."""

    name: str
    role: Role
    password: str


class Access(BaseModel):
    """Every key of the demo's hall. Kept beside its database, readable by its owner only."""

    centre: str
    kiosk: str
    visitors: str
    counters: dict[str, str]
    staff: list[Person]

    def person(self, role: Role) -> Person:
        return next(person for person in self.staff if person.role is role)


class Folder:
    """The demo's own folder. Emptied at each start unless `keep`; one demo at a time uses it."""

    def __init__(self, path: Path, *, keep: bool) -> None:
        self.path = path
        make_private_folder(path)
        self._lock = self._take_lock()
        if not keep:
            self._empty()

    @property
    def access_file(self) -> Path:
        return self.path / ACCESS

    def close(self) -> None:
        self._lock.close()

    def _take_lock(self) -> sqlite3.Connection:
        # SQLite locks files on every system, and lets go when the process dies.
        if any(self.path.iterdir()) and not (self.path / LOCK).exists():
            raise DemoError(f"{self.path}: holds something else than a demo; give an empty folder")
        connection = sqlite3.connect(self.path / LOCK, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise DemoError(f"{self.path}: another demo is running there; give this one --directory DIR") from error
        return connection

    def _empty(self) -> None:
        for entry in self.path.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif not entry.name.startswith(LOCK):
                entry.unlink()


def find_folder(centre: str) -> Path:
    """The data folder of a centre that comes with Motcua. Raises `DemoError`."""
    known = sorted(path.parent.name for path in CENTRES.glob("*/centre.toml"))
    if centre not in known:
        raise DemoError(f"there is no centre {centre!r}; there are: {', '.join(known)}")
    return CENTRES / centre


def seed(settings: Settings, centre: Centre, folder: Folder) -> Access:
    """The keys to a database that holds the centre: those of the last demo where it was kept, else new ones."""
    if folder.access_file.exists():
        return _kept(folder.access_file, centre)
    with closing(_Seeder(settings, centre)) as seeder:
        access = seeder.access()
    folder.access_file.touch(mode=0o600)
    folder.access_file.write_text(access.model_dump_json(indent=1), encoding="utf-8")
    return access


def load(centre: str) -> Centre:
    """The centre as data."""
    return load_centre(find_folder(centre))


class _Seeder:
    def __init__(self, settings: Settings, centre: Centre) -> None:
        self._centre = centre
        self._site = create_context(settings, create=True)
        import_centre(self._site, centre)
        self._centre_id = find_centre(self._site, centre.code)

    def close(self) -> None:
        self._site.engine.dispose()

    def access(self) -> Access:
        counters = [counter.code for counter in self._centre.counters]
        return Access(
            centre=self._centre.code,
            kiosk=self._device(DeviceKind.KIOSK, "Ki-ốt cửa chính"),
            visitors=self._device(DeviceKind.KIOSK, "Khách của bản dùng thử"),
            counters={code: self._device(DeviceKind.COUNTER, f"Máy quầy {code}", code) for code in counters},
            staff=[self._person(name, role) for name, role in STAFF.items()],
        )

    def _device(self, kind: DeviceKind, name: str, counter: str | None = None) -> str:
        return add_device(self._site, self._centre_id, kind, name, counter)

    def _person(self, name: str, role: Role) -> Person:
        password = _password()
        add_staff(self._site, self._centre_id, name, role, password)
        return Person(name=name, role=role, password=password)


def _password() -> str:
    """Easy to read out and to type: three Vietnamese syllables without accents and a number; about 27 bits."""
    words = [secrets.choice(SYLLABLES.split()) for _ in range(3)]
    return "-".join([*words, f"{secrets.randbelow(10_000):04d}"])


def _kept(file: Path, centre: Centre) -> Access:
    try:
        access = Access.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise DemoError(f"{file}: cannot be read; start without --keep") from error
    if access.centre != centre.code:
        raise DemoError(f"{file.parent}: holds {access.centre}; give --centre {access.centre}, or start without --keep")
    return access
