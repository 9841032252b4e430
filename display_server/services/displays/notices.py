"""What staff have to say to the hall: on every display and phone from one moment to another.

An emergency announcement begins at once, stands out, and stays until somebody ends it.
"""

import json
from datetime import UTC, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection, delete, insert, select, update

from config.text.types import LanguageCode, Moment, Notice
from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.request_fields import JsonBody
from display_server.services.core.schemas import ShownNotice, Warned
from display_server.services.errors import Invalid, NotFound
from display_server.services.staff.names import names_of

MOST = 50  # of one centre, past ones not counted
UNTIL_ENDED = datetime(9999, 1, 1, tzinfo=UTC)  # `ends_at` of an emergency announcement

announcement = tables.announcement


class AnnouncementText(JsonBody):
    """`text` by language, the centre's own at least. Shown from `starts_at` until `ends_at`.

    `urgent`: an emergency; it begins at once and has no `ends_at`. `spoken`: displays that speak say it too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: dict[LanguageCode, Notice] = Field(min_length=1, max_length=10)
    starts_at: Moment
    ends_at: Moment | None = None
    urgent: bool = False
    spoken: bool = False

    @model_validator(mode="after")
    def _makes_sense(self) -> "AnnouncementText":
        if self.urgent != (self.ends_at is None):
            raise ValueError("an emergency stays until it is ended, everything else needs ends_at")
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("it must end after it has begun")
        return self


class AnnouncementView(BaseModel):
    id: int
    text: dict[str, str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None
    urgent: bool
    spoken: bool
    written_by: str
    is_shown: bool


class AnnouncementList(Warned):
    now: AwareDatetime
    announcements: list[AnnouncementView]


def list_announcements(site: ServerContext, actor: Actor) -> AnnouncementList:
    """Those of the actor's centre that are shown or still to come, in the order of their beginning."""
    now = site.clock()
    query = (
        select(announcement)
        .where(announcement.c.centre_id == actor.centre_id, announcement.c.ends_at > now)
        .order_by(announcement.c.starts_at, announcement.c.id)
    )
    with site.read() as connection:
        rows = connection.execute(query).all()
        names = names_of(connection, [row.written_by_id for row in rows])
        found = [
            AnnouncementView(
                **_columns(row) | {"ends_at": None if row.ends_at >= UNTIL_ENDED else row.ends_at},
                id=row.id,
                written_by=names[row.written_by_id],
                is_shown=row.starts_at <= now,
            )
            for row in rows
        ]
    return AnnouncementList(now=now, announcements=found)


def add_announcement(site: ServerContext, actor: Actor, said: AnnouncementText) -> None:
    """Raises `Invalid` for a language that the centre does not speak, for one that is over, and for too many."""
    if len(list_announcements(site, actor).announcements) >= MOST:
        raise Invalid(f"there are {MOST} announcements already: end one first")
    with site.write(actor) as transaction:
        values = _checked(transaction.catalogue.languages, said, transaction.now)
        values["starts_at"] = transaction.now if said.urgent else said.starts_at
        mine = {"centre_id": transaction.centre_id, "written_by_id": actor.id}
        transaction.connection.execute(insert(announcement).values(values | mine))
        past = (announcement.c.centre_id == transaction.centre_id) & (announcement.c.ends_at <= transaction.now)
        transaction.connection.execute(delete(announcement).where(past))  # the journal keeps what was said
        _log(transaction, "announced", said)


def change_announcement(site: ServerContext, actor: Actor, announcement_id: int, said: AnnouncementText) -> None:
    """Other words or other times. Raises `NotFound`, `Invalid`."""
    with site.write(actor) as transaction:
        values = _checked(transaction.catalogue.languages, said, transaction.now)
        _change(transaction.connection, actor.centre_id, announcement_id, values | {"written_by_id": actor.id})
        _log(transaction, "announce_changed", said, id=announcement_id)


def end_announcement(site: ServerContext, actor: Actor, announcement_id: int) -> None:
    """Off the screens at once. Raises `NotFound`."""
    with site.write(actor) as transaction:
        _change(transaction.connection, actor.centre_id, announcement_id, {"ends_at": transaction.now})
        transaction.write_journal("announce_ended", id=announcement_id)


def _log(transaction: UnitOfWork, action: str, said: AnnouncementText, **details: Any) -> None:
    texts = {"announcement": json.dumps(said.text, ensure_ascii=False)}
    transaction.write_journal(action, texts=texts, **details, **said.model_dump(mode="json", exclude={"text"}))


def shown_now(connection: Connection, centre_id: int, now: datetime) -> list[ShownNotice]:
    """What displays and phones show at this moment: emergencies first, then the oldest."""
    query = (
        select(announcement)
        .where(announcement.c.centre_id == centre_id, announcement.c.starts_at <= now, announcement.c.ends_at > now)
        .order_by(announcement.c.urgent.desc(), announcement.c.starts_at, announcement.c.id)
    )
    return [
        ShownNotice(id=row.id, text=row.text, since=row.starts_at, urgent=row.urgent, spoken=row.spoken)
        for row in connection.execute(query)
    ]


def spoken_text(site: ServerContext, centre_id: int, announcement_id: int) -> dict[str, str]:
    """The text of one that is shown now and to be said. Raises `NotFound`."""
    with site.read() as connection:
        for each in shown_now(connection, centre_id, site.clock()):
            if each.id == announcement_id and each.spoken:
                return each.text
    raise NotFound("there is no such announcement to be said now")


def _checked(languages: Any, said: AnnouncementText, now: datetime) -> dict[str, Any]:
    for language in said.text:
        if language not in languages:
            raise Invalid(f"the centre does not speak {language!r}")
    lacking = [language for language in languages if language not in said.text] if said.urgent else []
    if lacking:
        raise Invalid(f"an emergency is announced in every language of the centre: {', '.join(lacking)} is missing")
    if said.ends_at is not None and said.ends_at <= now:
        raise Invalid("it would be over already")
    return _columns(said) | {"ends_at": said.ends_at or UNTIL_ENDED}


def _columns(said: Any) -> dict[str, Any]:
    fields = ("text", "starts_at", "ends_at", "urgent", "spoken")
    return {name: getattr(said, name) for name in fields}


def _change(connection: Connection, centre_id: int, announcement_id: int, values: dict[str, Any]) -> None:
    mine = (announcement.c.id == announcement_id) & (announcement.c.centre_id == centre_id)
    changed = connection.execute(update(announcement).where(mine).values(values).returning(announcement.c.id))
    if changed.scalar() is None:
        raise NotFound("there is no such announcement")
