"""Printers that this machine can see, as URLs to paste into the settings."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """A printer, or a line that one may hang on. `url` is ready to use; `words` tell a person which one it is."""

    url: str
    words: str


def find_printers() -> tuple[list[Found], list[str]]:
    """What was found, and one line for each kind that could not be looked for."""
    found: list[Found] = []
    missing: list[str] = []
    for look in (find_usb, find_serial, find_cups):
        _collect(look, found, missing)
    return found, missing


def _collect(look: Callable[[], Iterator[Found]], found: list[Found], missing: list[str]) -> None:
    try:
        found += look()
    except LookupError as error:
        missing.append(str(error))


def find_usb() -> Iterator[Found]:
    """Devices with an interface of the USB printer class (7). LookupError where libusb is missing."""
    import usb.core  # noqa: PLC0415 - libusb is needed only for this

    from printer.usb_line import printer_interface, read_text  # noqa: PLC0415

    try:
        devices = list(usb.core.find(find_all=True))
    except usb.core.NoBackendError as error:
        raise LookupError("USB: libusb is missing: apt-get install libusb-1.0-0") from error
    for device in devices:
        if printer_interface(device) is not None:
            serial_number = read_text(device, device.iSerialNumber)
            url = f"usb://{device.idVendor:04x}:{device.idProduct:04x}" + (f"/{serial_number}" if serial_number else "")
            names = [read_text(device, index) for index in (device.iManufacturer, device.iProduct)]
            yield Found(url, " ".join(name for name in names if name) or "USB printer")


def find_serial() -> Iterator[Found]:
    """Serial ports that something is plugged into. The speed is the printer's own; 9600 and 19200 are common too."""
    from serial.tools import list_ports  # noqa: PLC0415

    for port in sorted(list_ports.comports()):
        if port.hwid != "n/a":  # a port of the mainboard that nothing answers on
            path = port.device if port.device.startswith("/") else f"/{port.device}"
            yield Found(f"serial://{path}?baud=115200", f"{port.description} (set baud as on the printer)")


def find_cups() -> Iterator[Found]:
    """Queues of CUPS. LookupError where its client is missing."""
    try:
        told = subprocess.run(["lpstat", "-e"], capture_output=True, text=True, timeout=5, check=False)
    except FileNotFoundError as error:
        raise LookupError("CUPS: lpstat is missing: apt-get install cups-client") from error
    except subprocess.TimeoutExpired as error:
        raise LookupError("CUPS: lpstat did not answer within 5 s") from error
    for name in told.stdout.split():
        yield Found(f"cups://{name}", "queue of the system (must be raw)")
