import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.ui.remote_control import RemoteControlServer, RemoteError
from tests.kiosk.driver import free_port


class Window:
    """Stands for the kiosk's window."""

    def __init__(self) -> None:
        self.taps: list[list[tuple[float, float]]] = []
        self.hangs = False

    def frame(self) -> bytes:
        if self.hangs:
            raise TimeoutError("the window does not draw")
        return b"\x89PNG"

    def tap(self, points: list[tuple[float, float]]) -> None:
        self.taps.append(points)

    def state(self) -> dict[str, Any]:
        return {"screen": "start", "texts": ["Lấy số"]}


@pytest.fixture
def window() -> Window:
    return Window()


@pytest.fixture
def port(window: Window) -> Iterator[int]:
    port = free_port()
    remote = RemoteControlServer(port, window)
    remote.start()
    yield port
    remote.stop()


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, body if isinstance(body, (bytes, type(None))) else json.dumps(body), headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, data


def test_the_picture(port: int) -> None:
    assert ask(port, "GET", "/frame.png?fresh=1") == (200, b"\x89PNG")


def test_the_state(port: int) -> None:
    status, data = ask(port, "GET", "/state")
    assert (status, json.loads(data)["texts"]) == (200, ["Lấy số"])


def test_one_finger_and_many(port: int, window: Window) -> None:
    assert ask(port, "POST", "/tap", {"x": 0.5, "y": 0.25})[0] == 200
    assert ask(port, "POST", "/tap", [{"x": 0, "y": 0}, {"x": 1, "y": 1}])[0] == 200
    assert window.taps == [[(0.5, 0.25)], [(0, 0), (1, 1)]]


@pytest.mark.parametrize("body", [b"", b"{", {"x": 2, "y": 0}, {"x": 0.5}, "text", [{"x": "a", "y": 0}]])
def test_a_tap_that_means_nothing_is_refused(port: int, window: Window, body: Any) -> None:
    assert ask(port, "POST", "/tap", body)[0] == 422
    assert window.taps == []


def test_a_page_of_another_site_cannot_tap(port: int, window: Window) -> None:
    assert ask(port, "POST", "/tap", {"x": 0.5, "y": 0.5}, Origin="https://example.com")[0] == 403
    assert ask(port, "POST", "/tap", {"x": 0.5, "y": 0.5}, Origin="http://127.0.0.1:8000")[0] == 200
    assert len(window.taps) == 1


def test_other_paths_and_long_bodies(port: int) -> None:
    assert ask(port, "GET", "/")[0] == 404
    assert ask(port, "POST", "/state", {})[0] == 404
    assert ask(port, "POST", "/tap", b" " * 100_000)[0] == 413


def test_a_window_that_hangs_is_said_so(port: int, window: Window) -> None:
    window.hangs = True
    assert ask(port, "GET", "/frame.png")[0] == 503


def test_a_port_that_is_taken_is_one_clear_line(port: int, window: Window) -> None:
    with pytest.raises(RemoteError, match=f"kiosk.remote_port {port}"):
        RemoteControlServer(port, window)
