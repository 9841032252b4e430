"""How bright the screen is, where the machine lets one say so: a backlight of the kernel's, or X's xrandr."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Protocol

from config.errors import MotcuaError

BACKLIGHTS = Path("/sys/class/backlight")
DARKEST = 20
PATIENCE = 3.0


class BrightnessError(MotcuaError):
    """The brightness cannot be read or set."""


class Brightness(Protocol):
    """In percent. Both raise `BrightnessError`."""

    def get(self) -> int: ...
    def set(self, percent: int) -> None: ...


class Backlight:
    """A panel's own backlight; its file must be writable (config/deploy/60-motcua.rules)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self) -> int:
        return round(100 * self._number("brightness") / self._most)

    def set(self, percent: int) -> None:
        try:
            (self._folder / "brightness").write_text(str(round(self._most * percent / 100)))
        except OSError as error:
            raise BrightnessError(f"{self._folder}: {error.strerror or error}") from error

    @property
    def _most(self) -> int:
        return max(1, self._number("max_brightness"))

    def _number(self, name: str) -> int:
        try:
            return int((self._folder / name).read_text())
        except (OSError, ValueError) as error:
            raise BrightnessError(f"{self._folder / name}: {error}") from error


class Xrandr:
    """Not the lamp, but the picture: X draws it darker."""

    def get(self) -> int:
        found = re.search(r"Brightness:\s*([\d.]+)", _xrandr("--verbose"))
        if found is None:
            raise BrightnessError("xrandr names no brightness")
        return round(100 * float(found[1]))

    def set(self, percent: int) -> None:
        for output in re.findall(r"^(\S+) connected", _xrandr("--current"), re.MULTILINE):
            _xrandr("--output", output, "--brightness", f"{percent / 100:.2f}")
        if self.get() != percent:
            raise BrightnessError("this X server leaves the brightness as it is")


def find_brightness() -> Brightness | None:
    """What sets the brightness here; None where nothing does."""
    for folder in sorted(BACKLIGHTS.glob("*")):
        if os.access(folder / "brightness", os.W_OK):
            return Backlight(folder)
    # Under Wayland xrandr speaks to XWayland, which has no screen of its own.
    if os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") and shutil.which("xrandr"):
        found = Xrandr()
        try:
            found.set(found.get())
        except BrightnessError:
            return None
        return found
    return None


def _xrandr(*arguments: str) -> str:
    try:
        return subprocess.run(
            ["xrandr", *arguments], capture_output=True, text=True, timeout=PATIENCE, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise BrightnessError(f"xrandr: {error}") from error
