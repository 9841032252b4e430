"""The real virtual printer as a process, and eyes for its paper: the pictures are read, never their file names."""

import json
import subprocess
import urllib.request
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Self

import zxingcpp
from PIL import Image

from printer.rendering.text_layout import render_number
from printer.slip.layout import NumberBlock, load_layout
from tests.server_process import MOTCUA, clean_environment

INK_BELOW = 150


class Printer:
    """`motcua printer virtual`. `url` is for a kiosk."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [MOTCUA, "printer", "virtual", "--port", "0", "--web-port", "0", "--directory", str(folder)],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url, self.web = self._process.stdout.readline().split()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def slips(self) -> list[dict[str, Any]]:
        """Newest first."""
        return json.loads(self._get("/slips"))

    def newest(self) -> Image.Image:
        """The picture of the newest slip."""
        return Image.open(BytesIO(self._get(f"/slips/{self.slips()[0]['name']}"))).convert("L")

    def set(self, **conditions: Any) -> None:
        """As the page's buttons do: `paper="out"`."""
        request = urllib.request.Request(self.web + "/conditions", json.dumps(conditions).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.web + path, timeout=10) as answer:
            return bytes(answer.read())


def read_number(slip: Image.Image, candidates: Iterable[str]) -> str:
    """Which of the numbers stands on the paper, by its shape. Fails unless it is exactly one of them."""
    seen = [number for number in candidates if _stands_on(slip, _drawn(number))]
    assert len(seen) == 1, f"on the paper: {seen}"
    return seen[0]


def read_code(slip: Image.Image) -> str:
    """What a phone reads from the slip's QR code."""
    codes = zxingcpp.read_barcodes(slip)
    assert len(codes) == 1, codes
    return str(codes[0].text)


def _drawn(number: str) -> Image.Image:
    layout = load_layout("standard_80mm")
    block = next(block for block in layout.block if isinstance(block, NumberBlock))
    height = round(block.height_mm * layout.dots_per_mm)
    grey = render_number(number, block.weight, height, layout.width - 2 * layout.margin)
    return grey.point(lambda tone: 255 if tone >= INK_BELOW else 0)


def _stands_on(slip: Image.Image, number: Image.Image) -> bool:
    """Dot for dot, across the middle of the paper, at any height."""
    x = (slip.width - number.width) // 2
    strip, wanted = _rows(slip.crop((x, 0, x + number.width, slip.height))), _rows(number)
    return any(strip[y : y + len(wanted)] == wanted for y in range(len(strip) - len(wanted) + 1))


def _rows(picture: Image.Image) -> list[bytes]:
    dots = picture.tobytes()
    return [dots[start : start + picture.width] for start in range(0, len(dots), picture.width)]
