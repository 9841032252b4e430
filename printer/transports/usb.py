"""A USB printer without a driver, through libusb and python-escpos, which knows how to take it from the kernel."""

import time
from contextlib import suppress
from typing import Any

from printer.errors import DeviceError
from printer.transports.base import PIECE, Transport

PRINTER_CLASS = 7
NOT_PERMITTED, BUSY = 13, 16
UDEV_RULES = "config/deploy/60-motcua.rules"


class UsbLine(Transport):
    """The first printer with these ids, and this serial number where one is given."""

    def __init__(self, vendor: int, product: int, serial_number: str | None, timeout: float) -> None:
        super().__init__(timeout)
        self._name = f"usb://{vendor:04x}:{product:04x}"
        import usb.core  # noqa: PLC0415 - libusb is needed only where a printer hangs on USB

        self._usb_error: type[Exception] = usb.core.USBError
        self._timeout_error: type[Exception] = usb.core.USBTimeoutError
        try:
            device = _find(vendor, product, serial_number)
            if device is None:
                raise DeviceError(f"{self._name}: not plugged in, switched off, or another serial number")
            self._open(device)
        except usb.core.NoBackendError as error:
            raise DeviceError(f"{self._name}: libusb is missing: apt-get install libusb-1.0-0") from error
        except usb.core.USBError as error:
            raise DeviceError(self._why(error)) from error

    def _open(self, device: Any) -> None:
        from escpos.exceptions import Error as EscposError  # noqa: PLC0415 - slow to load
        from escpos.printer import Usb  # noqa: PLC0415

        self._in, self._out = endpoints(device)
        self._printer = Usb(
            usb_args={"custom_match": lambda other: (other.bus, other.address) == (device.bus, device.address)},
            timeout=round(self._timeout * 1000),
            in_ep=self._in or 0,
            out_ep=self._out,
        )
        try:
            self._printer.open()
        except EscposError as error:
            raise DeviceError(self._why(error.__context__ or error)) from error
        self._claim(self._printer.device)

    def _claim(self, device: Any) -> None:
        """Take the printer's own interface. python-escpos frees the first one only, and logs a busy one as no error."""
        import usb.core  # noqa: PLC0415
        import usb.util  # noqa: PLC0415

        interface = printer_interface(device)
        number = interface.bInterfaceNumber if interface is not None else 0
        try:
            with suppress(NotImplementedError):
                if device.is_kernel_driver_active(number):
                    device.detach_kernel_driver(number)
            usb.util.claim_interface(device, number)
        except usb.core.USBError as error:
            self._printer.close()
            raise DeviceError(self._why(error)) from error

    def _why(self, error: BaseException) -> str:
        """The usual causes in words that say what to do."""
        number = getattr(error, "errno", None)
        if number == NOT_PERMITTED:
            return (
                f"{self._name}: no permission: copy {UDEV_RULES} to /etc/udev/rules.d, add the user to the group lp"
                " (usermod -aG lp USER), and plug the printer in again"
            )
        if number == BUSY:
            return (
                f"{self._name}: another program or driver has it: stop it (is there a CUPS queue for it?), or"
                " print through it: file:///dev/usb/lp0 for usblp, cups://QUEUE for CUPS"
            )
        return f"{self._name}: cannot be opened: {error}"

    def _push(self, data: bytes, seconds: float) -> int:
        """Straight to pyusb: python-escpos does not tell how many bytes went out before a time-out."""
        taken, deadline = 0, time.monotonic() + seconds
        while taken < len(data) and (left := deadline - time.monotonic()) > 0:
            piece = data[taken : taken + PIECE]
            try:
                taken += int(self._printer.device.write(self._out, piece, max(1, round(left * 1000))))
            except self._timeout_error:
                break
            except self._usb_error as error:
                raise DeviceError(f"the line to the printer broke: {error}") from error
        return taken

    def _receive(self, seconds: float) -> bytes:
        if self._in is None:
            return b""
        try:
            return bytes(self._printer.device.read(self._in, 64, max(1, round(seconds * 1000))))
        except self._timeout_error:
            return b""
        except self._usb_error as error:
            raise DeviceError(f"the line to the printer broke: {error}") from error

    def close(self) -> None:
        """Give the printer back."""
        self._printer.close()


def _find(vendor: int, product: int, serial_number: str | None) -> Any:
    import usb.core  # noqa: PLC0415

    for device in usb.core.find(find_all=True, idVendor=vendor, idProduct=product):
        if serial_number is None or read_text(device, device.iSerialNumber) == serial_number:
            return device
    return None


def read_text(device: Any, index: int) -> str | None:
    """A text of the device's descriptor; None where it has none or we may not read it."""
    import usb.core  # noqa: PLC0415
    import usb.util  # noqa: PLC0415

    try:
        text: str | None = usb.util.get_string(device, index) if index else None
    except (usb.core.USBError, ValueError, NotImplementedError):
        return None
    return text


def printer_interface(device: Any) -> Any:
    """The device's interface of the printer class, else None."""
    return next((i for configuration in device for i in configuration if i.bInterfaceClass == PRINTER_CLASS), None)


def endpoints(device: Any) -> tuple[int | None, int]:
    """Addresses of the endpoints in (None: the printer only listens) and out. `DeviceError` where there is none."""
    interface = printer_interface(device) or next((i for configuration in device for i in configuration), None)
    addresses = [endpoint.bEndpointAddress for endpoint in interface or ()]
    out = next((address for address in addresses if not address & 0x80), None)
    if out is None:
        raise DeviceError("this USB device takes no bytes: not a printer")
    return next((address for address in addresses if address & 0x80), None), out
