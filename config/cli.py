"""`motcua`: one command. Each package brings its own subcommands as entry points of the group `motcua.commands`.

Results go to stdout, talk to stderr; exit 0 done, 1 failed, 2 wrong use.
"""

import logging
import os
import sys
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import click

from config.errors import MotcuaError
from config.log_format import JsonLines, TextLines
from config.request_id import RequestIdFilter
from config.settings import Settings, load_settings
from config.text.types import for_messages, is_storable

log = logging.getLogger(__name__)

TALKATIVE = ("urllib3", "authlib", "requests_oauthlib", "paho", "PIL")  # at "debug" they write addresses and codes
LOG_FIELDS = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"

# The order in which `motcua --help` shows them: from the whole hall to the single tool.
COMMANDS = {
    "demo": "The whole hall on this machine, to look at and to try.",
    "server": "The server: screens, counters, kiosks.",
    "kiosk": "The touchscreen.",
    "printer": "Find, test and imitate printers.",
    "import": "Load or update a centre from its data folder.",
    "voice": "The hall's voice: make, check and try its clips.",
    "buttons": "The agent for MQTT buttons, USB keypads and serial keypads.",
    "device": "Enrol kiosks, counters, screens and buttons.",
    "staff": "People who may sign in.",
    "audit": "Is the audit trail whole, and what stands in it.",
    "privacy": "What is held about people, for how long; erase it.",
    "backup": "A consistent copy of the database, while running.",
    "restore": "Put a backup into a fresh database.",
    "key": "Keys of sessions, slips and encrypted fields: make, change, copy.",
    "copy": "Move a hall to another database, say from SQLite to PostgreSQL.",
    "selftest": "Races, latency and loss against a scratch server.",
}


class MotcuaCommand(click.Command):
    """A command that takes `--config FILE` and `--database URL` and finds its `Settings` in `context.obj`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(
                ["--config", "config_file"],
                type=click.Path(dir_okay=False, path_type=Path),
                metavar="FILE",
                help="The site's settings; beats config/motcua.toml.",
            ),
            click.Option(["--database", "database_url"], metavar="URL", help="SQLAlchemy URL of the database."),
        ]

    def invoke(self, ctx: click.Context) -> Any:
        config_file = ctx.params.pop("config_file")
        database_url = ctx.params.pop("database_url")
        ctx.obj = load_settings(config_file, server={"database": database_url} if database_url else {})
        _start_logging(ctx.obj)
        return super().invoke(ctx)


class MotcuaGroup(click.Group):
    """A group whose commands are `MotcuaCommand`s."""

    command_class = MotcuaCommand
    group_class = type


# What to install for a command: the first beginning of its entry point that fits.
EXTRAS = {
    "display_server.button_agent": "buttons",
    "display_server.demo": "kiosk,server",
    "display_server": "server",
    "kiosk": "kiosk",
    "printer": "printer",
}


class MissingExtraError(MotcuaError):
    """A command was asked for whose packages are not installed."""


class LazyCommandGroup(click.Group):
    """Loads a package only when one of its commands is asked for: `motcua server` needs no Kivy."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:  # of what a command imports when it is needed
            entries = entry_points(group="motcua.commands", name=ctx.invoked_subcommand or "")
            raise _told_which_extra(error, next(iter(entries), None)) from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        found = entry_points(group="motcua.commands", name=cmd_name)
        return _load(next(iter(found))) if found else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _load(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except ModuleNotFoundError as error:
        raise _told_which_extra(error, entry) from error
    if not isinstance(command, click.Command):
        raise TypeError(f"{entry.value} is not a command")
    return command


def _told_which_extra(error: ModuleNotFoundError, entry: EntryPoint | None) -> Exception:
    """The error itself when what is missing is a module of ours, or belongs to no command."""
    if entry is None or (error.name or "").partition(".")[0] in {"", "config", "printer", "display_server", "kiosk"}:
        return error
    extra = next(extra for beginning, extra in EXTRAS.items() if entry.value.startswith(beginning))
    return MissingExtraError(f"motcua {entry.name} needs the package {error.name}: pip install 'motcua[{extra}]'")


def _start_logging(settings: Settings) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestIdFilter())
    if settings.log.format == "json":
        handler.setFormatter(JsonLines(LOG_FIELDS, rename_fields={"asctime": "time", "levelname": "level"}))
    else:
        handler.setFormatter(TextLines("%(asctime)s %(levelname)s %(name)s [%(request_id)s]: %(message)s"))
    logging.basicConfig(level=settings.log.level.upper(), handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every plug-in that it finds
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)


@click.group(cls=LazyCommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="motcua")
def motcua() -> None:
    """Motcua: kiosk, paper number, screens and counters of a one-stop centre."""


class UnreadableArgument(MotcuaError):
    """An argument in another encoding than UTF-8: it can be neither kept nor shown."""

    exit_code = 2


def _check_arguments(arguments: list[str]) -> None:
    for argument in arguments:
        if not is_storable(argument):
            raise UnreadableArgument(f"the argument {for_messages(argument)} is not UTF-8")


def main() -> None:
    """Run `motcua`. An error that we raise on purpose is one line on stderr, never a traceback; so is a path that the
    system refuses.

    What a command writes is its user's alone, but for recorded voices and printed pictures: nothing in them is secret.
    """
    before = os.umask(0o077)
    if sys.argv[1:2] in (["voice"], ["printer"]):
        os.umask(before)
    try:
        _check_arguments(sys.argv[1:])
        motcua(prog_name="motcua")
    except MotcuaError as error:
        click.echo(f"motcua: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename is None:
            raise
        log.debug("the command ends", exc_info=True)
        click.echo(f"motcua: {error.filename}: {error.strerror}", err=True)
        sys.exit(MotcuaError.exit_code)
    finally:
        os.umask(before)
