"""`motcua demo --once`: a short morning that must be without fault, pictured and summed up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from display_server.demo.batch.summary import FAULTS
from tests.demo.demo import Demo

PICTURES = {
    "kiosk-start.png": (1080, 1920),
    "kiosk-departments.png": (1080, 1920),
    "kiosk-number.png": (1080, 1920),
    "hall.png": (1920, 1080),
    "counter-page.png": (1440, 900),
    "counter-screen.png": (1280, 720),
    "phone.png": (780, 1688),
    "start-page.png": (1440, 1000),
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("once"), "--once").start()
    try:
        demo.process.wait(300)
        yield demo
    finally:
        demo.process.kill()


@pytest.fixture(scope="module")
def summary(played: Demo) -> Any:
    assert played.process.returncode == 0, played.talk()
    return json.loads((played.folder / "summary.json").read_text())


def test_it_ends_well_and_says_where_the_summary_is(played: Demo, summary: Any) -> None:
    path = Path(played.said().strip())
    assert path == played.folder / "summary.md"
    assert "must be 0" in path.read_text()


def test_the_morning_is_a_believable_one(summary: Any) -> None:
    assert summary["visitors"] >= 60
    assert summary["departments"] >= 8
    assert summary["at_the_kiosk"] >= 12
    assert summary["visitors"] > summary["at_the_kiosk"]
    for deed in ("priority", "recalls", "no_shows", "parked", "transfers", "called_again_by_number"):
        assert summary[deed] > 0, deed
    assert sum(row["visitors"] for row in summary["by_department"]) == summary["visitors"]
    assert 0 <= summary["wait_seconds"]["median"] <= summary["wait_seconds"]["p90"]


def test_there_was_no_fault(summary: Any) -> None:
    assert summary["faults"] == dict.fromkeys(FAULTS, 0)
    assert summary["told"] == []


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_is_whole_and_not_blank(played: Demo, summary: Any, name: str) -> None:
    assert name in summary["pictures"]
    with Image.open(played.folder / "pictures" / name) as picture:
        assert picture.format == "PNG"
        assert picture.size == PICTURES[name]
        assert len(picture.convert("RGB").getcolors(maxcolors=picture.width * picture.height) or []) > 50


def test_the_slip_has_ink_on_80_mm_paper(played: Demo, summary: Any) -> None:
    with Image.open(played.folder / "pictures" / "slip.png") as slip:
        assert slip.width == 576
        black = slip.convert("L").histogram()[0]
        assert 0.03 < black / (slip.width * slip.height) < 0.5


def test_every_kiosk_number_came_out_on_paper(played: Demo, summary: Any) -> None:
    assert len(list((played.folder / "slips").glob("*.png"))) == summary["at_the_kiosk"]
