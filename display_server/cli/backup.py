"""`motcua backup`, `restore` and `copy`: each says what it did, and refuses in one line what it must not write."""

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from config.cli import MotcuaCommand
from config.private_files import make_private_folder
from config.settings import Settings
from display_server.services.keys.key_changes import create_if_missing

_FILE = click.Path(path_type=Path)


@click.command(cls=MotcuaCommand)
@click.argument("file", type=_FILE, required=False)
@click.option("--weekly", type=_FILE, metavar="FOLDER", help="In place of FILE: one for each day of the week, there.")
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="AGE1…",
    help="Encrypt it with age, for the secret key of this public one; may be repeated. Beats backup.recipients.",
)
@click.pass_obj
def backup(settings: Settings, file: Path | None, weekly: Path | None, recipients: tuple[str, ...]) -> None:
    """Write a consistent copy of the database to FILE, while the server runs. Only another backup is replaced."""
    from display_server.db.copies import backup_database, weekly_file  # noqa: PLC0415

    if (file is None) == (weekly is None):
        raise click.UsageError("give FILE, or --weekly FOLDER")
    recipients = recipients or settings.backup.recipients
    database = settings.server.database
    if weekly is not None:
        make_private_folder(weekly)
        file = weekly_file(database, weekly, datetime.now().astimezone().date(), is_encrypted=bool(recipients))
    assert file is not None  # noqa: S101 - one of the two is there
    backup_database(database, file, recipients)
    click.echo(str(file))


@click.command(cls=MotcuaCommand)
@click.argument("file", type=_FILE)
@click.option("--replace", is_flag=True, help="Move an SQLite database that is there aside, under a dated name.")
@click.option("--identity", type=_FILE, metavar="FILE", help="The file with the secret key, for an encrypted backup.")
@click.pass_obj
def restore(settings: Settings, file: Path, replace: bool, identity: Path | None) -> None:
    """Put the backup FILE into the database, which no server may use, and which must be empty or not there.

    It is checked whole before; when anything is wrong, everything stays as it was.
    """
    from display_server.services.recovery.recovery import restore_hall  # noqa: PLC0415

    aside = restore_hall(
        file,
        settings.server.database,
        replace=replace,
        identity=identity,
        key_file=settings.server.key_file,
        tell=partial(click.echo, err=True),
    )
    if aside is not None:
        click.echo(f"the old database is now {aside}", err=True)
    click.echo(f"{file}: restored")
    if create_if_missing(settings.server.key_file):  # a hall whose key file died as well goes on all the same
        click.echo(
            f"{settings.server.key_file}: there was no key file and a new one was made: staff sign in again, and fields"
            " encrypted under the old one cannot be read. If you have a copy of the old one: motcua key add COPY",
            err=True,
        )


@click.command(cls=MotcuaCommand)
@click.argument("source")
@click.argument("target")
@click.option("--mend", is_flag=True, help="Change what PostgreSQL cannot hold; `audit verify` names such lines later.")
@click.pass_obj
def copy(settings: Settings, source: str, target: str, mend: bool) -> None:
    """Move a hall: every row of the database SOURCE into the empty database TARGET (SQLAlchemy URLs).

    Stop the server first. Prints each table's rows and checksum, which are the same on both sides.
    """
    from display_server.services.recovery.recovery import copy_hall  # noqa: PLC0415

    key_file, tell = settings.server.key_file, partial(click.echo, err=True)
    copied = copy_hall(source, target, mend=mend, key_file=key_file, tell=tell)
    for table, contents in copied.items():
        click.echo(f"{table:<24}{contents.rows:>10}  {contents.checksum[:16]}")
    click.echo(f"{'all':<24}{sum(contents.rows for contents in copied.values()):>10}")
