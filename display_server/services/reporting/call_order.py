"""Why was one number called before another? Answered from the journal."""

import json
from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection, Row, select

from config.i18n import translations
from display_server.db import tables
from display_server.domain.call_order_explanation import Event, OrderReason, Visit, explain_call_order
from display_server.services.calling.call_schemas import reason_text
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import Text
from display_server.services.reporting.dashboard import ticket_by_number
from display_server.services.tickets.tickets import number_of

ticket, journal = tables.ticket, tables.journal

_WORDS = {
    OrderReason.NOT_CALLED: "%(first)s has not been called.",
    OrderReason.LATER: "%(first)s was not called before %(then)s but after it.",
    OrderReason.JOINED_LATER: "%(first)s was called at %(time)s to counter %(counter)s; %(then)s had no number yet.",
    OrderReason.NOT_WAITING: "%(then)s was not waiting when %(first)s was called.",
    OrderReason.OTHER_QUEUE: (
        "%(first)s was called at %(time)s to counter %(counter)s; %(then)s waited for another one."
    ),
    OrderReason.EARLIER: "%(first)s was called at %(time)s to counter %(counter)s: it had waited longer than %(then)s.",
    OrderReason.REASON: "%(first)s was called at %(time)s to counter %(counter)s before %(then)s. Reason: %(reason)s.",
}
# What the line says of whoever it is about. Of every other word (priority, reprint, a note, …) nothing follows: they
# are where they were before it.
_WAITS_AFTER = frozenset({"issued", "transferred", "went_on"})
_GONE_AFTER = frozenset({"called", "recalled", "serving", "finished", "parked", "cancelled", "day_ended"})
_TOLD_BY_STATE = frozenset({"undone", "renumbered", "brought_back"})  # the line names the state


class WhyAnswer(BaseModel):
    """`code`: of `rules.why.OrderReason`; `text`: the answer in each language; `at`: of the call in question."""

    code: str
    text: Text
    at: AwareDatetime | None
    counter: str | None


def why_called_before(site: ServerContext, actor: Actor, first: str, then: str, day: date | None) -> WhyAnswer:
    """Why the number `first` was called before `then` on `day` (None: today). Raises `Invalid`, `NotFound`."""
    with site.read() as connection:
        catalogue = site.catalogue(connection, actor.centre_id)
        asked = day or day_now(site, connection, catalogue)
        visits = [_visit(connection, catalogue, asked, number) for number in (first, then)]
        call = visits[0].first_call()
        caller = catalogue.counter_by_id.get(call.counter_id or 0) if call is not None else None
        because = explain_call_order(visits[0], visits[1], caller.departments if caller is not None else ())
        values = {"first": visits[0].number, "then": visits[1].number, "counter": caller.code if caller else ""}
        if call is not None:
            values["time"] = call.at.astimezone(catalogue.hours.timezone).strftime("%H:%M:%S")
        waited = max(0, (call.tick - visits[0].place_at(call.line)) // 1_000_000) if call is not None else 0
        stored = {"code": call.reason, "waited_seconds": waited} if call is not None and call.reason else None
        return WhyAnswer(
            code=because,
            text=_in_words(catalogue.languages, because, values, stored),
            at=call.at if call is not None else None,
            counter=caller.code if caller is not None else None,
        )


def _in_words(
    languages: list[str], because: OrderReason, values: dict[str, str], reason: dict[str, Any] | None
) -> Text:
    reasons = reason_text(languages, reason) if reason is not None else dict.fromkeys(languages, "")
    return {
        language: translations(language).gettext(_WORDS[because]) % (values | {"reason": reasons[language]})
        for language in languages
    }


def _visit(connection: Connection, catalogue: Catalogue, day: date, number: str) -> Visit:
    ticket_id = ticket_by_number(connection, catalogue.centre_id, day, number)
    row = connection.execute(select(ticket).where(ticket.c.id == ticket_id)).one()
    lines = connection.execute(select(journal).where(journal.c.ticket_id == ticket_id).order_by(journal.c.id))
    joined = catalogue.departments.get(json.loads(row.wish)[0])
    department_id = joined.id if joined is not None else row.department_id
    return Visit(number_of(row), row.place, department_id, tuple(_event(catalogue, line) for line in lines))


def _event(catalogue: Catalogue, line: Row[Any]) -> Event:
    said = line.details or {}
    department_id, sent_to = _where_to(catalogue, line.action, said)
    return Event(
        line.id,
        line.at,
        line.tick,
        line.action,
        line.counter_id,
        said.get("reason"),
        _waits_after(line.action, said),
        department_id,
        sent_to,
        line.tick if line.action == "issued" else said.get("place"),
    )


def _where_to(catalogue: Catalogue, action: str, said: dict[str, Any]) -> tuple[int | None, int | None]:
    """The queue or the counter: by id where a clerk sent the visitor on, by code where hall staff did."""
    department_id, sent_to = said.get("department_id"), said.get("for_counter_id")
    if action == "transferred":
        if department_id is None and (department := catalogue.departments.get(said.get("department", ""))):
            department_id = department.id
        if sent_to is None and (counter := catalogue.counters.get(said.get("to_counter", ""))):
            sent_to = counter.id
    return department_id, sent_to


def _waits_after(action: str, said: dict[str, Any]) -> bool | None:
    if action in _TOLD_BY_STATE:
        return said["state"] == "waiting" if "state" in said else None
    if action == "no_show":  # who is not here may be back in the line, at another place
        return "place" in said
    if action == "handed_in":  # after its day was over
        return not said.get("day_over")
    return True if action in _WAITS_AFTER else False if action in _GONE_AFTER else None
