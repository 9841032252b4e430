"""No link of ours leads where a request's `Host` wants it to."""

import socket
from dataclasses import replace

import pytest

from config.settings import load_settings
from display_server.app import create_app
from display_server.services.core.server_names import base_address, is_this_machine_only
from display_server.services.devices.devices import DeviceKind, add_device
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost", "http://localhost"),
        ("LOCALHOST:80", "http://localhost:80"),
        (f"{socket.gethostname()}:8000", f"http://{socket.gethostname().lower()}:8000"),
        ("motcua.lan", "http://motcua.lan"),
        ("evil.example", None),
        ("evil.example:8000", None),
        ("127.0.0.1@evil.example", None),
        ("evil.example/127.0.0.1", None),
        ("127.0.0.1:notaport", None),
        ("192.0.2.7", None),
        ("0.0.0.0", None),
        ("2130706433", None),
        ("", None),
        ("motcua.lan.evil.example", None),
    ],
)
def test_only_our_own_names_are_believed(host: str, expected: str | None) -> None:
    server = load_settings(server={"names": ["motcua.lan"], "public_url": ""}).server
    assert base_address(server, "http", host) == expected


def test_the_public_address_beats_whatever_is_sent() -> None:
    server = load_settings(server={"public_url": "https://xep-hang.example.vn/"}).server
    assert base_address(server, "http", "evil.example") == "https://xep-hang.example.vn"


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)]
)
def test_what_is_reached_from_here_alone(host: str, expected: bool) -> None:
    assert is_this_machine_only(host) is expected


def test_a_slip_carries_no_address_of_a_stranger(small_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("display_server.services.core.server_names._is_address", lambda name: name == "192.168.1.10")
    token = add_device(small_hall.site, small_hall.centre_id, DeviceKind.KIOSK, "kiosk 9", None)
    server = small_hall.site.settings.server.model_copy(update={"public_url": ""})
    settings = small_hall.site.settings.model_copy(update={"server": server})
    client = create_app(replace(small_hall.site, settings=settings)).test_client()

    def taken(host: str) -> str | None:
        body = {"request_id": new_id(), "department": "HT"}
        headers = {"Authorization": f"Bearer {token}", "Host": host}
        address = client.post("/api/v1/tickets", json=body, headers=headers).get_json()["status_url"]
        return None if address is None else str(address)

    assert taken("evil.example") is None
    assert taken("127.0.0.1:8000") is None
    assert str(taken("192.168.1.10:8000")).startswith("http://192.168.1.10:8000/t/")
