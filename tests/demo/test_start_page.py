"""The start page of a running demo shows every part, and leads to it."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from tests.demo.demo import Demo
from tests.end_to_end.browser import Eyes
from tests.kiosk.driver import until


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def test_names_and_passwords_are_printed_and_shown(demo: Demo) -> None:
    page = demo.bytes("/").decode()
    rows = re.findall(r"^  (\w+) +([a-z]+-[a-z]+-[a-z]+-\d{4}) +(\w+)$", demo.said(), re.MULTILINE)
    assert [role for _, _, role in rows] == ["clerk", "hall", "supervisor", "administrator", "province"]
    assert all(name in page and password in page for name, password, _ in rows)


def test_every_link_to_the_hall_is_answered(demo: Demo) -> None:
    page = demo.bytes("/").decode()
    links = set(re.findall(rf'href="({re.escape(demo.hall_url)}[^"]*)"', page))
    assert {f"{demo.hall_url}/{path}" for path in ("hall", "counter", "admin", "hall/counter/1")} <= links
    for link in links:
        with urllib.request.urlopen(link) as answer:
            assert answer.status == 200


def test_nothing_foreign_may_run_on_it(demo: Demo) -> None:
    with urllib.request.urlopen(demo.url) as answer:
        policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    assert "<style" not in page
    assert 'style="' not in page
    assert re.search(r"<script(?![^>]*src=)", page) is None


def test_the_kiosk_is_drawn_in_full_size(demo: Demo) -> None:
    frame = Image.open(BytesIO(demo.bytes("/kiosk/frame.png")))
    assert frame.size == (1080, 1920)
    assert len(frame.getcolors(maxcolors=frame.width * frame.height) or []) > 20


def test_an_unchanged_picture_is_not_sent_again(demo: Demo) -> None:
    until(lambda: demo.get("/kiosk/state")["screen"] == "start", "the start screen")
    with urllib.request.urlopen(demo.url + "/kiosk/frame.png") as first:
        tag = first.headers["ETag"]
    again = urllib.request.Request(demo.url + "/kiosk/frame.png", headers={"If-None-Match": tag})
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(again)
    assert answer.value.code == 304


@pytest.mark.parametrize("origin", [None, "http://example.org", "null"])
@pytest.mark.parametrize("path", ["/kiosk/tap", "/printer"])
def test_nobody_elses_page_may_press_anything(demo: Demo, path: str, origin: str | None) -> None:
    assert demo.post(path, {"x": 0.5, "y": 0.5}, origin) == 403


def test_a_tap_outside_the_screen_is_refused(demo: Demo) -> None:
    assert demo.post("/kiosk/tap", {"x": 1.5, "y": 0.5}, demo.url) == 422


@pytest.mark.parametrize("name", ["../access.json", "..%2faccess.json", "slip-1.png/../../access.json", "slip-1.json"])
def test_only_slips_are_given_out(demo: Demo, name: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as answer:
        demo.bytes(f"/slips/{name}")
    assert answer.value.code == 404


def test_a_visitor_and_a_clerk_through_the_pages(demo: Demo) -> None:
    """Click the kiosk on the start page, see the slip; sign in at the counter, press Space; see the number called."""
    name, password = re.findall(r"^  (\w+) +(\S+) +clerk$", demo.said(), re.MULTILINE)[0]
    with Eyes() as eyes:
        page = eyes.open(demo.url, viewport={"width": 1440, "height": 1000})
        for target in ("begin", "department:KHDT", "number_now"):
            demo.tap(target)
        eyes.look(lambda: page.wait_for_selector(".slip img"))
        eyes.look(lambda: page.wait_for_function("() => document.querySelector('.slip img').naturalWidth > 300"))
        assert len(demo.get("/state")["slips"]) == 1
        number = until(lambda: demo.get("/kiosk/state")["number"], "a number")

        counter = eyes.open(f"{demo.hall_url}/counter/1")
        eyes.look(lambda: counter.fill("[name=name]", name))
        eyes.look(lambda: counter.fill("[name=password]", password))
        eyes.look(lambda: counter.press("[name=password]", "Enter"))
        eyes.look(lambda: counter.wait_for_url("**/counter/1"))
        eyes.look(counter.get_by_text(number).first.wait_for)
        eyes.look(lambda: counter.keyboard.press("Space"))

        eyes.reads(page, "#now strong", number)
        eyes.look(lambda: page.wait_for_selector("[data-counter='1'].busy"))
        phone = eyes.open(f"{demo.url}/phone")
        assert eyes.look(lambda: phone.url).startswith(f"{demo.hall_url}/t/")
        eyes.look(phone.get_by_text(number).first.wait_for)


def test_the_paper_can_be_taken_out_and_put_back(demo: Demo) -> None:
    assert demo.post("/printer", {"paper": "out"}, demo.url) == 200
    until(lambda: demo.get("/state")["printer"]["paper"] == "out", "no paper")
    assert demo.post("/printer", {"paper": "ok"}, demo.url) == 200
    until(lambda: demo.get("/state")["printer"]["paper"] == "ok", "paper")
