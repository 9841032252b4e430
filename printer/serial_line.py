"""A printer on a serial line, or on a USB adapter that looks like one."""

import serial

from printer.errors import DeviceError, DeviceHungError
from printer.lines import Line, if_not_permitted

BITS_A_BYTE = 10


class SerialLine(Line):
    """`flow`: none, rtscts, dsrdtr or xonxoff, as set on the printer's switches."""

    def __init__(self, port: str, baud: int, flow: str, timeout: float) -> None:
        super().__init__(timeout)
        # So many bytes as pass in a third of the time-out: "no progress" then means no progress.
        self.chunk = max(64, int(baud / BITS_A_BYTE * timeout / 3))
        try:
            self._port = serial.Serial(port, baud, timeout=0, write_timeout=timeout, **_flow(flow))
        except (serial.SerialException, ValueError, OSError) as error:
            what_to_do = if_not_permitted(error, "dialout")
            raise DeviceError(f"serial://{port}: cannot be opened: {_reason(error)}{what_to_do}") from error

    def _send(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except serial.SerialTimeoutException as error:
            raise DeviceHungError(f"the printer takes no bytes (waited {self._timeout:g} s)") from error
        except (serial.SerialException, OSError) as error:
            raise DeviceError(f"the line to the printer broke: {_reason(error)}") from error

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
    return getattr(error, "strerror", None) or str(error)
