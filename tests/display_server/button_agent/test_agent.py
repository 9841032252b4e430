"""Buttons of every kind call through the real agent and the real server: a broker, a serial line, a pad's events."""

import json
import os
import pty
import select
import signal
import subprocess
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import update

from display_server.button_agent import usb_keypad as keypads
from display_server.button_agent.command import agent
from display_server.button_agent.config import ButtonsConfig
from display_server.button_agent.usb_keypad import DOWN, EV_KEY, EVENT, HELD
from display_server.db import tables
from tests.display_server.button_agent.mosquitto import Mosquitto
from tests.kiosk.driver import until
from tests.server_process import MOTCUA, ServerProcess, clean_environment

ENTER, DOT, EV_SYN, EV_MSC, UP = 96, 83, 0, 4, 0


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[ServerProcess]:
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau").start()
    hall.ask("POST", "/api/v1/button/open", token=hall.token("button", "1"))
    yield hall
    hall.stop()
    hall.site.engine.dispose()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path).start()
    yield broker
    broker.stop()


@pytest.fixture
def finger(broker: Mosquitto) -> Iterator["Finger"]:
    finger = Finger(broker.port)
    yield finger
    finger.stop()


def take(hall: ServerProcess) -> str:
    """The number of a new visitor of counter 1."""
    departments = hall.ask("GET", "/api/v1/counters/1", token=hall.token("counter", "1")).json()["departments"]
    return str(hall.take(departments[0])["number"])


def lamp(hall: ServerProcess) -> Any:
    return hall.ask("GET", "/api/v1/button", token=hall.token("button", "1")).json()


def is_called(hall: ServerProcess, number: str) -> bool:
    return bool(lamp(hall)["number"] == number)


