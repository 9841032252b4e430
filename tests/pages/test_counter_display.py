"""The screen over a counter, in a real browser against the real server."""

from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints
from tests.server_process import ServerProcess


def open_screen(page: Page, hall: ServerProcess, counter: str = "1", query: str = "") -> None:
    page.goto(f"{hall.url}/hall/counter/{counter}{query}")
    expect(page.locator("#state-words")).not_to_be_empty()


def expect_state(page: Page, state: str, words: str, number: str | None = None) -> None:
    expect(page.locator("#show")).to_have_attribute("data-state", state)
    expect(page.locator("#state-words")).to_have_text(words)
    if number is None:
        expect(page.locator("#number")).to_be_hidden()
    else:
        expect(page.locator("#number")).to_have_text(number)


def test_it_follows_the_counter_through_its_day(hall: ServerProcess, page: Page) -> None:
    open_screen(page, hall)
    expect_state(page, "closed", "Đóng quầy")
    hall.press("1", "open")
    expect_state(page, "free", "Sẵn sàng")
    hall.take()
    hall.call_next("1")
    expect_state(page, "called", "Mời công dân có số", "A001")
    hall.press("1", "start")
    expect_state(page, "serving", "Đang phục vụ", "A001")
    hall.press("1", "finish")
    expect_state(page, "free", "Sẵn sàng")
    hall.press("1", "break")
    expect_state(page, "break", "Tạm nghỉ")
    hall.press("1", "close")
    expect_state(page, "closed", "Đóng quầy")


def test_it_shows_its_own_number_and_no_other_counters_visitor(hall: ServerProcess, page: Page) -> None:
    hall.take()
    hall.take()
    hall.call_next("2")
    open_screen(page, hall)
    expect(page.locator("#code")).to_have_text("1")
    expect_state(page, "closed", "Đóng quầy")
    hall.call_next("1")
    expect_state(page, "called", "Mời công dân có số", "A002")


def test_it_marks_priority_a_second_call_and_a_visitor_who_reads_english(hall: ServerProcess, page: Page) -> None:
    hall.take(priority="elderly", language="en")
    open_screen(page, hall)
    hall.call_next("1")
    expect(page.locator("#priority")).to_be_visible()
    expect(page.locator("#recall")).to_be_hidden()
    expect(page.locator(".for-english #state-secondary")).to_have_text("Number A001, please come to this counter")
    hall.press("1", "recall")
    expect(page.locator("#recall")).to_be_visible()
    hall.press("1", "finish")
    expect(page.locator("#priority")).to_be_hidden()


def test_a_new_call_draws_the_eye_and_one_that_was_there_before_does_not(hall: ServerProcess, page: Page) -> None:
    hall.take()
    hall.take()
    hall.call_next("1")
    open_screen(page, hall)
    expect_state(page, "called", "Mời công dân có số", "A001")
    assert "is-arriving" not in (page.locator("#show").get_attribute("class") or "")
    hall.call_next("1")
    expect_state(page, "called", "Mời công dân có số", "A002")
    expect(page.locator("#show.is-arriving")).to_be_visible()


def test_it_says_that_the_connection_is_lost_and_is_right_again_after_it(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow_lost_server()
    hall.take()
    hall.call_next("1")
    open_screen(page, hall)
    expect(page.locator("#lost")).to_be_hidden()
    hall.kill()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#number")).to_have_text("A001")
    hall.start()
    hall.press("1", "start")
    expect(page.locator("#lost")).to_be_hidden()
    expect_state(page, "serving", "Đang phục vụ", "A001")


def test_the_number_fits_every_screen(hall: ServerProcess, page: Page) -> None:
    hall.take("GDDT")  # prefix M, the widest letter
    hall.call_next("14")
    open_screen(page, hall, "14")
    expect(page.locator("#number")).to_have_text("M001")
    for width, height in [(1920, 1080), (1366, 768), (1280, 800), (1080, 1920), (3840, 2160)]:
        page.set_viewport_size({"width": width, "height": height})
        box = page.evaluate(
            """() => {
                const range = document.createRange();
                range.selectNodeContents(document.getElementById("number"));
                const text = range.getBoundingClientRect();
                const room = document.getElementById("show").getBoundingClientRect();
                return [text.left - room.left, room.right - text.right, document.documentElement.scrollWidth];
            }"""
        )
        assert box[0] > 0, (width, box)
        assert box[1] > 0, (width, box)
        assert box[2] <= width, (width, box)


def test_an_unknown_counter_is_told(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    answer = page.goto(f"{hall.url}/hall/counter/99")
    assert answer is not None
    assert answer.status == 404


def test_it_speaks_english_when_asked(hall: ServerProcess, page: Page) -> None:
    hall.press("1", "open")
    open_screen(page, hall, query="?lang=en")
    expect_state(page, "free", "Ready")
    expect(page.locator("#state-secondary")).to_have_text("Sẵn sàng")
