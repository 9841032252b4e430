"""The server's commands. Each opens the database, does one thing, and says what it did."""

import getpass
import sys
from contextlib import closing
from pathlib import Path

import click

from config.centre.loader import load_centre
from config.centre.long_names import long_names
from config.cli import MotcuaCommand, MotcuaGroup
from config.settings import Settings
from display_server.bootstrap import begin_service, create_context, nothing_left_behind, wait_for_site
from display_server.cli.backup import backup, copy, restore
from display_server.db.schema.migrate import current_revision
from display_server.services.centre.import_centre import Imported
from display_server.services.centre.import_centre import import_centre as put_centre
from display_server.services.core.actors import system_actor
from display_server.services.core.centres import only_centre
from display_server.services.devices.devices import DeviceKind, add_device, renew_token
from display_server.services.errors import Invalid
from display_server.services.staff.second_factor import reset_factor_of
from display_server.services.staff.single_sign_on import confirm_identity, list_identities
from display_server.services.staff.staff import Role, add_staff

__all__ = ["backup", "copy", "device", "import_centre", "restore", "server", "staff"]

_centre_option = click.option("--centre", metavar="CODE", help="Where the database holds several centres.")


@click.command(cls=MotcuaCommand)
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="TCP port; 0 lets the system choose.")
@click.option("--prepare", is_flag=True, help="Only bring the database up to date; prints its schema's number.")
@click.pass_obj
def server(settings: Settings, *, host: str | None, port: int | None, prepare: bool) -> None:
    """Run the server. Prints its address on stdout once it is ready."""
    if prepare:
        with nothing_left_behind(settings), closing(create_context(settings, create=True)) as site:
            click.echo(current_revision(site.engine))
        return
    from gevent import monkey  # noqa: PLC0415 - must come before everything that opens sockets

    monkey.patch_all()
    from display_server.app import create_app  # noqa: PLC0415
    from display_server.wsgi_server import serve  # noqa: PLC0415

    flags = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update={"server": settings.server.model_copy(update=flags)})
    with nothing_left_behind(settings), closing(wait_for_site(settings)) as site:
        begin_service(site)
        serve(create_app(site), site, click.echo)


@click.command("import", cls=MotcuaCommand)
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def import_centre(settings: Settings, folder: Path) -> None:
    """Load or update a centre from its data FOLDER. Safe to repeat; history stays."""
    notes: list[str] = []
    centre = load_centre(folder, notes)
    with nothing_left_behind(settings), closing(create_context(settings, create=True)) as site:
        done = put_centre(site, centre)
    for note in notes:
        click.echo(f"note: {note}", err=True)
    for hint in long_names(centre):
        click.echo(f"hint: {hint}", err=True)
    click.echo(_import_line(done))


def _import_line(done: Imported) -> str:
    verb = "imported" if done.is_new else "updated"
    counts = f"{done.departments} queues, {done.procedures} procedures, {done.counters} counters"
    return f"{done.code}: {verb}: {counts}"


@click.group(cls=MotcuaGroup)
def device() -> None:
    """Enrol kiosks, counters, screens and buttons."""


@device.command("add")
@click.argument("kind", type=click.Choice([kind.value for kind in DeviceKind]))
@click.argument("name")
@click.option("--counter", "counter_code", metavar="CODE", help="The counter that a counter or button belongs to.")
@_centre_option
@click.pass_obj
def add_device_command(settings: Settings, kind: str, name: str, counter_code: str | None, centre: str | None) -> None:
    """Enrol a device and print its token: alone on stdout, and only this once."""
    site = create_context(settings)
    click.echo(add_device(site, only_centre(site, centre), DeviceKind(kind), name, counter_code))


@device.command("renew")
@click.argument("name")
@_centre_option
@click.pass_obj
def renew_token_command(settings: Settings, name: str, centre: str | None) -> None:
    """Another token for an enrolled device, say after its disk died: alone on stdout. The old one ends at once."""
    site = create_context(settings)
    click.echo(renew_token(site, only_centre(site, centre), name))


@click.group(cls=MotcuaGroup)
def staff() -> None:
    """People who may sign in."""


@staff.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking for it.")
@_centre_option
@click.pass_obj
def add_staff_command(settings: Settings, name: str, role: str, password_stdin: bool, centre: str | None) -> None:
    """Add somebody who may sign in; asks for a password."""
    site = create_context(settings)
    centre_id = only_centre(site, centre)
    name = add_staff(site, centre_id, name, Role(role), _password(from_stdin=password_stdin))
    click.echo(f"{name}: {role}")


@staff.command("reset-second-factor")
@click.argument("name")
@_centre_option
@click.pass_obj
def reset_second_factor_command(settings: Settings, name: str, centre: str | None) -> None:
    """NAME signs in with the password alone again, say after a phone was lost; every session of theirs ends."""
    site = create_context(settings)
    reset_factor_of(site, name, only_centre(site, centre) if centre is not None else None)
    click.echo(f"{name}: the second factor is reset")


@staff.command("identities")
@_centre_option
@click.pass_obj
def identities_command(settings: Settings, centre: str | None) -> None:
    """Who comes in by the single sign-on as whom: ID, state, name, issuer and subject, a line each."""
    site = create_context(settings)
    for each in list_identities(site, system_actor(only_centre(site, centre))).identities:
        state = "waits" if each.confirmed_at is None else "bound"
        click.echo(f"{each.id}\t{state}\t{each.name}\t{each.issuer}\t{each.subject}")


@staff.command("confirm-identity")
@click.argument("identity", type=click.IntRange(1), metavar="ID")
@_centre_option
@click.pass_obj
def confirm_identity_command(settings: Settings, identity: int, centre: str | None) -> None:
    """The first sign-in ID of `motcua staff identities` is that colleague: they come in by it from now."""
    site = create_context(settings)
    confirm_identity(site, system_actor(only_centre(site, centre)), identity)
    click.echo(f"{identity}: confirmed")


def _password(*, from_stdin: bool) -> str:
    try:
        if from_stdin:  # Windows' tools put a byte-order mark first
            return sys.stdin.buffer.readline().decode("utf-8-sig").rstrip("\r\n")
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Again: ")
    except UnicodeDecodeError as error:
        raise Invalid("the password is not UTF-8") from error
    if again != password:
        raise Invalid("the two passwords are not the same")
    return password
