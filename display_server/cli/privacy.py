"""`motcua privacy`: what the hall holds about people, and erasing it."""

from datetime import datetime

import click

from config.cli import MotcuaGroup
from config.settings import Settings
from display_server.bootstrap import create_context
from display_server.db.purging import purge
from display_server.services.core.centres import only_centre
from display_server.services.privacy import privacy as services
from display_server.services.privacy import retention
from display_server.services.privacy.privacy import Erasable

_centre_option = click.option("--centre", metavar="CODE", help="Where the database holds several centres.")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=MotcuaGroup)
def privacy() -> None:
    """What is held about people, for how long; erase it."""


@privacy.command("show")
@_centre_option
@click.pass_obj
def show(settings: Settings, centre: str | None) -> None:
    """Each kind of data: how much there is, from when the oldest is, and for how many days it is kept."""
    site = create_context(settings)
    centre_id = only_centre(site, centre)
    click.echo(f"{'':<26}{'held':>9}  {'oldest':<12}days")
    for each in services.held(site, centre_id):
        days = "–" if each.days is None else str(each.days)
        click.echo(f"{each.what:<26}{each.count:>9}  {each.oldest or '–'!s:<12}{days}")
    click.echo(f"time limits were last carried out on {services.last_run(site, centre_id) or '–'}", err=True)


@privacy.command("run")
@_centre_option
@click.pass_obj
def run(settings: Settings, centre: str | None) -> None:
    """Erase now what is older than the settings in [privacy] allow; the server does it every night."""
    site = create_context(settings)
    done = retention.run(site, only_centre(site, centre))
    if done is None:
        click.echo("another process is at it already", err=True)
        return
    if done.counted_from is None:
        click.echo("nothing yet: days count back from the hall's third day with numbers", err=True)
    else:
        click.echo(f"counted back from {done.counted_from}", err=True)
    purge(site.engine)
    click.echo(f"erased: {done.texts} texts, details of {done.visits} visits, {done.people} people")


@privacy.command("erase")
@click.option("--ticket", "ticket_id", type=click.IntRange(1, 2**53), help="A ticket, by its id.")
@click.option("--number", help="A ticket, by its number, with --day.")
@click.option("--day", type=_DAY, help="The day of --number, as 2026-11-23; none: today.")
@click.option("--staff", "name", help="A colleague who left, by name, or by number as #7.")
@click.option("--yes", is_flag=True, help="Erase. Without it, what would be erased is only told.")
@_centre_option
@click.pass_obj
def erase(
    settings: Settings,
    ticket_id: int | None,
    number: str | None,
    day: datetime | None,
    name: str | None,
    *,
    yes: bool,
    centre: str | None,
) -> None:
    """Erase what is held about one visit or colleague. Numbers, queues and times stay; the log says it was done."""
    if [ticket_id, number, name].count(None) != 2 or (day is not None and number is None):  # noqa: PLR2004 - of three
        raise click.UsageError("name one of --ticket, --number (with --day) and --staff")
    site = create_context(settings)
    centre_id = only_centre(site, centre)
    if name is not None:
        found = services.erase_staff(site, centre_id, name, really=yes)
    else:
        wanted = ticket_id or services.find_ticket(site, centre_id, number or "", day.date() if day else None)
        found = services.erase_ticket(site, centre_id, wanted, really=yes)
    if yes and not found.is_nothing:
        purge(site.engine)
    _tell(found, done=yes)


def _tell(found: Erasable, *, done: bool) -> None:
    if found.is_nothing:
        click.echo(f"{found.subject}: nothing is held any more")
    else:
        what = f"{found.texts} texts" + (" and the details" if found.details else "")
        click.echo(f"{found.subject}: {what} {'erased' if done else 'would be erased'}")
    if found.rest:
        click.echo(found.rest, err=True)
    if not done and not found.is_nothing:
        click.echo("nothing was changed yet: add --yes", err=True)
