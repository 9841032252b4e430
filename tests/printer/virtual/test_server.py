import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from printer.errors import DeviceError
from printer.jobs.devices import open_device
from printer.rendering.escpos_raster import encode
from printer.virtual.control_server import ControlServer
from printer.virtual.printer import VirtualPrinter
from printer.virtual.server import PrinterServer
from printer.virtual.slip_archive import SlipArchive
from tests.printer.conftest import LONG_TIME, Hall, same

BLACK = Image.new("1", (576, 40), 0)
DATA = encode(BLACK, "full")


@pytest.fixture
def web(paper_hall: Hall) -> Iterator[str]:
    door = ControlServer(paper_hall.machine, paper_hall.folder, 0)
    yield f"http://127.0.0.1:{door.port}"
    door.close()


def fetch(url: str, body: bytes | None = None) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(url, body, timeout=LONG_TIME) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def line_to(hall: Hall) -> socket.socket:
    return socket.create_connection(("127.0.0.1", hall.server.port), LONG_TIME)


def test_a_slip_that_comes_byte_by_byte_is_the_same_slip(paper_hall: Hall) -> None:
    with line_to(paper_hall) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in DATA[:200]:
            line.sendall(bytes([byte]))
        line.sendall(DATA[200:])
        assert same(paper_hall.pictures(1)[0], BLACK)


def test_connections_are_served_one_after_the_other(paper_hall: Hall) -> None:
    lines = [line_to(paper_hall) for _ in range(4)]
    for line in lines[1:]:
        line.sendall(DATA)
    lines[0].sendall(DATA)
    assert len(paper_hall.pictures(1)) == 1
    for line in lines:
        line.close()
    assert all(same(picture, BLACK) for picture in paper_hall.pictures(4))
    assert paper_hall.warnings() == [[]] * 4


def test_garbage_and_a_hang_up_leave_the_printer_well(paper_hall: Hall) -> None:
    with line_to(paper_hall) as line:
        line.sendall(bytes(byte for byte in range(256) if byte not in b"\x1b\x1c\x1d") * 8)
    device = open_device(paper_hall.url, 2.0)
    assert device.status().problems == ()
    device.close()


def test_a_port_that_is_taken_is_one_clear_line(paper_hall: Hall) -> None:
    with pytest.raises(DeviceError, match="cannot listen: Address already in use"):
        PrinterServer(paper_hall.machine, "127.0.0.1", paper_hall.server.port)
    with pytest.raises(DeviceError, match="cannot listen"):
        ControlServer(paper_hall.machine, paper_hall.folder, paper_hall.server.port)


def test_slips_survive_a_restart_and_are_never_overwritten(tmp_path: Path) -> None:
    for _ in range(3):
        folder = SlipArchive(tmp_path)
        VirtualPrinter(576, folder.keep).connect(lambda _answer: None).receive(DATA)
    assert [slip["name"] for slip in SlipArchive(tmp_path).slips()] == [f"slip-000{number}.png" for number in (3, 2, 1)]


def test_a_folder_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceError, match="cannot be used for slips"):
        SlipArchive(tmp_path / "file")


def test_the_web_door_lists_slips_newest_first_with_their_warnings(paper_hall: Hall, web: str) -> None:
    with line_to(paper_hall) as line:
        line.sendall(DATA + b"\x1bz" + DATA)
        paper_hall.pictures(2)
    status, kind, body = fetch(f"{web}/slips")
    slips: list[dict[str, Any]] = json.loads(body)
    assert (status, kind) == (200, "application/json")
    assert [(slip["name"], slip["width"], slip["height"]) for slip in slips] == [
        ("slip-0002.png", 576, 40),
        ("slip-0001.png", 576, 40),
    ]
    assert [slip["warnings"] for slip in slips] == [["unknown command 1b 7a"], []]
    assert all("T" in slip["made_at"] for slip in slips)
    status, kind, body = fetch(f"{web}/slips/slip-0001.png")
    assert (status, kind, body[:4]) == (200, "image/png", b"\x89PNG")


def test_the_page_is_there(web: str) -> None:
    status, kind, body = fetch(web + "/")
    assert (status, kind) == (200, "text/html; charset=utf-8")
    assert b"/slips" in body


def test_conditions_are_set_and_read_over_the_web_door(paper_hall: Hall, web: str) -> None:
    status, _, body = fetch(f"{web}/conditions", b'{"paper": "out", "cover_open": true}')
    assert status == 200
    assert json.loads(body)["paper"] == "out"
    device = open_device(paper_hall.url, 2.0)
    assert device.status().problems == ("paper_out", "cover_open")
    device.close()
    assert json.loads(fetch(f"{web}/conditions")[2])["cover_open"] is True


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"paper": "wet"}', b'{"mood": "bad"}', b"x" * 5000, b'{"bytes_per_second": -1}']
)
def test_wrong_conditions_are_refused_and_change_nothing(paper_hall: Hall, web: str, body: bytes) -> None:
    before = paper_hall.machine.conditions
    status, _, answer = fetch(f"{web}/conditions", body)
    assert status == 422
    assert json.loads(answer)["detail"]
    assert paper_hall.machine.conditions == before


@pytest.mark.parametrize("path", ["/nothing", "/slips/slip-9999.png", "/slips/../../etc/passwd", "/slips/%2e%2e/x"])
def test_nothing_else_is_handed_out(web: str, path: str) -> None:
    assert fetch(web + path)[0] == 404
    assert fetch(web + path, b"{}")[0] == 404
