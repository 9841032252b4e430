"""Our bytes, taken apart by npos (npm, MIT), which knows nothing of us; put together here and held against the drawing.

Node.js is the one that Playwright brings along; `setup.sh` puts npos into .venv/decoder.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright._impl._driver import compute_driver_executable

from printer.rendering.escpos_raster import encode
from printer.rendering.image import MAX_COMPACTION_LEVEL, render_slip
from printer.rendering.profile import load_profile
from printer.rendering.sample import sample_slip
from printer.rendering.slip_bytes import render_slip_bytes
from printer.slip.layout import layout_names, load_layout
from tests.printer.conftest import round_emblem, same

SCRIPT = Path(__file__).parent / "decoder" / "take_apart.js"
DECODER = Path(sys.prefix) / "decoder" / "node_modules"


def take_apart(data: bytes) -> list[dict[str, Any]]:
    """What the decoder sees, in order: `code` such as "GS v0", `data` after the code, and a picture's size."""
    node = compute_driver_executable()[0]
    done = subprocess.run(
        [node, SCRIPT], input=data, capture_output=True, check=True, env=os.environ | {"NODE_PATH": str(DECODER)}
    )
    commands = [json.loads(line) for line in done.stdout.splitlines()]
    for command in commands:
        command["code"] = f"{command['ascii']} {command['fn']}"
        start = command["offset"]
        if command["code"] == "GS v0":  # npos counts from the dots on; m and sizes stand before them
            command["mode"] = data[start - 5]
            command["data"] = data[start : start - 8 + command["length"]]
        else:
            command["data"] = data[start + 2 : start + command["length"]]
    return commands


def paper(commands: list[dict[str, Any]], width: int) -> Image.Image:
    """What those commands print: feeds, alignment and pictures alone, as ESC/POS says it."""
    sheet, y, align = Image.new("1", (width, 8000), 255), 0, 0
    for command in commands:
        if command["code"] == "ESC a":
            align = command["data"][0]
        elif command["code"] == "ESC J":
            y += command["data"][0]
        elif command["code"] == "GS v0":
            size = command["width"], command["height"]
            dots = Image.frombytes("1", size, bytes(byte ^ 0xFF for byte in command["data"]))
            dots = dots.resize((size[0] << (command["mode"] & 1), size[1] << (command["mode"] >> 1)), 0)
            sheet.paste(dots, ((0, (width - dots.width) // 2, width - dots.width)[align], y))
            y += dots.height
    return sheet.crop((0, 0, width, y))


@pytest.mark.parametrize("name", layout_names())
@pytest.mark.parametrize("doubles", [True, False], ids=["doubles", "plain"])
def test_the_foreign_decoder_sees_the_slip_that_was_drawn(name: str, *, doubles: bool) -> None:
    layout = load_layout(name)
    for thrift in (0, MAX_COMPACTION_LEVEL):
        drawn = render_slip(sample_slip(emblem=round_emblem(), copy=True), layout, thrift)
        commands = take_apart(encode(drawn, "full", doubles=doubles))
        assert {command["code"] for command in commands} == {"ESC @", "GS P", "GS W", "ESC a", "ESC J", "GS v0", "GS V"}
        assert commands[-1]["code"] == "GS V"
        assert same(paper(commands, layout.width), drawn)


def test_the_foreign_decoder_reads_the_text_of_text_mode() -> None:
    data = render_slip_bytes(sample_slip(), "standard_80mm", load_profile("text"))
    commands = take_apart(data)
    lines = b"".join(data[one["offset"] : one["offset"] + one["length"]] for one in commands if one["ascii"] == "STX")
    words = lines.decode("ascii").split("\n")
    assert "A001" in words
    assert "So Nong nghiep va Phat trien nong thon" in words
    assert "Trung tam Phuc vu hanh chinh cong tinh Thai Binh" in words
