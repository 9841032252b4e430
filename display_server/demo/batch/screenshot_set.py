"""The pictures that `--once` leaves behind."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import gevent

from display_server.demo.batch.screenshots import Shot, Shots, why_not
from display_server.demo.environment import DemoEnvironment
from display_server.demo.errors import DemoError
from display_server.demo.processes import die_with_the_demo, on_linux
from display_server.services.staff.staff import Role

CAMERA_SECONDS = 90.0


@dataclass
class ScreenshotSet:
    """`taken`: file name and what it shows. `missing`: why some could not be taken; empty when all were."""

    hall: DemoEnvironment
    start_page: str
    folder: Path
    taken: dict[str, str] = field(default_factory=dict)
    missing: str = ""

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)

    def kiosk(self, screen: str) -> None:
        """The kiosk's screen, when a visitor first stands before it."""
        name = f"kiosk-{screen}.png"
        if name in self.taken:
            return
        self._keep(name, self.hall.kiosk.get("/frame.png").body, f"the kiosk: {screen}")
        if screen == "number":
            newest = self.hall.printer_web.get("/slips").json()[0]["name"]
            self._keep("slip.png", self.hall.printer_web.get(f"/slips/{newest}").body, "the slip of that number")

    def pages(self, phones: list[str], recall: Callable[[str], None]) -> None:
        """Every page, in the middle of the morning. `phones`: paths of the pages of visitors who wait.

        `recall(counter)` calls that counter's visitor again.
        """
        self.missing = why_not()
        if self.missing:
            return
        call = self._open_call()
        self._take(self._shots(call, phones))
        # A screen just switched on announces every call of the last seconds, each for its full time. Once they have
        # grown old it lists them, and announces the one that is new.
        gevent.sleep(max(0.0, self.hall.settings.hall.fresh_seconds - self._newest_age()))
        recall(call["counter"])
        hall = self._shot("hall.png", f"{self.hall.server.url}/hall", 1920, 1080, words=call["number"])
        self._take({"the hall's screen": hall})

    def _shots(self, call: dict[str, Any], phones: list[str]) -> dict[str, Shot]:
        clerk, url = self.hall.access.person(Role.CLERK), self.hall.server.url
        counter, number = call["counter"], call["number"]
        signed_in = {"name": clerk.name, "password": clerk.password}
        return {
            "a clerk's page": self._shot(
                "counter-page.png", f"{url}/counter/{counter}", 1440, 900, words=number, **signed_in
            ),
            "the screen over that counter": self._shot(
                "counter-screen.png", f"{url}/hall/counter/{counter}", 1280, 720, words=number
            ),
            "a visitor's phone": self._shot("phone.png", url + phones[-1], 390, 844, scale=2),
            "the demo's start page": self._shot("start-page.png", self.start_page, 1440, 1000, words=number),
        }

    def _open_call(self) -> dict[str, Any]:
        """A visitor who is called and not yet served: where most wait behind."""
        hall = self.hall.server.get("/api/v1/hall").json()
        waiting = {department["code"]: department["waiting"] for department in hall["departments"]}
        here = [call for call in hall["calls"] if call["open"]]
        chosen: dict[str, Any] = max(here, key=lambda call: waiting[call["department"]])
        return chosen

    def _newest_age(self) -> float:
        hall = self.hall.server.get("/api/v1/hall").json()
        age = datetime.fromisoformat(hall["now"]) - datetime.fromisoformat(hall["calls"][0]["called_at"])
        return age.total_seconds()

    def _take(self, shots: dict[str, Shot]) -> None:
        self._run_camera(list(shots.values()))
        self.taken |= {shot.file.name: words for words, shot in shots.items()}

    def _shot(self, file: str, url: str, width: int, height: int, **more: Any) -> Shot:
        return Shot(url=url, file=self.folder / file, width=width, height=height, **more)

    def _run_camera(self, shots: list[Shot]) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "display_server.demo.batch.screenshots"],
            input=Shots.dump_json(shots).decode(),
            capture_output=True,
            text=True,
            timeout=CAMERA_SECONDS,
            check=False,
            preexec_fn=die_with_the_demo if on_linux() else None,
        )
        if done.returncode:
            raise DemoError(f"the pictures of the pages: {done.stderr.strip()[-300:]}")

    def _keep(self, name: str, picture: bytes, words: str) -> None:
        (self.folder / name).write_bytes(picture)
        self.taken[name] = words
