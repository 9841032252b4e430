"""The centre's emblem as a file of the kiosk's own, so that screen and paper have it without the server too."""

import logging
import zlib
from pathlib import Path
from typing import Protocol

from kiosk.api.client import Refused, ServerUnavailable
from kiosk.api.models import Centre

log = logging.getLogger(__name__)


class FetchesPictures(Protocol):
    def fetch_image(self, path: str) -> bytes: ...


class Emblem:
    """Keeps the picture of the latest centre in `folder`. `path`: the file, None while there is none."""

    def __init__(self, client: FetchesPictures, folder: Path, centre: Centre | None) -> None:
        self._client = client
        self._folder = folder
        known = self._file(centre)
        self.path: Path | None = known if known and known.exists() else None

    def update(self, centre: Centre) -> None:
        """Fetch the emblem if `centre` has another one than the file; a failure is tried again the next time."""
        wanted = self._file(centre)
        if wanted is None or centre.emblem is None:
            self.path = None
        elif self.path != wanted:
            try:
                self._keep(wanted, self._client.fetch_image(centre.emblem))
            except (ServerUnavailable, Refused, OSError) as error:
                log.warning("no emblem: %s", error)

    def png(self) -> bytes | None:
        """The picture for paper; None without one. From any thread, also while another one is fetched."""
        path = self.path
        try:
            return path.read_bytes() if path else None
        except OSError:
            return None

    def _file(self, centre: Centre | None) -> Path | None:
        if centre is None or centre.emblem is None:
            return None
        return self._folder / f"emblem-{zlib.crc32(centre.emblem.encode()):08x}.png"

    def _keep(self, wanted: Path, picture: bytes) -> None:
        half = wanted.with_suffix(".part")
        half.write_bytes(picture)
        half.replace(wanted)
        for other in self._folder.glob("emblem-*.png"):
            if other != wanted:
                other.unlink(missing_ok=True)
        self.path = wanted
