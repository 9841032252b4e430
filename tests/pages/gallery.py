"""The pictures of docs/reference/displays.md: every layout, and the board empty, usual and full on three screens.

python -m tests.pages.gallery [FOLDER]
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.pages.conftest import CHROMIUM_SWITCHES
from tests.server_process import ROOT, ServerProcess

SIZES = {"1080p": (1920, 1080), "upright": (1080, 1920), "4k": (3840, 2160)}
HALLS = {"empty": (0, 0), "usual": (40, 4), "full": (160, 23)}  # visitors, counters that call
LAYOUTS = {
    "zone": "/hall?layout=zone&area=Khu A",
    "waiting": "/hall?layout=waiting",
    "results": "/hall?layout=results&departments=TRAKQ,KHDT,XD",
    "media": "/hall?layout=media",
    "counter": "/hall/counter/1?arrow=left",
    "pair": "/hall/pair",
}
HEIGHT = 432  # of a picture in the docs


def fill(hall: ServerProcess, visitors: int, callers: int) -> None:
    dice = random.Random(7)
    counters = hall.ask("GET", "/api/v1/counters", token=hall.token("counter", "1")).json()["counters"]
    departments = [code for counter in counters for code in counter["departments"]]
    for count in range(visitors):
        wish = {"priority": "elderly"} if count % 9 == 0 else {}
        hall.take(dice.choice(departments), language="en" if count % 13 == 0 else "vi", **wish)
    for counter in counters[:callers]:
        if visitors:
            hall.take(counter["departments"][0])
            hall.call_next(counter["code"])


def shoot(browser: Browser, address: str, size: tuple[int, int], file: Path) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
    page.goto(address)
    page.wait_for_timeout(3000)
    page.screenshot(path=file)
    page.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_SWITCHES)
        for name, (visitors, callers) in HALLS.items():
            work = Path(tempfile.mkdtemp(prefix="motcua-gallery-"))
            hall = ServerProcess(work, f"sqlite:///{work}/hall.db", environment={"MOTCUA_HALL__FRESH_SECONDS": "0.1"})
            hall.start()
            fill(hall, visitors, callers)
            for screen, size in SIZES.items():
                shoot(browser, hall.url + "/hall", size, folder / f"{name}_{screen}.png")
            if name == "usual":
                for layout, address in LAYOUTS.items():
                    shoot(browser, hall.url + address, SIZES["1080p"], folder / f"{layout}.png")
            hall.stop()
        browser.close()
    shrink(folder)


def shrink(folder: Path) -> None:
    small = []
    for file in sorted(folder.glob("*.png")):
        picture = Image.open(file).convert("RGB")
        if "1080p" in file.name:
            small.append(picture.resize((192, 108), Image.Resampling.LANCZOS))
        width = round(picture.width * HEIGHT / picture.height)
        picture.resize((width, HEIGHT), Image.Resampling.LANCZOS).quantize(64).save(file, optimize=True)
    sheet = Image.new("RGB", (200 * len(small) - 8, 108), "white")
    for count, picture in enumerate(small):
        sheet.paste(picture, (200 * count, 0))
    sheet.save(folder / "tenth.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures" / "screens")
