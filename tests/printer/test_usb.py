"""USB without a USB printer: pyusb's devices are played by plain objects."""

from types import SimpleNamespace
from typing import Any

import pytest
import usb.core
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers, text

from printer.errors import DeviceError
from printer.jobs.devices import device_factory
from printer.transports.base import Transport
from printer.transports.discovery import find_usb
from printer.transports.usb import UsbLine, endpoints, printer_interface


class Interface(list[Any]):
    def __init__(self, kind: int, *addresses: int, number: int = 0) -> None:
        super().__init__(SimpleNamespace(bEndpointAddress=address) for address in addresses)
        self.bInterfaceClass, self.bInterfaceNumber = kind, number


class Printer(list[Any]):
    """A device: configurations of interfaces of endpoints, and a line that takes and gives bytes."""

    backend = SimpleNamespace(__module__="usb.backend.fake")

    def __init__(self, *interfaces: Interface, serial: str | None = None) -> None:
        super().__init__([list(interfaces)])
        self.idVendor, self.idProduct, self.bus, self.address = 0x04B8, 0x0202, 1, 7
        self.iSerialNumber = 3 if serial else 0
        self.iManufacturer = self.iProduct = 0
        self.langids = (1033,)
        self.serial = serial
        self.written: list[tuple[int, bytes]] = []
        self.fault: Exception | None = None
        self.room: int | None = None  # bytes that it still takes; None: all
        self.with_driver: set[int] = set()  # interfaces that the kernel's driver has
        self.claimed: list[int] = []
        self.busy = False

    def is_kernel_driver_active(self, interface: int) -> bool:
        return interface in self.with_driver

    def detach_kernel_driver(self, interface: int) -> None:
        self.with_driver.remove(interface)

    def set_configuration(self) -> None:
        pass

    def reset(self) -> None:
        pass

    def write(self, endpoint: int, data: bytes, timeout: int) -> int:
        if self.fault:
            raise self.fault
        taken = data if self.room is None else data[: self.room]
        if self.room is not None:
            self.room -= len(taken)
        if not taken:
            raise usb.core.USBTimeoutError("no room")
        self.written.append((endpoint, taken))
        return len(taken)

    def read(self, endpoint: int, size: int, timeout: int) -> bytes:
        assert endpoint == 0x82
        raise usb.core.USBTimeoutError("nothing to read")


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> list[Printer]:
    devices: list[Printer] = []

    def find(find_all: bool = False, custom_match: Any = None, **ids: int) -> Any:
        found = [d for d in devices if all(getattr(d, key) == value for key, value in ids.items())]
        found = [d for d in found if custom_match is None or custom_match(d)]
        return iter(found) if find_all else next(iter(found), None)

    monkeypatch.setattr("usb.core.find", find)
    monkeypatch.setattr("usb.util.get_string", lambda device, _index: device.serial)
    monkeypatch.setattr("usb.util.dispose_resources", lambda _device: None)

    def claim(device: Printer, interface: int) -> None:
        if device.busy:
            raise usb.core.USBError("Resource busy", errno=16)
        device.claimed.append(interface)

    monkeypatch.setattr("usb.util.claim_interface", claim)
    return devices


def test_bytes_go_to_the_printers_own_endpoint(plugged_in: list[Printer]) -> None:
    plugged_in.append(Printer(Interface(3, 0x81), Interface(7, 0x82, 0x03)))
    line: Transport = UsbLine(0x04B8, 0x0202, None, 0.1)
    line.write(b"abc")
    assert plugged_in[0].written == [(3, b"abc")]
    assert not line.status().reports_status
    line.close()


def test_the_serial_number_chooses_between_twins(plugged_in: list[Printer]) -> None:
    plugged_in += [Printer(Interface(7, 0x82, 0x01), serial=number) for number in ("A", "B")]
    plugged_in[1].address = 8
    line = UsbLine(0x04B8, 0x0202, "B", 0.1)
    line.write(b"x")
    line.close()
    assert [printer.written for printer in plugged_in] == [[], [(1, b"x")]]
    with pytest.raises(DeviceError, match="another serial number"):
        UsbLine(0x04B8, 0x0202, "C", 0.1)


