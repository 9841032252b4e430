"""Debian's Mosquitto, on a port of its own."""

import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

from tests.kiosk.driver import free_port, until


class Mosquitto:
    def __init__(self, folder: Path) -> None:
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        assert program, "mosquitto is missing: apt-get install mosquitto"
        self.port = free_port()
        file = folder / "mosquitto.conf"
        file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        self._command = [program, "-c", str(file)]

    def start(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, "mosquitto")
        return self

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
