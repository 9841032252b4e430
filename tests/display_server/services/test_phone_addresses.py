"""No slip and no screen carries an address that a phone cannot open; who runs the server and the staff are told."""

import re
import socket
from types import SimpleNamespace

import pytest

from config.settings import SettingsError, load_settings
from display_server import wsgi_server as serving
from display_server.app import create_app
from display_server.services.core.actors import Actor
from display_server.services.core.server_names import opens_on_phones, phone_address
from display_server.services.devices.devices import DeviceKind, add_device
from display_server.services.reporting.dashboard import overview
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import ROOT, new_id

CLOSED = [
    "http://127.0.0.1:8000", "http://127.9.8.7", "http://localhost:8000", "http://LOCALHOST.", "http://motcua.localhost",
    "http://localhost.localdomain", "http://[::1]:8000", "http://[::]", "http://0.0.0.0:8000", "http://0", "http://127.1",
    "http://0x7f000001", "http://2130706433", "http://169.254.7.7", "http://[fe80::1]", "http://[fe80::1%25eth0]",
    "http://[::ffff:127.0.0.1]", "http://224.0.0.1", "http://255.255.255.255", "http://[ff02::1]", "http://a.invalid",
]  # fmt: skip
OPEN = [
    "https://xep-hang.example.vn", "http://192.168.1.10:8000", "http://10.0.0.5", "http://172.16.3.4/hall",
    "http://[2001:db8::7]:8000", "http://[fd12::1]", "http://motcua.lan",
]  # fmt: skip


@pytest.mark.parametrize("address", CLOSED)
def test_what_no_phone_opens(address: str) -> None:
    assert not opens_on_phones(address)
    assert phone_address(load_settings(server={"public_url": address}).server, "http", "192.168.1.10") is None


@pytest.mark.parametrize("address", OPEN)
def test_what_a_phone_may_open(address: str) -> None:
    assert opens_on_phones(address)
    assert phone_address(load_settings(server={"public_url": address}).server, "http", "localhost") == address


@pytest.mark.parametrize(
    "address",
    ["xep-hang.example.vn", "ftp://example.vn", "http://", "http://a:b@c", "http://a?b", "http://a:x", "http://a b"],
)
def test_what_is_no_address_is_refused_at_start(address: str) -> None:
    with pytest.raises(SettingsError, match="public_url"):
        load_settings(server={"public_url": address})


def test_without_a_public_address_the_kiosks_own_is_taken_where_phones_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "display_server.services.core.server_names.is_own", lambda *_: True
    )  # as on a machine that has them
    server = load_settings(server={"public_url": "", "names": ["motcua"]}).server
    asked = {host: phone_address(server, "http", host) for host in (
        "192.168.1.10:8000", "127.0.0.1:8000", "localhost", "169.254.1.1", "[::1]:8000", "server-pc", "server-pc.local",
        "motcua", "motcua.tinh.vn",
    )}  # fmt: skip
    assert [host for host, address in asked.items() if address] == ["192.168.1.10:8000", "motcua", "motcua.tinh.vn"]


@pytest.fixture
def no_public_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTCUA_SERVER__PUBLIC_URL", "")


@pytest.mark.usefixtures("no_public_url")
def test_a_kiosk_that_asks_on_the_same_machine_gets_no_code_and_staff_are_told(small_hall: ServiceHarness) -> None:
    """`small_hall` is made after the setting went: as shipped, and as most boxes of one machine were."""
    server = load_settings().server
    assert server.public_url == ""
    site = small_hall.site
    supervisor = Actor("staff", 1, "Hạnh", small_hall.centre_id, role="supervisor")
    token = add_device(site, small_hall.centre_id, DeviceKind.KIOSK, "kiosk 9", None)
    client = create_app(site).test_client()
    headers = {"Authorization": f"Bearer {token}", "Host": "127.0.0.1:8000"}
    ticket = client.post(
        "/api/v1/tickets", json={"request_id": new_id(), "department": "HT"}, headers=headers
    ).get_json()
    assert ticket["status_url"] is None
    assert ticket["page"].startswith("/t/")
    assert client.get(ticket["page"]).status_code == 200
    assert not overview(site, supervisor).slips_without_code, "no kiosk has reported yet"
    report = {"version": "1", "problems": [], "slips_waiting": 0, "to_hand_in": 0, "up_seconds": 1}
    assert client.post("/api/v1/kiosks/report", json=report, headers=headers).status_code == 200
    assert overview(site, supervisor).slips_without_code
    own = {**headers, "Host": f"{_own_address()}:8000"}
    assert client.post("/api/v1/kiosks/report", json=report, headers=own).status_code == 200
    assert overview(site, supervisor).slips_without_code == (_own_address() == "127.0.0.1")


@pytest.mark.usefixtures("no_public_url")
@pytest.mark.parametrize("path", ["/hall/pair", "/pair"])
def test_a_page_that_tells_others_an_address_never_tells_its_own_localhost(
    small_hall: ServiceHarness, path: str
) -> None:
    client = create_app(small_hall.site).test_client()
    told = client.get(path, headers={"Host": "localhost:8000"}).get_data(as_text=True)
    assert ">…/admin/" in told
    assert "localhost" not in told


def _own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "server.public_url is not set"),
        ("http://127.0.0.1:8000", "phones cannot open http://127.0.0.1:8000"),
        ("http://192.168.1.10:8000", ""),
    ],
)
def test_the_server_says_so_at_its_start_in_one_line(address: str, said: str, caplog: pytest.LogCaptureFixture) -> None:
    site = SimpleNamespace(settings=load_settings(server={"public_url": address}))
    serving._warn_of_slips(site)  # type: ignore[arg-type]
    assert len(caplog.messages) == bool(said)
    assert said in caplog.text


def test_the_shipped_settings_and_the_guide_ask_for_it() -> None:
    shipped = (ROOT / "config" / "deploy" / "motcua.toml").read_text()
    assert re.search(r"^public_url = ", shipped, re.MULTILINE)
    step = (ROOT / "docs" / "how-to" / "installation.md").read_text().partition("## 3. ")[2].partition("## 4. ")[0]
    assert "public_url" in step
