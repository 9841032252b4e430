import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageOps

from config.errors import MotcuaError
from printer.cli import printer
from printer.rendering.escpos_raster import encode
from printer.rendering.sample import draw_test
from printer.slip.layout import layout_names
from printer.transports.discovery import DiscoveredPrinter
from tests.printer.conftest import LONG_TIME, Hall


def run(*arguments: str) -> Result:
    return CliRunner().invoke(printer, list(arguments))


def error_of(result: Result) -> MotcuaError:
    assert isinstance(result.exception, MotcuaError), result.output
    return result.exception


def test_list_prints_urls_to_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "printer.transports.discovery.discover_printers",
        lambda: ([DiscoveredPrinter("usb://04b8:0202", "EPSON TM-T20")], []),
    )
    result = run("list")
    assert result.exit_code == 0
    assert result.stdout == "usb://04b8:0202\tEPSON TM-T20\n"


def test_list_without_a_printer_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("printer.transports.discovery.discover_printers", lambda: ([], ["CUPS: lpstat is missing"]))
    result = run("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "No printer found" in result.stderr
    assert "tcp://ADDRESS:9100" in result.stderr


def test_test_prints_the_test_slip(paper_hall: Hall) -> None:
    result = run("test", paper_hall.url)
    assert (result.exit_code, result.stdout) == (0, "printed\n")
    picture = paper_hall.pictures(1)[0]
    assert ImageOps.invert(picture.convert("L")).getbbox() == (0, 0, 576, picture.height - 24)


def test_test_on_a_printer_without_paper_fails_and_sends_nothing(paper_hall: Hall) -> None:
    paper_hall.set(paper="out")
    error = error_of(run("test", paper_hall.url))
    assert str(error) == f"{paper_hall.url}: Paper out"
    assert error.exit_code == 1


def test_test_says_when_the_printer_cannot_confirm(tmp_path: Path) -> None:
    result = run("test", f"file://{tmp_path}/out.bin", "--width", "384")
    assert result.stdout == "sent (this printer does not confirm)\n"
    data = (tmp_path / "out.bin").read_bytes()
    assert len(data) == len(encode(draw_test(384), "full"))


def test_status_is_the_printers_own_word(paper_hall: Hall) -> None:
    result = run("status", paper_hall.url)
    assert (result.exit_code, result.stdout) == (
        0,
        "online\tyes\npaper\tok\ncover\tclosed\ncutter\tok\nerror\tno\n",
    )
    paper_hall.set(cover_open=True)
    assert str(error_of(run("status", paper_hall.url))) == "Cover open"


def test_status_of_what_cannot_tell_is_unknown_and_no_failure(tmp_path: Path) -> None:
    result = run("status", f"file://{tmp_path}/out.bin")
    assert result.exit_code == 0
    assert result.stdout.count("unknown") == 5


def test_a_wrong_url_ends_with_2() -> None:
    assert error_of(run("status", "printer")).exit_code == 2


@pytest.mark.parametrize("name", layout_names())
def test_preview_writes_a_picture(tmp_path: Path, name: str) -> None:
    result = run("preview", name, "-o", str(tmp_path / "slip.png"), "--language", "en", "--copy", "--offline")
    assert result.exit_code == 0
    picture = Image.open(tmp_path / "slip.png")
    assert result.stdout.startswith(f"{tmp_path}/slip.png\t{picture.width}x{picture.height} dots")


def test_preview_needs_no_place_for_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("preview", "standard_58mm").exit_code == 0
    assert (tmp_path / "standard_58mm.png").read_bytes().startswith(b"\x89PNG")


def test_preview_of_a_broken_layout_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('width = 576\n[[block]]\nkind = "number"\nheight_mm = "tall"\n')
    error = error_of(run("preview", str(tmp_path / "x.toml"), "-o", str(tmp_path / "slip.png")))
    assert "x.toml:4: block.1.height_mm: " in str(error)
    assert error.exit_code == 2


def test_preview_into_nowhere_is_one_clear_line(tmp_path: Path) -> None:
    error = error_of(run("preview", "standard_80mm", "-o", str(tmp_path / "no" / "slip.png")))
    assert "cannot be written: No such file or directory" in str(error)


def test_a_language_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    assert run("preview", "standard_80mm", "-o", str(tmp_path / "s.png"), "--language", "!").exit_code == 2


def test_the_virtual_printer_prints_its_addresses_and_ends_on_a_signal(tmp_path: Path) -> None:
    motcua = str(Path(sys.executable).parent / "motcua")
    virtual = subprocess.Popen(
        [motcua, "printer", "virtual", "--port", "0", "--directory", str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert virtual.stdout is not None
    tcp, web = virtual.stdout.readline().split()
    result = run("test", tcp)
    with urllib.request.urlopen(f"{web}/slips/slip-0001.png", timeout=LONG_TIME) as answer:
        assert answer.read() == (tmp_path / "slip-0001.png").read_bytes()
    virtual.send_signal(signal.SIGTERM)
    assert virtual.wait(LONG_TIME) == 0
    assert result.stdout == "printed\n"
