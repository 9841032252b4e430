"""What the hidden service screen shows and does, without a face. Any method may wait: none is for the UI thread."""

import json
import logging
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from kiosk.api.models import TrialNumber
from kiosk.core.build_slip import TRIAL_WORDS
from kiosk.core.core import KioskCore
from kiosk.devices.brightness import DARKEST, BrightnessError, find_brightness
from kiosk.devices.scanner_presence import Presence
from kiosk.devices.tts import SpeechSynthesizer, Utterance
from kiosk.maintenance.pin import PIN_FILE, Pin
from printer.jobs.store import JobState, PrintJob
from printer.rendering.sample import TEST_NUMBER, sample_slip
from printer.slip.slip import Slip
from printer.transports.status import PrinterStatus

log = logging.getLogger(__name__)

LATEST = 4
STEP = 10
TWIN = "another kiosk is at work with the same token"
LOUDEST = 100
TEST_KEY = "test-"


@dataclass(frozen=True)
class SlipLine:
    """One of the latest slips."""

    key: str
    number: str
    at: datetime
    state: JobState
    held: bool


@dataclass(frozen=True)
class Diagnostics:
    """How this kiosk is. `online`: None while not known; `brightness`: None where the machine has no say."""

    device: str
    version: str
    printer: PrinterStatus
    printer_url: str
    online: bool | None
    server_url: str
    refused: str
    waiting: int
    to_hand_in: int
    scanner: Presence
    voice_trouble: str
    volume: int
    brightness: int | None
    latest: tuple[SlipLine, ...]


class Service:
    """For `machine` and `voice`; `printer_url`, `server_url`: as set. The volume outlives a restart."""

    def __init__(
        self, machine: KioskCore, voice: SpeechSynthesizer, folder: Path, printer_url: str, server_url: str
    ) -> None:
        self._machine = machine
        self._voice = voice
        self._printer_url = printer_url
        self._server_url = server_url
        self._brightness = find_brightness()
        self._volume_file = folder / "volume.json"
        self.pin = Pin(folder / PIN_FILE)
        voice.volume = self._kept_volume(voice.volume)

    def facts(self) -> Diagnostics:
        """How this kiosk is now. Raises `JobError`."""
        machine, voice = self._machine, self._voice
        return Diagnostics(
            device=socket.gethostname(),
            version=version("motcua"),
            printer=machine.printer.status,
            printer_url=self._printer_url,
            online=machine.watch.online,
            server_url=self._server_url,
            refused=str(machine.watch.refused or (TWIN if machine.heartbeat.twin else "")),
            waiting=len(machine.jobs.waiting()),
            to_hand_in=machine.hand_in.pending,
            scanner=machine.scanner.look(),
            voice_trouble=voice.trouble,
            volume=voice.volume,
            brightness=self._brightness_now(),
            latest=tuple(_line(job) for job in machine.jobs.latest(LATEST)),
        )

    def print_test(self) -> None:
        """A slip that nobody can take for a number. Raises `JobError`."""
        slip = sample_slip(number=TEST_NUMBER, department=TRIAL_WORDS, priority=None, procedure=None, papers=())
        self._machine.printer.submit(TEST_KEY + str(uuid.uuid4()), slip)

    def trial_number(self) -> TrialNumber:
        """The whole way of a number, at any hour. Raises `ServerAway`, `Refused`, `JobError`."""
        return self._machine.print_trial_number()

    def reprint(self, key: str) -> None:
        """A slip once more, marked as a copy. Raises `JobError`."""
        self._machine.printer.reprint(key)

    def paper_changed(self) -> None:
        """Somebody has seen to the printer."""
        log.info("service screen: paper changed")
        self._machine.printer.retry_now()

    def change_volume(self, steps: int, sample: Utterance) -> None:
        """Raise or lower the voice, and let it be heard with `sample`."""
        self._voice.volume = min(max(self._voice.volume + steps * STEP, STEP), LOUDEST)
        self._volume_file.write_text(json.dumps(self._voice.volume))
        self._voice.say([sample])

    def change_brightness(self, steps: int) -> None:
        """Brighten or darken the screen; nothing where the machine has no say. Raises `BrightnessError`."""
        if self._brightness is not None:
            self._brightness.set(min(max(self._brightness.get() + steps * STEP, DARKEST), LOUDEST))

    def _brightness_now(self) -> int | None:
        try:
            return self._brightness.get() if self._brightness else None
        except BrightnessError as error:
            log.warning("brightness: %s", error)
            return None

    def _kept_volume(self, otherwise: int) -> int:
        try:
            return min(max(int(json.loads(self._volume_file.read_text())), STEP), LOUDEST)
        except (OSError, ValueError, TypeError):
            return otherwise


def _line(job: PrintJob) -> SlipLine:
    number = Slip.from_json(job.slip_json).number
    return SlipLine(job.key, number, job.created_at, job.state, job.is_held)
