"""Printers that this machine can see, as URLs to paste into the settings."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any
from urllib.parse import quote

from printer.transports.usb import UDEV_RULES

RAW_PORT = 9100
# A /22. A hall's own network is smaller; more would be somebody else's business.
MAX_ADDRESSES = 1024
AT_ONCE, A_SECOND = 32, 100
CONNECT_TIMEOUT_SECONDS = 0.5


@dataclass(frozen=True)
class DiscoveredPrinter:
    """A printer, or a line that one may hang on. `url` is ready to use; `words` tell a person which one it is."""

    url: str
    words: str


def discover_printers() -> tuple[list[DiscoveredPrinter], list[str]]:
    """What was found, and one line for each kind that could not be looked for. No network is touched."""
    found: list[DiscoveredPrinter] = []
    missing: list[str] = []
    for look in (find_usb, find_kernel_devices, find_serial, find_cups):
        _collect(look, found, missing)
    return found, missing


def _collect(
    look: Callable[[], Iterator[DiscoveredPrinter]], found: list[DiscoveredPrinter], missing: list[str]
) -> None:
    try:
        found += look()
    except LookupError as error:
        missing.append(str(error))


def find_usb() -> Iterator[DiscoveredPrinter]:
    """Devices with an interface of the USB printer class (7). LookupError where libusb is missing."""
    import usb.core  # noqa: PLC0415 - libusb is needed only for this

    from printer.transports.usb import printer_interface, read_text  # noqa: PLC0415

    try:
        devices = list(usb.core.find(find_all=True))
    except usb.core.NoBackendError as error:
        raise LookupError("USB: libusb is missing: apt-get install libusb-1.0-0") from error
    for device in devices:
        if printer_interface(device) is not None:
            serial_number = read_text(device, device.iSerialNumber)
            url = f"usb://{device.idVendor:04x}:{device.idProduct:04x}" + (
                f"/{_quoted(serial_number)}" if serial_number else ""
            )
            names = [read_text(device, index) for index in (device.iManufacturer, device.iProduct)]
            yield DiscoveredPrinter(
                url, (" ".join(name for name in names if name) or "USB printer") + _access_problem(device)
            )


def _quoted(name: str) -> str:
    """A name as one part of a URL, whatever letters it has."""
    return quote(name, safe="")


def _access_problem(device: Any) -> str:
    """What will keep us from printing, if that can be seen without opening the printer."""
    node = Path(f"/dev/bus/usb/{device.bus or 0:03d}/{device.address or 0:03d}")
    if node.exists() and not os.access(node, os.R_OK | os.W_OK):
        return f" (no permission yet: install {UDEV_RULES} and join the group lp)"
    return ""


def find_kernel_devices() -> Iterator[DiscoveredPrinter]:
    """Printers that the kernel's driver usblp has taken; they print through it as well as by `usb://`."""
    for path in sorted(Path("/dev/usb").glob("lp*")):
        allowed = os.access(path, os.R_OK | os.W_OK)
        hint = "" if allowed else f" (no permission yet: install {UDEV_RULES} and join the group lp)"
        yield DiscoveredPrinter(f"file://{path}", f"the kernel's printer device{hint}")


def find_serial() -> Iterator[DiscoveredPrinter]:
    """Serial ports that something is plugged into. The speed is the printer's own; 9600 and 19200 are common too."""
    from serial.tools import list_ports  # noqa: PLC0415

    for port in sorted(list_ports.comports()):
        if port.hwid != "n/a":  # a port of the mainboard that nothing answers on
            path = port.device if port.device.startswith("/") else f"/{port.device}"
            yield DiscoveredPrinter(
                f"serial://{quote(path)}?baud=115200", f"{port.description} (set baud as on the printer)"
            )


def find_cups() -> Iterator[DiscoveredPrinter]:
    """Queues of CUPS. LookupError where its client is missing."""
    try:
        told = subprocess.run(["lpstat", "-e"], capture_output=True, text=True, timeout=5, check=False)
    except OSError as error:  # missing, or in a folder of the PATH that may not be entered
        raise LookupError("CUPS: lpstat is missing: apt-get install cups-client") from error
    except subprocess.TimeoutExpired as error:
        raise LookupError("CUPS: lpstat did not answer within 5 s") from error
    for name in told.stdout.split():
        yield DiscoveredPrinter(f"cups://{_quoted(name)}", "queue of the system (must be raw)")


def find_network(network: IPv4Network, port: int = RAW_PORT) -> list[DiscoveredPrinter]:
    """Machines of `network` that take connections on the printers' raw port. LookupError for too large a network.

    At most `A_SECOND` knocks a second and `AT_ONCE` at a time, each given up after half a second. Not a byte is sent:
    whatever listens there would print it.
    """
    if network.num_addresses > MAX_ADDRESSES:
        raise LookupError(
            f"{network} has {network.num_addresses} addresses; {MAX_ADDRESSES} are looked at at most (/22)"
        )
    with ThreadPoolExecutor(AT_ONCE, "knock") as pool:
        knocks = []
        for address in network.hosts():
            knocks.append((address, pool.submit(partial(_listens, str(address), port))))
            time.sleep(1 / A_SECOND)
    return [
        DiscoveredPrinter(f"tcp://{address}:{port}", "takes connections; try it")
        for address, knock in knocks
        if knock.result()
    ]


def _listens(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), CONNECT_TIMEOUT_SECONDS):
        return True
    return False
