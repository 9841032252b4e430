"""How was the visit? Asked on the screen over the counter once a visit is finished, kept without any person's data."""

from datetime import date, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from config.text.types import Code, RowId
from display_server.db import tables
from display_server.services.catalogue.catalogue import Catalogue, Text
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext
from display_server.services.core.request_fields import JsonBody
from display_server.services.core.schemas import Short
from display_server.services.devices.displays import screen_settings
from display_server.services.errors import Forbidden, Invalid, ServiceError

LATE_SECONDS = 30  # a touch that was on its way when the time was over still counts
MOST_DAYS = 366

call, rating = tables.call, tables.rating


class NotRateable(ServiceError):
    problem = "not-rateable"
    status = 409
    title = "This visit cannot be rated (any more)"


class Rating(JsonBody):
    """`score`: 1 (worst) to 5 (best)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    call_id: RowId
    score: int = Field(ge=1, le=5)
    reasons: list[Code] = Field([], max_length=10)


class Rateable(BaseModel):
    """The visit that may be rated at a counter now; None: there is none."""

    call_id: int | None
    until: AwareDatetime | None


class CounterRatings(BaseModel):
    """`scores`: how often 1, 2, 3, 4, 5 was given."""

    counter: str
    name: Text
    short: Short
    count: int
    mean: float | None
    scores: list[int]
    reasons: dict[str, int]


class RatingsReport(BaseModel):
    since: date
    counters: list[CounterRatings]
    reasons: dict[str, Text]


def rateable(site: ServerContext, actor: Actor) -> Rateable:
    """The visit that the screen may ask about. Raises `Forbidden` for a screen that is over no counter."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, actor.centre_id)
        counter = catalogue.counter(_counter_of(site, actor))
        last = call.c.id == _last_call(catalogue, counter.id)
        row = connection.execute(_finished(site, counter.id).where(last)).one_or_none()
    if row is None:
        return Rateable(call_id=None, until=None)
    return Rateable(call_id=row.id, until=row.ended_at + timedelta(seconds=site.settings.hall.rating_seconds))


def rate(site: ServerContext, actor: Actor, given: Rating) -> None:
    """Keep a rating. Raises `NotRateable` for one that did not just end here or has a rating, `Invalid`.

    The visit before the one that has just been called counts too: a face may be touched as the next call comes.
    """
    known = {reason.code for reason in site.rating_reasons if given.score in reason.scores}
    if not set(given.reasons) <= known:
        raise Invalid("such a reason is not offered with this score")
    code = _counter_of(site, actor)
    try:
        with site.write_without_lock() as connection:
            catalogue = site.catalogue(connection, actor.centre_id)
            visits = _finished(site, catalogue.counter(code).id, LATE_SECONDS)
            row = connection.execute(visits.where(call.c.id == given.call_id)).one_or_none()
            if row is None:
                raise NotRateable("only a visit that has just ended here can be rated, and once")
            values = {
                "centre_id": actor.centre_id,
                "call_id": row.id,
                "counter_id": row.counter_id,
                "department_id": row.department_id,
                "business_day": day_now(site, connection, catalogue),
                "score": given.score,
                "reasons": sorted(set(given.reasons)),
            }
            connection.execute(insert(rating).values(values))
    except IntegrityError as error:  # two presses at the same moment
        raise NotRateable("this visit has been rated") from error


def ratings_report(site: ServerContext, actor: Actor, days: int) -> RatingsReport:
    """What visitors said in the last `days` business days, by counter."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, actor.centre_id)
        since = day_now(site, connection, catalogue) - timedelta(days=days - 1)
        query = (
            select(rating.c.counter_id, rating.c.score, rating.c.reasons)
            .where(rating.c.centre_id == actor.centre_id, rating.c.business_day >= since)
            .order_by(rating.c.counter_id)
        )
        found: dict[int, CounterRatings] = {}
        for counter_id, score, reasons in connection.execute(query):
            counter = catalogue.counter_by_id[counter_id]
            entry = found.setdefault(
                counter_id,
                CounterRatings(
                    counter=counter.code,
                    name=counter.name,
                    short=counter.short,
                    count=0,
                    mean=None,
                    scores=[0] * 5,
                    reasons={},
                ),
            )
            entry.scores[score - 1] += 1
            for reason in reasons:
                entry.reasons[reason] = entry.reasons.get(reason, 0) + 1
    for entry in found.values():
        entry.count = sum(entry.scores)
        entry.mean = round(sum(score * times for score, times in enumerate(entry.scores, 1)) / entry.count, 2)
    texts = {reason.code: reason.text for reason in site.rating_reasons}
    return RatingsReport(since=since, counters=list(found.values()), reasons=texts)


def _counter_of(site: ServerContext, actor: Actor) -> str:
    if not site.settings.hall.rating:
        raise Forbidden("ratings are switched off (hall.rating)")
    settings = screen_settings(site, actor.id)
    if settings.counter is None or settings.layout != "counter" or not settings.rating:
        raise Forbidden("this screen is not one that asks for ratings over a counter")
    return settings.counter


def _last_call(catalogue: Catalogue, counter_id: int) -> Any:
    """The id of the newest call there: by the calls' own order, which an index holds, it is a few steps back."""
    here = (call.c.centre_id == catalogue.centre_id) & (call.c.counter_id == counter_id)
    return select(call.c.id).where(here).order_by(call.c.seq.desc()).limit(1).scalar_subquery()


def _finished(site: ServerContext, counter_id: int, late: float = 0) -> Any:
    """Visits at the counter that were finished a moment ago and that nobody has rated yet."""
    rated = select(rating.c.id).where(rating.c.call_id == call.c.id).exists()
    since = site.clock() - timedelta(seconds=site.settings.hall.rating_seconds + late)
    return select(call).where(
        call.c.counter_id == counter_id, call.c.outcome == "finished", call.c.ended_at >= since, ~rated
    )
