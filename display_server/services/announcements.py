"""What staff have to say to the hall: a line that runs on the screens from one moment to another."""

import json
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection, delete, insert, select, update

from config.text import LanguageCode, Moment, Notice
from display_server.services.actors import Actor
from display_server.services.errors import Invalid, NotFound
from display_server.services.people import names_of
from display_server.services.site import Site, Transaction
from display_server.store import tables

MOST = 50  # of one centre, past ones not counted

announcement = tables.announcement


class AnnouncementText(BaseModel):
    """`text` by language, the centre's own at least. Shown from `starts_at` until `ends_at`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: dict[LanguageCode, Notice] = Field(min_length=1, max_length=10)
    starts_at: Moment
    ends_at: Moment

    @model_validator(mode="after")
    def _makes_sense(self) -> "AnnouncementText":
        if self.ends_at <= self.starts_at:
            raise ValueError("it must end after it has begun")
        return self


class AnnouncementView(BaseModel):
    id: int
    text: dict[str, str]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    written_by: str
    is_shown: bool


class AnnouncementList(BaseModel):
    now: AwareDatetime
    announcements: list[AnnouncementView]


def list_announcements(site: Site, actor: Actor) -> AnnouncementList:
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
                **_columns(row), id=row.id, written_by=names[row.written_by_id], is_shown=row.starts_at <= now
            )
            for row in rows
        ]
    return AnnouncementList(now=now, announcements=found)


def add_announcement(site: Site, actor: Actor, said: AnnouncementText) -> None:
    """Raises `Invalid` for a language that the centre does not speak, for one that is over, and for too many."""
    if len(list_announcements(site, actor).announcements) >= MOST:
        raise Invalid(f"there are {MOST} announcements already: end one first")
    with site.write(actor) as transaction:
        values = _checked(transaction.catalogue.languages, said, transaction.now)
        mine = {"centre_id": transaction.centre_id, "written_by_id": actor.id}
        transaction.connection.execute(insert(announcement).values(values | mine))
        past = (announcement.c.centre_id == transaction.centre_id) & (announcement.c.ends_at <= transaction.now)
        transaction.connection.execute(delete(announcement).where(past))  # the journal keeps what was said
        _log(transaction, "announced", said)


def change_announcement(site: Site, actor: Actor, announcement_id: int, said: AnnouncementText) -> None:
    """Other words or other times. Raises `NotFound`, `Invalid`."""
    with site.write(actor) as transaction:
        values = _checked(transaction.catalogue.languages, said, transaction.now)
        _change(transaction.connection, actor.centre_id, announcement_id, values | {"written_by_id": actor.id})
        _log(transaction, "announce_changed", said, id=announcement_id)


def end_announcement(site: Site, actor: Actor, announcement_id: int) -> None:
    """Off the screens at once. Raises `NotFound`."""
    with site.write(actor) as transaction:
        _change(transaction.connection, actor.centre_id, announcement_id, {"ends_at": transaction.now})
        transaction.write_journal("announce_ended", id=announcement_id)


def _log(transaction: Transaction, action: str, said: AnnouncementText, **details: Any) -> None:
    texts = {"announcement": json.dumps(said.text, ensure_ascii=False)}
    transaction.write_journal(action, texts=texts, **details, **said.model_dump(mode="json", exclude={"text"}))


def shown_now(connection: Connection, centre_id: int, now: datetime) -> list[dict[str, str]]:
    """The texts that run on the screens at this moment."""
    query = (
        select(announcement.c.text)
        .where(announcement.c.centre_id == centre_id, announcement.c.starts_at <= now, announcement.c.ends_at > now)
        .order_by(announcement.c.starts_at, announcement.c.id)
    )
    return list(connection.execute(query).scalars())


def _checked(languages: Any, said: AnnouncementText, now: datetime) -> dict[str, Any]:
    for language in said.text:
        if language not in languages:
            raise Invalid(f"the centre does not speak {language!r}")
    if said.ends_at <= now:
        raise Invalid("it would be over already")
    return _columns(said)


def _columns(said: Any) -> dict[str, Any]:
    return {"text": said.text, "starts_at": said.starts_at, "ends_at": said.ends_at}


def _change(connection: Connection, centre_id: int, announcement_id: int, values: dict[str, Any]) -> None:
    mine = (announcement.c.id == announcement_id) & (announcement.c.centre_id == centre_id)
    changed = connection.execute(update(announcement).where(mine).values(values).returning(announcement.c.id))
    if changed.scalar() is None:
        raise NotFound("there is no such announcement")
