"""Pictures of every screen of the kiosk: `python -m tests.kiosk.gallery [FOLDER]`, docs/pictures/kiosk by default.

Taken in the real window, put together on one sheet for each orientation with each language or mode.
"""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from kiosk.maintenance.pin import Pin
from tests.kiosk.driver import Kiosk, free_port, until
from tests.kiosk.fake_server import FakeServer, real_centre
from tests.kiosk.screen_walkthrough import closed_centre, enter, long_centre, tour, tour_aside, tour_when_closed
from tests.kiosk.test_maintenance import PIN, give_the_sign
from tests.kiosk.test_maintenance import enter as enter_pin

FOLDER = Path(__file__).parents[2] / "docs" / "pictures" / "kiosk"
# The layout goes by the window's height: these look as 1080×1920 does, and are drawn sooner.
SIZES = {"upright": (720, 1280), "wide": (1280, 720)}
SHEETS = {"vi": ("vi", ""), "en": ("en", ""), "large": ("vi", "large"), "low": ("vi", "low")}
PICTURE_AREA = 360 * 640  # pixels of one picture on a sheet
COLUMNS = {"upright": 6, "wide": 4}
SETTLED_SECONDS = (
    0.5  # a picture is not newer than a fifth of a second, and what a change brings is laid out in the next
)
GAP, GROUND, COLOURS = 16, "#8A8F8D", 128

Way = Callable[[Kiosk, FakeServer, str, str], Iterator[str]]


def pictures(orientation: str) -> dict[str, list[Image.Image]]:
    """By sheet: an open day, what stands aside of it, the number without paper, and what is there outside the hours."""
    size, sheets = SIZES[orientation], defaultdict(list)
    nowhere = f"tcp://127.0.0.1:{free_port()}"
    walks: list[tuple[Way, dict[str, Any], dict[str, Any]]] = [
        (_an_open_day, long_centre(), {}),
        (_without_paper, long_centre(), {"PRINTER__URL": nowhere}),
        (_closed, closed_centre(), {}),
        (_left_alone, long_centre(), {"KIOSK__IDLE_SECONDS": "15"}),
        (_few_queues, real_centre("xa_mau"), {"KIOSK__START_QUEUES": "6"}),
        (_few_queues, real_centre("xa_mau"), {"KIOSK__START_QUEUES": "6", "PRINTER__URL": nowhere}),
    ]
    for way, centre, settings in walks:
        with tempfile.TemporaryDirectory() as kept, FakeServer(centre) as server:
            folder = Path(kept)
            Pin(folder / "data" / "pin.json").set(PIN)
            with Kiosk(server.url, folder, size, **settings) as kiosk:
                for sheet, (language, mode) in SHEETS.items():
                    for _ in way(kiosk, server, language, mode):
                        time.sleep(SETTLED_SECONDS)
                        data = kiosk.picture(folder / "screen.png").read_bytes()
                        sheets[sheet].append(Image.open(BytesIO(data)).convert("RGB"))
    return sheets


def _an_open_day(kiosk: Kiosk, server: FakeServer, language: str, mode: str) -> Iterator[str]:
    yield from tour(kiosk, language, mode)
    yield from tour_aside(kiosk, server, language, mode)
    enter(kiosk, language, mode)
    yield from _by_ear(kiosk)
    yield from _for_staff(kiosk, language)


def _by_ear(kiosk: Kiosk) -> Iterator[str]:
    kiosk.touch("begin")
    kiosk.shows("departments")
    kiosk.press("f8", "down")
    until(lambda: kiosk.state()["aloud"], "speech mode")
    yield "speech"
    kiosk.press("f7")
    until(lambda: kiosk.state()["dark"], "the dark")
    yield "dark"
    kiosk.press("f7", "f8")
    until(lambda: not kiosk.state()["aloud"], "the end of speech mode")
    kiosk.touch("back")
    kiosk.shows("start")


def _for_staff(kiosk: Kiosk, language: str) -> Iterator[str]:
    enter(kiosk, "vi", "")
    give_the_sign(kiosk)
    if language != "vi":
        kiosk.touch(f"language:{language}")
        until(lambda: kiosk.state()["language"] == language, language)
    yield "pin"
    enter_pin(kiosk, PIN)
    kiosk.shows("service")
    until(lambda: kiosk.state()["service"], "the facts")
    yield "service"
    kiosk.touch("back")
    kiosk.shows("start")


def _without_paper(kiosk: Kiosk, _: FakeServer, language: str, mode: str) -> Iterator[str]:
    yield from (name for name in tour(kiosk, language, mode) if name == "number")


def _few_queues(kiosk: Kiosk, _: FakeServer, language: str, mode: str) -> Iterator[str]:
    enter(kiosk, language, mode)
    yield "start with the queues"
    kiosk.touch("language:vi")
    if mode:
        kiosk.touch(f"mode:{mode}")


def _closed(kiosk: Kiosk, _: FakeServer, language: str, mode: str) -> Iterator[str]:
    yield from tour_when_closed(kiosk, language, mode)


def _left_alone(kiosk: Kiosk, _: FakeServer, language: str, mode: str) -> Iterator[str]:
    enter(kiosk, language, mode)
    kiosk.touch("begin")
    until(lambda: kiosk.state()["asks_to_stay"], "the question whether somebody is there")
    yield "idle warning"
    kiosk.shows("start")


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
        for name, taken in pictures(orientation).items():
            path = folder / f"{orientation}_{name}.png"
            sheet(taken, COLUMNS[orientation]).quantize(COLOURS).save(path, optimize=True)
            sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
