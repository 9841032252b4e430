"""A demo from its first line to its last."""

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click
import gevent

from config.centre.loader import Centre
from config.settings import HallSettings, ServerSettings, Settings
from display_server.demo.banner import programme
from display_server.demo.batch.batch_run import play_once
from display_server.demo.environment import DemoEnvironment, HallOptions, has_display
from display_server.demo.ports import free_port, reachable
from display_server.demo.processes import LOOK_SECONDS
from display_server.demo.seed import Folder, load, seed
from display_server.demo.simulation.continuous import ContinuousScenario
from display_server.demo.web import create_start_page, serve_start_page

HASTY_FRESH_SECONDS = 8.0  # everything is faster with --once, also how quickly a call grows old


@dataclass(frozen=True)
class DemoOptions:
    """What the command line asks for."""

    centre: str
    host: str
    port: int
    hall_port: int
    folder: Path
    database: str
    key_file: Path
    keep: bool
    scripted: bool
    once: bool


class Ended(BaseException):
    """Somebody pressed Ctrl-C, or ends the demo otherwise."""


class DemoRunner:
    """Sets the hall up, shows it until `end` is called, and takes it down again."""

    def __init__(self, settings: Settings, plan: DemoOptions) -> None:
        self._settings = settings
        self._plan = plan
        self._main = gevent.getcurrent()
        self._is_ending = False

    def run(self) -> None:
        """Raises `DemoError` where the hall cannot be set up, or falls down."""
        centre = load(self._plan.centre)
        folder = Folder(self._plan.folder, keep=self._plan.keep)
        try:
            self._run(self._hall(centre, folder))
        except Ended:
            _say("The demo has ended.")
        finally:
            folder.close()

    def end(self) -> None:
        """From a signal: at once, whatever is under way. Asking twice does not disturb the taking down."""
        if not self._is_ending:
            self._is_ending = True
            gevent.kill(self._main, Ended)

    def _hall(self, centre: Centre, folder: Folder) -> DemoEnvironment:
        plan = self._plan
        settings = self._settings.model_copy(update={"server": self._own_server(), "hall": self._own_hall()})
        hall_port = self._port(plan.hall_port, "the hall")
        wish = HallOptions(plan.folder, plan.host, hall_port, plan.database, window=has_display() and not plan.once)
        return DemoEnvironment(settings, wish, centre, seed(settings, centre, folder), _say)

    def _own_server(self) -> ServerSettings:
        return self._settings.server.model_copy(
            update={"database": self._plan.database, "key_file": self._plan.key_file}
        )

    def _own_hall(self) -> HallSettings:
        hall = self._settings.hall
        return hall.model_copy(update={"fresh_seconds": HASTY_FRESH_SECONDS}) if self._plan.once else hall

    def _run(self, hall: DemoEnvironment) -> None:
        try:
            hall.start()
            port = self._port(self._plan.port, "the start page")
            serve_start_page(create_start_page(hall), self._plan.host, port)
            self._show(hall, f"http://{reachable(self._plan.host)}:{port}")
        finally:
            hall.stop()

    def _show(self, hall: DemoEnvironment, start_page: str) -> None:
        if self._plan.once:
            click.echo(str(play_once(hall, start_page)))
            return
        for line in programme(hall, start_page):
            click.echo(line)
        if not self._plan.scripted:
            _watch(hall)
        script = ContinuousScenario(hall)
        try:
            script.start()
            _watch(hall)
        finally:
            script.stop()

    def _port(self, wanted: int, what: str) -> int:
        port = free_port(self._plan.host, wanted)
        if wanted and port != wanted:
            _say(f"Port {wanted} is taken: {what} is on {port}.")
        return port


def _watch(hall: DemoEnvironment) -> NoReturn:
    while True:
        gevent.sleep(LOOK_SECONDS)
        hall.look(restart=True)


def _say(line: str) -> None:
    click.echo(line, err=True)
