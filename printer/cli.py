"""`motcua printer …`"""

import signal
import threading
from ipaddress import IPv4Network
from pathlib import Path
from types import FrameType

import click

from config.cli import MotcuaGroup
from config.settings import Settings
from printer.errors import DeviceError

CONFIRM_SECONDS = 10.0
WHAT_TO_LOOK_AT = """\
On the paper: a side of the frame is missing: the layout is too wide, take standard_58mm. The number is small: add
?profile=plain_picture to the URL. Stripes, or grey fields that run together: turn density or speed down on the printer.
No cut: it has no knife, tear the slip off. Strange letters instead of a picture: it is no ESC/POS printer."""


@click.group(cls=MotcuaGroup)
def printer() -> None:
    """Find, test and imitate printers."""


class NetworkType(click.ParamType[IPv4Network]):
    """A network such as 192.168.1.0/24."""

    name = "A.B.C.D/N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> IPv4Network:
        try:
            return IPv4Network(str(value), strict=False)
        except ValueError:
            self.fail(f"{value!r} is not a network such as 192.168.1.0/24", param, ctx)


@printer.command(name="list")
@click.option(
    "--network",
    type=NetworkType(),
    help="Look for network printers there too, such as 192.168.1.0/24: knocks on each address's port, sends nothing.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=9100, show_default=True, help="With --network.")
def list_printers(network: IPv4Network | None, port: int) -> None:
    """Printers that this machine can see, as URLs for `printer.url`. No network is touched without --network."""
    from printer.transports.discovery import discover_printers, find_network  # noqa: PLC0415 - USB and serial libraries load slowly

    found, missing = discover_printers()
    if network is not None:
        try:
            found += find_network(network, port)
        except LookupError as error:
            raise click.BadParameter(str(error), param_hint="--network") from error
    for one in found:
        click.echo(f"{one.url}\t{one.words}")
    for line in missing:
        click.echo(line, err=True)
    if found:
        click.echo("Try one with: motcua printer test URL. Then put it into printer.url of the settings.", err=True)
    else:
        click.echo(
            "No printer found. Is it plugged in and switched on? A network printer is tcp://ADDRESS:9100 (its self-test"
            " page shows the address; --network 192.168.1.0/24 looks for it). Without one: motcua printer virtual",
            err=True,
        )


def _whole_bytes(_context: click.Context, _option: click.Parameter, width: int | None) -> int | None:
    if width is not None and width % 8:
        raise click.BadParameter(f"{width} is not a multiple of 8")
    return width


@printer.command()
@click.argument("url", required=False)
@click.option(
    "--width",
    type=click.IntRange(256, 832),
    callback=_whole_bytes,
    help="Dots across, a multiple of 8; if not given, the printer's or the layout's own.",
)
@click.pass_obj
def test(settings: Settings, url: str | None, width: int | None) -> None:
    """Print a slip that shows width, density, diacritics, QR and cut.

    URL: the printer; without one it is printer.url of the settings.
    """
    from printer.jobs.devices import DEFAULT_VIRTUAL_DIR, is_configured, open_device  # noqa: PLC0415
    from printer.rendering.profile import profile_of  # noqa: PLC0415
    from printer.rendering.sample import encode_test  # noqa: PLC0415
    from printer.slip.layout import load_layout  # noqa: PLC0415

    url = url or settings.printer.url
    device = open_device(url, settings.printer.timeout_seconds)
    profile = profile_of(url)
    data = encode_test(width or profile.width or load_layout(settings.printer.layout).width, profile)
    try:
        if device.status().blocked:
            raise DeviceError(f"{url}: {device.status().message('en')}")
        if device.write(data) < len(data):
            raise DeviceError(f"{url}: the printer took only a part of the slip: {device.status().detail}")
        confirmed = device.wait_until_processed(CONFIRM_SECONDS)
        if not is_configured(url):
            click.echo(
                f"drawn as a picture in {DEFAULT_VIRTUAL_DIR}, not printed: no printer is set (printer.url is {url})"
            )
        elif confirmed:
            click.echo("printed")
            click.echo(WHAT_TO_LOOK_AT, err=True)
        elif device.status().blocked:
            raise DeviceError(f"the slip is in the printer: {device.status().message('en')}")
        else:
            click.echo("sent (this printer does not confirm)")
            click.echo(WHAT_TO_LOOK_AT, err=True)
    finally:
        device.close()


@printer.command()
@click.argument("url", required=False)
@click.pass_obj
def status(settings: Settings, url: str | None) -> None:
    """How the printer is, by its own word. Exit 1 where it cannot print."""
    from printer.jobs.devices import open_device  # noqa: PLC0415

    device = open_device(url or settings.printer.url, settings.printer.timeout_seconds)
    try:
        now = device.status()
    finally:
        device.close()
    online = {True: "yes", False: "no", None: "unknown"}[now.online]
    error = {True: "yes", False: "no", None: "unknown"}[now.error]
    for name, value in {"online": online, "paper": now.paper, "cover": now.cover, "cutter": now.cutter}.items():
        click.echo(f"{name}\t{value}")
    click.echo(f"error\t{error}")
    if now.detail:
        click.echo(now.detail, err=True)
    if now.blocked:
        raise DeviceError(now.message("en"))


@printer.command()
@click.argument("layout")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.png", help="[default: LAYOUT.png]"
)
@click.option("--language", default="vi", show_default=True, help="The visitor's language.")
@click.option("--copy", "is_copy", is_flag=True, help="As a reprint.")
@click.option("--offline", is_flag=True, help="As issued without the server.")
@click.option("--emblem", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.png", help="The centre's own.")
def preview(
    layout: str, output: Path | None, language: str, *, is_copy: bool, offline: bool, emblem: Path | None
) -> None:
    """Draw a sample slip in LAYOUT (a name in config/tickets, or a path) as a picture."""
    from printer.rendering.profile import DEFAULT, load_profile  # noqa: PLC0415
    from printer.rendering.sample import sample_slip  # noqa: PLC0415
    from printer.rendering.slip_bytes import as_picture  # noqa: PLC0415
    from printer.slip.layout import load_layout  # noqa: PLC0415

    loaded = load_layout(layout)
    output = output or Path(Path(layout).stem + ".png")
    try:
        png = emblem.read_bytes() if emblem else None
        slip = sample_slip(language=language, copy=is_copy, offline=offline, emblem=png)
    except OSError as error:
        raise click.BadParameter(f"{emblem}: {error.strerror}", param_hint="--emblem") from error
    except ValueError as error:
        raise click.BadParameter(f"{language!r} is not a language code", param_hint="--language") from error
    picture, data = as_picture(slip, loaded, load_profile(DEFAULT))
    try:
        picture.save(output, format="png")
    except OSError as error:
        raise DeviceError(f"{output}: cannot be written: {error.strerror}") from error
    size = f"{picture.width}x{picture.height} dots, {picture.height / loaded.dots_per_mm:.0f} mm"
    click.echo(f"{output}\t{size}, {len(data)} bytes")


@printer.command()
@click.option("--port", type=click.IntRange(0, 65535), default=9100, show_default=True, help="0: a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 to print from other machines.")
@click.option(
    "--web-port", type=click.IntRange(0, 65535), default=0, help="For the page with the paper; 0: a free one."
)
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), default=Path("var/slips"), show_default=True
)
@click.option("--width", type=click.IntRange(64, 2048), default=576, show_default=True, help="Dots across.")
def virtual(port: int, host: str, web_port: int, directory: Path, width: int) -> None:
    """Imitate a printer on a TCP port: each slip becomes a picture in DIRECTORY.

    Prints its two addresses on one line: the printer's URL and that of a page that shows the paper and sets faults.
    """
    from printer.virtual.control_server import ControlServer  # noqa: PLC0415
    from printer.virtual.printer import VirtualPrinter  # noqa: PLC0415
    from printer.virtual.server import PrinterServer  # noqa: PLC0415
    from printer.virtual.slip_archive import SlipArchive  # noqa: PLC0415

    stop = threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, ask_to_stop)
    folder = SlipArchive(directory, report=lambda text: click.echo(text, err=True))
    machine = VirtualPrinter(width, folder.keep)
    server = PrinterServer(machine, host, port)
    web = ControlServer(machine, folder, web_port)
    click.echo(f"tcp://{host}:{server.port} http://127.0.0.1:{web.port}")
    stop.wait()
    server.close()
    web.close()
