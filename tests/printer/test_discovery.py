import subprocess
import time
from ipaddress import IPv4Network
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from printer.jobs.devices import is_configured, open_device
from printer.rendering.sample import render_setup_guide
from printer.transports.discovery import discover_printers, find_network, find_serial
from printer.transports.usb import UDEV_RULES
from tests.printer.conftest import Hall, same
from tests.server_process import MOTCUA, clean_environment

ROOT = Path(__file__).parent.parent.parent


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
    found, missing = discover_printers()
    assert isinstance(found, list)
    assert any("CUPS" in line for line in missing)


def test_a_network_is_looked_at_only_when_asked_and_not_a_byte_is_sent(paper_hall: Hall) -> None:
    assert "9100" not in " ".join(found.url for found in discover_printers()[0])
    heard: list[bytes] = []
    paper_hall.machine.bytes_before_disconnect = lambda data: heard.append(data) or data  # type: ignore[method-assign]
    found = find_network(IPv4Network("127.0.0.0/28"), paper_hall.server.port)
    assert [one.url for one in found] == [f"tcp://127.0.0.1:{paper_hall.server.port}"]
    time.sleep(0.1)
    assert b"".join(heard) == b""
    assert paper_hall.folder.slips() == []


def test_a_network_is_knocked_at_slowly() -> None:
    start = time.monotonic()
    assert find_network(IPv4Network("127.0.0.0/26"), 1) == []
    assert time.monotonic() - start >= 62 / 100


def test_a_network_that_is_too_large_is_refused() -> None:
    with pytest.raises(LookupError, match="/22"):
        find_network(IPv4Network("10.0.0.0/16"))


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MOTCUA, *words], env=clean_environment(), capture_output=True, text=True, check=False)


def test_the_command_prints_urls_to_paste(paper_hall: Hall) -> None:
    port = paper_hall.server.port
    done = run("printer", "list", "--network", "127.0.0.1/30", "--port", str(port))
    assert done.returncode == 0
    assert f"tcp://127.0.0.1:{port}\t" in done.stdout
    assert "motcua printer test URL" in done.stderr
    url = next(line.split("\t")[0] for line in done.stdout.splitlines() if line.startswith("tcp"))
    printed = run("printer", "test", url)
    assert (printed.returncode, printed.stdout) == (0, "printed\n")
    assert "standard_58mm" in printed.stderr


@pytest.mark.parametrize("network", ["10.0.0.0/8", "nonsense", "::1/128"])
def test_a_network_that_cannot_be_is_wrong_use(network: str) -> None:
    done = run("printer", "list", "--network", network)
    assert done.returncode == 2
    assert "--network" in done.stderr


def test_the_first_start_without_a_printer_says_on_paper_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_configured("virtual://")
    for _ in range(2):  # the second start finds paper, and says nothing more
        open_device("virtual://", 2.0).close()
    (slip,) = (tmp_path / "var/slips").glob("*.png")
    assert same(Image.open(slip), render_setup_guide(576))


def test_a_virtual_printer_that_was_chosen_needs_no_guide(tmp_path: Path) -> None:
    assert is_configured(f"virtual://{tmp_path}")
    open_device(f"virtual://{tmp_path}", 2.0).close()
    assert list(tmp_path.glob("*.png")) == []


def test_the_udev_rules_that_our_words_name_are_there_and_hold_for_every_usb_printer() -> None:
    assert 'ENV{ID_USB_INTERFACES}=="*:0701*:*", GROUP="lp"' in (ROOT / UDEV_RULES).read_text("utf-8")
