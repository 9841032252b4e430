"""A device file of the kernel's, such as /dev/usb/lp0, or a plain file."""

import os
import select
import time
from functools import partial
from pathlib import Path

from printer.errors import DeviceError
from printer.transports.base import Transport, if_not_permitted, push, reason_of
from printer.transports.status import PrinterStatus


class FileTransport(Transport):
    """A device file such as /dev/usb/lp0, or any file or pipe; bytes are appended.

    Opened without blocking: a printer without paper makes the kernel refuse bytes, and that must not hang us.
    """

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__(timeout)
        self._two_way = path.is_char_device()
        mode = os.O_RDWR if self._two_way else os.O_WRONLY | os.O_APPEND | os.O_CREAT
        try:
            self._file = os.open(path, mode | getattr(os, "O_NONBLOCK", 0), 0o644)
        except OSError as error:
            raise DeviceError(
                f"file://{path}: cannot be opened: {reason_of(error)}{if_not_permitted(error, 'lp')}"
            ) from error

    def status(self) -> PrinterStatus:
        """A device file is asked; a plain file has nothing to say."""
        if not self._two_way:
            return PrinterStatus(reachable=True, detail="a file does not tell")
        return super().status()

    def wait_until_processed(self, seconds: float) -> bool | None:
        """A plain file cannot tell."""
        return super().wait_until_processed(seconds) if self._two_way else None

    def _push(self, data: bytes, seconds: float) -> int:
        return push(self._file, data, seconds, partial(os.write, self._file))

    def _receive(self, seconds: float) -> bytes:
        try:
            received = os.read(self._file, 256) if select.select([self._file], [], [], seconds)[0] else b""
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceError(f"the line to the printer broke: {reason_of(error)}") from error
        if not received:  # such as /dev/null, which is always ready and never has anything
            time.sleep(min(seconds, 0.02))
        return received

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
