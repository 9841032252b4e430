"""The visitor's own page on a phone: how far the line is, and where to go."""

import time
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

PHONE = {"width": 380, "height": 800}
ASKS_EVERY_MS = 10_000
MEASURED_SECONDS = 1.2  # which counters are open is looked at once a second


def answer_at_once(page: Page) -> None:
    """The server holds no answer back: time is the page's own, which the test moves."""
    page.route("**/state?wait=*", lambda route: route.continue_(url=route.request.url.partition("?")[0]))


def path_of(ticket: dict[str, str]) -> str:
    return urlsplit(ticket["status_url"]).path


def test_it_shows_the_number_and_who_is_ahead(hall: ServerProcess, page: Page) -> None:
    hall.take("KHDT")
    ticket = hall.take("KHDT")
    page.goto(hall.url + path_of(ticket))
    expect(page.locator("h1")).to_have_text(ticket["number"])
    expect(page.locator("#state")).to_have_text("Xin chờ")
    expect(page.locator("#ahead")).to_contain_text("1")
    expect(page.locator("#counter")).to_be_hidden()


def test_it_says_by_itself_where_to_go_and_when_it_is_over(hall: ServerProcess, new_page: NewPage) -> None:
    ticket = hall.take("KHDT")
    page = new_page(viewport=PHONE)
    page.clock.install()
    answer_at_once(page)
    page.goto(hall.url + path_of(ticket))
    expect(page.locator("#ahead")).to_have_text("Ông/bà là người tiếp theo")
    hall.call_next("1")
    page.clock.run_for(ASKS_EVERY_MS)
    expect(page.locator("#state")).to_have_text("Đã đến lượt ông/bà")
    expect(page.locator("#counter")).to_contain_text("1")
    hall.press("1", "finish")
    page.clock.run_for(ASKS_EVERY_MS)
    expect(page.locator("#state")).to_have_text("Lượt của ông/bà đã xong. Xin cảm ơn.")
    expect(page.locator("#counter")).to_be_hidden()


def test_the_call_is_on_the_phone_without_its_asking_again(hall: ServerProcess, new_page: NewPage) -> None:
    ticket = hall.take("KHDT")
    page = new_page(viewport=PHONE)
    page.clock.install()
    with page.expect_request("**/state?wait=*"):
        page.goto(hall.url + path_of(ticket))
    page.clock.pause_at(page.evaluate("() => Date.now() + 500") / 1000)
    hall.call_next("1")
    expect(page.locator("#state")).to_have_text("Đã đến lượt ông/bà")


def test_it_speaks_the_tickets_language_and_the_other_at_one_tap(hall: ServerProcess, page: Page) -> None:
    page.goto(hall.url + path_of(hall.take("KHDT", language="en")))
    expect(page.locator("#state")).to_have_text("Please wait")
    page.get_by_role("link", name="Tiếng Việt").click()
    expect(page.locator("#state")).to_have_text("Xin chờ")


def test_a_lost_connection_is_said_and_mended(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow_lost_server()
    page.clock.install()
    answer_at_once(page)
    page.goto(hall.url + path_of(hall.take("KHDT")))
    expect(page.locator("#ahead")).not_to_be_empty()
    page.context.set_offline(True)
    page.clock.run_for(ASKS_EVERY_MS)
    expect(page.locator("#lost")).to_be_visible()
    page.context.set_offline(False)
    page.clock.run_for(ASKS_EVERY_MS)
    expect(page.locator("#lost")).to_be_hidden()


def test_an_unknown_address_is_a_kind_page(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    answer = page.goto(hall.url + "/t/nobody-has-this")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("Không có số này")


def test_it_fits_a_narrow_phone(hall: ServerProcess, new_page: NewPage) -> None:
    page = new_page(viewport=PHONE)
    page.goto(hall.url + path_of(hall.take("LDTBXH", priority="elderly")))
    expect(page.locator("#ahead")).not_to_be_empty()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_break_of_all_its_counters_is_told_to_the_queue(hall: ServerProcess, new_page: NewPage) -> None:
    ticket = hall.take("KHDT")
    page = new_page(viewport=PHONE)
    page.clock.install()
    answer_at_once(page)
    page.goto(hall.url + path_of(ticket))
    expect(page.locator("#hint")).to_contain_text("Hiện chưa có quầy nào mở")
    expect(page.locator("#wait")).to_be_empty()
    hall.press("1", "break", minutes=20)
    hall.press("2", "open")
    time.sleep(MEASURED_SECONDS)
    page.clock.run_for(ASKS_EVERY_MS)
    expect(page.locator("#hint")).to_be_empty()
    hall.press("2", "close")
    page.clock.run_for(ASKS_EVERY_MS)
    back_at = datetime.fromisoformat(
        hall.ask("GET", "/api/v1/counters/1", token=hall.token("counter", "1")).json()["back_at"]
    )
    until = back_at.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    expect(page.locator("#hint")).to_contain_text(f"tạm nghỉ đến {until:%H:%M}")
    hall.press("1", "open")
    time.sleep(MEASURED_SECONDS)
    page.clock.run_for(ASKS_EVERY_MS)
    expect(page.locator("#hint")).to_be_empty()
