"""Where the virtual printer's paper lies: `slip-0001.png` and beside it `slip-0001.json` with what was odd about it."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from printer.errors import DeviceError
from printer.virtual.paper_canvas import PaperCanvas


class SlipArchive:
    """Numbers go on from the highest there is: nothing is ever overwritten. `report` gets a line for each odd slip."""

    def __init__(self, folder: Path, report: Callable[[str], None] = lambda _text: None) -> None:
        self.folder = folder
        self._report = report
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._last = max(
                (int(path.stem[5:]) for path in folder.glob("slip-*.png") if path.stem[5:].isdigit()), default=0
            )
        except OSError as error:
            raise DeviceError(f"{folder}: cannot be used for slips: {error.strerror}") from error

    def keep(self, sheet: PaperCanvas, warnings: list[str]) -> None:
        """Cut the sheet off and keep it, picture first, so that whoever sees the JSON finds the picture."""
        with self._lock:
            text = sheet.text
            picture = sheet.cut_off()
            self._last += 1
            name = f"slip-{self._last:04d}"
            facts: dict[str, Any] = {"name": f"{name}.png", "made_at": datetime.now(UTC).isoformat()}
            facts |= {"width": picture.width, "height": picture.height, "warnings": warnings, "text": text}
            for warning in warnings:
                self._report(f"{name}: {warning}")
            self._write(f"{name}.png", lambda path: picture.save(path, format="png"))
            self._write(f"{name}.json", lambda path: path.write_text(json.dumps(facts, ensure_ascii=False), "utf-8"))

    def slips(self) -> list[dict[str, Any]]:
        """Name, time, size, warnings and lines of text of each slip, newest first."""
        found = sorted(self.folder.glob("slip-*.json"), reverse=True)
        return [json.loads(path.read_text("utf-8")) for path in found]

    def picture(self, name: str) -> bytes | None:
        """The PNG of a slip in this folder, by its plain name."""
        known = {path.name: path for path in self.folder.glob("slip-*.png")}
        return known[name].read_bytes() if name in known else None

    def _write(self, name: str, write: Callable[[Path], object]) -> None:
        part = self.folder / f".{name}.part"
        write(part)
        part.replace(self.folder / name)
