"""Screens of the hall: what each shows (kept here, not on the television), and whether it is well."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import insert, select, update

from config.text.types import LARGEST_INT, LONGEST_NAME, Area, Code, Told
from display_server.db import tables
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext
from display_server.services.core.request_fields import JsonBody
from display_server.services.core.stored_json import read_stored
from display_server.services.devices.devices import DeviceKind, taken_names
from display_server.services.devices.pairing import consume_code
from display_server.services.errors import Invalid, NotFound

LAYOUTS = ("board", "zone", "waiting", "results", "media", "counter")
Layout = Literal["board", "zone", "waiting", "results", "media", "counter"]
Arrow = Literal["left", "right", "up", "down"]
Voice = Literal["", "auto", "on", "off"]

SHOWN = r"^[A-Za-z0-9_;, -]{0,2000}$"  # "counters;departments" (rules/shown_calls.py)
LEAST_ARC_MINUTES = 20.0  # ISO 9241-3: at least 16, 20 to 22 preferred
FIRST_REPORT = timedelta(seconds=15)  # from pairing to the first sign of the screen

device = tables.device


class ScreenSettings(BaseModel):
    """What a screen shows. `counters`, `departments`, `area`: only these (all when empty); `counter`: over which one.

    `arrow`: where that counter is, seen from the screen. `rating`: it asks how the visit was, which
    needs a touch screen. `voice`: it speaks when it is its turn, always (a loudspeaker of its own) or never; empty: as
    the site says. `diagonal_inches`, `farthest_metres`: for the number's size.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    layout: Layout = "board"
    counters: list[Code] = Field([], max_length=200)
    departments: list[Code] = Field([], max_length=200)
    area: Area = ""
    counter: Code | None = None
    arrow: Arrow | None = None
    rating: bool = True
    voice: Voice = ""
    diagonal_inches: float | None = Field(None, gt=3, le=400)
    farthest_metres: float | None = Field(None, gt=0, le=200)


TextKind = Annotated[str, Field(pattern=r"^[a-z_]{1,24}$")]
# Without these nobody knows that it is their turn, and where; names and the second language may be smaller.
ESSENTIAL = frozenset(
    [
        "number",
        "counter",
        "list_number",
        "list_counter",
        "queue_prefix",
        "queue_count",
        "waiting_called",
        "waiting_count",
    ]
)


class ScreenReport(JsonBody):
    """What a screen says of itself. `arc_minutes`: how large the number is for the farthest seat.

    `texts`: the same of every kind of text that it shows, the smallest of each.

    `shows`: the calls that it announces, "counters;departments" (rules/shown_calls.py); None: it announces none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    layout: str = Field(pattern=r"^[a-z_-]{0,16}$")
    version: int = Field(ge=0, le=LARGEST_INT)
    seq: int = Field(ge=0, le=LARGEST_INT)
    visible: bool
    muted: bool
    connected: bool
    width: int = Field(ge=0, le=100_000)
    height: int = Field(ge=0, le=100_000)
    arc_minutes: float | None = Field(None, ge=0, le=10_000)
    texts: dict[TextKind, Annotated[float, Field(ge=0, le=10_000)]] = Field({}, max_length=20)
    problems: list[Told] = Field([], max_length=5)
    shows: str | None = Field(None, pattern=SHOWN)


class ScreenView(BaseModel):
    """`trouble`: stable codes, the worst first. `dark_seconds`: since when nothing has been heard; 0: it is well."""

    id: int
    name: str
    settings: ScreenSettings
    paired_at: AwareDatetime
    reported_at: AwareDatetime | None
    dark_seconds: int
    report: ScreenReport | None
    too_small: list[str] = Field([], description="kinds of text that the farthest seat cannot read, the smallest first")
    trouble: list[Literal["dark", "behind", "hidden", "muted", "small", "problem"]]


class ScreenList(BaseModel):
    now: AwareDatetime
    screens: list[ScreenView]


def pair_screen(site: ServerContext, actor: Actor, code: str, name: str, settings: ScreenSettings) -> int:
    """Confirm the code that a screen shows; its id. A code is good once.

    Raises `NotFound` for a code that nobody shows (any more), `Invalid`, `NameTaken`.
    """
    with taken_names(name) as checked, site.write(actor) as transaction:
        check_settings(transaction.catalogue, settings)
        connection, now = transaction.connection, transaction.now
        values = {
            "centre_id": transaction.centre_id,
            "kind": DeviceKind.DISPLAY,
            "name": checked,
            "token_hash": consume_code(transaction, code),
            "created_at": now,
            "screen": settings.model_dump(mode="json"),
        }
        added = connection.execute(insert(device).values(values).returning(device.c.id)).scalar_one()
        transaction.write_journal("device_added", texts={"device": checked}, kind=DeviceKind.DISPLAY, id=added)
        return int(added)


def change_screen(site: ServerContext, actor: Actor, screen_id: int, name: str, settings: ScreenSettings) -> None:
    """Another name or another picture; the screen follows by itself. Raises `NotFound`, `Invalid`, `NameTaken`."""
    with taken_names(name) as checked, site.write(actor) as transaction:
        check_settings(transaction.catalogue, settings)
        values = {"name": checked, "screen": settings.model_dump(mode="json")}
        _change(transaction.connection, transaction.centre_id, screen_id, values)
        texts = {"device": checked}
        transaction.write_journal("device_changed", texts=texts, id=screen_id, screen=values["screen"])


def revoke_screen(site: ServerContext, actor: Actor, screen_id: int) -> None:
    """The screen's token is good no more, and its name is free again; its stream ends within two seconds."""
    with site.write(actor) as transaction:
        name = _change(transaction.connection, transaction.centre_id, screen_id, {"revoked_at": transaction.now})
        freed = {"name": f"{name[: LONGEST_NAME - 12]} #{screen_id}"}
        transaction.connection.execute(update(device).where(device.c.id == screen_id).values(freed))
        transaction.write_journal("device_revoked", texts={"device": name}, id=screen_id)


