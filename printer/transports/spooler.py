"""Printers that belong to the system's own queue: CUPS and Windows. Bytes go through raw; paper is theirs to watch."""

import os
import re
import subprocess
from dataclasses import replace
from typing import Any

from printer.errors import DeviceError, DeviceHungError
from printer.transports.status import CoverState, PaperState, PrinterStatus


class CupsQueue:
    """A CUPS queue, by the commands that every CUPS client has (no compiled binding needed).

    Not python-escpos's `LP`: it adds a line feed to each job and waits without a time-out.
    """

    def __init__(self, name: str, timeout: float) -> None:
        self._name = name
        self._timeout = timeout
        self.status()

    def write(self, data: bytes) -> int:
        """Queue the bytes as one raw job."""
        self._run(["lp", "-d", self._name, "-o", "raw", "-t", "motcua", "-s"], data)
        return len(data)

    def status(self) -> PrinterStatus:
        """What `lpstat` says of the queue: stopped or not, and the alerts of its driver."""
        told = self._run(["lpstat", "-l", "-p", self._name])
        return cups_status(told)

    def wait_until_processed(self, seconds: float) -> bool | None:  # noqa: ARG002 - the interface's
        """A queue cannot tell whether paper came out."""
        return None

    def release(self) -> None:
        """Nothing is held open."""

    def close(self) -> None:
        """Nothing is held open."""

    def _run(self, command: list[str], data: bytes | None = None) -> str:
        try:
            done = subprocess.run(
                command,
                input=data,
                capture_output=True,
                timeout=self._timeout,
                check=True,
                env=os.environ | {"LC_ALL": "C"},
            )
        except FileNotFoundError as error:
            raise DeviceError(f"cups://{self._name}: {command[0]} is missing: apt-get install cups-client") from error
        except subprocess.TimeoutExpired as error:
            raise DeviceHungError(f"cups://{self._name}: {command[0]} took more than {self._timeout:g} s") from error
        except subprocess.CalledProcessError as error:
            reason = " ".join(error.stderr.decode("utf-8", "replace").split())
            raise DeviceError(f"cups://{self._name}: {reason or 'lp failed'}") from error
        return done.stdout.decode("utf-8", "replace")


def cups_status(lpstat: str) -> PrinterStatus:
    """The status in the text of `lpstat -l -p QUEUE` (C locale). Alerts are IPP's printer-state-reasons (RFC 8011)."""
    alerts = re.search(r"Alerts: (.*)", lpstat)
    reasons = alerts[1] if alerts else ""
    stopped = " disabled since " in lpstat
    status = PrinterStatus(reachable=True, online=not stopped and "offline" not in reasons)
    if "media-empty" in reasons or "media-needed" in reasons:
        return replace(status, paper=PaperState.OUT)
    if "media-low" in reasons:
        status = replace(status, paper=PaperState.LOW)
    if "cover-open" in reasons or "door-open" in reasons:
        status = replace(status, cover=CoverState.OPEN)
    return replace(status, detail=f"CUPS: {'stopped' if stopped else reasons or 'accepts jobs'}")


# Bits of PRINTER_INFO_2.Status (Windows SDK, winspool.h).
WINDOWS_ERROR, WINDOWS_PAPER_OUT, WINDOWS_OFFLINE, WINDOWS_DOOR_OPEN = 0x2, 0x10, 0x80, 0x400000


class WindowsQueue:
    """A Windows printer, through python-escpos's `Win32Raw`: one raw document for each `write`."""

    def __init__(self, name: str, timeout: float) -> None:  # noqa: ARG002 - the spooler has no time-outs; `TimeoutGuard` has
        from escpos.printer import Win32Raw  # noqa: PLC0415 - slow to load

        if not Win32Raw.is_usable():
            raise DeviceError(f"win://{name}: needs Windows and pywin32: pip install pywin32")
        self._name = name
        self._printer = Win32Raw(name)

    def write(self, data: bytes) -> int:
        """Queue the bytes as one raw document."""
        from escpos.exceptions import Error as EscposError  # noqa: PLC0415

        try:
            self._printer.open(job_name="motcua")
            self._printer._raw(data)  # noqa: SLF001 - python-escpos's documented way for bytes of one's own
            self._printer.close()
        except (EscposError, OSError) as error:
            raise DeviceError(f"win://{self._name}: {error}") from error
        return len(data)

    def status(self) -> PrinterStatus:
        """What the spooler knows."""
        return windows_status(_windows_bits(self._name))

    def wait_until_processed(self, seconds: float) -> bool | None:  # noqa: ARG002 - the interface's
        """A queue cannot tell whether paper came out."""
        return None

    def release(self) -> None:
        """Nothing is held open between documents."""

    def close(self) -> None:
        """Nothing is held open between documents."""


def _windows_bits(name: str) -> int:
    import win32print  # noqa: PLC0415 - Windows only

    handle: Any = win32print.OpenPrinter(name)
    try:
        bits: int = win32print.GetPrinter(handle, 2)["Status"]
    finally:
        win32print.ClosePrinter(handle)
    return bits


def windows_status(bits: int) -> PrinterStatus:
    """The status in the bits of PRINTER_INFO_2. A bit that is not set says nothing: most drivers set none."""
    return PrinterStatus(
        reachable=True,
        online=False if bits & WINDOWS_OFFLINE else None,
        paper=PaperState.OUT if bits & WINDOWS_PAPER_OUT else PaperState.UNKNOWN,
        cover=CoverState.OPEN if bits & WINDOWS_DOOR_OPEN else CoverState.UNKNOWN,
        error=True if bits & WINDOWS_ERROR else None,
    )
