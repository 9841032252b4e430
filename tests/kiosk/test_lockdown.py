"""A whole screen of X with a real keyboard and mouse on it (xdotool): nothing leads out of the kiosk."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from Xlib import X, display, protocol

from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer

WIDTH, HEIGHT = 540, 960
SAVER_OFF = 0  # of the MIT-SCREEN-SAVER extension
KEYS = (
    "Escape", "F1", "F4", "F5", "F10", "F11", "F12", "Print", "Super_L", "Menu", "Tab", "BackSpace", "Delete",
    "alt+F4", "alt+Tab", "alt+space", "alt+F2", "ctrl+alt+Delete", "ctrl+alt+BackSpace", "ctrl+alt+F2", "ctrl+c",
    "ctrl+d", "ctrl+e", "ctrl+n", "ctrl+o", "ctrl+q", "ctrl+t", "ctrl+w", "ctrl+z", "ctrl+shift+i", "shift+F1",
)  # fmt: skip


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[display.Display]:
    """An X server of our own, which programs find as DISPLAY."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        name = f":{answer.readline().strip()}"
    monkeypatch.setenv("DISPLAY", name)
    connection = display.Display(name)
    yield connection
    connection.close()
    server.terminate()
    server.wait()


def x(*arguments: str) -> str:
    return subprocess.run(["xdotool", *arguments], check=True, capture_output=True, text=True).stdout


def window_of(screen: display.Display) -> Any:
    """The kiosk's window: the only one that is seen."""
    windows = screen.screen().root.query_tree().children
    return next(one for one in windows if one.get_attributes().map_state == X.IsViewable)


@pytest.fixture
def kiosk(screen: display.Display, tmp_path: Path) -> Iterator[Kiosk]:
    with FakeServer() as server, Kiosk(server.url, tmp_path, (WIDTH, HEIGHT), fullscreen=True) as shown:
        shown.shows("start")
        yield shown


def start_stands(kiosk: Kiosk) -> dict[str, Any]:
    time.sleep(0.5)
    state = kiosk.shows("start")
    assert (state["aloud"], state["language"]) == (False, "vi")
    return state


def test_no_key_leads_out(kiosk: Kiosk, screen: display.Display) -> None:
    pid = kiosk.window_pid
    for key in KEYS:
        x("key", key)
    start_stands(kiosk)
    assert kiosk.window_pid == pid
    place = window_of(screen).get_geometry()
    assert (place.x, place.y, place.width, place.height, place.border_width) == (0, 0, WIDTH, HEIGHT, 0)
    x("key", "Down")
    until(lambda: kiosk.state()["aloud"], "speech mode, by a real arrow key")


def test_a_request_to_close_the_window_is_refused_and_a_service_manager_is_not(
    kiosk: Kiosk, screen: display.Display
) -> None:
    window = window_of(screen)
    words = screen.intern_atom("WM_PROTOCOLS"), screen.intern_atom("WM_DELETE_WINDOW")
    message = protocol.event.ClientMessage(window=window, client_type=words[0], data=(32, [words[1], 0, 0, 0, 0]))
    window.send_event(message)
    screen.sync()
    start_stands(kiosk)
    assert kiosk.end() == 0


def test_no_button_but_the_left_does_anything_and_a_drag_takes_nothing_along(kiosk: Kiosk) -> None:
    place = kiosk.shows("start")["targets"]["begin"]
    at = (str(int(place["x"] * WIDTH)), str(int(place["y"] * HEIGHT)))
    x("mousemove", *at)
    for button in ("2", "3", "4", "5", "8"):
        x("click", button)
    start_stands(kiosk)
    x("mousemove", "9", "9", "mousedown", "1", "mousemove", "200", "9", "mousemove", "9", "500", "mouseup", "1")
    start_stands(kiosk)

    def click() -> bool:
        # On a busy machine a press of xdotool's does not always reach the window: no event of SDL's comes at all.
        x("mousemove", *at, "sleep", "0.1", "mousedown", "1", "sleep", "0.1", "mouseup", "1", "sleep", "1")
        return str(kiosk.state()["screen"]) == "departments"

    until(click, "the departments, by a left click")


def test_the_cursor_is_hidden_and_the_screen_stays_awake(kiosk: Kiosk, screen: display.Display) -> None:
    x("mousemove", "100", "100", "mousemove", "200", "200")
    screen.xfixes_query_version()
    cursor = screen.xfixes_get_cursor_image(screen.screen().root)
    assert not any(cursor.cursor_image), "an invisible cursor"
    root = screen.screen().root
    screen.set_screen_saver(1, 1, X.DefaultBlanking, X.DefaultExposures)
    time.sleep(3)
    assert root.screensaver_query_info().state == SAVER_OFF, "held back by the window"
    kiosk.kill()
    until(lambda: root.screensaver_query_info().state != SAVER_OFF, "the screen saver, once the window is gone")


def test_a_scanner_that_types_on_a_real_keyboard_is_heard(kiosk: Kiosk) -> None:
    card = "034050001234||Nguyen Van Khoat|02031950|Nam|Thai Thuy|15082021"

    def scan() -> bool:
        x("type", "--delay", "8", "--args", "1", card, "key", "Return")
        time.sleep(1)
        if kiosk.state()["scanned"] == "unknown":  # on a busy machine xdotool swaps or loses a key
            kiosk.touch("scan:close")
        return bool(kiosk.state()["scanned"] == "card")

    until(scan, "the scan of a card")
    assert not kiosk.state()["aloud"], "its Enter chose nothing"
