"""The width of the print head decides: nothing is cut off on the right, least of all a digit."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import load_settings
from printer.cli import printer
from printer.errors import DeviceUrlError, LayoutError
from printer.jobs.devices import device_factory
from printer.jobs.store import JobStore
from printer.rendering.image import render_slip
from printer.rendering.profile import profile_of
from printer.rendering.slip_bytes import fitted, render_slip_bytes
from printer.slip.layout import layout_names, load_layout, parse_layout
from tests.printer.conftest import Hall, Work, make_slip, same

Start = Callable[..., Work]


def test_a_layout_that_is_wider_than_the_head_is_drawn_as_wide_as_the_head(tmp_path: Path, store: JobStore) -> None:
    hall = Hall(tmp_path / "slips", width=512)
    one = Work(store, f"{hall.url}?width=512", poll_seconds=0.05)
    one.worker.start()
    one.worker.submit("k", make_slip(number="A0017"))
    one.until_state("k", "printed")
    one.worker.stop()
    layout = fitted(load_layout("standard_80mm"), profile_of("tcp://printer?width=512"))
    expected = render_slip(make_slip(number="A0017"), layout)
    assert expected.width == 512
    assert same(hall.pictures(1)[0], expected)
    hall.server.close()


@pytest.mark.parametrize("layout", layout_names())
def test_no_layout_is_drawn_wider_than_the_printer_that_the_profile_names(layout: str) -> None:
    profile = profile_of("tcp://printer?profile=TM-T88V")
    assert (profile.width, profile.columns) == (512, 42)
    assert fitted(load_layout(layout), profile).width <= 512


def test_text_goes_out_in_the_columns_of_the_printer() -> None:
    data = render_slip_bytes(make_slip(), "standard_80mm", profile_of("tcp://printer?profile=TM-T88V"))
    rules = [line for line in data.split(b"\n") if b"====" in line or b"----" in line]
    assert rules
    assert all(line.count(b"=") + line.count(b"-") <= 42 for line in rules)


@pytest.mark.parametrize("name", ["TSP600", "TUP500", "SP2000", "AF-240", "OCD-300"])
def test_what_is_no_printer_of_escpos_is_refused(name: str) -> None:
    with pytest.raises(DeviceUrlError, match=f"{name} (speaks Star|prints no pictures)"):
        device_factory(f"tcp://printer?profile={name}")


@pytest.mark.parametrize(
    "options", ["width=wide", "width=100", "width=9000", "code_page=27", "slow=perhaps", "profile=nope", "hold=maybe"]
)
def test_an_option_that_cannot_be_is_one_clear_line(options: str) -> None:
    with pytest.raises(DeviceUrlError) as refused:
        device_factory(f"tcp://printer?{options}")
    assert "\n" not in str(refused.value)


def test_the_page_of_the_letters_can_be_set() -> None:
    assert profile_of("tcp://printer?profile=text_1258&code_page=35").code_pages == (35,)
    assert profile_of("tcp://printer?profile=text_1258").code_pages == (27,)


@pytest.mark.parametrize(
    ("url", "slow"),
    [
        ("usb://04b8:0e15", False),
        ("tcp://printer", False),
        ("tcp://printer?slow=yes", True),
        ("serial:///dev/ttyUSB0?baud=9600", True),
        ("serial:///dev/ttyUSB0", False),
    ],
)
def test_only_a_slow_line_makes_a_slip_shorter(url: str, slow: bool) -> None:
    profile = profile_of(url)
    assert profile.slow is slow
    papers = tuple({"vi": f"Giấy tờ thứ {count} " * 8, "en": f"Paper number {count} " * 8} for count in range(12))
    data = render_slip_bytes(make_slip(papers=papers), "large_80mm", profile)
    assert (len(data) < len(render_slip_bytes(make_slip(papers=papers), "large_80mm", profile_of("usb://1:1")))) is slow


def test_a_layout_may_be_like_another_and_say_only_what_differs() -> None:
    like = parse_layout('like = "standard_80mm"\nwidth = 512\n', "mine.toml")
    assert (like.width, like.block) == (512, load_layout("standard_80mm").block)
    with pytest.raises(LayoutError, match="no layout 'nope'"):
        parse_layout('like = "nope"\n', "mine.toml")


def test_the_test_slip_without_a_printer_says_that_it_is_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(printer, ["test", "virtual://"], obj=load_settings())
    assert done.exit_code == 0
    assert "not printed: no printer is set" in done.stdout
    done = CliRunner().invoke(printer, ["test", "virtual://", "--width", "420"], obj=load_settings())
    assert done.exit_code == 2
    assert "multiple of 8" in done.stderr
