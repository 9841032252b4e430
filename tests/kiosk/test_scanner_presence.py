"""A declared scanner that is pulled out, through lists of input devices in the form the kernel writes."""

from pathlib import Path

import pytest

from kiosk.devices.scanner_presence import is_listed
from kiosk.maintenance.pin import Pin
from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.test_maintenance import PIN, open_service

POWER_BUTTON = """\
I: Bus=0019 Vendor=0000 Product=0001 Version=0000
N: Name="Power Button"
P: Phys=PNP0C0C/button/input0
S: Sysfs=/devices/LNXSYSTM:00/LNXSYBUS:00/PNP0C0C:00/input/input0
U: Uniq=
H: Handlers=kbd event0
B: PROP=0
B: EV=3
B: KEY=10000000000000 0

"""
SCANNER = """\
I: Bus=0003 Vendor=0c2e Product=0B61 Version=0110
N: Name="Metrologic Metrologic Scanner"
P: Phys=usb-0000:00:14.0-2/input0
S: Sysfs=/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0/0003:0C2E:0B61.0004/input/input9
U: Uniq=
H: Handlers=sysrq kbd leds event6
B: PROP=0
B: EV=120013
B: KEY=e0b0ffdf01cfffff fffffffffffffffe
B: MSC=10
B: LED=1f

"""


@pytest.mark.parametrize(
    ("declared", "there"),
    [
        ("0c2e:0b61", True),
        ("0C2E:0B61", True),
        ("metrologic", True),
        ("0c2e:0b62", False),
        ("0001:0110", False),
        ("kbd", False),
        ("honeywell", False),
    ],
)
def test_a_scanner_is_known_by_its_numbers_or_its_name(declared: str, there: bool) -> None:
    assert is_listed(declared, POWER_BUTTON + SCANNER) is there
    assert not is_listed(declared, POWER_BUTTON)


def test_it_is_offered_while_plugged_in_and_staff_hear_when_it_is_not(tmp_path: Path) -> None:
    listed, pulled = tmp_path / "devices", tmp_path / "pulled"
    listed.write_text(POWER_BUTTON + SCANNER)
    pulled.write_text(POWER_BUTTON)
    module = "kiosk.devices.scanner_presence"
    before = f"import {module}, pathlib; {module}.DEVICES = pathlib.Path({str(listed)!r})"
    offer = "Quét phiếu để xem lượt, hoặc thẻ căn cước để được ưu tiên"
    Pin(tmp_path / "data" / "pin.json").set(PIN)
    with FakeServer() as server, Kiosk(server.url, tmp_path, before=before, KIOSK__SCANNER="0c2e:0b61") as kiosk:
        until(lambda: offer in kiosk.state()["texts"], "the offer")
        until(lambda: server.reports and server.reports[-1]["scanner_missing"] is False, "a report")
        assert kiosk.state()["clipped"] == []
        pulled.replace(listed)
        until(lambda: offer not in kiosk.state()["texts"], "the offer withdrawn")
        until(lambda: server.reports[-1]["scanner_missing"], "the report that it is missing")
        assert open_service(kiosk)["service"]["scanner"] == "missing"
        state = until(lambda: (state := kiosk.state()) and "chưa cắm vào máy" in state["texts"] and state, "the word")
        assert state["clipped"] == []
        listed.write_text(POWER_BUTTON + SCANNER)
        until(lambda: kiosk.state()["service"]["scanner"] == "there", "the scanner again")
