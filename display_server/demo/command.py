"""`motcua demo`."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from config.cli import MotcuaCommand
from config.settings import Settings

if TYPE_CHECKING:
    from display_server.demo.runner import DemoRunner


@click.command(cls=MotcuaCommand)
@click.option("--centre", default="thai_binh", show_default=True, metavar="CODE", help="A folder in config/centres.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 to look at it from other machines.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Of the start page; 0: a free one."
)
@click.option("--hall-port", type=click.IntRange(0, 65535), help="Of the hall's server; server.port if not given.")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var/demo"),
    show_default=True,
    help="Database, logs, slips and pictures; emptied at each start.",
)
@click.option("--keep", is_flag=True, help="Go on with the hall of the last demo.")
@click.option("--scripted", is_flag=True, help="Visitors and clerks come by themselves.")
@click.option("--once", is_flag=True, help="Play a short morning, write pictures and a summary, and end.")
@click.pass_context
def demo(
    ctx: click.Context,
    *,
    centre: str,
    host: str,
    port: int,
    hall_port: int | None,
    directory: Path,
    keep: bool,
    scripted: bool,
    once: bool,
) -> None:
    """The whole hall on this machine: server, kiosk, virtual printer and a start page that leads to all of them.

    The demo has a database of its own in its directory; one that is named with --database is used instead, and kept.
    """
    from gevent import monkey  # noqa: PLC0415 - must come before everything that opens sockets

    monkey.patch_all()
    import gevent  # noqa: PLC0415

    from display_server.demo.runner import DemoOptions, DemoRunner  # noqa: PLC0415

    settings: Settings = ctx.obj
    named = ctx.get_parameter_source("database_url") is ParameterSource.COMMANDLINE
    plan = DemoOptions(
        centre=centre,
        host=host,
        port=port,
        hall_port=settings.server.port if hall_port is None else hall_port,
        folder=directory.absolute(),
        database=settings.server.database if named else f"sqlite:///{directory.absolute() / 'motcua.db'}",
        key_file=settings.server.key_file.absolute() if named else directory.absolute() / "motcua.key",
        keep=keep,
        scripted=scripted,
        once=once,
    )
    stage = DemoRunner(settings, plan)
    _end_on_signals(stage, gevent.signal_handler)
    stage.run()


def _end_on_signals(stage: "DemoRunner", on_signal: object) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and callable(on_signal):
            on_signal(number, stage.end)
