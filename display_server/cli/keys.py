"""`motcua key`: the keys of sessions, slips' addresses and encrypted fields."""

from pathlib import Path

import click

from config.cli import MotcuaCommand, MotcuaGroup
from config.settings import Settings
from display_server.bootstrap import create_context
from display_server.services.keys import key_file
from display_server.services.keys.encrypted_fields import FieldCount, count_fields
from display_server.services.keys.hall_keys import missing_keys
from display_server.services.keys.key_changes import add_keys, create_keys, drop_old_keys, export_keys, rotate_keys
from display_server.services.keys.keys import fingerprint

_FILE = click.Path(path_type=Path, dir_okay=False)
NOTHING_DROPPED = "There were no older keys: nothing was removed. Sessions and slips go on."
DROPPED = (
    "The older keys are gone: staff sign in again, and slips printed before do not open any more.\n"
    "Older backups need the key file of their time: keep its copy as long as them."
)


@click.group(cls=MotcuaGroup)
def key() -> None:
    """The keys of sessions, slips' addresses and encrypted fields, in the file `server.key_file`."""


@key.command("create", cls=MotcuaCommand)
@click.pass_obj
def create_command(settings: Settings) -> None:
    """Make a key file where there is none, say where it was lost for good. The first start makes one by itself."""
    create_keys(settings.server.key_file)
    click.echo(str(settings.server.key_file))


@key.command("rotate", cls=MotcuaCommand)
@click.option("--drop-old", is_flag=True, help="And remove the older keys: ends all sessions, and earlier slips.")
@click.pass_obj
def rotate_command(settings: Settings, *, drop_old: bool) -> None:
    """New keys; what older ones wrote can still be read, and every encrypted field is written anew.

    Servers on this machine take them up within a second. Others get the file by `motcua key export`.
    """
    site = create_context(settings)
    path = settings.server.key_file
    counts = rotate_keys(site.engine, path)
    if drop_old:
        counts = drop_old_keys(site.engine, path)
    _tell(path, counts)
    click.echo(DROPPED if drop_old else "Sessions go on. To end all of them: motcua key drop-old", err=True)


@key.command("drop-old", cls=MotcuaCommand)
@click.pass_obj
def drop_old_command(settings: Settings) -> None:
    """Remove all keys but the newest: ends all sessions. First every encrypted field is written under the newest."""
    site, path = create_context(settings), settings.server.key_file
    has_older = key_file.read(path).has_older()
    _tell(path, drop_old_keys(site.engine, path))
    click.echo(DROPPED if has_older else NOTHING_DROPPED, err=True)


@key.command("export", cls=MotcuaCommand)
@click.argument("file", type=_FILE, required=False)
@click.pass_obj
def export_command(settings: Settings, file: Path | None) -> None:
    """A copy of the key file for another server or for a sealed envelope: to FILE (mode 600), else to stdout."""
    content = export_keys(settings.server.key_file, file)
    click.echo(str(file) if content is None else content)


@key.command("add", cls=MotcuaCommand)
@click.argument("file", type=_FILE)
@click.pass_obj
def add_command(settings: Settings, file: Path) -> None:
    """Take the keys of another key FILE in, behind the own ones: what was written under them can be read again."""
    click.echo(f"{settings.server.key_file}: {add_keys(settings.server.key_file, file)} keys added")


@key.command("show", cls=MotcuaCommand)
@click.pass_obj
def show_command(settings: Settings) -> None:
    """The names and ages of the keys, and how much of each encrypted column can be read. Shows no key."""
    site = create_context(settings)
    for purpose in key_file.PURPOSES:
        for each in getattr(site.keys.ring, purpose):
            click.echo(f"{purpose:<9}{fingerprint(each)}  made {each.made:%Y-%m-%d %H:%M} UTC")
    for missing in missing_keys(site.engine, site.keys):
        click.echo(f"{'field':<9}{missing}  is missing from {settings.server.key_file}")
    for count in count_fields(site.engine, site.keys):
        click.echo(f"{count.name}: {count.looked_at - count.unreadable} of {count.looked_at} can be read")


def _tell(path: Path, counts: list[FieldCount]) -> None:
    click.echo(str(path))
    for count in counts:
        click.echo(f"{count.name}: {count.looked_at - count.unreadable} of {count.looked_at} written anew")