def report_screen(site: ServerContext, actor: Actor, report: ScreenReport) -> ScreenSettings:
    """Keep what a screen says of itself; what it should show, so that it follows a change."""
    now = site.clock()
    noted = {"report": report.model_dump(mode="json"), "reported_at": now, "last_seen": now}
    with site.write_without_lock() as connection:
        kept = connection.execute(
            update(device).where(device.c.id == actor.id).values(noted).returning(device.c.screen)
        ).scalar()
    return read_settings(kept)


def list_screens(site: ServerContext, actor: Actor) -> ScreenList:
    """The centre's screens in the order of their names, each with what is wrong with it."""
    now = site.clock()
    with site.read() as connection:
        rows = connection.execute(_screens(actor.centre_id).order_by(device.c.name)).all()
    return ScreenList(now=now, screens=[_view(site, row, now) for row in rows])


def screen_settings(site: ServerContext, screen_id: int) -> ScreenSettings:
    """What the enrolled screen shows."""
    with site.read() as connection:
        return read_settings(connection.execute(select(device.c.screen).where(device.c.id == screen_id)).scalar())


def check_settings(catalogue: Catalogue, settings: ScreenSettings) -> None:
    """Raises `NotFound` for a counter or department that there is not, `Invalid` for a layout that lacks its choice."""
    for code in settings.counters:
        catalogue.counter(code)
    for code in settings.departments:
        catalogue.department(code)
    if settings.layout == "counter":
        if settings.counter is None:
            raise Invalid("the layout 'counter' needs a counter")
        catalogue.counter(settings.counter)
    if settings.layout == "results" and not settings.departments:
        raise Invalid("the layout 'results' needs the departments that hand results out")
    if settings.area and settings.area not in {counter.area for counter in catalogue.counters.values()}:
        raise NotFound(f"there is no area {settings.area!r}")


def shown_counters(catalogue: Catalogue, settings: ScreenSettings) -> list[str]:
    """The codes of the counters whose calls the screen shows; empty: all of them."""
    if not settings.counters and not settings.area:
        return []
    chosen = set(settings.counters)
    return [
        counter.code
        for counter in catalogue.counters.values()
        if counter.code in chosen or (settings.area and counter.area == settings.area)
    ]


def shown_departments(catalogue: Catalogue, settings: ScreenSettings) -> list[str]:
    """The codes of the departments that the screen lists: those chosen, else those served at its counters."""
    if settings.departments:
        return list(settings.departments)
    counters = set(shown_counters(catalogue, settings))
    return [code for code, each in catalogue.departments.items() if counters & set(each.counters)] if counters else []


def read_settings(stored: Any) -> ScreenSettings:
    """Settings from their JSON in the database; a screen without any shows the board."""
    return read_stored(ScreenSettings, stored or {}) or ScreenSettings()


def _screens(centre_id: int) -> Any:
    return select(device).where(
        device.c.centre_id == centre_id, device.c.kind == DeviceKind.DISPLAY, device.c.revoked_at.is_(None)
    )


def _change(connection: Any, centre_id: int, screen_id: int, values: dict[str, Any]) -> str:
    """The screen's name before the change."""
    name = connection.execute(_screens(centre_id).with_only_columns(device.c.name).where(device.c.id == screen_id))
    found = name.scalar()
    if found is None:
        raise NotFound("there is no such screen")
    connection.execute(update(device).where(device.c.id == screen_id).values(values))
    return str(found)


def _view(site: ServerContext, row: Any, now: datetime) -> ScreenView:
    report = read_stored(ScreenReport, row.report)
    dark = _dark_seconds(site, row, now)
    return ScreenView(
        id=row.id,
        name=row.name,
        settings=read_settings(row.screen),
        paired_at=row.created_at,
        reported_at=row.reported_at,
        dark_seconds=dark,
        report=report,
        too_small=_too_small(report),
        trouble=_trouble(report, dark),
    )


def _dark_seconds(site: ServerContext, row: Any, now: datetime) -> int:
    """0 while a report is at most one missed report old."""
    since = row.reported_at or row.created_at
    patience = timedelta(seconds=2 * site.settings.hall.report_seconds) if row.reported_at else FIRST_REPORT
    return int((now - since).total_seconds()) if now - since > patience else 0


def _too_small(report: ScreenReport | None) -> list[str]:
    if report is None:
        return []
    number = {} if report.arc_minutes is None else {"number": report.arc_minutes}
    small = {kind: size for kind, size in (number | report.texts).items() if size < LEAST_ARC_MINUTES}
    return sorted(small, key=small.__getitem__)


def _trouble(report: ScreenReport | None, dark: int) -> list[Any]:
    if report is None or dark:
        return ["dark"] if dark else []
    found = {
        "behind": not report.connected,
        "hidden": not report.visible,
        "muted": report.muted,
        "small": any(kind in ESSENTIAL for kind in _too_small(report)),
        "problem": bool(report.problems),
    }
    return [name for name, is_so in found.items() if is_so]
