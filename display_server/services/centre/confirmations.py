"""What only a person can know: that a restored hall is the one that works, and that the clock is right."""

from datetime import date

from pydantic import BaseModel, Field
from sqlalchemy import select, update

from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.core.business_day import bring_back, carry_on
from display_server.services.core.context import ServerContext
from display_server.services.errors import InvalidTransition
from display_server.services.tickets.tickets import number_of

centre = tables.centre


class Sending(BaseModel):
    paused: bool


class ClockConfirmed(BaseModel):
    """`twice`: numbers that two visitors hold; the one of the wrong day is in no queue any more. `back`: numbers of
    today that the wrong day had ended, and that are where they were again.
    """

    business_day: date
    back: list[str] = Field([], examples=[["A007"]])
    twice: list[str] = Field([], examples=[["A005"]])


def confirm_sending(site: ServerContext, actor: Actor) -> Sending:
    """The centre may send messages again after a restore or a copy. Safe to repeat."""
    with site.write(actor) as transaction:
        mine = centre.c.id == transaction.centre_id
        paused = transaction.connection.execute(select(centre.c.sending_paused).where(mine)).scalar_one()
        transaction.changed = paused
        if paused:
            transaction.connection.execute(update(centre).where(mine).values(sending_paused=False))
            transaction.write_journal("sending_on")
    return Sending(paused=False)


def confirm_clock(site: ServerContext, actor: Actor, day: date) -> ClockConfirmed:
    """The newest business day was written by a clock that was ahead: the hall goes on as `day`, the clock's own.

    Who waits keeps their place, whom that day ended is back in it, and no number comes again. Safe to repeat.
    Raises `InvalidTransition` when the clock does not say `day`, or is behind no day.
    """
    with site.write(actor) as transaction:
        wall, held = transaction.catalogue.hours.business_day(transaction.now), transaction.day
        if day != wall:
            raise InvalidTransition(f"the server's clock says {wall}, not {day}", state=str(wall))
        if wall == held:
            transaction.changed = False
            return ClockConfirmed(business_day=wall)
        connection, centre_id = transaction.connection, transaction.centre_id
        twice = carry_on(connection, centre_id, held, wall)
        kept = {"business_day": wall, "clock_doubted": False}
        connection.execute(update(centre).where(centre.c.id == centre_id).values(kept))
        transaction.day = wall
        rows = bring_back(connection, centre_id, held, wall)
        for row in rows:
            said = {"state": row.details["was"]}
            transaction.write_journal("brought_back", ticket_id=row.id, number=number_of(row), **said)
        back = [number_of(row) for row in rows]
        transaction.write_journal("clock_confirmed", was=str(held), twice=twice, back=len(back))
        return ClockConfirmed(business_day=wall, twice=twice, back=back)
