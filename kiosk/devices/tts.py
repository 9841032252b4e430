"""The kiosk's voice: espeak-ng makes a WAV, an audio player plays it; whatever is said next cuts off what was said.

Both are programs of the system, run in a thread of the voice's own: nobody waits for sound, and a synthesiser or a
sound device that is missing, fails or hangs leaves the screen as it is. `trouble` then says why it is silent.
"""

import logging
import shlex
import shutil
import subprocess
import tempfile
import threading
import wave
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.settings import SpeechSettings

log = logging.getLogger(__name__)

SYNTHESISER = "espeak-ng"
# How each player is told of a device, in the order in which they are tried.
PLAYERS = {"pw-play": ("--target",), "paplay": ("--device",), "aplay": ("-q", "-D")}
SYNTHESIS_SECONDS = 5.0
# A player that sounds this much longer than its file hangs.
GRACE_SECONDS = 3.0
PROBE_AGAIN_SECONDS = 30.0
LOUDEST = 200
TROUBLES = ("starting", "no_synthesiser", "no_player", "no_sound")


@dataclass(frozen=True)
class Utterance:
    """A text to be said in one language ("vi", "en", …). `shown`: as it stands on the screen."""

    text: str
    language: str
    shown: str = ""


class SpeechSynthesizer:
    """Says utterances, one after the other.

    `on_change()`: `trouble` changed; `on_saying(utterance)`: this one is next. Both are called in the voice's thread.
    `volume`: percent of the loudest. `trouble`: one of `TROUBLES`, empty when well; `reason`: for the technician.
    """

    def __init__(
        self,
        settings: SpeechSettings,
        on_change: Callable[[], None],
        on_saying: Callable[[Utterance], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._on_change = on_change
        self._on_saying = on_saying
        self.volume = 50
        self.trouble = "starting"
        self.reason = ""
        self._player: list[str] | None = None
        self._turn = 0
        self._queue: deque[tuple[int, Utterance]] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._saying = False
        self._stopping = False
        self._news = threading.Condition()
        self._folder = tempfile.TemporaryDirectory(prefix="motcua-speech-")
        self._wav = Path(self._folder.name) / "speech.wav"
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    @property
    def speaking(self) -> bool:
        """Whether something is being said or waits to be."""
        return self._saying or bool(self._queue)

    def start(self) -> None:
        self._thread.start()

    def say(self, utterances: Sequence[Utterance]) -> None:
        """Say these now; what is being said ends at once."""
        with self._news:
            self._cut_off()
            self._add(utterances)

    def add(self, utterances: Sequence[Utterance]) -> None:
        """Say these after what is being said."""
        with self._news:
            self._add(utterances)

    def stop_speaking(self) -> None:
        """Silence, at once."""
        self.say(())

    def stop(self) -> None:
        """Silence, for good."""
        with self._news:
            self._stopping = True
            self._cut_off()
            self._news.notify_all()
        if self._thread.ident is not None:
            self._thread.join(GRACE_SECONDS)
        self._folder.cleanup()

    def _cut_off(self) -> None:
        self._turn += 1
        self._queue.clear()
        if self._process is not None:
            self._process.kill()

    def _add(self, utterances: Sequence[Utterance]) -> None:
        if not self.trouble:
            self._queue.extend((self._turn, utterance) for utterance in utterances)
            self._news.notify_all()

    def _run(self) -> None:
        while not self._stopping:
            try:
                if self.trouble:
                    self._probe()
                self._say_the_queue()
            except Exception as error:  # without the thread the kiosk would be mute for the rest of the day
                log.exception("voice")
                self._report("no_sound", str(error))

    def _probe(self) -> None:
        """Find out whether this machine can speak, by playing a moment of silence."""
        if shutil.which(SYNTHESISER) is None:
            self._report("no_synthesiser", f"the program {SYNTHESISER} is not installed")
            return
        players = self._players()
        if not players:
            wanted = shlex.split(self._settings.player)[:1] or list(PLAYERS)
            self._report("no_player", f"not installed: {', '.join(wanted)}")
            return
        with wave.open(str(self._wav), "wb") as silence:
            silence.setparams((1, 2, 22050, 0, "NONE", ""))
            silence.writeframes(bytes(2 * 2205))
        for player in players:
            reason = self._play(player, self._turn)
            if not reason:
                self._player = player
                self._report("", "")
                return
            self._report("no_sound", reason)

    def _players(self) -> list[list[str]]:
        own = shlex.split(self._settings.player)
        if own:
            return [own] if shutil.which(own[0]) else []
        device = self._settings.device
        return [
            [name, *(flags if device else flags[:-1]), *([device] if device else [])]
            for name, flags in PLAYERS.items()
            if shutil.which(name)
        ]

    def _say_the_queue(self) -> None:
        with self._news:
            self._saying = False
            self._news.wait_for(lambda: self._queue or self._stopping, PROBE_AGAIN_SECONDS if self.trouble else None)
            if self._stopping or not self._queue:
                return
            turn, utterance = self._queue.popleft()
            self._saying = True
        self._on_saying(utterance)
        reason = self._synthesise(utterance, turn) or self._play(self._player or [], turn)
        if reason and turn == self._turn:
            self._report("no_sound", reason)

    def _synthesise(self, utterance: Utterance, turn: int) -> str:
        voice = self._settings.voices.get(utterance.language, utterance.language)
        command = [SYNTHESISER, "-b", "1", "-v", voice, "-s", str(self._settings.words_per_minute)]
        command += ["-a", str(LOUDEST * self.volume // 100), "-w", str(self._wav), "--stdin"]
        return self._do(command, turn, SYNTHESIS_SECONDS, utterance.text)

    def _play(self, player: list[str], turn: int) -> str:
        if turn != self._turn:
            return ""
        with wave.open(str(self._wav), "rb") as sound:
            seconds = sound.getnframes() / sound.getframerate()
        return self._do([*player, str(self._wav)], turn, seconds + GRACE_SECONDS)

    def _do(self, command: list[str], turn: int, patience: float, text: str = "") -> str:
        """Run a program for as long as its turn lasts. Why it failed; empty when it did not, or was cut off."""
        with self._news:
            if turn != self._turn:
                return ""
            pipe = subprocess.PIPE
            self._process = process = subprocess.Popen(command, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe)
        try:
            _, said = process.communicate(text.encode(), patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return f"{command[0]} hangs"
        finally:
            self._process = None
        if process.returncode == 0 or turn != self._turn:
            return ""
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"{command[0]} ended with {process.returncode}"

    def _report(self, trouble: str, reason: str) -> None:
        if trouble and (trouble, reason) != (self.trouble, self.reason):
            log.warning("the kiosk cannot speak: %s", reason)
        changed = trouble != self.trouble
        self.trouble, self.reason = trouble, reason
        if trouble:
            with self._news:
                self._queue.clear()
        if changed:
            self._on_change()