class Agent:
    """`motcua buttons` as a process of its own."""

    def __init__(self, folder: Path, plan: str, **environment: str) -> None:
        file = folder / "buttons.toml"
        file.write_text(plan)
        self._log = (folder / "buttons.log").open("w")
        self._process = subprocess.Popen(
            [MOTCUA, "buttons", str(file)], env=clean_environment(**environment), stderr=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._keep_log, daemon=True).start()

    def _keep_log(self) -> None:
        assert self._process.stderr is not None
        self._log.writelines(self._process.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(20) == 0
        self._log.close()


class Finger:
    """An MQTT button: publishes its presses and hears what its lamp is told."""

    def __init__(self, port: int) -> None:
        self.heard: list[Any] = []
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("den/1")
        self._client.on_message = lambda *given: self.heard.append(json.loads(given[-1].payload))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def press(self, payload: str, *, retain: bool = False) -> None:
        self._client.publish("nut/1", payload, qos=1, retain=retain).wait_for_publish(20)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def mqtt_plan(hall: ServerProcess, broker: Mosquitto) -> str:
    return f"""
        server_url = "{hall.url}"
        look_seconds = 0.2
        try_seconds = 20
        [mqtt]
        host = "127.0.0.1"
        port = {broker.port}
        [[mqtt.button]]
        token = "{hall.token("button", "1")}"
        topic = "nut/1"
        keys = {{ "single" = "next", "double" = "start" }}
        feedback = "den/1"
    """


def test_an_mqtt_button_calls_and_its_lamp_knows(
    hall: ServerProcess, broker: Mosquitto, finger: Finger, tmp_path: Path
) -> None:
    finger.press("single", retain=True)  # kept by the broker: no finger is on it when the agent comes
    number = take(hall)
    with Agent(tmp_path, mqtt_plan(hall, broker)):
        until(lambda: finger.heard and finger.heard[-1]["waiting"] == 1, "the lamp")
        assert lamp(hall)["number"] is None
        finger.press("triple")
        finger.press("single")
        until(lambda: finger.heard[-1]["number"] == number, "the call at the lamp")
        finger.press("double")
        until(lambda: finger.heard[-1]["state"] == "serving", "the beginning of the visit")

        broker.stop()
        finger.heard.clear()
        after = take(hall)
        broker.start()
        until(lambda: finger.heard, "button and agent, back at the broker")
        finger.press("single")
        until(lambda: finger.heard[-1]["number"] == after, "a call after the broker came back")


def test_a_press_while_the_server_is_away_is_done_once_when_it_is_back(
    hall: ServerProcess, broker: Mosquitto, finger: Finger, tmp_path: Path
) -> None:
    first, second = take(hall), take(hall)
    with Agent(tmp_path, mqtt_plan(hall, broker)):
        until(lambda: finger.heard and finger.heard[-1]["waiting"] == 2, "the lamp")
        hall.kill()
        finger.press("single")
        finger.press("single")  # no answer yet: the same press
        hall.start()
        until(lambda: is_called(hall, first), "the call")
    assert lamp(hall)["waiting"] == 1
    assert lamp(hall)["number"] != second


def test_a_serial_keypad_calls_and_its_display_shows_the_number(hall: ServerProcess, tmp_path: Path) -> None:
    line, end = pty.openpty()
    tty.setraw(end)
    number = take(hall)
    plan = f"""
        server_url = "{hall.url}"
        look_seconds = 0.2
        [[serial]]
        port = "{os.ttyname(end)}"
        [[serial.keypad]]
        token = "{hall.token("button", "1")}"
        frames = {{ "02 31 4E 03" = "next", "02 31 53 03" = "start" }}
        feedback = "02 31 {{number}} 03"
        [[serial.keypad]]
        token = "{hall.token("button", "2")}"
        frames = {{ "02 32 4E 03" = "next" }}
    """
    seen = b""

    def shows(said: bytes) -> bool:
        nonlocal seen
        while select.select([line], [], [], 0.05)[0]:
            seen += os.read(line, 256)
        return b"\x021" + said + b"\x03" in seen

    with Agent(tmp_path, plan):
        until(lambda: shows(b"----"), "a display without a number")
        os.write(line, b"\xff\x02\x31\x07noise\x02\x31")
        os.write(line, b"\x4e\x03")
        until(lambda: shows(number.encode()), "the number on the display")
        os.write(line, b"\x02\x31\x53\x03")
        until(lambda: lamp(hall)["state"] == "serving", "the other key")
    os.close(line)
    os.close(end)


@pytest.fixture
def pad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The writing end of a keypad's events. A pipe cannot be grabbed as a device can; the bytes are Linux's own."""
    monkeypatch.setattr(keypads, "grab", lambda file: None)
    monkeypatch.setattr(keypads, "WAIT_SECONDS", 0.1)
    os.mkfifo(tmp_path / "event7")
    descriptor = os.open(tmp_path / "event7", os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def events(pad: int, *keys: tuple[int, int]) -> None:
    """What the kernel sends for each key and value: the scan code, the key, and that this is all."""
    for code, value in keys:
        for kind, which, how in ((EV_MSC, 4, 458840), (EV_KEY, code, value), (EV_SYN, 0, 0)):
            os.write(pad, EVENT.pack(1_700_000_000, 0, kind, which, how))


def test_a_usb_keypad_calls_and_a_key_that_is_held_counts_once(hall: ServerProcess, pad: int, tmp_path: Path) -> None:
    keypad = {
        "token": hall.token("button", "1"),
        "device": str(tmp_path / "event7"),
        "keys": {ENTER: "next", DOT: "start"},
    }
    plan = ButtonsConfig.model_validate({"server_url": hall.url, "look_seconds": 0.2, "keypad": [keypad]})
    first, second = take(hall), take(hall)
    pressers, sources = agent(plan)
    for part in (*pressers, *sources):
        part.start()
    try:
        events(pad, (30, DOWN), (30, UP), (ENTER, DOWN))
        until(lambda: is_called(hall, first), "the call")
        for _ in range(4):  # the key does not come up
            keypads_repeat(pad)
        assert is_called(hall, first)
        events(pad, (ENTER, UP), (DOT, DOWN), (DOT, UP))
        until(lambda: lamp(hall)["state"] == "serving", "the other key")
        events(pad, (ENTER, DOWN), (ENTER, UP))
        until(lambda: is_called(hall, second), "the next call")
    finally:
        for part in (*sources, *pressers):
            part.stop()


def keypads_repeat(pad: int) -> None:
    events(pad, *[(ENTER, HELD)] * 16)
    threading.Event().wait(0.3)


@pytest.mark.parametrize("kind", ["text", "json"])
def test_the_agents_log_holds_no_secret(
    hall: ServerProcess, broker: Mosquitto, finger: Finger, tmp_path: Path, kind: str
) -> None:
    """At the level `debug`: a call, a visitor with a note, a press that is refused, and a token that is revoked."""
    token, note = hall.token("button", "1"), "CCCD 034071001234 Trần Thị Bí Mật"
    take(hall)
    hall.call_next("1")
    assert hall.press("1", "park", reason=note).status == 200
    number = take(hall)
    loud = {"MOTCUA_LOG__LEVEL": "debug", "MOTCUA_LOG__FORMAT": kind}
    with Agent(tmp_path, mqtt_plan(hall, broker), **loud):
        until(lambda: finger.heard, "the lamp")
        finger.press("double")  # nobody is called: refused
        finger.press("single")
        until(lambda: is_called(hall, number), "the call")
        with hall.site.write_without_lock() as connection:
            connection.execute(update(tables.device).values(revoked_at=hall.site.clock()))
        finger.press("double")
        until(lambda: hall.ask("GET", "/api/v1/button", token=token).status != 200, "the revoked token")
    log = (tmp_path / "buttons.log").read_text()
    assert "mqtt" in log
    for secret in (token, token[:12], note, "034071001234", "Bí Mật", "Authorization"):
        assert secret not in log
        assert json.dumps(secret)[1:-1] not in log
