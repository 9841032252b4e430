"""Printers by URL, all behind one small interface, none of them able to hang its caller.

usb://VENDOR:PRODUCT[/SERIAL]           hexadecimal ids, as `lsusb` and `motcua printer list` show them, 0x or not
tcp://HOST[:9100][?hold=yes]             one connection a use, so that kiosks can share it; hold: one for good
serial:///dev/ttyUSB0[?baud=115200&flow=none|rtscts|dsrdtr|xonxoff]
file:///dev/usb/lp0                     a device file, or any file: bytes are appended
cups://QUEUE          win://PRINTER     the system's own print queue, raw
virtual:///FOLDER[?width=384]           a printer in this process: keeps each slip as a picture in FOLDER,
                                        without a folder in var/slips

Each may end in ?profile=NAME, width=DOTS, code_page=NUMBER, slow=yes (joined by &): see `printer.rendering.profile`.
"""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from printer.errors import DeviceError, DeviceHungError, DeviceUrlError
from printer.rendering.profile import profile_of
from printer.transports.status import PrinterStatus

T = TypeVar("T")
GRACE_SECONDS = 0.5
DEFAULT_VIRTUAL_DIR = Path("var/slips")
# As `lsusb` shows them, and as users of python-escpos write them.
_USB_IDS = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,4}):(?:0[xX])?([0-9a-fA-F]{1,4})")


def is_configured(url: str) -> bool:
    """Whether a printer has been chosen at all; without one slips become pictures in `DEFAULT_VIRTUAL_DIR`."""
    parts = urlsplit(url)
    return parts.scheme != "virtual" or bool(parts.path.strip("/"))


class Device(Protocol):
    """A printer that is open. Every method raises `DeviceError` where the printer went away."""

    def write(self, data: bytes) -> int:
        """Send ESC/POS bytes; how many the printer took within the time-out. The rest may be sent again later."""

    def status(self) -> PrinterStatus:
        """Ask the printer how it is. What it does not say stays unknown."""

    def wait_until_processed(self, seconds: float) -> bool | None:
        """Wait up to `seconds` for the printer to say that it worked through everything written so far.

        True: it said so. False: not yet; ask again. None: this kind of device cannot tell.
        """

    def release(self) -> None:
        """Nothing is to be printed now: others may use the printer until the next call. Never raises."""

    def close(self) -> None:
        """Let go of the printer. Never raises."""


class TimeoutGuard:
    """Runs a device's calls in a thread of their own, so that one that hangs can be left behind."""

    def __init__(self, open_line: Callable[[], Device], timeout: float) -> None:
        self._timeout = timeout
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._device: Device | None = None
        threading.Thread(target=self._serve, name="printer-line", daemon=True).start()
        self._call(partial(self._open, open_line))

    def write(self, data: bytes) -> int:
        """See `Device.write`. `DeviceHungError` where the system itself does not come back."""
        return self._call(partial(self._opened().write, data))

    def status(self) -> PrinterStatus:
        """The device's status."""
        return self._call(self._opened().status)

    def wait_until_processed(self, seconds: float) -> bool | None:
        """See `Device.wait_until_processed`."""
        return self._call(partial(self._opened().wait_until_processed, seconds), seconds)

    def release(self) -> None:
        """See `Device.release`."""
        self._call(self._opened().release)

    def close(self) -> None:
        """Close the device, or leave it behind if it hangs even in that."""
        ended: Future[None] = Future()
        self._calls.put(partial(ended.set_result, None))
        self._calls.put(None)
        with suppress(FutureTimeoutError):
            ended.result(GRACE_SECONDS)

    def _open(self, open_line: Callable[[], Device]) -> None:
        self._device = open_line()

    def _opened(self) -> Device:
        if self._device is None:
            raise DeviceError("the printer is not open")
        return self._device

    def _call(self, function: Callable[[], T], extra_seconds: float = 0) -> T:
        future: Future[T] = Future()
        self._calls.put(partial(_run, function, future))
        try:
            return future.result(self._timeout + extra_seconds + GRACE_SECONDS)
        except FutureTimeoutError as error:
            self._calls.put(None)  # should it ever come back, its thread closes the device and ends
            raise DeviceHungError(f"the printer did not come back within {self._timeout:g} s") from error
        except DeviceError:
            raise
        except Exception as error:  # drivers and libraries have errors of their own kinds
            raise DeviceError(f"{type(error).__name__}: {error}") from error

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
        if self._device is not None:
            self._device.close()


def _run(function: Callable[[], T], future: "Future[T]") -> None:
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - carried over to the caller's thread
        future.set_exception(error)


def open_device(url: str, timeout: float = 10.0) -> Device:
    """Open the printer at `url`. Each call on it comes back within about `timeout` seconds.

    Raises `DeviceUrlError` for a URL that means nothing, `DeviceError` where the printer cannot be opened.
    """
    return TimeoutGuard(partial(device_factory(url), timeout), timeout)


