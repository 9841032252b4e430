"""`motcua kiosk`."""

import logging
import os
import sys
from dataclasses import dataclass

import click

from config.cli import MotcuaCommand
from config.errors import MotcuaError
from config.i18n import LanguageError, available_languages, why_not_drawn
from config.settings import Settings, too_small
from kiosk.maintenance.pin import PIN_FILE, Pin
from kiosk.process.kivy_environment import has_display, prepare
from kiosk.process.watchdog import Watchdog, is_watched
from printer.jobs.devices import DEFAULT_VIRTUAL_DIR, is_configured

NO_PRINTER = (
    f"motcua: no printer is set up: slips become pictures in {DEFAULT_VIRTUAL_DIR}."
    " `motcua printer list` finds printers, `motcua printer test URL` tries one;"
    " then put its URL into printer.url (or MOTCUA_PRINTER__URL)."
)


class NoTokenError(MotcuaError):
    """The kiosk has not been enrolled."""

    exit_code = 2


@dataclass(frozen=True)
class Size:
    width: int
    height: int


class SizeType(click.ParamType[Size]):
    """A window size such as 1080x1920."""

    name = "WxH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Size:
        if isinstance(value, Size):
            return value
        width, _, height = str(value).lower().partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            self.fail(f"{value!r} is not a size such as 1080x1920", param, ctx)
        if reason := too_small(int(width), int(height)):
            self.fail(f"{value}: {reason}", param, ctx)
        return Size(int(width), int(height))


@click.command(cls=MotcuaCommand)
@click.argument("task", required=False, type=click.Choice(["pin"]))
@click.option("--windowed", is_flag=True, help="A window instead of the whole screen.")
@click.option("--size", type=SizeType(), help="Size of that window, e.g. 1080x1920 or 1920x1080.")
@click.option("--remote-port", type=click.IntRange(0, 65535), help="Picture and taps over HTTP on 127.0.0.1; 0 is off.")
@click.option("--watched", is_flag=True, help="Start the kiosk anew whenever it ends or hangs (Linux).")
@click.pass_obj
def kiosk(
    settings: Settings, *, task: str | None, windowed: bool, size: Size | None, remote_port: int | None, watched: bool
) -> None:
    """The touchscreen: take a number.

    `motcua kiosk pin` sets the PIN of its service screen: asked for twice, or one line of standard input.
    """
    if task == "pin":
        _set_pin(settings)
        return
    if watched:
        sys.exit(Watchdog([sys.executable, *(word for word in sys.orig_argv[1:] if word != "--watched")]).run())
    settings = _with_options(settings, windowed=windowed, size=size, remote_port=remote_port)
    own = settings.kiosk
    if not own.token:
        raise NoTokenError("kiosk.token is not set: enrol this kiosk with `motcua device add kiosk NAME`")
    _check_languages(own.language)
    off_screen = not has_display()
    prepare(width=own.width, height=own.height, fullscreen=own.fullscreen and not off_screen, data_dir=own.data_dir)
    if off_screen:
        click.echo("motcua: no display here, the kiosk is drawn off-screen", err=True)
    logging.getLogger("kivy").addFilter(_is_no_known_noise)
    if not is_configured(settings.printer.url):
        click.echo(NO_PRINTER, err=True)
    from kiosk.app import run  # noqa: PLC0415 - Kivy reads the environment while being imported

    if run(settings) and not is_watched():
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves, once more


def _check_languages(first: str) -> None:
    """A language that this machine cannot draw is left out and said; the first one cannot be left out."""
    for code in available_languages():
        if reason := why_not_drawn(code):
            if code == first:
                raise LanguageError(f"kiosk.language = {code!r} cannot be shown: {reason}")
            click.echo(f'motcua: the language "{code}" is left out: {reason}', err=True)


def _set_pin(settings: Settings) -> None:
    if sys.stdin.isatty():
        pin = click.prompt("New PIN", hide_input=True, confirmation_prompt=True)
    else:
        pin = sys.stdin.readline().strip()
    Pin(settings.kiosk.data_dir / PIN_FILE).set(pin)
    click.echo("motcua: the PIN of the service screen is set", err=True)


def _is_no_known_noise(record: logging.LogRecord) -> bool:
    # A library that reads touch devices past the window, which we never want, and its absence.
    return "MTDev is not supported" not in record.getMessage()


def _with_options(settings: Settings, *, windowed: bool, size: Size | None, remote_port: int | None) -> Settings:
    changes: dict[str, object] = {}
    if windowed or size:
        changes["fullscreen"] = False
    if size:
        changes |= {"width": size.width, "height": size.height}
    if remote_port is not None:
        changes["remote_port"] = remote_port
    return settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update=changes)})