@pytest.mark.parametrize(
    ("errno", "words"),
    [
        (13, r"60-motcua\.rules to /etc/udev/rules\.d.*group lp"),
        (16, r"another program or driver has it.*file:///dev/usb/lp0.*cups://QUEUE"),
        (19, "cannot be opened"),
    ],
)
def test_why_it_cannot_be_opened_is_said_with_what_to_do(
    plugged_in: list[Printer], monkeypatch: pytest.MonkeyPatch, errno: int, words: str
) -> None:
    plugged_in.append(Printer(Interface(7, 0x82, 0x01)))

    def refused(_device: Printer) -> None:
        raise usb.core.USBError("refused", errno=errno)

    monkeypatch.setattr("escpos.printer.Usb._check_driver", refused)
    with pytest.raises(DeviceError, match=words):
        UsbLine(0x04B8, 0x0202, None, 0.1)


def test_without_libusb_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_backend(**_wanted: Any) -> Any:
        raise usb.core.NoBackendError("no")

    monkeypatch.setattr("usb.core.find", no_backend)
    with pytest.raises(DeviceError, match=r"libusb-1\.0-0"):
        UsbLine(1, 2, None, 0.1)
    with pytest.raises(LookupError, match=r"libusb-1\.0-0"):
        list(find_usb())


def test_a_printer_that_another_program_has_is_refused_with_what_to_do(plugged_in: list[Printer]) -> None:
    plugged_in.append(Printer(Interface(7, 0x82, 0x01)))
    plugged_in[0].busy = True
    with pytest.raises(DeviceError, match="another program or driver has it"):
        UsbLine(0x04B8, 0x0202, None, 0.1)


def test_the_printers_own_interface_is_taken_from_the_kernel(plugged_in: list[Printer]) -> None:
    printer = Printer(Interface(3, 0x81), Interface(7, 0x82, 0x03, number=1))
    printer.with_driver = {1}
    plugged_in.append(printer)
    UsbLine(0x04B8, 0x0202, None, 0.1).close()
    assert (printer.with_driver, printer.claimed) == (set(), [1])


def test_a_line_that_breaks_while_writing_is_an_error(plugged_in: list[Printer]) -> None:
    plugged_in.append(Printer(Interface(7, 0x82, 0x01)))
    line = UsbLine(0x04B8, 0x0202, None, 0.1)
    plugged_in[0].fault = usb.core.USBError("gone")
    with pytest.raises(DeviceError, match="broke"):
        line.write(b"x")
    line.close()


def test_bytes_that_a_full_printer_does_not_take_are_counted_and_sent_later(plugged_in: list[Printer]) -> None:
    printer = Printer(Interface(7, 0x82, 0x01))
    plugged_in.append(printer)
    line = UsbLine(0x04B8, 0x0202, None, 0.05)
    printer.room = 5000
    data = bytes(range(256)) * 40
    taken = line.write(data)
    assert taken == 5000
    assert line.status().busy or line.status().stalled
    printer.room = None
    assert line.write(data[taken:]) == len(data) - taken
    assert b"".join(each for _, each in printer.written) == data
    line.close()


def test_what_is_no_printer_is_refused() -> None:
    assert printer_interface(Printer(Interface(8, 0x81, 0x02))) is None
    with pytest.raises(DeviceError, match="not a printer"):
        endpoints(Printer(Interface(3, 0x81)))
    assert endpoints(Printer(Interface(7, 0x01))) == (None, 1)


@given(vendor=integers(0, 0xFFFF), product=integers(0, 0xFFFF), number=text(min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_list_prints_opens_that_very_printer(
    plugged_in: list[Printer], vendor: int, product: int, number: str
) -> None:
    printer = Printer(Interface(7, 0x82, 0x01), serial=number)
    printer.idVendor, printer.idProduct = vendor, product
    plugged_in[:] = [printer]
    (found,) = find_usb()
    line = device_factory(found.url)(0.1)
    line.write(b"x")
    assert printer.written == [(1, b"x")]
    line.close()


@pytest.mark.parametrize("url", ["usb://04b8:0e15", "usb://0x04b8:0x0E15", "usb://483:70b", "usb://04B8:ffff"])
def test_ids_are_hexadecimal_numbers_however_they_are_written(url: str) -> None:
    device_factory(url)


def test_a_usb_printer_is_listed_with_a_url_to_paste(plugged_in: list[Printer]) -> None:
    plugged_in += [Printer(Interface(3, 0x81)), Printer(Interface(7, 0x82, 0x01), serial="J6NF1")]
    assert [found.url for found in find_usb()] == ["usb://04b8:0202/J6NF1"]
