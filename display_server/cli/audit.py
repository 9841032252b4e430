"""`motcua audit`: is the trail whole, and what stands in it."""

import json
from datetime import datetime
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from config.cli import MotcuaGroup
from config.errors import MotcuaError
from config.settings import Settings
from config.text.types import is_storable
from display_server.bootstrap import create_context
from display_server.services.core.centres import only_centre
from display_server.services.keys.hall_keys import keys_at_hand
from display_server.services.reporting.audit import Findings, data_problems, schema_problems
from display_server.services.reporting.audit import export as export_lines
from display_server.services.reporting.audit import verify as verify_lines

_centre_option = click.option("--centre", metavar="CODE", help="Where the database holds several centres.")
_DAY = click.DateTime(["%Y-%m-%d"])


class BrokenTrail(MotcuaError):
    """A line of the audit trail was changed, removed or added, or the database would let it be."""


@click.group(cls=MotcuaGroup)
def audit() -> None:
    """Who did what from where."""


@audit.command("verify")
@_centre_option
@click.pass_obj
def verify_command(settings: Settings, centre: str | None) -> None:
    """Check every line against the chain, and the database's triggers and tables; prints each day's lines and seal.

    Exit code 1 when anything is wrong.

    Keep the seals elsewhere (on paper, in a mail): a seal that is the same later proves every line up to its day.
    """
    site = create_context(
        settings, keys=keys_at_hand(settings.server.key_file, _tell)
    )  # a copy of the database is enough
    centre_id = only_centre(site, centre)
    wrong = data_problems(site)
    try:
        found = verify_lines(site, centre_id)
    except (ValueError, TypeError, AttributeError, SQLAlchemyError):
        if not wrong:
            raise
        found = Findings()  # a line that cannot be read is in `wrong`
    found.problems += [*wrong, *schema_problems(site)]
    for business_day, day in found.days.items():
        click.echo(f"{business_day}  {day.lines:>7}  {day.daily_digest}")
    click.echo(f"{found.texts} texts beside the log, {found.erased} erased", err=True)
    if found.unreadable:
        click.echo(f"{found.unreadable} texts cannot be read here: the key file does not open them", err=True)
    for problem in found.problems:
        click.echo(problem, err=True)
    if found.problems:
        raise BrokenTrail(f"the audit trail is broken: {len(found.problems)} problems")


@audit.command("export")
@click.option("--from", "first", type=_DAY, help="First business day, as 2026-11-23.")
@click.option("--to", "last", type=_DAY, help="Last business day.")
@_centre_option
@click.pass_obj
def export_command(settings: Settings, first: datetime | None, last: datetime | None, centre: str | None) -> None:
    """Print the lines as JSON, one a line, oldest first."""
    site = create_context(
        settings, keys=keys_at_hand(settings.server.key_file, _tell)
    )  # a copy of the database is enough
    days = (first.date() if first else None, last.date() if last else None)
    for line in export_lines(site, only_centre(site, centre), *days):
        click.echo(_as_json(line))


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _as_json(line: dict[str, Any]) -> str:
    shown = json.dumps(line, ensure_ascii=False)
    # An old line may hold half a character, which no encoding writes: then everything beyond ASCII is escaped.
    return shown if is_storable(shown) else json.dumps(line)