def device_factory(url: str) -> Callable[[float], Device]:
    """What opens the printer at `url`, given a time-out; nothing is opened yet. Raises `DeviceUrlError`."""
    parts = _split(url)
    if parts.scheme not in _OPENERS:
        known = ", ".join(f"{scheme}://" for scheme in _OPENERS)
        raise DeviceUrlError(f"printer URL {url!r}: unknown kind {parts.scheme!r}; known are {known}")
    profile_of(url)
    for option in parse_qs(parts.query, keep_blank_values=True):
        if option not in {*_PAPER_OPTIONS, *_OPTIONS.get(parts.scheme, ())}:
            known = ", ".join([*_PAPER_OPTIONS, *_OPTIONS.get(parts.scheme, ())])
            raise DeviceUrlError(f"printer URL {url!r}: no option {option!r}; there are {known}")
    return _OPENERS[parts.scheme](url, parts)


def _split(url: str) -> SplitResult:
    if "://" not in url:
        raise DeviceUrlError(f"printer URL {url!r}: must look like tcp://HOST:9100 or usb://04b8:0202")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise DeviceUrlError(f"printer URL {url!r}: {error}") from error


def _tcp(url: str, parts: SplitResult) -> Callable[[float], Device]:
    try:
        host, port = parts.hostname, parts.port  # the port of the other kinds may be a hexadecimal id, or nothing
    except ValueError as error:
        raise DeviceUrlError(f"printer URL {url!r}: {error}") from error
    if not host or parts.path.strip("/"):
        raise DeviceUrlError(f"printer URL {url!r}: must be tcp://HOST or tcp://HOST:PORT")
    hold = parse_qs(parts.query).get("hold", ["no"])[-1]
    if hold not in {"yes", "no"}:
        raise DeviceUrlError(f"printer URL {url!r}: hold must be yes or no")
    from printer.transports.tcp import TcpTransport  # noqa: PLC0415 - each kind of line is loaded only where it is used

    return partial(TcpTransport, unquote(host), port or 9100, hold=hold == "yes")


def _serial(url: str, parts: SplitResult) -> Callable[[float], Device]:
    options = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    baud, flow = options.get("baud", "115200"), options.get("flow", "none")
    if not parts.path.strip("/") or not baud.isdecimal() or int(baud) == 0:
        raise DeviceUrlError(f"printer URL {url!r}: must be serial:///dev/ttyUSB0?baud=115200&flow=none")
    if flow not in {"none", "rtscts", "dsrdtr", "xonxoff"}:
        raise DeviceUrlError(f"printer URL {url!r}: flow must be none, rtscts, dsrdtr or xonxoff")
    from printer.transports.serial import SerialLine  # noqa: PLC0415

    return partial(SerialLine, _port_name(parts), int(baud), flow)


def _port_name(parts: SplitResult) -> str:
    path = unquote(parts.path)
    return path.lstrip("/") if path.lstrip("/").upper().startswith("COM") else path


def _usb(url: str, parts: SplitResult) -> Callable[[float], Device]:
    ids = _USB_IDS.fullmatch(parts.netloc)
    if ids is None:
        raise DeviceUrlError(
            f"printer URL {url!r}: must be usb://VENDOR:PRODUCT, two hexadecimal numbers such as 04b8:0e15"
        )
    from printer.transports.usb import UsbLine  # noqa: PLC0415

    return partial(UsbLine, int(ids[1], 16), int(ids[2], 16), unquote(parts.path.removeprefix("/")) or None)


def _file(url: str, parts: SplitResult) -> Callable[[float], Device]:
    if parts.netloc or not parts.path.strip("/"):
        raise DeviceUrlError(f"printer URL {url!r}: must be file:///PATH, with three slashes")
    from printer.transports.file import FileTransport  # noqa: PLC0415

    return partial(FileTransport, Path(unquote(parts.path)))


def _cups(url: str, parts: SplitResult) -> Callable[[float], Device]:
    from printer.transports.spooler import CupsQueue  # noqa: PLC0415

    return partial(CupsQueue, _queue_name(url, parts))


def _win(url: str, parts: SplitResult) -> Callable[[float], Device]:
    from printer.transports.spooler import WindowsQueue  # noqa: PLC0415

    return partial(WindowsQueue, _queue_name(url, parts))


def _queue_name(url: str, parts: SplitResult) -> str:
    name = unquote(parts.netloc + parts.path).strip("/")
    if not name or name.startswith("-"):
        raise DeviceUrlError(f"printer URL {url!r}: must be {parts.scheme}://NAME")
    return name


def _virtual(url: str, parts: SplitResult) -> Callable[[float], Device]:
    width = parse_qs(parts.query).get("width", ["576"])[-1]
    if parts.netloc or not width.isdecimal() or int(width) == 0:
        raise DeviceUrlError(
            f"printer URL {url!r}: must be virtual:///FOLDER (three slashes), with ?width=384 if need be"
        )
    from printer.virtual.transport import VirtualTransport  # noqa: PLC0415

    if parts.path.strip("/"):
        return partial(VirtualTransport, Path(unquote(parts.path)), int(width))
    return partial(VirtualTransport, DEFAULT_VIRTUAL_DIR, int(width), guides=True)


_PAPER_OPTIONS = ("profile", "width", "code_page", "slow")
_OPTIONS = {"tcp": ("hold",), "serial": ("baud", "flow")}
_OPENERS: dict[str, Callable[[str, SplitResult], Callable[[float], Device]]] = {
    "usb": _usb,
    "tcp": _tcp,
    "serial": _serial,
    "file": _file,
    "cups": _cups,
    "win": _win,
    "virtual": _virtual,
}
