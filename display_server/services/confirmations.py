"""What only a person can know: that a restored hall is the one that works, and that the clock is right."""

from datetime import date

from pydantic import BaseModel, Field
from sqlalchemy import select, update

from display_server.services.actors import Actor
from display_server.services.business_day import carry_on
from display_server.services.errors import WrongState
from display_server.services.site import Site
from display_server.store import tables

centre = tables.centre


class Sending(BaseModel):
    paused: bool


class ClockConfirmed(BaseModel):
    """`twice`: numbers that two visitors hold; the one of the wrong day is in no queue any more."""

    business_day: date
    twice: list[str] = Field([], examples=[["A005"]])


def confirm_sending(site: Site, actor: Actor) -> Sending:
    """The centre may send messages again after a restore or a copy. Safe to repeat."""
    with site.write(actor) as transaction:
        mine = centre.c.id == transaction.centre_id
        paused = transaction.connection.execute(select(centre.c.sending_paused).where(mine)).scalar_one()
        transaction.changed = paused
        if paused:
            transaction.connection.execute(update(centre).where(mine).values(sending_paused=False))
            transaction.write_journal("sending_on")
    return Sending(paused=False)


def confirm_clock(site: Site, actor: Actor, day: date) -> ClockConfirmed:
    """The newest business day was written by a clock that was ahead: the hall goes on as `day`, the clock's own.

    Who waits keeps their place, and no number comes again. Safe to repeat. Raises `WrongState` when the clock does not
    say `day`, or is behind no day.
    """
    with site.write(actor) as transaction:
        wall, held = transaction.catalogue.hours.business_day(transaction.now), transaction.day
        if day != wall:
            raise WrongState(f"the server's clock says {wall}, not {day}", state=str(wall))
        if wall == held:
            transaction.changed = False
            return ClockConfirmed(business_day=wall)
        connection, centre_id = transaction.connection, transaction.centre_id
        twice = carry_on(connection, centre_id, held, wall)
        kept = {"business_day": wall, "clock_doubted": False}
        connection.execute(update(centre).where(centre.c.id == centre_id).values(kept))
        transaction.day = wall
        transaction.write_journal("clock_confirmed", was=str(held), twice=twice)
        return ClockConfirmed(business_day=wall, twice=twice)
