"""`virtual:///FOLDER`: the virtual printer inside this process, no line in between."""

import time
from pathlib import Path

from printer.rendering.escpos_raster import encode
from printer.rendering.sample import render_setup_guide
from printer.transports.base import Transport
from printer.virtual.printer import VirtualPrinter
from printer.virtual.slip_archive import SlipArchive


class VirtualTransport(Transport):
    """Bytes go straight to a virtual printer; each slip becomes a picture in `folder`.

    `guides`: nobody has chosen this printer, so its first slip says how to get a real one.
    """

    def __init__(self, folder: Path, width: int, timeout: float, *, guides: bool = False) -> None:
        super().__init__(timeout)
        slips = SlipArchive(folder)
        self.printer = VirtualPrinter(width, slips.keep)
        self._answered = bytearray()
        self._session = self.printer.connect(self._answered.extend)
        if guides and not slips.slips():
            self._session.receive(encode(render_setup_guide(width), "full"))

    def _push(self, data: bytes, seconds: float) -> int:  # noqa: ARG002 - a full buffer is told at once
        return self._session.receive(data)

    def _receive(self, seconds: float) -> bytes:
        if not self._answered:  # answers come before a question is over; only a printer without paper keeps us waiting
            time.sleep(min(seconds, 0.02))
        answered = bytes(self._answered)
        self._answered.clear()
        return answered

    def close(self) -> None:
        """What was printed without a cut is kept too."""
        self._session.close()
        self.printer.switch_off()
