"""Numbers that staff give where a kiosk is broken, out of paper or no help. Issued by `issuing`, as at a kiosk."""

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection, Row, select

from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import day_now
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import TicketView
from display_server.services.errors import NotFound
from display_server.services.kiosks.print_orders import ReprintView, gave, orders_of
from display_server.services.kiosks.status import KioskView, printing_kiosks
from display_server.services.tickets.tickets import ticket_view

ticket, journal = tables.ticket, tables.journal
MOST_SHOWN = 12  # of the numbers that one person gave today

# What keeps a kiosk from printing, among the codes of `KioskView.trouble`.
NO_PAPER = frozenset(
    {"silent", "unreachable", "stalled", "paper_out", "cover_open", "cutter_error", "error", "offline", "two_kiosks"}
)


class PrintingKiosk(BaseModel):
    """A kiosk that may print a number that staff give. `trouble`: as on the page of the kiosks, worst first."""

    id: int
    name: str
    can_print: bool = Field(description="as far as it is known: it is heard of, and its printer says nothing else")
    trouble: list[str]
    silent_seconds: int
    slips_waiting: int


class GivenNumber(BaseModel):
    """A number and what became of its slip. `orders`: newest first; none: it was not printed at a kiosk."""

    ticket: TicketView
    orders: list[ReprintView]


class GivenNumbers(BaseModel):
    """What the page of numbers shows beside the centre. `given`: by the asker today, newest first."""

    now: AwareDatetime
    kiosks: list[PrintingKiosk]
    given: list[GivenNumber]


def given_numbers(site: ServerContext, actor: Actor) -> GivenNumbers:
    """The kiosks of the actor's centre, and the numbers that the actor gave today."""
    with site.read() as connection:
        rows = _given_by(site, connection, actor)
        return GivenNumbers(
            now=site.clock(),
            kiosks=[_printing(each) for each in printing_kiosks(site, connection, actor.centre_id)],
            given=_shown(site, connection, actor, rows),
        )


def given_number(site: ServerContext, actor: Actor, ticket_id: int) -> GivenNumber:
    """One ticket of the actor's centre with its slips. Raises `NotFound`, also for a clerk who did not give it."""
    with site.read() as connection:
        query = select(ticket).where(ticket.c.id == ticket_id, ticket.c.centre_id == actor.centre_id)
        row = connection.execute(query).one_or_none()
        if row is None or (actor.role == "clerk" and not gave(connection, actor, ticket_id)):
            raise NotFound(f"there is no ticket {ticket_id}")
        return _shown(site, connection, actor, [row])[0]


def _given_by(site: ServerContext, connection: Connection, actor: Actor) -> list[Row[Any]]:
    day = day_now(site, connection, site.catalogue(connection, actor.centre_id))
    query = (
        select(ticket)
        .join(journal, journal.c.ticket_id == ticket.c.id)
        .where(
            journal.c.centre_id == actor.centre_id,
            journal.c.business_day == day,
            journal.c.action == "issued",
            journal.c.actor_kind == "staff",
            journal.c.actor_id == actor.id,
        )
        .order_by(ticket.c.id.desc())
        .limit(MOST_SHOWN)
    )
    return list(connection.execute(query).all())


def _shown(site: ServerContext, connection: Connection, actor: Actor, rows: list[Row[Any]]) -> list[GivenNumber]:
    if not rows:
        return []
    catalogue = site.catalogue(connection, actor.centre_id)
    load = site.load_cache.get(connection, catalogue, day_now(site, connection, catalogue))
    tick = int(site.clock().timestamp() * 1_000_000)
    orders = orders_of(connection, [row.id for row in rows])
    return [
        GivenNumber(ticket=ticket_view(site, connection, catalogue, load, row, tick), orders=orders[row.id])
        for row in rows
    ]


def _printing(kiosk: KioskView) -> PrintingKiosk:
    return PrintingKiosk(
        id=kiosk.id,
        name=kiosk.name,
        can_print=kiosk.report is not None and NO_PAPER.isdisjoint(kiosk.trouble),
        trouble=kiosk.trouble,
        silent_seconds=kiosk.silent_seconds,
        slips_waiting=kiosk.report.slips_waiting if kiosk.report is not None else 0,
    )
