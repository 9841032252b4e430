"""`motcua buttons`: the agent, from its plan to its end."""

import signal
import threading
from pathlib import Path
from typing import Protocol

import click

from config.cli import MotcuaCommand
from display_server.button_agent.button_worker import ButtonWorker, FeedbackListener
from display_server.button_agent.client import ButtonClient
from display_server.button_agent.config import Button, ButtonsConfig, load_plan
from display_server.button_agent.mqtt import MqttSource
from display_server.button_agent.serial_keypad import SerialSource
from display_server.button_agent.usb_keypad import KeypadSource


class Source(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


@click.command(cls=MotcuaCommand)
@click.argument("plan_file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say whether the file is right.")
def buttons(plan_file: Path, check: bool) -> None:
    """Call buttons by MQTT, USB keypads and serial keypads, as FILE describes them (config/buttons.toml)."""
    plan = load_plan(plan_file)
    pressers, sources = agent(plan)
    if check:
        click.echo(f"{plan_file}: {len(pressers)} buttons")
        return
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    click.echo(f"motcua: {len(pressers)} buttons, server {plan.server_url}", err=True)
    for part in (*pressers, *sources):
        part.start()
    ending.wait()
    for part in (*sources, *pressers):
        part.stop()


def agent(plan: ButtonsConfig) -> tuple[list[ButtonWorker], list[Source]]:
    """The buttons of `plan` and where their presses come from; nothing is started."""
    pressers: list[ButtonWorker] = []
    sources: list[Source] = []

    def presser(name: str, button: Button, told: FeedbackListener = lambda _: None) -> ButtonWorker:
        client = ButtonClient(plan.server_url, button.token, plan.answer_seconds, plan.try_seconds, plan.ca_file)
        pressers.append(ButtonWorker(name, client, told, plan.look_seconds))
        return pressers[-1]

    if plan.mqtt is not None:
        source = MqttSource(plan.mqtt)
        for button in plan.mqtt.button:
            source.add(button, presser(button.topic, button, source.lamp(button)))
        sources.append(source)
    sources += [KeypadSource(keypad, presser(keypad.device, keypad)) for keypad in plan.keypad]
    for line in plan.serial:
        on_line = SerialSource(line)
        for place, one in enumerate(line.keypad, 1):
            on_line.add(one, presser(f"{line.port} keypad {place}", one, on_line.lamp(one)))
        sources.append(on_line)
    return pressers, sources
