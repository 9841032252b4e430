"""Pictures of every screen of the kiosk: `python -m tests.kiosk.gallery [FOLDER]`, docs/pictures/kiosk by default.

Taken in the real window at 1080×1920 and 1920×1080, put together on one sheet for each orientation and mode.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.kiosk.driver import Kiosk, free_port
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.tour import closed_centre, long_centre, tour, tour_when_closed

FOLDER = Path(__file__).parents[2] / "docs" / "pictures" / "kiosk"
SIZES = {"upright": (1080, 1920), "wide": (1920, 1080)}
SHEETS = [("vi", ""), ("en", ""), ("vi", "large"), ("vi", "low")]
PICTURE_AREA = 360 * 640  # pixels of one picture on a sheet
COLUMNS = {"upright": 4, "wide": 3}
GAP, GROUND, COLOURS = 16, "#8A8F8D", 128
WITHOUT_PAPER = ("number",)


def pictures(orientation: str, language: str, mode: str) -> Iterator[Image.Image]:
    """The screens of an open day, the number without paper, and what is there to see outside the hours."""
    size = SIZES[orientation]
    yield from _walk(size, lambda kiosk: tour(kiosk, language, mode))
    printer = f"tcp://127.0.0.1:{free_port()}"
    yield from _walk(size, lambda kiosk: tour(kiosk, language, mode), only=WITHOUT_PAPER, PRINTER__URL=printer)
    yield from _walk(size, lambda kiosk: tour_when_closed(kiosk, language, mode), closed=True)


def _walk(
    size: tuple[int, int],
    way: Callable[[Kiosk], Iterator[str]],
    only: tuple[str, ...] = (),
    *,
    closed: bool = False,
    **settings: str,
) -> Iterator[Image.Image]:
    centre = closed_centre() if closed else long_centre()
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeServer(centre) as server,
        Kiosk(server.url, Path(folder), size, **settings) as kiosk,
    ):
        for name in way(kiosk):
            if not only or name in only:
                picture = kiosk.picture(Path(folder) / "screen.png")
                yield Image.open(BytesIO(picture.read_bytes())).convert("RGB")


def sheet(taken: list[Image.Image], columns: int) -> Image.Image:
    """All pictures side by side, each small enough to look over at once."""
    scale = (PICTURE_AREA / (taken[0].width * taken[0].height)) ** 0.5
    width, height = (round(side * scale) for side in taken[0].size)
    rows = -(-len(taken) // columns)
    whole = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), GROUND)
    for place, picture in enumerate(taken):
        x, y = GAP + place % columns * (width + GAP), GAP + place // columns * (height + GAP)
        whole.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (x, y))
    return whole


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for orientation in SIZES:
        for language, mode in SHEETS:
            path = folder / f"{orientation}_{mode or language}.png"
            taken = sheet(list(pictures(orientation, language, mode)), COLUMNS[orientation])
            taken.quantize(COLOURS).save(path, optimize=True)
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
