from types import SimpleNamespace

import pytest

from printer.finding import find_printers, find_serial


def test_serial_ports_with_something_on_them_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Port(SimpleNamespace):
        def __lt__(self, other: "Port") -> bool:
            return bool(self.device < other.device)

    ports = [
        Port(device="/dev/ttyUSB0", description="USB-Serial", hwid="USB VID:PID=1A86:7523"),
        Port(device="/dev/ttyS0", description="n/a", hwid="n/a"),
        Port(device="COM3", description="USB-Serial", hwid="USB VID:PID=1A86:7523"),
    ]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: ports)
    assert [found.url for found in find_serial()] == ["serial:///dev/ttyUSB0?baud=115200", "serial:///COM3?baud=115200"]


def test_looking_never_fails_whatever_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found, missing = find_printers()
    assert isinstance(found, list)
    assert any("CUPS" in line for line in missing)
