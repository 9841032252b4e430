"""The hall's layouts in a real browser: each shows its own part, and none misses a call."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

SIZES = [(1920, 1080), (1080, 1920), (3840, 2160), (2560, 1080), (3840, 1080), (1366, 768)]
LAYOUTS = ["board", "zone&area=Khu A", "waiting", "results&departments=TRAKQ,KHDT", "media"]


def open_layout(page: Page, hall: ServerProcess, layout: str) -> None:
    page.goto(f"{hall.url}/hall?layout={layout}")
    page.locator("#queues li").first.wait_for(state="attached")


def call_visitor(hall: ServerProcess, department: str, counter: str) -> str:
    hall.take(department)
    return str(hall.call_next(counter)["number"])


def test_a_zone_calls_only_its_own_counters_and_lists_their_departments(hall: ServerProcess, page: Page) -> None:
    open_layout(page, hall, "zone&counters=3,4")
    expect(page.locator(".area-name")).to_contain_text("3, 4")
    call_visitor(hall, "KHDT", "1")
    ours = call_visitor(hall, "XD", "3")
    expect(page.locator("#number")).to_have_text(ours)
    assert page.evaluate("() => motcua.announced.map((call) => call.counter)") == ["3"]
    hall.take("XD")
    hall.take("GTVT")
    hall.take("KHDT")
    expect(page.locator("#queues .queue-prefix")).to_have_text(["C", "D"])


def test_an_area_is_a_zone(hall: ServerProcess, page: Page) -> None:
    open_layout(page, hall, "zone&area=Khu A")
    expect(page.locator(".area-name")).to_have_text("Khu A")
    shown = page.locator("body").get_attribute("data-counters") or ""
    assert {"1", "2"} <= set(shown.split(","))
    assert "23" not in shown.split(",")


def test_the_waiting_list_says_who_was_called_last_and_how_many_wait(hall: ServerProcess, page: Page) -> None:
    called = call_visitor(hall, "KHDT", "1")
    hall.take("KHDT")
    open_layout(page, hall, "waiting")
    row = page.locator("#waiting tr", has_text="Sở Kế hoạch và Đầu tư")
    expect(row.locator(".waiting-called")).to_have_text(f"{called} → 1")
    expect(row.locator(".waiting-count")).to_have_text("1")
    expect(page.locator("#number")).to_have_text(called)


def test_the_results_board_lists_the_numbers_of_its_departments(hall: ServerProcess, page: Page) -> None:
    open_layout(page, hall, "results&departments=TRAKQ")
    call_visitor(hall, "KHDT", "1")
    number = call_visitor(hall, "TRAKQ", "23")
    expect(page.locator("#called .called-number")).to_have_text([number])
    expect(page.locator("#called .called-counter")).to_have_text("23")


@pytest.fixture
def media_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    Image.new("RGB", (64, 36), "#246").save(folder / "1 hall.png")
    (folder / "2 broken.png").write_bytes(b"this is no picture")
    (folder / "3 broken.mp4").write_bytes(b"nor is this a video")
    Image.new("RGB", (64, 36), "#642").save(folder / "4 last.png")
    with (folder / "huge.mp4").open("wb") as file:
        file.truncate(3 * 2**20)
    (folder / "notes.txt").write_text("not for the hall")
    (folder / "announcements.toml").write_text(
        '[[announcement]]\ntext = {vi = "Sáng thứ Bảy vẫn làm việc"}\n'
        '[[announcement]]\ntext = {vi = "Đã qua"}\nend = 2020-01-01T00:00:00\n'
        '[[announcement]]\ntext = {vi = "Chưa tới"}\nstart = 2090-01-01T00:00:00\n'
    )
    return folder


def test_pictures_and_announcements_run_beside_the_calls_and_what_is_broken_is_skipped(
    idle_hall: ServerProcess, media_folder: Path, page: Page, complaints: Complaints
) -> None:
    complaints.allow("ERR_REQUEST_RANGE|404|media")
    idle_hall.environment |= {
        "MOTCUA_HALL__MEDIA_DIR": str(media_folder),
        "MOTCUA_HALL__MEDIA_MAX_MIB": "2",
        "MOTCUA_HALL__PICTURE_SECONDS": "2",
    }
    hall = idle_hall.start()
    open_layout(page, hall, "media")
    expect(page.locator("#ticker-words")).to_have_text("Sáng thứ Bảy vẫn làm việc")
    seen = "() => Array.from(document.querySelectorAll('#media img')).some((one) => one.src.includes('%s'))"
    page.wait_for_function(seen % "1%20hall.png", polling=50)
    page.wait_for_function(seen % "4%20last.png", polling=50, timeout=15_000)
    page.wait_for_function(seen % "1%20hall.png", polling=50, timeout=15_000)
    told = page.evaluate("() => motcua.displayAgent.problems")
    assert sorted(problem.partition(":")[0] for problem in told) == [
        "2 broken.png", "3 broken.mp4", "huge.mp4", "notes.txt",
    ]  # fmt: skip
    number = call_visitor(hall, "KHDT", "1")
    expect(page.locator("#number")).to_have_text(number)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_runs_over_the_edge_of_any_screen(hall: ServerProcess, new_page: NewPage, layout: str) -> None:
    hall.take("LDTBXH", priority="elderly", language="en")
    for department, counter in (("KHDT", "1"), ("KHDT", "2"), ("XD", "3")):
        call_visitor(hall, department, counter)
    for width, height in SIZES:
        page = new_page(viewport={"width": width, "height": height})
        open_layout(page, hall, layout)
        page.wait_for_function("() => motcua.announced.length > 0")
        assert page.evaluate(OVER_THE_EDGE) == [], (width, height)
        page.close()


# Text that its own box or the screen cuts off.
OVER_THE_EDGE = """() => [
  "number", "counter", "direction-words", "department", "secondary", "clock", "called", "waiting"]
  .map((id) => document.getElementById(id))
  .filter((element) => element && element.getClientRects().length)
  .filter((element) => {
    const box = element.getBoundingClientRect();
    const card = (element.closest(".call") || document.documentElement).getBoundingClientRect();
    return box.left < card.left - 1 || box.right > card.right + 1
      || box.top < card.top - 1 || box.bottom > card.bottom + 1;
  })
  .map((element) => element.id)"""


def test_a_layout_that_there_is_not_is_told_and_the_board_is_shown(hall: ServerProcess, page: Page) -> None:
    for wrong in ("nonsense", "zone&counters=99", "counter", "zone&area=Nowhere"):
        open_layout(page, hall, wrong)
        expect(page.locator(".banner")).to_contain_text("Không có kiểu hiển thị này")
        expect(page.locator("body")).to_have_attribute("data-layout", "board")


def test_closed_for_long_the_screen_is_dark_but_for_a_clock_that_wanders(hall: ServerProcess, page: Page) -> None:
    page.clock.install()
    open_layout(page, hall, "board")
    rest = "([open, minutes]) => motcua.atNight.updateDark({open, counters: []}, minutes * 60000)"
    page.evaluate("() => { motcua.atNight = new motcua.DisplayAgent(() => ({})); }")
    night = page.locator("#dark")
    page.evaluate(rest, [False, 0])
    expect(night).to_be_hidden()
    page.evaluate(rest, [False, 11])
    expect(night).to_be_visible()
    left = "element => element.style.left"
    first = page.locator("#dark-text").evaluate(left)
    page.clock.run_for(31_000)
    assert page.locator("#dark-text").evaluate(left) != first
    page.evaluate(rest, [True, 12])
    expect(night).to_be_hidden()


def test_what_stands_still_moves_by_a_few_pixels(hall: ServerProcess, page: Page) -> None:
    page.clock.install()
    open_layout(page, hall, "board")
    places = set()
    for _ in range(4):
        page.clock.run_for(60_000)
        box = page.locator("#clock").bounding_box()
        assert box
        places.add((round(box["x"], 1), round(box["y"], 1)))
    assert len(places) == 4
