"""A printer on a serial line, or on a USB adapter that looks like one."""

import os
import select
import time

import serial

from printer.errors import DeviceError
from printer.transports.base import Transport, if_not_permitted

# A port that says that it has room takes this much at once.
PIECE = 128


class SerialLine(Transport):
    """`flow`: none, rtscts, dsrdtr or xonxoff, as set on the printer's switches."""

    def __init__(self, port: str, baud: int, flow: str, timeout: float) -> None:
        super().__init__(timeout)
        try:
            self._port = serial.Serial(port, baud, timeout=0, write_timeout=timeout, **_flow(flow))
        except (serial.SerialException, ValueError, OSError) as error:
            what_to_do = if_not_permitted(error, "dialout")
            raise DeviceError(f"serial://{port}: cannot be opened: {_reason(error)}{what_to_do}") from error

    def unsent(self) -> int:
        """Bytes that the port has not sent yet."""
        try:
            return int(self._port.out_waiting)
        except (serial.SerialException, OSError) as error:
            raise DeviceError(f"the line to the printer broke: {_reason(error)}") from error

    def _push(self, data: bytes, seconds: float) -> int:
        """In small pieces, each written once the port has room: pyserial does not say how much it wrote in vain."""
        taken, deadline = 0, time.monotonic() + seconds
        try:
            while taken < len(data) and (left := deadline - time.monotonic()) > 0:
                if self._has_room(left):
                    taken += self._port.write(data[taken : taken + PIECE]) or 0
        except serial.SerialTimeoutException:
            return taken
        except (serial.SerialException, OSError) as error:
            raise DeviceError(f"the line to the printer broke: {_reason(error)}") from error
        return taken

    def _has_room(self, seconds: float) -> bool:
        if not hasattr(self._port, "fileno"):  # Windows: write waits by itself
            return True
        return bool(select.select([], [self._port], [], seconds)[1])

    def _receive(self, seconds: float) -> bytes:
        try:
            self._port.timeout = seconds
            first: bytes = self._port.read(1)
            return first + bytes(self._port.read(self._port.in_waiting)) if first else b""
        except (serial.SerialException, OSError) as error:
            raise DeviceError(f"the line to the printer broke: {_reason(error)}") from error

    def close(self) -> None:
        """Close the port."""
        self._port.close()


def _flow(flow: str) -> dict[str, bool]:
    return {} if flow == "none" else {flow: True}


def _reason(error: Exception) -> str:
    """What the system says: pyserial's own text names the port and the error's number once more."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if number else str(error)
